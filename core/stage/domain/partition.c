/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Control hooks of a stage in a domain, which are functions as those of an
 * inline one and are called in its spares as well.
 */

#include <config.h>

#include "stage/partition.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "packet/pool.h"
#include "stage/deliver.h"
#include "stage/domain/domain-inside.h"
#include "stage/domain/domain.h"
#include "stage/domain/heap.h"
#include "stage/domain/keys.h"
#include "stage/host.h"
#include "stage/plugin/plugin.h"

#define TRIES 3                 /* of a hook whose resident fails meanwhile */

/* Before a hook: whether there is something to call it in. */
static bool
is_ready(struct stage *stage, struct outcome *outcome)
{
    struct domain *domain = stage->domain;
    struct outcome own = { 0 };

    domain_sweep(domain);
    if (!domain->current || domain_is_dead(domain)) {
        domain_mend(domain, true, &own);
    }
    if (!domain->current) {
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s failed and does not"
                    " begin anew: %.300s", stage_name(stage), own.text);
    }
    return domain->current;
}

/* What a hook has said so far. */
static void
forget(struct xvs_answer *answer)
{
    *answer->outcome = (struct outcome) { 0 };
    answer->objects.size = 0;
    answer->n = 0;
    answer->broken = false;
    answer->refusal = XVS_SUCCESS;
}

/* Has a hook called in the current resident.  When that has failed with a packet
 * hook meanwhile, nothing that it said counts, and the next one is asked; but not
 * for ever. */
static int
call_current(struct stage *stage, spare_hook hook, const void *arg,
             struct xvs_answer *answer)
{
    struct domain *domain = stage->domain;
    bool in_vain = true;
    int result = XVS_PROVIDER_FAILED;

    for (int i = 1; in_vain; i++) {
        forget(answer);
        if (!is_ready(stage, answer->outcome)) {
            answer->broken = true;
            return XVS_PROVIDER_FAILED;
        }
        result = hook(stage, arg, answer);
        in_vain = domain_is_dead(domain) && i < TRIES;
        own_done(domain, in_vain);
    }
    return result;
}

/* ---- Hooks, and the same for spares --------------------------------------- */

static int
call_state(struct stage *stage, const void *arg, struct xvs_answer *answer)
{
    const enum xvs_state *state = arg;

    (void) answer;
    return stage->hooks->state ? stage->hooks->state(stage->self, *state)
                               : XVS_SUCCESS;
}

static int
domain_state(struct stage *stage, enum xvs_state state,
             struct xvs_answer *answer)
{
    struct domain *domain = stage->domain;
    struct outcome outcome = { 0 };
    int result = call_current(stage, call_state, &state, answer);

    if (result == XVS_SUCCESS) {
        domain->roster.active = state == XVS_ACTIVATE;
        spare_echo(domain, call_state, &state);
        spare_fill(domain, &outcome);
    }
    if (result == XVS_SUCCESS || state == XVS_PAUSE) {
        own_state(domain, state == XVS_ACTIVATE);
    }
    return result;
}

struct port_call {
    enum xvs_port_event event;
    const struct xvs_port *port;
};

static int
call_port(struct stage *stage, const void *arg, struct xvs_answer *answer)
{
    const struct port_call *call = arg;

    (void) answer;
    return deliver_port(stage, call->event, call->port);
}

static int
domain_port(struct stage *stage, enum xvs_port_event event,
            const struct xvs_port *port, struct xvs_answer *answer)
{
    const struct port_call call = { event, port };
    int result = call_current(stage, call_port, &call, answer);

    if (result == XVS_SUCCESS) {
        spare_echo(stage->domain, call_port, &call);
    }
    if (result == XVS_SUCCESS || event == XVS_PORT_DELETED) {
        roster_port(&stage->domain->roster, event, port);
    }
    return result;
}

struct setting_call {
    const struct control_setting *head;
    const void *block;
};

static int
call_setting(struct stage *stage, const void *arg, struct xvs_answer *answer)
{
    const struct setting_call *call = arg;

    return deliver_setting(stage, call->head, call->block, answer);
}

static int
domain_setting(struct stage *stage, const struct control_setting *head,
               const void *block, struct xvs_answer *answer)
{
    const struct setting_call call = { head, block };
    int result = call_current(stage, call_setting, &call, answer);

    if (result == XVS_SUCCESS) {
        spare_echo(stage->domain, call_setting, &call);
        roster_setting(&stage->domain->roster, head, block);
    }
    return result;
}

struct status_call {
    const struct control_status *status;
    const struct feature_layout *layout;
};

static int
call_status(struct stage *stage, const void *arg, struct xvs_answer *answer)
{
    const struct status_call *call = arg;

    return deliver_status(stage, call->status, call->layout->empty.data,
                          answer);
}

static int
domain_status(struct stage *stage, const struct control_status *status,
              const struct feature_layout *layout, struct xvs_answer *answer)
{
    const struct status_call call = { status, layout };

    return call_current(stage, call_status, &call, answer);
}

/* The same method of the copy. */
static const struct xvs_method *
find_method(const struct stage *stage, const struct xvs_method *wanted)
{
    for (uint32_t i = 0; i < stage->hooks->n_methods; i++) {
        const struct xvs_method *one = &stage->hooks->methods[i];

        if (guid_equal(&one->uuid, &wanted->uuid)
            && strcmp(one->name, wanted->name) == 0) {
            return one;
        }
    }
    return NULL;
}

struct method_call {
    const struct control_method *head;
    const struct xvs_method *method;
    const struct buffer *block;
    const struct layout *in, *out;
};

static int
call_method(struct stage *stage, const void *arg, struct xvs_answer *answer)
{
    const struct method_call *call = arg;

    deliver_method(stage, call->head, find_method(stage, call->method),
                   call->block, call->in, call->out, answer);
    return XVS_SUCCESS;
}

static void
domain_method(struct stage *stage, const struct control_method *head,
              const struct xvs_method *method, const struct buffer *block,
              const struct layout *in, const struct layout *out,
              struct xvs_answer *answer)
{
    const struct method_call call = { head, method, block, in, out };

    if (call_current(stage, call_method, &call, answer) == XVS_SUCCESS) {
        spare_echo(stage->domain, call_method, &call);
    }
}

static int
call_timer(struct stage *stage, const void *arg, struct xvs_answer *answer)
{
    (void) arg;
    (void) answer;
    if (stage->hooks->timer) {
        stage->hooks->timer(stage->self);
    }
    return XVS_SUCCESS;
}

/* Also the way in which workers ask for another resident. */
static void
domain_timer(struct stage *stage)
{
    struct domain *domain = stage->domain;
    struct outcome outcome = { 0 };
    bool asked, woken;

    asked = __atomic_exchange_n(&domain->is_asked, false, __ATOMIC_ACQ_REL);
    woken = __atomic_exchange_n(&domain->is_woken, false, __ATOMIC_ACQ_REL);
    domain_sweep(domain);
    if (asked) {
        domain_mend(domain, false, &outcome);
    }
    if (domain->current && !domain_is_dead(domain) && (woken || !asked)) {
        call_timer(stage, NULL, NULL);
        own_done(domain, domain_is_dead(domain));
        if (!woken) {
            spare_echo(domain, call_timer, NULL);
        }
    }
}

/* ---- Beginning and end ---------------------------------------------------- */

/* Frames get their key when the first domain needs it. */
static bool
tag_packets(const struct pool *pool, struct error *error)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool is_done;
    struct pool_view view;

    pool_view(pool, &view);
    pthread_mutex_lock(&lock);
    is_done = is_done || keys_tag(view.buffers, view.buffers_size,
                                  PROT_READ | PROT_WRITE, keys_packets(),
                                  error);
    pthread_mutex_unlock(&lock);
    return is_done;
}

static bool
prepare(struct domain *domain, struct error *error)
{
    const struct partition_place *place = domain->stage->place;

    domain->key = keys_take(error);
    if (!domain->key || !image_read(domain->stage->plugin, &domain->file,
                                    error)
        || !tag_packets(place->pool, error)) {
        return false;
    }
    for (uint32_t i = 0; i < place->n_workers; i++) {
        undo_create(&domain->undo[i], XVS_BURST,
                    domain->stage->plugin->extension.traits);
    }
    domain->rights[false] = keys_rights(domain->key, false);
    domain->rights[true] = keys_rights(domain->key, true);
    return true;
}

static bool
domain_init(struct stage *stage, struct outcome *outcome)
{
    struct domain *domain = mem_zalloc(sizeof *domain);
    struct resident *resident;
    struct error error;

    domain->stage = stage;
    pthread_mutex_init(&domain->lock, NULL);
    pthread_mutex_init(&domain->taking, NULL);
    roster_init(&domain->roster);
    (void) xvs_publish(stage->domain, domain);
    if (!prepare(domain, &error)) {
        outcome_fail(outcome, XVS_RESOURCES, &error);
        return false;
    }
    resident = resident_create(domain, outcome);
    if (resident) {
        /* A predecessor has it maybe, and may not be waited for. */
        resident->waits = false;
        domain_adopt(domain, resident);
        own_done(domain, false);
        (void) xvs_publish(domain->live, resident);
    }
    return resident;
}

/* No packet hook runs any more, and none that is dead is in use. */
static void
domain_fini(struct stage *stage)
{
    struct domain *domain = stage->domain;

    domain_settle(domain);
    domain_tell_faults(domain);
    (void) xvs_publish(domain->live, NULL);
    spare_end_all(domain);
    if (domain->current) {
        resident_enter(domain->current);
        resident_end(domain->current);
        domain->current = NULL;
        stage->hooks = NULL;
    }
    if (domain->failed_ms) {
        grace_drain();          /* nobody asks for anything any more */
        domain_sweep(domain);
    }
}

void
domain_destroy(struct domain *domain)
{
    if (!domain) {
        return;
    }
    keys_give(domain->key);
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        undo_destroy(&domain->undo[i]);
    }
    buffer_free(&domain->file);
    roster_destroy(&domain->roster);
    pthread_mutex_destroy(&domain->taking);
    pthread_mutex_destroy(&domain->lock);
    free(domain);
}

static void
domain_own(struct stage *stage)
{
    domain_settle(stage->domain);
    own_take(stage->domain);
}

const struct partition_calls partition_domain = {
    .init = domain_init,
    .fini = domain_fini,
    .state = domain_state,
    .port = domain_port,
    .setting = domain_setting,
    .status = domain_status,
    .method = domain_method,
    .timer = domain_timer,
    .own = domain_own,
};
