/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl event: what happened on the host, and what happens.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "client/command.h"
#include "client/run.h"
#include "client/show/json-out.h"
#include "client/show/listing.h"
#include "client/show/table.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "schema/class.h"

#define CLASS "XVS_Event"
#define WAIT_S 20u          /* a pull without news */
#define MOST 100u           /* events per pull */

static const struct listing_column columns[] = {
    { "Number", "Sequence" },      { "Time", "Time" },
    { "Severity", "Severity" },    { "Kind", "Kind" },
    { "Switch", "SwitchName" },    { "Port", "PortName" },
    { "Extension", "ExtensionName" }, { "Text", "Text" }, { NULL, NULL },
};

static bool
since(struct run *run, uint64_t otherwise, uint64_t *number)
{
    unsigned long long value;

    if (!args_number(&run->args, "since", UINT64_MAX, otherwise, &value,
                     &run->error)) {
        run->usage = true;
        return false;
    }
    *number = value;
    return true;
}

static void
put_query(struct buffer *wql, uint64_t after)
{
    buffer_printf(wql, "SELECT * FROM " CLASS " WHERE Sequence > %" PRIu64,
                  after);
}

static bool
list(struct run *run)
{
    BUFFER_AUTO struct buffer wql = BUFFER_INIT;
    struct cim_class *cls;
    struct listing *listing;
    uint64_t after;
    bool done;

    if (!since(run, 0, &after)) {
        return false;
    }
    cls = run_class(run, CLASS);
    if (!cls) {
        return false;
    }
    put_query(&wql, after);
    listing = listing_begin(run, columns, "Sequence");
    listing_class(listing, cls);
    done = cim_client_query(run_client(run), buffer_string(&wql),
                            listing_take, listing, &run->error);
    listing_end(listing);
    return done;
}

/* Where "event follow" is. */
struct follower {
    struct run *run;
    uint64_t last;      /* Sequence of the newest event seen */
};

/* One event as a line that does not wait for others. */
static void
print_event(const struct run *run, const struct instance *event)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const char *between = "";

    if (run->form == RUN_JSON) {
        json_out_object(event, NULL, 0, &out);
        puts(buffer_string(&out));
        return;
    }
    for (const struct listing_column *c = columns + 1; c->title; c++) {
        int index = class_property_index(event->cls, c->property);
        struct target target;

        if (index < 0 || event->values[index].is_null) {
            continue;
        }
        target = words_of_property(&event->cls->properties[index]);
        buffer_puts(&out, between);
        words_print(&target, &event->values[index], &out);
        between = "  ";
    }
    text_put_safe(stdout, buffer_string(&out));
    putchar('\n');
}

static bool
take_event(void *arg, struct instance *event, const struct path *path,
           struct error *error)
{
    struct follower *follower = arg;
    uint64_t number = instance_u64(event, "Sequence");

    (void) path;
    (void) error;
    if (number > follower->last) {
        follower->last = number;
        print_event(follower->run, event);
    }
    instance_destroy(event);
    return true;
}

static bool
skip_event(void *arg, struct instance *event, const struct path *path,
           struct error *error)
{
    struct follower *follower = arg;

    (void) path;
    (void) error;
    follower->last = instance_u64(event, "Sequence");
    instance_destroy(event);
    return true;
}

/* What is there already is not news, unless --since asks for it. */
static bool
skip_old(struct run *run, struct follower *follower)
{
    return run_option(run, "since")
           || cim_client_enumerate(run_client(run), CLASS, NULL, 0,
                                   skip_event, follower, &run->error);
}

/* Until somebody stops it, or nobody reads. */
static bool
follow(struct run *run)
{
    struct follower follower = { .run = run };
    struct cim_pull pull = { 0 };
    struct cim_client *client;
    unsigned long long limit;
    bool done;

    if (!since(run, 0, &follower.last)
        || !args_number(&run->args, "timeout", 86400, 0, &limit,
                        &run->error)) {
        return false;
    }
    client = run_client(run);
    done = client && skip_old(run, &follower)
           && cim_pull_open(client, &pull, CLASS,
                            limit && limit < 2 * WAIT_S
                                ? (unsigned int) (limit + 1) / 2 : WAIT_S,
                            &run->error);
    while (done && !pull.at_end && fflush(stdout) == 0) {
        done = cim_pull_next(client, &pull, MOST, take_event, &follower,
                             &run->error);
    }
    cim_pull_close(client, &pull);
    return done;
}

static const struct option event_options[] = {
    { "since", 0, "NUMBER", "only events behind this number", WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command event_commands[] = {
    { "list", "", "Lists the events that are remembered.", event_options,
      { WORD_NONE }, 0, 0, list },
    { "follow", "", "Shows events as they happen; --json: one per line.",
      event_options, { WORD_NONE }, 0, 0, follow },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
