/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writes what goes out of a port as pcapng, whole blocks at a time, as soon as
 * nothing more waits.  When the file cannot be written (a full disk) it is cut
 * back to its last whole block, and the rest is tried again every second;
 * meanwhile the ring fills up, and what finds no room there is counted
 * as dropped by the worker.
 */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "port/pcap/capture.h"

#define BUFFER_SIZE (256u << 10)    /* gathered for one write, at most */
#define RETRY_NS 1000000000
#define PACKET_BLOCK 6u
#define PACKET_HEAD 28u         /* of such a block, before the frame */
#define BLOCK_TAIL 4u

/* The thread's own. */
struct recorder {
    struct capture *capture;
    off_t end;                  /* of the last whole block in the file */
    uint8_t *buffer;
    uint32_t size;              /* bytes in it */
    uint64_t frames;            /* and frames */
    bool waits;                 /* the last write failed */
};

/* Interface description: Ethernet, times in nanoseconds (if_tsresol). */
static const uint8_t interface_block[] = {
    1, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0,
};

static void
append(struct recorder *recorder, const void *data, uint32_t size)
{
    memcpy(recorder->buffer + recorder->size, data, size);
    recorder->size += size;
}

/* From the monotonic clock's time to that of day. */
static uint64_t
time_of_day(uint64_t monotonic)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec
        - loop_now_ns() + monotonic;
}

/* The ring's next frame as a block; its time precedes it. */
static void
append_frame(struct recorder *recorder, const struct ring_head *head)
{
    const struct ring_end *out = &recorder->capture->out;
    uint32_t size = head->total - (uint32_t) sizeof(uint64_t);
    uint32_t padded = (size + 3u) & ~3u;
    uint32_t whole = PACKET_HEAD + padded + BLOCK_TAIL;
    uint8_t *block = recorder->buffer + recorder->size;
    uint64_t time;
    uint32_t words[7];

    ring_read(out, 0, &time, sizeof time);
    time = time_of_day(time);
    words[0] = PACKET_BLOCK;
    words[1] = whole;
    words[2] = 0;
    words[3] = (uint32_t) (time >> 32);
    words[4] = (uint32_t) time;
    words[5] = words[6] = size;
    memcpy(block, words, sizeof words);
    /* Over the time, which lies in the last bytes of the head. */
    ring_read(out, 0, block + PACKET_HEAD - sizeof time, head->total);
    memcpy(block, words, sizeof words);
    memset(block + PACKET_HEAD + size, 0, padded - size);
    memcpy(block + PACKET_HEAD + padded, &whole, sizeof whole);
    recorder->size += whole;
    recorder->frames++;
}

/* Writes the buffer; '*done' bytes of it, all unless an errno is returned. */
static int
write_buffer(const struct recorder *recorder, uint32_t *done)
{
    *done = 0;
    while (*done < recorder->size) {
        ssize_t size = pwrite(recorder->capture->file,
                              recorder->buffer + *done,
                              recorder->size - *done,
                              recorder->end + (off_t) *done);

        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return size < 0 ? errno : EIO;
        }
        *done += (uint32_t) size;
    }
    return 0;
}

/* Forgets the blocks that lie whole in the first 'done' bytes. */
static void
drop_written(struct recorder *recorder, uint32_t done)
{
    uint32_t at = 0;

    while (at < done) {
        uint32_t head[2];

        memcpy(head, recorder->buffer + at, sizeof head);
        if (head[1] > done - at) {
            break;
        }
        at += head[1];
        recorder->frames -= head[0] == PACKET_BLOCK;
    }
    recorder->end += at;
    recorder->size -= at;
    memmove(recorder->buffer, recorder->buffer + at, recorder->size);
}

/* False: not all of it could be written. */
static bool
flush(struct recorder *recorder)
{
    struct capture *capture = recorder->capture;
    uint32_t done;
    int number = write_buffer(recorder, &done);

    drop_written(recorder, done);
    if (number == 0) {
        if (recorder->waits) {
            capture_note(capture, CAPTURE_RUNS, "can be written again");
        }
        recorder->waits = false;
        return true;
    }
    if (ftruncate(capture->file, recorder->end) != 0) {
        number = errno;
    }
    if (!recorder->waits) {
        capture_note(capture, CAPTURE_WAITS, "cannot be written: %s; what"
                     " goes out is dropped until it can", strerror(number));
    }
    recorder->waits = true;
    return false;
}

/* Fills the buffer from the ring; false when nothing was there. */
static bool
gather(struct recorder *recorder)
{
    struct ring_end *out = &recorder->capture->out;
    const uint32_t most = RING_FRAME_MAX + PACKET_HEAD + BLOCK_TAIL;
    struct ring_head head;
    uint32_t before = recorder->size;

    while (recorder->size + most <= BUFFER_SIZE && ring_next(out, &head)) {
        append_frame(recorder, &head);
        ring_skip(out, head.total);
    }
    ring_free(out);
    return recorder->size > before;
}

/* Until the port is closed and the ring is empty. */
static void
record(struct recorder *recorder)
{
    struct capture *capture = recorder->capture;

    for (;;) {
        bool stop = atomic_load(&capture->stop);

        if (!recorder->waits) {
            gather(recorder);
        }
        if (recorder->size) {
            if (!flush(recorder)) {
                if (stop) {
                    break;
                }
                capture_pause(capture, RETRY_NS);
            }
            continue;
        }
        if (stop) {
            break;
        }
        if (ring_doze(&capture->out)) {
            capture_pause(capture, -1);
        }
        ring_rouse(&capture->out);
    }
    if (recorder->frames) {
        log_warning("%s: the last %llu packets could not be written",
                    capture->path, (unsigned long long) recorder->frames);
    }
}

void *
record_run(void *arg)
{
    struct capture *capture = arg;
    struct recorder recorder = { .capture = capture,
                                 .end = lseek(capture->file, 0, SEEK_END),
                                 .buffer = mem_alloc(BUFFER_SIZE) };

    capture_begin(capture);
    append(&recorder, capture_head, CAPTURE_HEAD_SIZE);
    append(&recorder, interface_block, sizeof interface_block);
    record(&recorder);
    free(recorder.buffer);
    capture_leave(capture);
    return NULL;
}
