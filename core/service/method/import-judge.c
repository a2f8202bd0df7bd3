/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whether this host can take an exported configuration.  Everything that
 * stands against it is told, and not only the first thing.
 */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "control/names.h"
#include "object/instance.h"
#include "schema/class.h"
#include "schema/feature.h"
#include "schema/repository.h"
#include "service/change/change.h"
#include "service/internal.h"
#include "service/method/host-methods.h"
#include "service/settings.h"

/* Two states, and whom to tell. */
struct judge {
    struct service *service;        /* of the host as it is */
    const struct state *wanted;     /* what the text describes */
    void (*tell)(void *arg, const char *problem);
    void *arg;                      /* for tell */
};

static void problem(const struct judge *judge, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
problem(const struct judge *judge, const char *format, ...)
{
    char text[600];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    judge->tell(judge->arg, text);
}

static void
judge_extension(const struct judge *judge, const struct extension *wanted)
{
    const struct extension *have =
        state_extension_by_id(&judge->service->state, &wanted->id);
    char id[GUID_TEXT_SIZE];

    if (!have) {
        problem(judge, "extension %s %u.%u (%s) is not installed",
                wanted->name, wanted->version >> 8, wanted->version & 0xff,
                guid_format(&wanted->id, id));
    } else if (have->version >> 8 != wanted->version >> 8
               || have->version < wanted->version) {
        problem(judge, "extension %s is version %u.%u, and %u.%u is needed",
                have->name, have->version >> 8, have->version & 0xff,
                wanted->version >> 8, wanted->version & 0xff);
    } else if (have->state != EXTENSION_INSTALLED) {
        problem(judge, "extension %s is installed, but cannot be loaded",
                have->name);
    }
}

/* The classes that the exporting host's plugins knew. */
static void
judge_feature(const struct judge *judge, const struct extension *wanted,
              const struct xvs_feature *known)
{
    struct repository *repository = judge->service->repository;
    struct cim_class *cls = repository_feature(repository, &known->uuid);
    struct feature feature;

    if (!cls || !feature_of_class(cls, &feature, NULL)
        || settings_count(judge->wanted, &known->uuid, NULL) == 0) {
        return;
    }
    if (feature.version >> 8 != known->version >> 8
        || feature.version < known->version) {
        problem(judge, "class %s is version %u.%u, and %u.%u is needed",
                cls->name, feature.version >> 8, feature.version & 0xff,
                known->version >> 8, known->version & 0xff);
    } else if (feature.version == known->version
               && class_hash(cls) != known->hash) {
        problem(judge, "class %s has other properties here than where the "
                "text was made (extension %s)", cls->name, wanted->name);
    }
}

/* A stage shares the place of the one right before it. */
static void
judge_partners(const struct judge *judge, const struct vswitch *vswitch)
{
    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const struct stage *stage = vswitch->chain[i];
        const struct stage *before = i ? vswitch->chain[i - 1] : NULL;

        if (stage->sharing
            && (!before || before->sharing
                || state_stage_first(stage) != before
                || before->extension->extension_class
                   != stage->extension->extension_class)) {
            problem(judge, "extension %s of switch %s shares the place of one "
                    "that is not right before it, of the same class, with a "
                    "place of its own", stage->extension->name,
                    vswitch->name);
        }
    }
}

static void
judge_switches(const struct judge *judge)
{
    const struct state *state = &judge->service->state;

    for (size_t i = 0; i < judge->wanted->switches.n; i++) {
        const struct vswitch *vswitch = judge->wanted->switches.items[i];

        if (!state_name_valid(vswitch->name)) {
            problem(judge, "'%s' is no name for a switch", vswitch->name);
        } else if (state_switch(state, vswitch->name)) {
            problem(judge, "switch %s is there already", vswitch->name);
        }
        judge_partners(judge, vswitch);
    }
}

/* A port enters at an extension of its switch. */
static void
judge_ports(const struct judge *judge)
{
    for (size_t i = 0; i < judge->wanted->ports.n; i++) {
        const struct vport *port = judge->wanted->ports.items[i];
        char id[GUID_TEXT_SIZE];

        if (!guid_is_zero(&port->entry)
            && !guid_equal(&port->entry, &control_entry_network)
            && !state_stage_of(port->vswitch, &port->entry)) {
            problem(judge, "port %s of switch %s enters the chain at "
                    "extension %s, which is not enabled there", port->name,
                    port->vswitch->name, guid_format(&port->entry, id));
        }
    }
}

/* A setting that its own extension could not take here. */
static void
judge_setting_version(void *arg, struct setting *setting)
{
    const struct judge *judge = arg;
    const struct cim_class *cls = setting->held->instance->cls;
    const struct extension *have =
        state_extension_by_id(&judge->service->state, &setting->extension);
    struct feature feature;
    struct error error;

    if (!instance_check(setting->held->instance, &error)) {
        problem(judge, "a setting of class %s: %s", cls->name, error.text);
    }
    if (have && feature_of_class(cls, &feature, NULL)
        && !extension_accepts(have, cls, &feature, &error)) {
        problem(judge, "%s", error.text);
    }
}

void
import_judge(struct service *service, const struct state *wanted,
             void (*tell)(void *arg, const char *problem), void *arg)
{
    struct judge judge = { service, wanted, tell, arg };
    const struct index *extensions = &wanted->extensions;

    judge_switches(&judge);
    judge_ports(&judge);
    for (size_t i = 0; i < extensions->n; i++) {
        const struct extension *one = extensions->items[i];

        judge_extension(&judge, one);
        for (size_t j = 0; j < one->n_features; j++) {
            judge_feature(&judge, one, &one->features[j]);
        }
    }
    settings_each(wanted, NULL, NULL, judge_setting_version, &judge);
}
