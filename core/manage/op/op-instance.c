/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading and changing objects.
 */

#include <config.h>

#include "base/error.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/repository.h"
#include "service/service.h"

/* LocalOnly is deprecated: only a client that says it gets less. */
static void
select_properties(struct operation *op, struct listing *listing)
{
    listing_select(listing, op);
    listing->local_only = op_flag(op, "LocalOnly", false);
    op_flag(op, "IncludeQualifiers", false);
}

void
op_get_instance(struct operation *op)
{
    struct path *path = op_path(op, "InstanceName");
    struct listing *listing;

    if (!path) {
        op_is_bad(op);
        return;
    }
    listing = listing_create(op, source_object(op->manage->service, path),
                             FORM_INSTANCE);
    path_destroy(path);
    select_properties(op, listing);
    op_list(op, listing);
}

void
op_enumerate_instances(struct operation *op)
{
    struct cim_class *cls = op_class(op, "ClassName", true);
    struct listing *listing;

    if (op_is_bad(op)) {
        return;
    }
    listing = listing_create(op, source_class(op->manage->service, cls),
                             FORM_NAMED);
    select_properties(op, listing);
    if (!op_flag(op, "DeepInheritance", true)) {
        listing->base = class_ref(cls);
    }
    op_list(op, listing);
}

void
op_enumerate_instance_names(struct operation *op)
{
    struct cim_class *cls = op_class(op, "ClassName", true);

    if (!op_is_bad(op)) {
        op_list(op, listing_create(op,
                                   source_class(op->manage->service, cls),
                                   FORM_NAME));
    }
}

/* An INSTANCE element as an object; NULL: bad. */
static struct instance *
read_instance(struct operation *op, const struct xml_node *node,
              const char *name)
{
    struct instance *instance;
    struct error error;

    if (!node || !xml_is(node, "INSTANCE")) {
        op_bad(op, ERROR_INVALID, "%s has no INSTANCE", name);
        return NULL;
    }
    instance = instance_read_xml(node, class_find, op_repository(op), &error);
    if (!instance && op->error.code == ERROR_NONE) {
        op->error = error;
    }
    return instance;
}

static void
created(void *arg, const struct error *error, const struct path *path)
{
    struct operation *op = arg;

    if (!op_resume(op, error)) {
        return;
    }
    if (op->exchange) {
        op_answer(op);
        if (path) {
            path_write_xml(path, op_out(op));
        }
    }
    op_finish(op);
}

void
op_create_instance(struct operation *op)
{
    struct instance *instance =
        read_instance(op, request_value(&op->request, "NewInstance"),
                      "NewInstance");

    if (op_is_bad(op)) {
        return;
    }
    op->pending = true;
    service_create_instance(op->manage->service, instance, created, op);
}

/* The two parts of a VALUE.NAMEDINSTANCE. */
static struct instance *
read_named(struct operation *op, struct path **path)
{
    const struct xml_node *node =
        request_value(&op->request, "ModifiedInstance");
    const struct xml_node *name = node ? node->children : NULL;
    struct error error;

    *path = NULL;
    if (!node || !xml_is(node, "VALUE.NAMEDINSTANCE") || !name) {
        op_bad(op, ERROR_INVALID, "ModifiedInstance is not a "
               "VALUE.NAMEDINSTANCE");
        return NULL;
    }
    *path = path_read_xml(name, &error);
    if (!*path) {
        op_bad(op, error.code, "%s", error.text);
        return NULL;
    }
    return read_instance(op, name->next, "ModifiedInstance");
}

/* A client that writes back what it was shown has NULL for every secret: that
 * changes none.  Who names it in a PropertyList takes it away. */
static bool
is_unseen(const struct instance *instance, const char *name)
{
    int at = class_property_index(instance->cls, name);

    return at >= 0 && instance->cls->properties[at].is_secret
        && instance->values[at].is_null;
}

/* Without a PropertyList the properties that were sent are changed. */
static const char *const *
sent_names(struct operation *op, const struct instance *given, size_t *n)
{
    static const char *const none[] = { NULL };
    const struct xml_node *node =
        request_value(&op->request, "ModifiedInstance");
    const struct xml_node *instance =
        node ? xml_child(node, "INSTANCE") : NULL;
    const struct xml_node *first = instance ? instance->children : NULL;
    const char **names;
    size_t count = 0;

    for (const struct xml_node *at = first; at; at = at->next) {
        count += xml_attribute(at, "NAME") && !xml_is(at, "QUALIFIER");
    }
    *n = 0;
    if (!count) {
        return none;
    }
    names = op_array(op, count);
    for (const struct xml_node *at = first; at; at = at->next) {
        const char *name = xml_attribute(at, "NAME");

        if (name && !xml_is(at, "QUALIFIER") && !is_unseen(given, name)) {
            names[(*n)++] = name;
        }
    }
    return names;
}

void
op_modify_instance(struct operation *op)
{
    struct path *path;
    struct instance *instance = read_named(op, &path);
    const char *const *names = NULL;
    size_t n = 0;

    if (instance) {
        names = op_names(op, "PropertyList", &n);
        names = names ? names : sent_names(op, instance, &n);
    }
    if (op->error.code != ERROR_NONE) {
        instance_destroy(instance);
        path_destroy(path);
        op_is_bad(op);
        return;
    }
    op->pending = true;
    service_modify_instance(op->manage->service, path, instance, names, n,
                            op_changed, op);
    path_destroy(path);
}

void
op_delete_instance(struct operation *op)
{
    struct path *path = op_path(op, "InstanceName");

    if (!path) {
        op_is_bad(op);
        return;
    }
    op->pending = true;
    service_delete_instance(op->manage->service, path, op_changed, op);
    path_destroy(path);
}
