/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl trace: what each stage of a switch does to packets.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "client/command.h"
#include "client/run.h"
#include "client/show/table.h"
#include "client/tap/names.h"
#include "client/tap/story.h"
#include "client/tap/tapping.h"

#define WAIT_MS 250u            /* so long Ctrl-C may take */
#define SNAP 256u               /* bytes in which changes are looked for */

static void
print(void *arg, const char *text)
{
    (void) arg;
    fputs(text, stdout);
}

/* One answer's records; false with an error. */
static bool
take(struct run *run, struct tapping *tapping, struct stories *stories)
{
    struct control_tap record;
    const uint8_t *frame;
    bool any = false;

    if (!tapping_read(tapping, WAIT_MS)) {
        return false;
    }
    while (tapping_next(tapping, &record, &frame)) {
        any = true;
        stories_add(stories, &record, frame);
    }
    if (!any || tapping->ended) {
        stories_flush(stories);
    }
    return fflush(stdout) == 0
        || error_set_errno(&run->error, errno, "cannot write the output");
}

static bool
trace_all(struct run *run, struct tapping *tapping)
{
    struct names *names = names_create(run);
    struct stories *stories =
        stories_create(names, run->form == RUN_JSON, print, NULL);
    bool done = true;
    uint64_t n;

    while (done && !tapping->ended && !tapping_interrupted()) {
        done = take(run, tapping, stories);
    }
    done = done && tapping_stop(tapping);
    stories_flush(stories);
    n = stories_count(stories);
    stories_end(stories);
    names_destroy(names);
    fprintf(stderr, "%" PRIu64 " packets traced, %" PRIu64 " records lost\n",
            n, tapping->lost);
    return done;
}

static bool
trace(struct run *run)
{
    struct tapping_options options = {
        .switch_name = run_word(run, 0), .port = run_option(run, "port"),
        .points = "rx,*:after,forward,tx",
        .filter = run_option(run, "filter"), .snap = SNAP, .follow = true,
    };
    struct tapping tapping;
    unsigned long long count;
    bool done;

    if (!args_number(&run->args, "count", INT64_MAX, 0, &count,
                     &run->error)) {
        run->usage = true;
        return false;
    }
    options.limit = count;
    if (!tapping_begin(&tapping, run, &options)) {
        return false;
    }
    done = trace_all(run, &tapping);
    tapping_end(&tapping);
    return done;
}

static const struct option trace_options[] = {
    { "port", 0, "PORT", "only packets that arrive from this port",
      WORD_PORT },
    { "filter", 0, "EXPRESSION", "only packets that match as they arrive, see"
      " pcap-filter(7)", WORD_FREE },
    { "count", 0, "N", "end after N packets", WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command trace_commands[] = {
    { "", "SWITCH", "Shows what each stage does to packets, until Ctrl-C.",
      trace_options, { WORD_SWITCH }, 1, 1, trace },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
