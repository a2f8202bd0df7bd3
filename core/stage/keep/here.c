/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See here.h.
 */

#include <config.h>

#include "stage/keep/here.h"

#include <sys/mman.h>
#include <xvs/keep.h>

#include "base/error.h"
#include "base/log.h"
#include "stage/keep/keep.h"
#include "stage/keep/log.h"
#include "stage/partition.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"

bool
here_get(struct stage *stage, uint64_t n, uint32_t version,
         struct error *error)
{
    const struct partition_place *place = stage->place;

    if (stage->kept) {
        return kept_is(stage->kept, n, version)
            || error_set(error, ERROR_INVALID, "it wants to keep something"
                         " else than before");
    }
    if (!place || !place->keeps) {
        return error_set(error, ERROR_LIMIT, "nothing is kept here");
    }
    (void) xvs_publish(stage->kept,
                       kept_create(place->keeps, stage->switch_id,
                                   &stage->plugin->extension.id, n, version,
                                   place->memory_limit / 2, error));
    return stage->kept;
}

int
here_keep(struct stage *stage, struct here *here, struct xvs_keep *keep,
          bool undone)
{
    struct error error;

    if (!keep || keep->size < sizeof *keep || here->keep) {
        return XVS_INVALID_PARAMETER;
    }
    if (!here_get(stage, keep->n, keep->version, &error)) {
        log_warning("%s on switch %s keeps nothing: %s", stage_name(stage),
                    stage->switch_name, error.text);
        return stage->kept ? XVS_INVALID_PARAMETER : XVS_RESOURCES;
    }
    kept_fill(stage->kept, keep);
    keep->logs = undone ? keep->logs : NULL;
    keep->shared = 1;
    keep->mine = &here->mine;
    here->keep = keep;
    if (keep->instance == 1) {
        here->mine = kept_own(stage->kept, NULL);
    }
    return XVS_SUCCESS;
}

int
here_try(const struct xvs_host *host, struct xvs_keep *keep)
{
    void *memory;

    (void) host;
    if (!keep || keep->size < sizeof *keep || keep->n == 0
        || keep->n > XVS_KEEP_LIMIT) {
        return XVS_INVALID_PARAMETER;
    }
    memory = mmap(NULL, keep->n, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return XVS_RESOURCES;
    }
    keep->bytes = memory;
    keep->before = NULL;
    keep->before_size = 0;
    keep->before_version = 0;
    keep->instance = 1;
    keep->mine = NULL;
    keep->logs = NULL;
    keep->shared = 1;
    return XVS_SUCCESS;
}

void
here_own(struct stage *stage)
{
    struct xvs_keep *keep = stage->here.keep;
    struct xvs_burst none;

    if (!keep || stage->here.mine || !kept_own(stage->kept, NULL)) {
        return;
    }
    if (keep->instance > 1 && keep->taken) {
        none.n = 0;
        none.lane = KEEP_LANE;
        keep->taken(stage->self, &none);
        keep_log_begin(kept_log(stage->kept, 1 + KEEP_LANE), KEEP_LOG_HOOK);
    }
    kept_converted(stage->kept);
    __atomic_store_n(&stage->here.mine, 1, __ATOMIC_RELEASE);
}

void
here_done(struct stage *stage)
{
    if (stage->here.keep && stage->here.mine) {
        keep_log_begin(kept_log(stage->kept, 0), KEEP_LOG_HOOK);
    }
}

void
here_state(struct stage *stage, bool is_active)
{
    if (!stage->here.keep) {
        return;
    }
    stage->owns = is_active;
    if (is_active) {
        here_own(stage);
    } else {
        __atomic_store_n(&stage->here.mine, 0, __ATOMIC_RELEASE);
        kept_leave(stage->kept, NULL);
    }
}
