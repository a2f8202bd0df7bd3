/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl query: what extensions answer about switches and ports, once or
 * again and again.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "client/command.h"
#include "client/noun/feature.h"
#include "client/place.h"
#include "client/run.h"
#include "client/settings.h"

#define BASE "XVS_FeatureStatus"
#define MAX_PROPERTIES 64
#define DEFAULT_PERIOD 2.0

/* Properties of all -p options, split at commas. */
struct properties {
    char *text;                             /* what the names point into */
    const char *names[MAX_PROPERTIES];
    size_t n;
};

static bool
split_properties(struct run *run, struct properties *list)
{
    const char *text = run_option(run, "properties");

    memset(list, 0, sizeof *list);
    if (!text) {
        return true;
    }
    list->text = mem_strdup(text);
    for (char *name = strtok(list->text, ", "); name;
         name = strtok(NULL, ", ")) {
        if (list->n == MAX_PROPERTIES) {
            return run_usage(run, "more than %d properties", MAX_PROPERTIES);
        }
        list->names[list->n++] = name;
    }
    return list->n || run_usage(run, "-p without a property");
}

static bool
ask(struct run *run, const struct properties *list)
{
    struct cim_class *cls;
    struct place place;

    if (!settings_scope(run, 0, &cls, &place)) {
        return false;
    }
    return feature_list_chosen(run, BASE, cls, &place, NULL, list->names,
                               list->n, run_option(run, "where"));
}

static void
wait_seconds(double seconds)
{
    struct timespec time = { (time_t) seconds, 0 };

    time.tv_nsec = (long) ((seconds - (double) time.tv_sec) * 1e9);
    while (nanosleep(&time, &time) != 0) {
        continue;
    }
}

/* Asks until it fails or nobody reads. */
static bool
watch(struct run *run, const struct properties *list)
{
    const char *text = run_option(run, "watch");
    double period = DEFAULT_PERIOD;
    bool clear = isatty(STDOUT_FILENO) && run->form == RUN_TABLE;

    if (text && (!text_to_double(text, &period) || !(period >= 0.05)
                 || period > 86400)) {
        return run_usage(run, "--watch=%s: expected seconds", text);
    }
    for (;;) {
        if (clear) {
            fputs("\033[H\033[2J", stdout);
        }
        if (!ask(run, list)) {
            return false;
        }
        if (fflush(stdout) != 0) {
            return true;
        }
        wait_seconds(period);
    }
}

static bool
query(struct run *run)
{
    struct properties list;
    bool done = split_properties(run, &list);

    if (done) {
        done = run_has(run, "watch") ? watch(run, &list)
                                     : ask(run, &list);
    }
    free(list.text);
    return done;
}

static const struct option query_options[] = {
    { "properties", 'p', "NAME,...", "only these properties", WORD_FREE },
    { "where", 0, "CONDITION", "only what meets the WQL condition",
      WORD_FREE },
    { "watch", 'w', "[SECONDS]", "ask again and again (every 2)",
      WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command query_commands[] = {
    { "", "[CLASS] [SWITCH[/PORT]]",
      "Asks extensions for their status and counters.", query_options,
      { WORD_STATUS_CLASS, WORD_PLACE }, 0, 2, query },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
