/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The schema against what the plugin was compiled with.
 */

#include <config.h>

#include "exttest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/text.h"
#include "marshal/call.h"
#include "marshal/layout.h"
#include "rig.h"
#include "stage/plugin/plugin.h"
#include "subject.h"

static const struct subject_feature *
find_class(const struct subject *subject, const struct xvs_guid *uuid)
{
    for (uint32_t i = 0; i < subject->n_features; i++) {
        if (guid_equal(&subject->features[i].feature.uuid, uuid)) {
            return &subject->features[i];
        }
    }
    return NULL;
}

/* Every class that the plugin was compiled with is in the schema. */
static void
test_classes(struct trial *trial)
{
    const struct xvs_extension *extension =
        &rig_plugin(trial->rig)->extension;
    char text[GUID_TEXT_SIZE];

    for (uint32_t i = 0; i < extension->n_features; i++) {
        if (!find_class(trial->subject, &extension->features[i].uuid)) {
            trial_fail(trial, "no schema was given that has the class with"
                       " UUID %s, which the plugin was compiled with",
                       guid_format(&extension->features[i].uuid, text));
        }
    }
    trial_note(trial, "%u classes", extension->n_features);
}

static void
compare(struct trial *trial, const struct subject_feature *ours,
        const struct xvs_feature *theirs)
{
    const struct layout *layout = ours->layout;
    const char *name = ours->cls->name;

    if (theirs->hash != layout->hash) {
        trial_fail(trial, "%s: the plugin was compiled with another text of"
                   " the class; make the header anew with xvs-mofc header"
                   " and compile", name);
    }
    if (theirs->size != layout->parts[0].size) {
        trial_fail(trial, "%s: its struct has %u bytes here and %u in the"
                   " plugin", name, layout->parts[0].size, theirs->size);
    }
    if (theirs->version != ours->feature.version) {
        trial_fail(trial, "%s: version %u.%u in the schema, %u.%u in the"
                   " plugin", name, ours->feature.version >> 8,
                   ours->feature.version & 0xff, theirs->version >> 8,
                   theirs->version & 0xff);
    }
}

static void
test_hash(struct trial *trial)
{
    const struct xvs_extension *extension =
        &rig_plugin(trial->rig)->extension;

    for (uint32_t i = 0; i < extension->n_features; i++) {
        const struct xvs_feature *theirs = &extension->features[i];
        const struct subject_feature *ours =
            find_class(trial->subject, &theirs->uuid);

        if (ours) {
            compare(trial, ours, theirs);
        }
    }
}

/* And back: every class of the extension is known to the plugin. */
static void
test_owner(struct trial *trial)
{
    const struct plugin *plugin = rig_plugin(trial->rig);
    const struct subject *subject = trial->subject;

    for (uint32_t i = 0; i < subject->n_features; i++) {
        const struct subject_feature *ours = &subject->features[i];

        if (guid_equal(&ours->feature.extension, &trial->rig->id)
            ? !plugin_feature(plugin, &ours->feature.uuid)
            : plugin_feature(plugin, &ours->feature.uuid) != NULL) {
            trial_fail(trial, "%s: its ExtensionId and the features of the"
                       " plugin do not agree whose it is", ours->cls->name);
        }
    }
}

/* The layouts of a method's parameters; false after a failure. */
static bool
check_method(struct trial *trial, const struct subject_feature *feature,
             const struct method *method)
{
    const struct xvs_method *theirs =
        plugin_method(rig_plugin(trial->rig), &feature->feature.uuid,
                      method->name);
    void *schema = (void *) (uintptr_t) trial->subject;
    struct layout *in, *out = NULL;
    struct error error;
    bool good;

    if (!theirs) {
        return trial_fail(trial, "%s.%s: the plugin has no function for it"
                          " in 'methods'", feature->cls->name, method->name);
    }
    in = layout_of_parameters(method, false, subject_class, schema, &error);
    if (in) {
        out = layout_of_parameters(method, true, subject_class, schema,
                                   &error);
    }
    good = out && call_check(theirs->signature, in, out, &error);
    layout_destroy(in);
    layout_destroy(out);
    return good
        || trial_fail(trial, "%s.%s: the function does not fit: %s",
                      feature->cls->name, method->name, error.text);
}

static void
test_methods(struct trial *trial)
{
    const struct subject *subject = trial->subject;
    uint32_t n = 0;

    for (uint32_t i = 0; i < subject->n_features; i++) {
        const struct subject_feature *feature = &subject->features[i];

        if (!guid_equal(&feature->feature.extension, &trial->rig->id)) {
            continue;
        }
        for (uint32_t j = 0; j < feature->cls->n_methods; j++) {
            check_method(trial, feature, &feature->cls->methods[j]);
            n++;
        }
    }
    if (n != rig_plugin(trial->rig)->extension.n_methods) {
        trial_fail(trial, "the plugin has %u methods, its schema %u",
                   rig_plugin(trial->rig)->extension.n_methods, n);
    }
    trial_note(trial, "%u methods", n);
}

static const struct test tests[] = {
    SLOW("schema.classes", "Without its class a setting of the plugin can be"
      " made by nobody.", test_classes, NEEDS_PLUGIN, 0),
    TEST("schema.hash", "A plugin that was compiled with another text of a"
      " class would read members at wrong places.", test_hash, NEEDS_PLUGIN),
    TEST("schema.owner", "ExtensionId sends objects to the plugin, which must"
      " know their class.", test_owner, NEEDS_PLUGIN),
    TEST("schema.methods", "Methods are called by the signature that the schema"
      " gives.", test_methods, NEEDS_PLUGIN),
};

GROUP(schema, "the schema and what the plugin was compiled with", tests);
