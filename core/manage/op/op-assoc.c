/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects at the other end of associations, and the associations: of an
 * object, or among classes when a class is named instead.
 */

#include <config.h>

#include "base/error.h"
#include "manage/cim/operation.h"
#include "manage/list/class-list.h"
#include "manage/list/listing.h"
#include "manage/list/name.h"
#include "manage/list/source.h"
#include "manage/op/open.h"
#include "object/path.h"
#include "schema/compile.h"
#include "schema/repository.h"

/* These operations have no status for a class that does not exist. */
static void
check_class(struct operation *op)
{
    if (op->error.code == ERROR_NO_CLASS) {
        op->status = CIM_INVALID_PARAMETER;
    }
}

/* A class that restricts the answer has to exist. */
static const char *
filter_class(struct operation *op, const char *name)
{
    struct cim_class *cls = op_class(op, name, false);

    check_class(op);
    return cls ? op_class_name(op, name) : NULL;
}

static struct source_filter
read_filter(struct operation *op, bool others)
{
    return (struct source_filter){
        .association = others ? filter_class(op, "AssocClass") : NULL,
        .result = filter_class(op, "ResultClass"),
        .role = op_text(op, "Role"),
        .result_role = others ? op_text(op, "ResultRole") : NULL,
    };
}

struct listing *
open_associated(struct operation *op, const char *object, bool others,
                enum listing_form form)
{
    struct path *path = op_path(op, object);
    struct source_filter filter = { NULL, NULL, NULL, NULL };
    struct service *service = op->manage->service;
    bool only_paths = form == FORM_OBJECT_PATH || form == FORM_PATH;
    struct listing *listing;

    check_class(op);
    if (path) {
        filter = read_filter(op, others);
    }
    if (op->error.code != ERROR_NONE) {
        path_destroy(path);
        return NULL;
    }
    listing = listing_create(
        op, others ? source_associators(service, path, &filter, only_paths)
                   : source_references(service, path, &filter), form);
    path_destroy(path);
    listing_select(listing, op);
    return listing;
}

static unsigned int
class_flags(struct operation *op)
{
    return (op_flag(op, "IncludeQualifiers", false) ? CLASS_XML_QUALIFIERS
                                                    : 0)
           | (op_flag(op, "IncludeClassOrigin", false) ? CLASS_XML_ORIGIN
                                                       : 0);
}

/* The same among classes. */
static void
answer_classes(struct operation *op, bool others, enum class_form form)
{
    struct cim_class *cls = op_class(op, "ObjectName", true);
    struct source_filter filter;
    struct class_list *list;
    unsigned int flags = class_flags(op);
    size_t n;
    const char *const *names = op_names(op, "PropertyList", &n);

    check_class(op);
    filter = read_filter(op, others);
    if (op_is_bad(op)) {
        return;
    }
    list = class_associate(op_repository(op), cls, &filter, others, form);
    list->flags = flags;
    list->names = names;
    list->n_names = n;
    name_put_place(op, &list->place);
    op_list_classes(op, list);
}

static void
answer(struct operation *op, bool others, bool only_names)
{
    const struct xml_node *node = request_value(&op->request, "ObjectName");
    struct listing *listing;

    if (node && xml_is(node, "CLASSNAME")) {
        answer_classes(op, others, only_names ? CLASS_PATH : CLASS_WITH_PATH);
        return;
    }
    listing = open_associated(op, "ObjectName", others,
                              only_names ? FORM_OBJECT_PATH
                                         : FORM_OBJECT_WITH_PATH);
    if (listing) {
        op_list(op, listing);
    } else {
        op_is_bad(op);
    }
}

void
op_associators(struct operation *op)
{
    answer(op, true, false);
}

void
op_associator_names(struct operation *op)
{
    answer(op, true, true);
}

void
op_references(struct operation *op)
{
    answer(op, false, false);
}

void
op_reference_names(struct operation *op)
{
    answer(op, false, true);
}
