/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading classes and qualifier declarations.
 */

#include <config.h>

#include "base/error.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "manage/list/class-list.h"
#include "schema/compile.h"
#include "schema/repository.h"

static unsigned int
class_flags(struct operation *op)
{
    return (op_flag(op, "LocalOnly", true) ? CLASS_XML_LOCAL_ONLY : 0)
           | (op_flag(op, "IncludeQualifiers", true) ? CLASS_XML_QUALIFIERS
                                                     : 0)
           | (op_flag(op, "IncludeClassOrigin", false) ? CLASS_XML_ORIGIN
                                                       : 0);
}

void
op_get_class(struct operation *op)
{
    struct cim_class *cls = op_class(op, "ClassName", true);
    unsigned int flags = class_flags(op);
    size_t n;
    const char *const *names = op_names(op, "PropertyList", &n);

    if (op_is_bad(op)) {
        return;
    }
    op_answer(op);
    class_write_xml(cls, flags, names, n, op_out(op));
    op_finish(op);
}

static bool
is_below(const struct cim_class *cls, const struct cim_class *top, bool deep)
{
    if (!deep) {
        return cls->super == top;
    }
    return !top || (cls != top && class_is_a(cls, top->name));
}

static void
enumerate(struct operation *op, enum class_form form)
{
    struct cim_class *top = op_class(op, "ClassName", false);
    bool deep = op_flag(op, "DeepInheritance", false);
    unsigned int flags = form == CLASS_ALONE ? class_flags(op) : 0;
    struct cim_class *const *classes;
    struct class_list *list;
    size_t n;

    if (op_is_bad(op)) {
        return;
    }
    list = class_list_create(form);
    list->flags = flags;
    n = repository_classes(op_repository(op), &classes);
    for (size_t i = 0; i < n; i++) {
        if (is_below(classes[i], top, deep)) {
            class_list_add(list, classes[i]);
        }
    }
    op_list_classes(op, list);
}

void
op_enumerate_classes(struct operation *op)
{
    enumerate(op, CLASS_ALONE);
}

void
op_enumerate_class_names(struct operation *op)
{
    enumerate(op, CLASS_NAME);
}

void
op_get_qualifier(struct operation *op)
{
    const char *name = op_text(op, "QualifierName");
    const struct qualifier_type *type;

    if (!name) {
        op_bad(op, ERROR_INVALID, "the parameter QualifierName is missing");
    }
    if (op_is_bad(op)) {
        return;
    }
    type = repository_qualifier(op_repository(op), name);
    if (!type) {
        op_bad(op, ERROR_NOT_FOUND, "there is no qualifier '%.100s'", name);
        op_is_bad(op);
        return;
    }
    op_answer(op);
    qualifier_type_write_xml(type, op_out(op));
    op_finish(op);
}

void
op_enumerate_qualifiers(struct operation *op)
{
    const struct qualifier_type *const *types;
    size_t n = repository_qualifiers(op_repository(op), &types);

    op_answer(op);
    for (size_t i = 0; i < n; i++) {
        qualifier_type_write_xml(types[i], op_out(op));
    }
    op_finish(op);
}
