/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See domain.h.
 */

#include <config.h>

#include "bench/partition/domain.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "packet/grace.h"
#include "stage/domain/domain-inside.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "stage/task.h"

static struct loop *loop;
static uint32_t n_quarantined;

static void
give_up(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(2);
}

/* ---- Its owner ------------------------------------------------------------ */

static void
on_event(void *arg, struct stage *stage, enum control_event_kind kind,
         enum xvs_log_level severity, const char *text)
{
    (void) arg;
    (void) stage;
    (void) kind;
    (void) severity;
    (void) text;
}

static int
on_request(void *arg, struct stage *stage, struct xvs_oid *oid)
{
    (void) arg;
    (void) stage;
    (void) oid;
    return XVS_NOT_SUPPORTED;
}

static void
on_poison(void *arg, struct stage *stage, const struct lanes_poison *packet,
          const char *why)
{
    (void) arg;
    (void) stage;
    (void) packet;
    (void) why;
    n_quarantined++;
}

static const struct stage_owner owner = {
    .event = on_event, .request = on_request, .poison = on_poison };

/* ---- The plugin ----------------------------------------------------------- */

/* Beside this program, in partition/ or not. */
static void
find(const char *file, char path[PATH_MAX])
{
    char here[PATH_MAX / 2];
    ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);

    if (n < 0) {
        give_up("nobody says where the bench is");
    }
    here[n] = '\0';
    *strrchr(here, '/') = '\0';
    snprintf(path, PATH_MAX, "%s/partition/%s", here, file);
    if (access(path, R_OK) != 0) {
        snprintf(path, PATH_MAX, "%s/%s", here, file);
    }
}

/* As xvs-switch knows it, of a process that has tried it. */
static struct plugin *
describe(const char *file)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    char path[PATH_MAX];
    struct plugin_mark mark;
    struct error error;
    struct plugin *loaded, *plugin = NULL;

    find(file, path);
    loaded = plugin_load(path, &error);
    if (loaded && plugin_mark(path, &mark, &error)) {
        description_write(&loaded->extension, loaded->file, &out);
        plugin = plugin_described(path, &mark, out.data, out.size, &error);
    }
    if (!plugin) {
        give_up(error.text);
    }
    plugin_unload(loaded);
    return plugin;
}

/* ---- The stage ------------------------------------------------------------ */

static void
on_step(void *arg, struct task *task, const struct outcome *outcome)
{
    uint32_t *n_left = arg;

    (void) task;
    if (outcome->result != XVS_SUCCESS) {
        give_up(outcome->text);
    }
    --*n_left;
}

void
domain_await(struct stage *stage)
{
    struct stage_health health = { 0 };
    bool is_there = false;

    while (!is_there) {
        grace_quiet();
        loop_once(loop, 1);
        domain_watch(stage->domain);
        domain_health(stage->domain, &health);
        is_there = health.standby == STANDBY_PRESENT;
    }
}

static void
pin(int processor)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET((unsigned int) processor, &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
}

static struct stage *
create(const char *file, const struct partition_place *place, int processor)
{
    struct error error;
    cpu_set_t before;
    struct stage *stage;

    sched_getaffinity(0, sizeof before, &before);
    pin(processor);
    stage = stage_create(describe(file), PARTITION_DOMAIN, "bench", 1, &owner,
                         NULL, loop, &error);
    sched_setaffinity(0, sizeof before, &before);
    if (!stage) {
        give_up(error.text);
    }
    stage->place = place;
    return stage;
}

struct stage *
domain_make(const char *file, const struct pool *pool, int processor)
{
    static struct partition_place place = {
        .n_workers = 1, .n_restarts = UINT32_MAX };
    uint32_t n_left = 2;
    const struct task_options options = { .call = on_step, .arg = &n_left };
    struct error error;
    struct stage *stage;

    place.pool = pool;
    if (!loop && !(loop = loop_create(&error))) {
        give_up(error.text);
    }
    stage = create(file, &place, processor);
    task_init(stage, &options);
    task_state(stage, XVS_ACTIVATE, &options);
    while (n_left) {
        grace_quiet();
        loop_once(loop, 1);
    }
    domain_await(stage);
    return stage;
}

uintptr_t
domain_self(const struct stage *stage)
{
    return (uintptr_t) xvs_read(stage->domain->live)->self;
}

uint32_t
domain_quarantined(void)
{
    uint32_t n = n_quarantined;

    n_quarantined = 0;
    return n;
}
