/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Changing classes.  A class that comes over the wire is a schema of one
 * class, named after it, and is judged like any other schema.
 */

#include <config.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "schema/class.h"
#include "schema/repository.h"

/* The CLASS element of the parameter, and its name. */
static const struct xml_node *
class_node(struct operation *op, const char *parameter, const char **name)
{
    const struct xml_node *node = request_value(&op->request, parameter);

    *name = node ? xml_attribute(node, "NAME") : NULL;
    if (!node || !xml_is(node, "CLASS") || !*name || !**name) {
        op_bad(op, ERROR_INVALID, "%s is not a CLASS with a NAME",
               parameter);
        return NULL;
    }
    return node;
}

static void
register_class(struct operation *op, const struct xml_node *node,
               const char *name)
{
    struct error_list errors = { .limit = 1 };
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct error error;
    bool done;

    xml_put_node(&text, node);
    error_set(&error, ERROR_FAILED, "the class is refused");
    done = repository_register(op_repository(op), name, text.data, text.size,
                               false, &errors);
    for (size_t i = 0; i < errors.n; i++) {
        if (errors.items[i].severity == SEVERITY_ERROR) {
            error = errors.items[i];
            break;
        }
    }
    error_list_clear(&errors);
    if (done) {
        op_finish(op);
    } else {
        op_fail(op, &error);
    }
}

void
op_create_class(struct operation *op)
{
    const char *name;
    const struct xml_node *node = class_node(op, "NewClass", &name);

    if (node && repository_class(op_repository(op), name)) {
        op_bad(op, ERROR_EXISTS, "the class %.100s exists already", name);
    }
    if (!op_is_bad(op)) {
        register_class(op, node, name);
    }
}

/* The class is alone in a schema of its own name. */
static bool
is_alone(struct operation *op, const struct cim_class *cls)
{
    const char *schema = repository_schema_of(op_repository(op), cls);

    return schema && text_equal_fold(schema, cls->name);
}

static void
must_be_alone(struct operation *op, const struct cim_class *cls)
{
    const char *schema = repository_schema_of(op_repository(op), cls);

    if (is_alone(op, cls) && !cls->is_builtin) {
        return;
    }
    op_bad(op, ERROR_IN_USE, "the class %.100s is part of the schema %.100s",
           cls->name, schema ? schema : "xvs_core");
    error_hint(&op->error, cls->is_builtin ? "it is built in"
                                           : "change the schema instead");
}

void
op_modify_class(struct operation *op)
{
    const char *name;
    const struct xml_node *node = class_node(op, "ModifiedClass", &name);
    const struct cim_class *cls =
        node ? repository_class(op_repository(op), name) : NULL;

    if (node && !cls) {
        op_bad(op, ERROR_NOT_FOUND, "there is no class %.100s", name);
    } else if (cls) {
        must_be_alone(op, cls);
    }
    if (!op_is_bad(op)) {
        register_class(op, node, name);
    }
}

static bool
has_children(struct operation *op, const struct cim_class *cls)
{
    struct cim_class *const *classes;
    size_t n = repository_classes(op_repository(op), &classes);

    for (size_t i = 0; i < n; i++) {
        if (classes[i]->super == cls) {
            op_bad(op, ERROR_IN_USE, "%.100s is derived from %.100s",
                   classes[i]->name, cls->name);
            op->status = CIM_CLASS_HAS_CHILDREN;
            return true;
        }
    }
    return false;
}

void
op_delete_class(struct operation *op)
{
    struct cim_class *cls = op_class(op, "ClassName", true);
    struct error error;

    if (cls) {
        must_be_alone(op, cls);
    } else if (op->error.code == ERROR_NO_CLASS) {
        op->status = CIM_NOT_FOUND;
    }
    if (op_is_bad(op) || (has_children(op, cls) && op_is_bad(op))) {
        return;
    }
    if (repository_unregister(op_repository(op),
                              repository_schema_of(op_repository(op), cls),
                              &error)) {
        op_finish(op);
    } else if (error.code == ERROR_IN_USE) {
        op_fail_status(op, CIM_CLASS_HAS_INSTANCES, &error);
    } else {
        op_fail(op, &error);
    }
}
