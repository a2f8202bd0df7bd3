/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The objects of extensions and stages, made from the state.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "control/message.h"
#include "control/names.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"
#include "schema/repository.h"
#include "service/internal.h"
#include "service/view/cursor.h"
#include "service/view/objects.h"

/* ---- Extensions --------------------------------------------------------- */

static const char *const class_names[] = {
    "", "capture", "filter", "forward", "service",
};
static const char *const failure_names[] = { "", "open", "closed", "hold" };
static const char *const extension_states[] = {
    "absent", "installed", "missing", "failed",
};

/* Names of the classes that the plugin was built against. */
static void
fill_features(struct service *service, const struct extension *extension,
              struct instance *object)
{
    const char **names = mem_array(extension->n_features + 1, sizeof *names);
    char (*texts)[GUID_TEXT_SIZE] = mem_array(extension->n_features + 1,
                                              sizeof *texts);

    for (size_t i = 0; i < extension->n_features; i++) {
        const struct xvs_guid *uuid = &extension->features[i].uuid;
        struct cim_class *cls = repository_feature(service->repository, uuid);

        names[i] = cls ? cls->name : guid_format(uuid, texts[i]);
    }
    object_set_strings(object, "Features", names, extension->n_features);
    free(names);
    free(texts);
}

static void
fill_switches(struct service *service, const struct extension *extension,
              struct instance *object)
{
    const struct index *stages = &service->state.stages;
    const char **names = mem_array(stages->n + 1, sizeof *names);
    size_t n = 0;

    for (size_t i = 0; i < stages->n; i++) {
        const struct stage *stage = stages->items[i];

        if (stage->extension == extension) {
            names[n++] = stage->vswitch->name;
        }
    }
    object_set_strings(object, "Switches", names, n);
    free(names);
}

/* Whether it could run in a domain. */
static void
fill_scan(const struct extension *extension, struct instance *object)
{
    static const char *const results[] = { "unknown", "clean", "findings" };

    instance_set_string(object, "DomainScan", results[extension->scan]);
    if (extension->scan != SCAN_UNKNOWN) {
        instance_set_u64(object, "DomainFindings", extension->n_findings);
    }
    if (extension->finding && *extension->finding) {
        instance_set_string(object, "DomainFinding", extension->finding);
    }
}

static struct instance *
extension_object(struct cursor *cursor, const struct extension *extension)
{
    struct instance *object = object_create(cursor->service, "XVS_Extension");
    char text[GUID_TEXT_SIZE], version[16];

    snprintf(version, sizeof version, "%d.%d", extension->version >> 8,
             extension->version & 0xff);
    instance_set_string(object, "Name", extension->name);
    instance_set_string(object, "ElementName", extension->name);
    instance_set_string(object, "Description", extension->description);
    instance_set_string(object, "ExtensionId",
                        guid_format(&extension->id, text));
    instance_set_string(object, "File", extension->file);
    instance_set_string(object, "Vendor", extension->vendor);
    instance_set_string(object, "Version", version);
    instance_set_string(object, "ExtensionClass",
                        class_names[extension->extension_class]);
    instance_set_string(object, "OnFailure",
                        failure_names[extension->on_failure]);
    instance_set_string(object, "State", extension_states[extension->state]);
    object_set_strings(object, "DropReasons",
                       (const char *const *) extension->reasons,
                       extension->n_reasons);
    fill_scan(extension, object);
    fill_features(cursor->service, extension, object);
    fill_switches(cursor->service, extension, object);
    return object;
}

struct instance *
extensions_next(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    struct extension key = { .name = position->first };
    struct extension *extension =
        object_next_item(&cursor->service->state.extensions, &key, position);

    if (!extension) {
        return NULL;
    }
    object_keep_names(position, extension->name, "");
    return extension_object(cursor, extension);
}

struct instance *
extensions_get(struct cursor *cursor, const struct path *path)
{
    const char *name = path_key(path, "Name");
    struct extension *extension = name
        ? state_extension(&cursor->service->state, name) : NULL;

    return extension ? extension_object(cursor, extension) : NULL;
}

/* ---- Stages ------------------------------------------------------------- */

static const char *const stage_states[] = {
    "absent", "running", "stuck", "failed",
};

static const struct control_stage_counters *
stage_counters(const struct cursor *cursor, const struct stage *stage)
{
    const struct control_counters *all = object_counters(cursor);
    const char *at;

    if (!all) {
        return NULL;
    }
    at = control_after(all, sizeof *all);
    at += all->n_ports * sizeof(struct control_port_counters);
    for (uint32_t i = 0; i < all->n_stages; i++) {
        const struct control_stage_counters *one =
            (const struct control_stage_counters *) (const void *) at + i;

        if (one->switch_id == stage->vswitch->id
            && guid_equal(&one->extension, &stage->extension->id)) {
            return one;
        }
    }
    return NULL;
}

/* Reasons that have a name or were the cause of a drop. */
static void
fill_reasons(struct instance *object, const struct extension *extension,
             const struct control_stage_counters *counters)
{
    char numbers[CONTROL_REASONS][16];
    const char *names[CONTROL_REASONS];
    uint64_t counts[CONTROL_REASONS];
    size_t n = 0;

    for (uint32_t i = 0; i < CONTROL_REASONS; i++) {
        const char *name = i < extension->n_reasons ? extension->reasons[i]
                                                    : "";

        if (!*name && counters->reasons[i] == 0) {
            continue;
        }
        snprintf(numbers[i], sizeof numbers[i],
                 i < XVS_REASONS ? "%u" : "others", i);
        names[n] = *name ? name : numbers[i];
        counts[n++] = counters->reasons[i];
    }
    object_set_strings(object, "DropReasons", names, n);
    object_set_numbers(object, "DropCounts", counts, n);
}

/* The names between the commas. */
static void
fill_missing(struct instance *object, const struct control_health *health)
{
    const char *names[CONTROL_MISSING];
    char text[CONTROL_MISSING];
    char *rest = NULL;
    size_t n = 0;

    memcpy(text, health->missing, sizeof text);
    for (char *name = strtok_r(text, ",", &rest); name;
         name = strtok_r(NULL, ",", &rest)) {
        names[n++] = name + strspn(name, " ");
    }
    object_set_strings(object, "MissingProtections", names, n);
}

/* What its extension keeps. */
static void
fill_kept(struct instance *object, const struct control_health *health)
{
    struct value since = { .type = CIM_DATETIME };

    if (!health->kept) {
        return;
    }
    since.t = mem_zalloc(sizeof *since.t);
    since.t->microseconds = health->kept_since;
    instance_set_u64(object, "KeptBytes", health->kept);
    instance_set(object, "KeptSince", since, NULL);
    instance_set_u64(object, "KeptHandovers", health->kept_handovers);
    instance_set_u64(object, "KeptUndone", health->kept_undone);
}

static const char *const standby_states[STANDBY_END] = {
    [STANDBY_PRESENT] = "present",
    [STANDBY_STARTING] = "starting",
    [STANDBY_ABSENT] = "absent",
};

/* Where it is, and how its process does. */
static void
fill_health(struct instance *object, const struct control_health *health)
{
    instance_set_string(object, "Partition",
                        control_partition_name(health->partition));
    instance_set_u64(object, "ProcessId", health->pid);
    fill_kept(object, health);
    if (health->partition == PARTITION_INLINE) {
        return;
    }
    if (health->standby != STANDBY_NONE) {
        instance_set_string(object, "StandbyState",
                            standby_states[health->standby]);
        instance_set_u64(object, "StandbyProcessId", health->standby_pid);
    }
    instance_set_u64(object, "Restarts", health->restarts);
    if (*health->failure) {
        instance_set_string(object, "LastFailure", health->failure);
    }
    fill_missing(object, health);
    instance_set_u64(object, "CpuTime", health->cpu_time);
    instance_set_u64(object, "MemoryBytes", health->memory);
    instance_set_u64(object, "Lost", health->lost);
    instance_set_u64(object, "Replayed", health->replayed);
    instance_set_u64(object, "Quarantined", health->poison);
}

static void
fill_stage_counters(struct instance *object, const struct stage *stage,
                    const struct control_stage_counters *counters)
{
    instance_set_u64(object, "Packets", counters->packets);
    instance_set_u64(object, "Bytes", counters->bytes);
    instance_set_u64(object, "Drops", counters->drops);
    instance_set_u64(object, "Broken", counters->broken);
    fill_reasons(object, stage->extension, counters);
    instance_set_u64(object, "Bursts", counters->bursts);
    instance_set_u64(object, "HookTime", counters->time);
    instance_set_u64(object, "OverTime", counters->over_time);
    if (counters->packets) {
        struct value cost = value_null(CIM_REAL32, false);

        cost.is_null = false;
        cost.r = (float) ((double) counters->time
                          / (double) counters->packets);
        instance_set(object, "PacketCost", cost, NULL);
    }
    instance_set_u64(object, "Diverted", counters->diverted);
    instance_set(object, "Away", value_boolean(counters->away != 0), NULL);
    instance_set_u64(object, "Requests", counters->requests);
    instance_set_u64(object, "Refusals", counters->refusals);
    instance_set_u64(object, "Timeouts", counters->timeouts);
    fill_health(object, &counters->health);
}

static struct instance *
stage_object(struct cursor *cursor, const struct stage *stage)
{
    struct instance *object = object_create(cursor->service, "XVS_Stage");
    const struct control_stage_counters *counters =
        stage_counters(cursor, stage);
    unsigned int state = stage->state;

    instance_set_string(object, "SwitchName", stage->vswitch->name);
    instance_set_string(object, "ExtensionName", stage->extension->name);
    instance_set_u64(object, "Position", state_stage_position(stage));
    instance_set_string(object, "Partition",
                        control_partition_name(stage->partition));
    if (state_stage_first(stage)) {
        instance_set_string(object, "Partner",
                            state_stage_first(stage)->extension->name);
        instance_set_string(object, "Sharing",
                            control_sharing_name(stage->sharing));
    }
    instance_set_u64(object, "TimeShare", stage->time_share);
    if (counters) {
        state = counters->state <= STAGE_FAILED ? counters->state : state;
        fill_stage_counters(object, stage, counters);
    }
    if (cursor->service->peer_state == PEER_ABSENT) {
        state = STAGE_ABSENT;
    }
    instance_set_string(object, "State", stage_states[state]);
    return object;
}

static struct stage *
next_stage(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    struct vswitch vswitch = { .name = position->first };
    struct extension extension = { .name = position->second };
    struct stage key = { .vswitch = &vswitch, .extension = &extension };
    struct stage *stage = object_next_item(&cursor->service->state.stages,
                                           &key, position);

    if (stage) {
        object_keep_names(position, stage->vswitch->name,
                          stage->extension->name);
    }
    return stage;
}

struct instance *
stages_next(struct cursor *cursor)
{
    struct stage *stage = next_stage(cursor);

    return stage ? stage_object(cursor, stage) : NULL;
}

struct instance *
stages_get(struct cursor *cursor, const struct path *path)
{
    const char *switch_name = path_key(path, "SwitchName");
    const char *name = path_key(path, "ExtensionName");
    struct stage *stage = switch_name && name
        ? state_stage(&cursor->service->state, switch_name, name) : NULL;

    return stage ? stage_object(cursor, stage) : NULL;
}
