/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Control hooks of a stage in a domain, which are functions as those of an
 * inline one, and what its control thread does after a fault: the dead
 * resident goes, and another one is told what that one knew.
 */

#include <config.h>

#include "stage/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "packet/pool.h"
#include "stage/deliver.h"
#include "stage/domain/domain-inside.h"
#include "stage/domain/domain.h"
#include "stage/domain/heap.h"
#include "stage/domain/keys.h"
#include "stage/host.h"
#include "stage/inforce.h"
#include "stage/plugin.h"

#define RETRY_MS 100u           /* after too many faults; then doubled */
#define SLOWEST_MS 10000u
#define FORGIVE_MS 1000u        /* a failure is forgotten in that time */

/* ---- Telling -------------------------------------------------------------- */

struct said {
    struct stage *stage;
    char text[CONTROL_TEXT];
};

static void
say(void *arg)
{
    struct said *said = arg;
    struct stage *stage = said->stage;

    stage->owner->event(stage->owner_arg, stage, EVENT_FAILED, XVS_LOG_ERROR,
                        said->text);
    free(said);
}

/* What a worker noted; the end of the stage is posted after this. */
static void
tell_fault(struct domain *domain)
{
    struct said *said = NULL;

    pthread_mutex_lock(&domain->lock);
    if (domain->is_untold) {
        domain->is_untold = false;
        said = mem_zalloc(sizeof *said);
        said->stage = domain->stage;
        snprintf(said->text, sizeof said->text, "%s: %s; the %u packets that"
                 " it had %s, and it begins anew",
                 stage_name(domain->stage), domain->what, domain->n_burst,
                 domain->is_lost ? "are dropped" : "are put back and go on");
        memcpy(domain->failure, said->text, sizeof domain->failure);
        domain->restarts++;
    }
    pthread_mutex_unlock(&domain->lock);
    if (said) {
        loop_post(domain->stage->loop, say, said);
    }
}

/* ---- The next resident ---------------------------------------------------- */

static void
grace_over(struct grace_call *call)
{
    struct resident *resident = (struct resident *) (void *) call;

    __atomic_store_n(&resident->is_past, true, __ATOMIC_RELEASE);
}

_Static_assert(offsetof(struct resident, grace) == 0, "grace_over() casts");

/* Frees dead residents in which no worker is. */
static void
sweep(struct domain *domain)
{
    struct resident **at = &domain->gone;

    while (*at) {
        struct resident *one = *at;

        if (__atomic_load_n(&one->is_past, __ATOMIC_ACQUIRE)) {
            *at = one->next;
            resident_end(one);
        } else {
            at = &one->next;
        }
    }
}

static void
note_failure(struct domain *domain)
{
    uint64_t now = loop_now_ms();
    uint64_t forgiven = (now - domain->failed_ms) / FORGIVE_MS;
    uint32_t at_once = domain->stage->place->n_restarts, more;
    uint64_t delay = 0;

    domain->n_failures = forgiven < domain->n_failures
        ? domain->n_failures - (uint32_t) forgiven + 1 : 1;
    domain->failed_ms = now;
    if (domain->n_failures > at_once) {
        more = domain->n_failures - at_once;
        delay = more > 6 ? SLOWEST_MS : RETRY_MS << more;
    }
    __atomic_store_n(&domain->again_ms, now + delay, __ATOMIC_RELAXED);
}

/* The dead one is no more what control hooks are called in. */
static void
bury(struct domain *domain)
{
    struct resident *dead = domain->current;

    domain->current = NULL;
    domain->stage->hooks = NULL;
    heap_use(NULL);
    note_failure(domain);
    dead->next = domain->gone;
    domain->gone = dead;
    grace_defer(&dead->grace, grace_over);
}

static bool
insist(struct domain *domain, const char *what, int result,
       struct outcome *outcome)
{
    outcome_judge(outcome, domain->stage, what, result);
    return outcome->result == XVS_SUCCESS;
}

/* All that others were told. */
static bool
tell_all(struct domain *domain, struct outcome *outcome)
{
    struct stage *stage = domain->stage;
    const struct roster *roster = &domain->roster;
    struct xvs_answer answer = { .stage = stage, .outcome = outcome };

    for (uint32_t i = 0; i < roster->n_ports; i++) {
        const struct roster_port *one = &roster->ports[i];

        if (!insist(domain, "PORT_CREATE",
                    deliver_port(stage, XVS_PORT_CREATED, &one->port),
                    outcome)
            || (one->connected
                && !insist(domain, "NIC_CONNECT",
                           deliver_port(stage, XVS_PORT_CONNECTED,
                                        &one->port), outcome))) {
            return false;
        }
    }
    for (const struct setting *one = inforce_first(roster->settings); one;
         one = one->next) {
        if (!insist(domain, "ADD",
                    deliver_setting(stage, &one->head, one->block, &answer),
                    outcome)) {
            return false;
        }
    }
    return !roster->active || !stage->hooks->state
        || insist(domain, "activate",
                  stage->hooks->state(stage->self, XVS_ACTIVATE), outcome);
}

static void
adopt(struct domain *domain, struct resident *resident)
{
    domain->current = resident;
    domain->stage->hooks = &resident->image.extension;
    domain->stage->self = resident->self;
}

/* Makes the one that is lacking. */
static void
renew(struct domain *domain, struct outcome *outcome)
{
    struct resident *resident = resident_create(domain, outcome);

    if (resident) {
        adopt(domain, resident);
        if (tell_all(domain, outcome)) {
            (void) xvs_publish(domain->live, resident);
            log_info("%s on switch %s has begun anew in its domain",
                     stage_name(domain->stage), domain->stage->switch_name);
            return;
        }
        domain->current = NULL;
        domain->stage->hooks = NULL;
        resident_end(resident);
    }
    note_failure(domain);
    log_warning("%s on switch %s does not begin anew in its domain: %s",
                stage_name(domain->stage), domain->stage->switch_name,
                outcome->text);
}

static bool
is_dead(const struct domain *domain)
{
    return domain->current
        && __atomic_load_n(&domain->current->is_dead, __ATOMIC_ACQUIRE);
}

/* After a fault: tells of it, and makes another resident when 'now' or when
 * it is time. */
static void
mend(struct domain *domain, bool now, struct outcome *outcome)
{
    if (is_dead(domain)) {
        bury(domain);
    }
    tell_fault(domain);
    if (!domain->current
        && (now || loop_now_ms() >= __atomic_load_n(&domain->again_ms,
                                                    __ATOMIC_RELAXED))) {
        renew(domain, outcome);
    }
}

/* Before a hook: whether there is something to call it in. */
static bool
is_ready(struct stage *stage, struct outcome *outcome)
{
    struct domain *domain = stage->domain;
    struct outcome own = { 0 };

    sweep(domain);
    if (!domain->current || is_dead(domain)) {
        mend(domain, true, &own);
    }
    if (!domain->current) {
        outcome_set(outcome, XVS_PROVIDER_FAILED, "%s failed and does not"
                    " begin anew: %.300s", stage_name(stage), own.text);
    }
    return domain->current;
}

static bool
answer_ready(struct stage *stage, struct xvs_answer *answer)
{
    bool good = is_ready(stage, answer->outcome);

    answer->broken |= !good;
    return good;
}

/* ---- Hooks ---------------------------------------------------------------- */

static int
domain_state(struct stage *stage, enum xvs_state state,
             struct xvs_answer *answer)
{
    int result = XVS_SUCCESS;

    if (!answer_ready(stage, answer)) {
        return XVS_PROVIDER_FAILED;
    }
    if (stage->hooks->state) {
        result = stage->hooks->state(stage->self, state);
    }
    if (result == XVS_SUCCESS) {
        stage->domain->roster.active = state == XVS_ACTIVATE;
    }
    return result;
}

static int
domain_port(struct stage *stage, enum xvs_port_event event,
            const struct xvs_port *port, struct xvs_answer *answer)
{
    int result = answer_ready(stage, answer)
        ? deliver_port(stage, event, port) : XVS_PROVIDER_FAILED;

    if (result == XVS_SUCCESS || event == XVS_PORT_DELETED) {
        roster_port(&stage->domain->roster, event, port);
    }
    return result;
}

static int
domain_setting(struct stage *stage, const struct control_setting *head,
               const void *block, struct xvs_answer *answer)
{
    int result = answer_ready(stage, answer)
        ? deliver_setting(stage, head, block, answer) : XVS_PROVIDER_FAILED;

    if (result == XVS_SUCCESS) {
        roster_setting(&stage->domain->roster, head, block);
    }
    return result;
}

static int
domain_status(struct stage *stage, const struct control_status *status,
              const struct feature_layout *layout, struct xvs_answer *answer)
{
    return answer_ready(stage, answer)
        ? deliver_status(stage, status, layout->empty.data, answer)
        : XVS_PROVIDER_FAILED;
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

static void
domain_method(struct stage *stage, const struct control_method *call,
              const struct xvs_method *method, const struct buffer *block,
              const struct layout *in, const struct layout *out,
              struct xvs_answer *answer)
{
    if (answer_ready(stage, answer)) {
        deliver_method(stage, call, find_method(stage, method), block, in,
                       out, answer);
    }
}

/* Also the way in which workers ask for another resident. */
static void
domain_timer(struct stage *stage)
{
    struct domain *domain = stage->domain;
    struct outcome outcome = { 0 };

    sweep(domain);
    if (__atomic_exchange_n(&domain->is_asked, false, __ATOMIC_ACQ_REL)) {
        mend(domain, false, &outcome);
    } else if (domain->current && !is_dead(domain) && stage->hooks->timer) {
        stage->hooks->timer(stage->self);
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
        domain->undo[i] = mem_alloc(XVS_BURST * DOMAIN_UNDO);
    }
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
    roster_init(&domain->roster);
    (void) xvs_publish(stage->domain, domain);
    if (!prepare(domain, &error)) {
        outcome_fail(outcome, XVS_RESOURCES, &error);
        return false;
    }
    resident = resident_create(domain, outcome);
    if (resident) {
        adopt(domain, resident);
        (void) xvs_publish(domain->live, resident);
    }
    return resident;
}

/* No packet hook runs any more, and none that is dead is in use. */
static void
domain_fini(struct stage *stage)
{
    struct domain *domain = stage->domain;

    if (is_dead(domain)) {
        bury(domain);
        tell_fault(domain);
    }
    (void) xvs_publish(domain->live, NULL);
    if (domain->current) {
        resident_end(domain->current);
        domain->current = NULL;
        stage->hooks = NULL;
    }
    if (domain->gone) {
        grace_drain();
        sweep(domain);
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
        free(domain->undo[i]);
    }
    buffer_free(&domain->file);
    roster_destroy(&domain->roster);
    pthread_mutex_destroy(&domain->lock);
    free(domain);
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
};
