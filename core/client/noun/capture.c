/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl capture: packets of a switch as a capture file, from any point of
 * their way.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/command.h"
#include "client/run.h"
#include "client/tap/names.h"
#include "client/tap/tapping.h"
#include "tap/pcapng.h"

#define WAIT_MS 250u            /* so long Ctrl-C may take */
#define LAST_READS 64u          /* of what is there at the end */

/* An interface of the file: a point at a port. */
struct seen {
    uint32_t port;
    uint8_t point;
    struct xvs_guid extension;
};

struct capture {
    struct run *run;
    struct tapping tapping;
    struct names *names;
    FILE *file;
    struct pcapng *pcapng;
    struct seen *seen;          /* in the order of the file's interfaces */
    size_t n_seen, seen_capacity;
    uint32_t snap;
    uint64_t n;                 /* packets written */
};

static uint32_t
interface_of(struct capture *capture, const struct control_tap *record)
{
    BUFFER_AUTO struct buffer name = BUFFER_INIT;
    const struct seen wanted = { names_port_of(record), record->point,
                                 record->extension };
    size_t i = 0;

    while (i < capture->n_seen
           && (capture->seen[i].port != wanted.port
               || capture->seen[i].point != wanted.point
               || !guid_equal(&capture->seen[i].extension,
                              &wanted.extension))) {
        i++;
    }
    if (i < capture->n_seen) {
        return (uint32_t) i;
    }
    mem_grow(&capture->seen, &capture->seen_capacity, capture->n_seen,
             sizeof *capture->seen);
    capture->seen[capture->n_seen++] = wanted;
    buffer_printf(&name, "%s/%s ", run_word(capture->run, 0),
                  names_port(capture->names, wanted.port));
    names_put_point(capture->names, record, &name);
    return pcapng_interface(capture->pcapng, buffer_string(&name), NULL,
                            capture->snap);
}

/* Empty for what everybody expects. */
static void
put_comment(struct capture *capture, const struct control_tap *record,
            struct buffer *out)
{
    if (record->fate != FATE_PASSED && record->fate != FATE_SENT) {
        names_put_fate(capture->names, record, out);
        if (record->fate == FATE_LEARNED || record->fate == FATE_CHOSEN) {
            buffer_printf(out, ": %s",
                          names_port(capture->names, record->out_port));
        }
    }
    if (record->gso_type != XVS_GSO_NONE) {
        buffer_printf(out, "%sto be cut to %u bytes of payload",
                      out->size ? "; " : "", record->gso_size);
    }
}

static void
write_packet(struct capture *capture, const struct control_tap *record,
             const uint8_t *frame)
{
    BUFFER_AUTO struct buffer comment = BUFFER_INIT;
    struct pcapng_packet packet = {
        .time = record->time, .serial = record->serial,
        .direction = record->point < TAP_EGRESS_BEFORE ? PCAPNG_IN
                                                       : PCAPNG_OUT,
        .bytes = frame, .size = record->size, .length = record->length,
    };

    put_comment(capture, record, &comment);
    packet.interface = interface_of(capture, record);
    packet.comment = buffer_string(&comment);
    pcapng_packet(capture->pcapng, &packet);
    capture->n++;
}

/* One answer's packets; false with an error. */
static bool
take(struct capture *capture, uint32_t wait_ms)
{
    struct control_tap record;
    const uint8_t *frame;

    if (!tapping_read(&capture->tapping, wait_ms)) {
        return false;
    }
    while (tapping_next(&capture->tapping, &record, &frame)) {
        write_packet(capture, &record, frame);
    }
    return fflush(capture->file) == 0
        || error_set_errno(&capture->run->error, errno,
                           "cannot write the capture");
}

static bool
take_all(struct capture *capture)
{
    bool done = true;

    while (done && !capture->tapping.ended && !tapping_interrupted()) {
        done = take(capture, WAIT_MS);
    }
    for (uint32_t i = 0; done && i < LAST_READS; i++) {
        uint64_t before = capture->n;

        done = take(capture, 0);
        if (capture->n == before) {
            break;
        }
    }
    return done;
}

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static bool
write_all(struct capture *capture)
{
    bool done;

    capture->names = names_create(capture->run);
    capture->pcapng =
        pcapng_create(capture->file, "xvsctl " PACKAGE_VERSION);
    done = take_all(capture);
    done = done && tapping_stop(&capture->tapping);
    pcapng_end(capture->pcapng, capture->tapping.lost, now_ns());
    names_destroy(capture->names);
    free(capture->seen);
    fprintf(stderr, "%" PRIu64 " packets captured, %" PRIu64 " lost\n",
            capture->n, capture->tapping.lost);
    return done;
}

/* Before anything begins. */
static bool
judge_output(struct run *run)
{
    const char *name = run_option(run, "output");

    if ((name && strcmp(name, "-") != 0) || !isatty(STDOUT_FILENO)) {
        return true;
    }
    run_usage(run, "a capture is no text for a terminal");
    return error_hint(&run->error, "give -o FILE, or pipe it into tcpdump "
                      "-r - or tshark -r -");
}

static bool
open_file(struct capture *capture)
{
    const char *name = run_option(capture->run, "output");

    if (!name || strcmp(name, "-") == 0) {
        capture->file = stdout;
        return true;
    }
    capture->file = fopen(name, "we");
    return capture->file
        || error_set_errno(&capture->run->error, errno, "%s", name);
}

static bool
close_file(struct capture *capture, bool done)
{
    if (capture->file && capture->file != stdout
        && fclose(capture->file) != 0 && done) {
        return error_set_errno(&capture->run->error, errno,
                               "cannot write the capture");
    }
    return done;
}

static bool
capture_packets(struct run *run)
{
    struct capture capture = { .run = run };
    struct tapping_options options = {
        .switch_name = run_word(run, 0), .port = run_option(run, "port"),
        .points = run_option(run, "at"), .filter = run_option(run, "filter"),
    };
    unsigned long long snap, count;
    bool done;

    if (!args_number(&run->args, "snap", UINT16_MAX, 0, &snap, &run->error)
        || !args_number(&run->args, "count", INT64_MAX, 0, &count,
                        &run->error)) {
        run->usage = true;
        return false;
    }
    options.snap = capture.snap = (uint32_t) snap;
    options.limit = count;
    if (!judge_output(run)
        || !tapping_begin(&capture.tapping, run, &options)) {
        return false;
    }
    done = open_file(&capture) && write_all(&capture);
    tapping_end(&capture.tapping);
    return close_file(&capture, done);
}

static const struct option capture_options[] = {
    { "port", 0, "PORT", "only packets from or to this port", WORD_PORT },
    { "at", 0, "POINT[,...]", "rx, forward, tx, all, or EXTENSION[:ingress|"
      ":egress][:before|:after] (rx,tx)", WORD_FREE },
    { "filter", 0, "EXPRESSION", "only packets that match, see pcap-filter(7)",
      WORD_FREE },
    { "count", 0, "N", "end after N packets", WORD_FREE },
    { "snap", 0, "BYTES", "record so much of each packet", WORD_FREE },
    { "output", 'o', "FILE", "where to (-: standard output)", WORD_FILE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command capture_commands[] = {
    { "", "SWITCH", "Writes packets of a switch as pcapng, until Ctrl-C.",
      capture_options, { WORD_SWITCH }, 1, 1, capture_packets },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
