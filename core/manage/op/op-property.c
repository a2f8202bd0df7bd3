/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One property of an object: deprecated by DSP0200, and still what some
 * clients send.
 */

#include <config.h>

#include "base/error.h"
#include "manage/cim/operation.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/secret.h"
#include "schema/repository.h"
#include "service/service.h"

/* The property named, of the class of 'path'; NULL: bad. */
static const struct property *
named_property(struct operation *op, const struct path *path,
               struct cim_class **cls)
{
    const char *name = op_text(op, "PropertyName");
    const struct property *property;

    if (!path) {
        return NULL;
    }
    *cls = repository_class(op_repository(op), path->class_name);
    if (!name) {
        op_bad(op, ERROR_INVALID, "the parameter PropertyName is missing");
        return NULL;
    }
    property = *cls ? class_property(*cls, name) : NULL;
    if (!property && *cls && op->error.code == ERROR_NONE) {
        instance_no_property(*cls, name, &op->error);
    }
    return property;
}

void
op_get_property(struct operation *op)
{
    struct path *path = op_path(op, "InstanceName");
    struct cim_class *cls = NULL;
    const struct property *property = named_property(op, path, &cls);
    struct listing *listing;

    if (!property || op->error.code != ERROR_NONE) {
        path_destroy(path);
        op_is_bad(op);
        return;
    }
    listing = listing_create(op, source_object(op->manage->service, path),
                             FORM_VALUE);
    listing_set_names(listing, &property->name, 1);
    path_destroy(path);
    op_list(op, listing);
}

/* An object of the class with only the new value set; NULL: bad. */
static struct instance *
with_value(struct operation *op, struct cim_class *cls,
           const struct property *property)
{
    const struct xml_node *node = request_value(&op->request, "NewValue");
    struct value value = value_null(property->type, property->is_array);
    struct instance *instance;

    if (node
        && !value_read_xml(node, property->type, property->is_array,
                           class_find, op_repository(op), &value,
                           &op->error)) {
        secret_hush(property, &op->error);
        return NULL;
    }
    instance = instance_create(cls);
    if (!instance_set(instance, property->name, value, &op->error)) {
        instance_destroy(instance);
        return NULL;
    }
    return instance;
}

void
op_set_property(struct operation *op)
{
    struct path *path = op_path(op, "InstanceName");
    struct cim_class *cls = NULL;
    const struct property *property = named_property(op, path, &cls);
    struct instance *instance = NULL;

    if (property && op->error.code == ERROR_NONE) {
        instance = with_value(op, cls, property);
    }
    if (!instance) {
        path_destroy(path);
        op_is_bad(op);
        return;
    }
    op->pending = true;
    service_modify_instance(op->manage->service, path, instance,
                            &property->name, 1, op_changed, op);
    path_destroy(path);
}
