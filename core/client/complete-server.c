/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Names from the server: switches, ports, extensions, classes, properties
 * with their values, methods.
 */

#include <config.h>

#include "client/complete-server.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "client/command.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "control/names.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/class.h"

/* What of which paths is offered. */
struct wanted {
    struct completion *completion;
    const char *key;            /* the key that is offered */
    const char *switch_name;    /* only ports of it, or NULL */
    bool as_place;              /* SWITCH/PORT */
};

static bool
take_path(void *arg, const struct path *path, struct error *error)
{
    const struct wanted *wanted = arg;
    const char *name = path_key(path, wanted->key);
    const char *switch_name = path_key(path, "SwitchName");

    (void) error;
    if (!name
        || (wanted->switch_name
            && (!switch_name
                || strcmp(switch_name, wanted->switch_name) != 0))) {
        return true;
    }
    if (wanted->as_place && switch_name) {
        MEM_AUTO char *place = mem_printf("%s/%s", switch_name, name);

        completion_offer(wanted->completion, place);
    } else {
        completion_offer(wanted->completion, name);
    }
    return true;
}

/* Extensions that are enabled on the switch that the line names. */
static void
offer_stages(struct completion *completion)
{
    struct wanted wanted = { completion, "ExtensionName",
                             run_word(&completion->run, 0), false };

    cim_client_paths(run_client(&completion->run), "XVS_Stage", take_path,
                     &wanted, &completion->run.error);
}

static void
offer_objects(struct completion *completion, const char *class_name,
              const char *switch_name, bool as_place)
{
    struct wanted wanted = { completion, "Name", switch_name, as_place };

    cim_client_paths(run_client(&completion->run), class_name, take_path,
                     &wanted, &completion->run.error);
}

static bool
take_class(void *arg, const char *name, struct error *error)
{
    (void) error;
    completion_offer(arg, name);
    return true;
}

static bool
take_concrete(void *arg, const char *name, struct error *error)
{
    struct completion *completion = arg;
    const struct cim_class *cls =
        cim_client_lookup(run_client(&completion->run), name);

    (void) error;
    if (cls && !cls->is_abstract) {
        completion_offer(completion, name);
    }
    return true;
}

static void
offer_classes(struct completion *completion, const char *base)
{
    cim_client_class_names(run_client(&completion->run), base,
                           base ? take_concrete : take_class, completion,
                           &completion->run.error);
}

/* The class that an earlier word of the line names, or NULL. */
static struct cim_class *
class_of_line(struct completion *completion)
{
    const char *word = run_word(&completion->run, 0);
    MEM_AUTO char *name = word ? mem_strndup(word, strcspn(word, "."))
                               : NULL;

    return name ? cim_client_lookup(run_client(&completion->run), name)
                : NULL;
}

/* "Name=" for each name that begins so, "Name=value" for the values. */
static void
offer_target(struct completion *completion, const struct target *target)
{
    BUFFER_AUTO struct buffer choices = BUFFER_INIT;
    MEM_AUTO char *assign = mem_printf("%s=", target->name);
    size_t length = strlen(assign);
    char *rest = NULL;

    if (strncasecmp(completion->start, assign, length) != 0) {
        completion_offer(completion, assign);
        return;
    }
    if (target->type == CIM_BOOLEAN) {
        buffer_puts(&choices, "true,false");
    } else {
        words_choices(target, &choices);
    }
    for (char *choice = strtok_r(buffer_string(&choices), ",", &rest);
         choice; choice = strtok_r(NULL, ",", &rest)) {
        MEM_AUTO char *text = mem_printf("%s%s", assign, choice);

        completion_offer(completion, text);
    }
}

static void
offer_parameters(struct completion *completion, const struct cim_class *cls)
{
    const char *name = run_word(&completion->run, 1);
    const struct method *method = name ? class_method(cls, name) : NULL;

    for (uint32_t i = 0; method && i < method->n_parameters; i++) {
        struct target target = words_of_parameter(&method->parameters[i]);

        if (method->parameters[i].in) {
            offer_target(completion, &target);
        }
    }
}

static void
offer_assignments(struct completion *completion)
{
    const struct cim_class *cls = class_of_line(completion);

    if (!cls) {
        return;
    }
    if (strcmp(completion->run.args.noun->name, "call") == 0) {
        offer_parameters(completion, cls);
        return;
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        struct target target = words_of_property(&cls->properties[i]);

        offer_target(completion, &target);
    }
}

static void
offer_methods(struct completion *completion)
{
    const struct cim_class *cls = class_of_line(completion);

    for (uint32_t i = 0; cls && i < cls->n_methods; i++) {
        completion_offer(completion, cls->methods[i].name);
    }
}

static bool
take_vm(void *arg, struct instance *instance, const struct path *path,
        struct error *error)
{
    const char *name = instance_text(instance, "Name");

    (void) path;
    (void) error;
    if (name) {
        completion_offer(arg, name);
    }
    instance_destroy(instance);
    return true;
}

/* VMs behind the management channel, which are settings. */
static void
offer_vms(struct completion *completion)
{
    static const char *const names[] = { "Name" };

    cim_client_enumerate(run_client(&completion->run), "XVS_ChannelVm", names,
                         1, take_vm, completion, &completion->run.error);
}

/* The values that the server's schema allows for a property. */
static void
offer_values(struct completion *completion, const char *class_name,
             const char *name)
{
    BUFFER_AUTO struct buffer choices = BUFFER_INIT;
    const struct cim_class *cls =
        cim_client_lookup(run_client(&completion->run), class_name);
    const struct property *property = cls ? class_property(cls, name) : NULL;
    struct target target;
    char *rest = NULL;

    if (!property) {
        return;
    }
    target = words_of_property(property);
    words_choices(&target, &choices);
    for (char *choice = strtok_r(buffer_string(&choices), ",", &rest);
         choice; choice = strtok_r(NULL, ",", &rest)) {
        completion_offer(completion, choice);
    }
}

void
completion_ask(struct completion *completion, enum word_kind kind)
{
    if (!run_client(&completion->run)) {
        return;
    }
    switch (kind) {
    case WORD_PLACE:
        offer_objects(completion, "XVS_Port", NULL, true);
        /* fall through */
    case WORD_SWITCH:
        offer_objects(completion, "XVS_Switch", NULL, false);
        break;
    case WORD_PORT:
        offer_objects(completion, "XVS_Port", run_word(&completion->run, 0),
                      false);
        break;
    case WORD_EXTENSION:
        offer_objects(completion, "XVS_Extension", NULL, false);
        break;
    case WORD_ENTRY:
        offer_stages(completion);
        completion_offer(completion, CONTROL_ENTRY_NETWORK);
        break;
    case WORD_SCHEMA_CLASS:
        offer_classes(completion, NULL);
        /* fall through */
    case WORD_SCHEMA:
        offer_objects(completion, "XVS_Schema", NULL, false);
        break;
    case WORD_CLASS:
        offer_classes(completion, NULL);
        break;
    case WORD_SETTING_CLASS:
        offer_classes(completion, "XVS_FeatureSettings");
        break;
    case WORD_STATUS_CLASS:
        offer_classes(completion, "XVS_FeatureStatus");
        break;
    case WORD_ASSIGNMENT:
        offer_assignments(completion);
        break;
    case WORD_METHOD:
        offer_methods(completion);
        break;
    case WORD_DRIVER:
        offer_values(completion, "XVS_Port", "Driver");
        break;
    case WORD_MODE:
        offer_values(completion, "XVS_Port", "Mode");
        break;
    case WORD_PARTITION:
        offer_values(completion, "XVS_Stage", "Partition");
        break;
    case WORD_VM:
        offer_vms(completion);
        break;
    case WORD_LINK:
        offer_values(completion, "XVS_ChannelVm", "Link");
        break;
    case WORD_QUARANTINED:
        offer_objects(completion, "XVS_QuarantinedPacket", NULL, false);
        break;
    case WORD_SHARING:
        offer_values(completion, "XVS_Stage", "Sharing");
        break;
    default:
        break;
    }
}
