/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl feature: settings of extensions.
 */

#include <config.h>

#include <stdlib.h>

#include "client/command.h"
#include "client/noun/feature.h"
#include "client/objects.h"
#include "client/place.h"
#include "client/run.h"
#include "client/settings.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"

#define BASE "XVS_FeatureSettings"

/* The object to start from: that of the file, or the class's defaults. */
static struct instance *
start_object(struct run *run, struct cim_class *cls)
{
    const char *file = run_option(run, "file");
    struct instance **list, *instance;
    size_t n;

    if (!file) {
        return instance_create(cls);
    }
    if (!settings_read(run, file, cls, &list, &n)) {
        return NULL;
    }
    if (n != 1) {
        settings_free(list, n);
        error_set(&run->error, ERROR_INVALID,
                  "%s has %zu objects in it; expected one", file, n);
        error_hint(&run->error, "feature apply takes several");
        return NULL;
    }
    instance = list[0];
    free(list);
    if (!class_is_a(instance->cls, cls->name)) {
        error_set(&run->error, ERROR_INVALID, "%s has an object of %s, not "
                  "of %s", file, instance->cls->name, cls->name);
        instance_destroy(instance);
        return NULL;
    }
    return instance;
}

/* The object that CLASS PLACE Name=value... or -f FILE describe. */
static struct instance *
described_object(struct run *run)
{
    struct cim_class *cls;
    struct instance *instance;
    struct place place;

    if (!place_parse(run_word(run, 1), &place, &run->error)) {
        run->usage = true;
        return NULL;
    }
    cls = run_class(run, run_word(run, 0));
    if (!cls) {
        return NULL;
    }
    if (!class_is_a(cls, BASE)) {
        error_set(&run->error, ERROR_INVALID, "%s is no setting", cls->name);
        error_hint(&run->error, "class list --base " BASE " lists the "
                   "classes of settings");
        return NULL;
    }
    if (!place_fits(&place, cls, true, &run->error)) {
        return NULL;
    }
    instance = start_object(run, cls);
    if (!instance) {
        return NULL;
    }
    place_assign(&place, instance);
    if (!words_assign(instance, run->args.words + 2, run->args.n_words - 2,
                      cim_client_lookup, run_client(run), NULL,
                      &run->error)) {
        instance_destroy(instance);
        return NULL;
    }
    return instance;
}

static bool
add(struct run *run)
{
    struct instance *instance = described_object(run);
    struct path *path = NULL;
    const char *id;

    if (!instance || !objects_create(run, instance, &path)) {
        return false;
    }
    id = path ? path_key(path, "InstanceID") : NULL;
    run_result(run, id ? id : "", "%s added", id ? id : "setting");
    path_destroy(path);
    return true;
}

static bool
validate(struct run *run)
{
    struct instance *instance = described_object(run);
    bool done = instance && settings_apply(run, &instance, 1, true, NULL);

    instance_destroy(instance);
    if (done) {
        run_say(run, "%s would be accepted", run_word(run, 0));
    }
    return done;
}

static bool
get(struct run *run)
{
    struct cim_class *cls;
    struct place place;

    if (!settings_scope(run, 0, &cls, &place)) {
        return false;
    }
    return feature_list(run, BASE, cls, &place, "InstanceID");
}

static const struct option add_options[] = {
    { "file", 'f', "FILE", "object as MOF, CIM-XML or JSON; - is standard "
      "input", WORD_FILE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option apply_options[] = {
    { "file", 'f', "FILE", "objects as MOF, CIM-XML or JSON; - is standard "
      "input", WORD_FILE },
    { "validate", 0, NULL, "only ask whether they would be accepted",
      WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option form_options[] = {
    { "mof", 0, NULL, "answer as MOF", WORD_NONE },
    { "xml", 0, NULL, "answer as CIM-XML", WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command feature_commands[] = {
    { "template", "CLASS", "Shows a setting with its defaults, to edit.",
      form_options, { WORD_SETTING_CLASS }, 1, 1, feature_template },
    { "add", "CLASS SWITCH[/PORT] [Name=value...]",
      "Adds a setting, which its extension must accept.", add_options,
      { WORD_SETTING_CLASS, WORD_PLACE, WORD_ASSIGNMENT }, 2, ANY_NUMBER,
      add },
    { "set", "ID|CLASS SWITCH[/PORT] Name=value...",
      "Changes a setting that is there.", NULL,
      { WORD_SETTING_CLASS, WORD_PLACE, WORD_ASSIGNMENT }, 2, ANY_NUMBER,
      feature_set },
    { "get", "[CLASS] [SWITCH[/PORT]]", "Shows settings.", form_options,
      { WORD_SETTING_CLASS, WORD_PLACE }, 0, 2, get },
    { "remove", "ID...", "Removes settings: all that are named, or none.",
      NULL, { WORD_FREE }, 1, ANY_NUMBER, feature_remove },
    { "validate", "CLASS SWITCH[/PORT] [Name=value...]",
      "Asks whether a setting would be accepted; changes nothing.",
      add_options, { WORD_SETTING_CLASS, WORD_PLACE, WORD_ASSIGNMENT }, 2,
      ANY_NUMBER, validate },
    { "apply", "-f FILE", "Applies several settings: all or none.",
      apply_options, { WORD_NONE }, 0, 0, feature_apply },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
