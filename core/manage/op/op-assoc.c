/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects at the other end of associations, and the associations.
 */

#include <config.h>

#include "base/error.h"
#include "manage/cim/operation.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"
#include "manage/op/open.h"
#include "object/path.h"
#include "schema/repository.h"

/* A class that restricts the answer has to exist. */
static const char *
filter_class(struct operation *op, const char *name)
{
    struct cim_class *cls = op_class(op, name, false);

    if (!cls && op->error.code == ERROR_NO_CLASS) {
        op->status = CIM_INVALID_PARAMETER;
    }
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

static void
answer(struct operation *op, bool others, enum listing_form form)
{
    struct listing *listing = open_associated(op, "ObjectName", others, form);

    if (listing) {
        op_list(op, listing);
    } else {
        op_is_bad(op);
    }
}

void
op_associators(struct operation *op)
{
    answer(op, true, FORM_OBJECT_WITH_PATH);
}

void
op_associator_names(struct operation *op)
{
    answer(op, true, FORM_OBJECT_PATH);
}

void
op_references(struct operation *op)
{
    answer(op, false, FORM_OBJECT_WITH_PATH);
}

void
op_reference_names(struct operation *op)
{
    answer(op, false, FORM_OBJECT_PATH);
}
