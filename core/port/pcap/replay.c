/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reads a capture (pcap or pcapng, by libpcap) and gives each packet to the
 * worker when its time has come, counted from the first one.  Runs on the
 * capture's thread, where libpcap may wait for the disk.
 */

#include <config.h>

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "port/pcap/capture.h"

#define SHOW_EACH 32u           /* packets that wait to be shown, at most */
#define FULL_NS 500000          /* pause while the worker is behind */
#define ROUND_NS 1000000        /* between two rounds of a loop */
#define SECOND 1000000000

/* One round through the file. */
struct round {
    struct capture *capture;
    pcap_t *pcap;
    FILE *file;                 /* libpcap's */
    uint64_t n;                 /* packets, so far */
    uint64_t start;             /* when the first one went */
    int64_t first;              /* and its time in the file */
    uint32_t hidden;            /* in the ring, not shown yet */
};

/* libpcap on the file from its beginning; closes itself. */
static pcap_t *
open_pcap(const struct capture *capture, char *why)
{
    int copy = dup(capture->file);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "rb");
    pcap_t *pcap;

    if (!file || fseek(file, 0, SEEK_SET) != 0) {
        snprintf(why, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
        if (file) {
            fclose(file);
        }
        return NULL;
    }
    pcap = pcap_fopen_offline_with_tstamp_precision(
        file, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!pcap) {
        fclose(file);
    }
    return pcap;
}

bool
replay_check(struct capture *capture, struct error *error)
{
    char why[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = open_pcap(capture, why);
    const char *kind;
    int type;

    if (!pcap) {
        return error_set(error, ERROR_SYNTAX, "%s is no capture that can be"
                         " read: %s", capture->path, why);
    }
    type = pcap_datalink(pcap);
    pcap_close(pcap);
    if (type == DLT_EN10MB) {
        return true;
    }
    kind = pcap_datalink_val_to_name(type);
    return error_set(error, ERROR_TYPE, "%s holds packets of type %s, not"
                     " Ethernet frames", capture->path,
                     kind ? kind : "unknown");
}

static void
show(struct round *round)
{
    struct capture *capture = round->capture;

    if (round->hidden && ring_show(&capture->in)) {
        eventfd_write(capture->bell, 1);
    }
    round->hidden = 0;
}

/* Until the packet's time has come. */
static void
wait_until_due(struct round *round, const struct pcap_pkthdr *head)
{
    struct capture *capture = round->capture;
    int64_t time = (int64_t) head->ts.tv_sec * SECOND + head->ts.tv_usec;
    int64_t left;

    if (round->n == 0) {
        round->first = time;
        round->start = loop_now_ns();
    }
    while (!atomic_load(&capture->stop)
           && (left = time - round->first
                   - (int64_t) (loop_now_ns() - round->start)) > 0) {
        show(round);
        capture_pause(capture, left);
    }
}

static void
give(struct round *round, const struct pcap_pkthdr *head, const u_char *data)
{
    static const struct virtio_net_hdr nothing;
    struct capture *capture = round->capture;
    uint32_t slots = ring_slots_of(head->caplen);

    if (head->caplen < 14 || head->caplen > RING_FRAME_MAX) {
        atomic_fetch_add(&capture->dropped, 1);
        return;
    }
    while (ring_room(&capture->in, slots) < slots) {
        show(round);
        if (atomic_load(&capture->stop)) {
            return;
        }
        capture_pause(capture, FULL_NS);
    }
    ring_fill(&capture->in, 0, data, head->caplen);
    ring_add(&capture->in, head->caplen, &nothing);
    if (++round->hidden == SHOW_EACH) {
        show(round);
    }
}

/* One time through the file; true: it may be done again. */
static bool
play(struct round *round)
{
    struct capture *capture = round->capture;
    struct pcap_pkthdr *head;
    const u_char *data;
    long long good = 0;
    int result;

    while ((result = pcap_next_ex(round->pcap, &head, &data)) == 1
           && !atomic_load(&capture->stop)) {
        wait_until_due(round, head);
        give(round, head, data);
        round->n++;
        good = (long long) ftell(pcap_file(round->pcap));
    }
    show(round);
    if (result == PCAP_ERROR) {
        capture_note(capture, CAPTURE_ENDED, "is damaged: packet %llu, at"
                     " byte %lld: %s", (unsigned long long) round->n + 1,
                     good, pcap_geterr(round->pcap));
        return false;
    }
    if (round->n == 0) {
        capture_note(capture, CAPTURE_ENDED, "has no packets");
        return false;
    }
    return true;
}

void *
replay_run(void *arg)
{
    struct capture *capture = arg;
    char why[PCAP_ERRBUF_SIZE];
    unsigned long long n = 0;
    bool again = true;

    capture_begin(capture);
    while (again && !atomic_load(&capture->stop)) {
        struct round round = { .capture = capture,
                               .pcap = open_pcap(capture, why) };

        if (!round.pcap) {
            capture_note(capture, CAPTURE_ENDED, "cannot be read any more: "
                         "%s", why);
            break;
        }
        again = play(&round);
        n += round.n;
        pcap_close(round.pcap);
        if (again && !capture->is_loop) {
            capture_note(capture, CAPTURE_ENDED, "was replayed, %llu packets",
                         n);
            break;
        }
        capture_pause(capture, ROUND_NS);
    }
    capture_leave(capture);
    return NULL;
}
