/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The life of instances, in the orders that xvs/extension.h allows.
 */

#include <config.h>

#include "exttest.h"

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "rig.h"
#include "stage/keep/here.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "traffic.h"

static bool
enable(struct trial *trial, uint32_t switch_id)
{
    struct error error;

    trial_step(trial, "enabling it on switch %u", switch_id);
    return rig_enable(trial->rig, switch_id, &error)
        || trial_fail(trial, "it cannot be enabled on switch %u: %s",
                      switch_id, error.text);
}

static bool
disable(struct trial *trial, uint32_t switch_id)
{
    struct error error;

    trial_step(trial, "disabling it on switch %u", switch_id);
    return rig_disable(trial->rig, switch_id, &error)
        || trial_fail(trial, "it cannot be disabled on switch %u: %s",
                      switch_id, error.text);
}

/* Nothing stuck, nothing failed. */
static bool
is_well(struct trial *trial)
{
    return trial->rig->n_bad_events == 0
        || trial_fail(trial, "%s", trial->rig->event);
}

static void
test_again(struct trial *trial)
{
    for (int i = 0; i < 20 && trial_goes_on(trial); i++) {
        if (enable(trial, 1)) {
            disable(trial, 1);
        }
    }
    is_well(trial);
}

static void
test_bare(struct trial *trial)
{
    struct error error;

    if (!rig_switch(trial->rig, 3, &error)) {
        trial_skip(trial, "%s", error.text);
        return;
    }
    if (enable(trial, 3) && disable(trial, 3)) {
        is_well(trial);
    }
}

/* What happens when a successor is refused: init, and then fini at once.  It
 * would be in a stage of its own; what it keeps is not the old instance's. */
static void
begin_and_end(void *arg, struct stage *stage, struct outcome *outcome)
{
    int (*keep)(const struct xvs_host *, struct xvs_keep *)
        = stage->host.keep;
    void *self = NULL;

    (void) arg;
    outcome->result = XVS_SUCCESS;
    if (!stage->hooks->init) {
        return;
    }
    stage->host.keep = here_try;
    for (int i = 0; i < 3; i++) {
        int result = stage->hooks->init(&stage->host, &self);

        outcome_judge(outcome, stage, "a second init", result);
        if (result != XVS_SUCCESS) {
            break;
        }
        if (stage->hooks->fini) {
            stage->hooks->fini(self);
        }
    }
    stage->host.keep = keep;
}

static void
test_init(struct trial *trial)
{
    struct outcome outcome = { 0 };
    struct error error;

    trial_step(trial, "init and fini while another instance is there");
    if (!rig_call(trial->rig, "init", begin_and_end, NULL, &outcome,
                  &error)) {
        trial_fail(trial, "%s", error.text);
    } else if (outcome.result != XVS_SUCCESS) {
        trial_fail(trial, "%s", outcome.text);
    }
}

static void
test_ports(struct trial *trial)
{
    uint32_t n = trial->quick ? 8 : 64;
    struct error error;

    for (uint32_t i = 0; i < n && trial_goes_on(trial); i++) {
        trial_step(trial, "creating port %u", 100 + i);
        if (!rig_port(trial->rig, 1, 100 + i, &error)) {
            trial_fail(trial, "port %u: %s", 100 + i, error.text);
        }
    }
    for (uint32_t i = 0; i < n && trial_goes_on(trial); i++) {
        trial_step(trial, "deleting port %u", 100 + (i * 7) % n);
        if (!rig_port_delete(trial->rig, 100 + (i * 7) % n, &error)) {
            trial_fail(trial, "port %u: %s", 100 + (i * 7) % n, error.text);
        }
    }
    is_well(trial);
}

/* What it is told when a port changes, and when one is only thought of. */
static void
tell_port(void *arg, struct stage *stage, struct outcome *outcome)
{
    struct xvs_port port = { .size = sizeof port, .id = 11, .mtu = 9000,
                             .name = "port-11",
                             .mac = { 2, 0, 0, 0, 0, 0x11 } };
    int result = XVS_SUCCESS;

    (void) arg;
    if (stage->hooks->port) {
        result = stage->hooks->port(stage->self, XVS_PORT_UPDATED, &port);
    }
    if (stage->hooks->port && result == XVS_SUCCESS) {
        port.id = 4711;
        port.is_validation = 1;
        result = stage->hooks->port(stage->self, XVS_PORT_CREATED, &port);
        result = result == XVS_NOT_ACCEPTED ? XVS_SUCCESS : result;
    }
    outcome_judge(outcome, stage, "a port event", result);
}

static void
test_update(struct trial *trial)
{
    struct outcome outcome = { 0 };
    struct error error;

    trial_step(trial, "XVS_PORT_UPDATED, and a port with is_validation");
    if (!rig_call(trial->rig, "a port event", tell_port, NULL, &outcome,
                  &error)) {
        trial_fail(trial, "%s", error.text);
    } else if (outcome.result != XVS_SUCCESS
               && outcome.result != XVS_NO_CONSUMER) {
        trial_fail(trial, "%s", outcome.text);
    }
    test_ports(trial);
}

/* Ports that were there before go while it is enabled, the last one too. */
static void
test_last_port(struct trial *trial)
{
    struct error error;

    for (uint32_t i = 11; i <= 13; i++) {
        trial_step(trial, "deleting port %u", i);
        if (!rig_port_delete(trial->rig, i, &error)) {
            trial_fail(trial, "port %u: %s", i, error.text);
        }
    }
    if (trial_goes_on(trial) && disable(trial, 1)) {
        is_well(trial);
    }
}

static void
test_switches(struct trial *trial)
{
    struct traffic traffic;

    if (!enable(trial, 1) || !enable(trial, 2)) {
        return;
    }
    traffic_open(&traffic, trial->rig, trial, 1);
    if (traffic_corpus(&traffic) && disable(trial, 2)
        && traffic_corpus(&traffic) && enable(trial, 2)
        && disable(trial, 1) && disable(trial, 2)) {
        is_well(trial);
    }
    traffic_close(&traffic);
}

static void
test_file(struct trial *trial)
{
    struct error error;

    for (int i = 0; i < (trial->quick ? 2 : 10) && trial_goes_on(trial);
         i++) {
        if (!enable(trial, 1) || !disable(trial, 1)) {
            return;
        }
        trial_step(trial, "unloading the file");
        if (!rig_unload(trial->rig, &error)) {
            trial_fail(trial, "it is not unloaded: %s", error.text);
        }
        trial_step(trial, "loading the file again");
        if (!rig_load_file(trial->rig, &error)
            || !rig_load_schema(trial->rig, &error)) {
            trial_fail(trial, "it is not loaded again: %s", error.text);
        }
    }
    is_well(trial);
}

static void
test_timer(struct trial *trial)
{
    trial_step(trial, "letting time pass");
    rig_wait(trial->rig, trial->quick ? 100 : 2500);
    is_well(trial);
}

static const struct test tests[] = {
    SLOW("life.again", "An extension is switched off and on, and each life"
         " begins like the first.", test_again, NEEDS_RIG, 30),
    SLOW("life.bare", "A switch may have no ports, or none yet.", test_bare,
         NEEDS_RIG, 0),
    TEST("life.init", "A successor that is refused gets fini right after"
         " init, while the old instance works on.", test_init, NEEDS_STAGE),
    SLOW("life.ports", "Ports come, change and go while the extension is"
         " enabled.", test_ports, NEEDS_STAGE, 30),
    SLOW("life.update", "A port's MTU or address changes, and a port that is"
         " only thought of must leave no trace.", test_update, NEEDS_STAGE, 0),
    TEST("life.last-port", "Ports that were there from the beginning go as"
         " well, down to none.", test_last_port, NEEDS_STAGE),
    TEST("life.switches", "Each switch has an instance of its own; what is"
         " static is shared by mistake.", test_switches, NEEDS_RIG),
    SLOW("life.file", "The file is taken out of memory and comes back: what"
         " it left behind there would be called.", test_file, NEEDS_RIG, 30),
    SLOW("life.timer", "Timers run without requests or packets.", test_timer,
         NEEDS_STAGE, 0),
};

GROUP(life, "how instances begin, live and end", tests);
