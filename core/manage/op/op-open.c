/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Opening enumerations that are read by pulls.
 */

#include <config.h>

#include "base/error.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "manage/list/context.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"
#include "manage/op/open.h"
#include "manage/op/pull.h"
#include "object/wql.h"
#include "schema/class.h"

#define TIMEOUT_S 60u           /* when the client does not say */
#define TIMEOUT_LIMIT_S 3600u

/* What all of them have in common besides the objects. */
struct opening {
    uint64_t timeout_s;     /* OperationTimeout */
    uint64_t limit;         /* MaxObjectCount: objects in this answer */
};

static struct opening
read_opening(struct operation *op)
{
    struct opening opening = {
        op_number(op, "OperationTimeout", TIMEOUT_S),
        op_number(op, "MaxObjectCount", 0),
    };

    if ((!opening.timeout_s || opening.timeout_s > TIMEOUT_LIMIT_S)
        && op->error.code == ERROR_NONE) {
        op_bad(op, ERROR_INVALID, "OperationTimeout is 1 to %u seconds",
               TIMEOUT_LIMIT_S);
        op->status = CIM_INVALID_OPERATION_TIMEOUT;
    }
    if (op_flag(op, "ContinueOnError", false)) {
        op_bad(op, ERROR_UNSUPPORTED, "ContinueOnError is not offered");
        op->status = CIM_CONTINUATION_ON_ERROR_NOT_SUPPORTED;
    }
    return opening;
}

/* FilterQuery: a condition on the objects, as a whole WQL query. */
static void
read_condition(struct operation *op, struct listing *listing, bool on_paths)
{
    const char *language = op_text(op, "FilterQueryLanguage");
    const char *query = op_text(op, "FilterQuery");

    if (!query || op->error.code != ERROR_NONE) {
        return;
    }
    if (!language || !text_equal_fold(language, "WQL")) {
        op_bad(op, ERROR_UNSUPPORTED, "filters are in WQL");
        op->status = CIM_QUERY_LANGUAGE_NOT_SUPPORTED;
        return;
    }
    if (on_paths) {
        op_bad(op, ERROR_UNSUPPORTED, "paths of associated objects cannot "
               "be filtered");
        op->status = CIM_FILTERED_ENUMERATION_NOT_SUPPORTED;
        return;
    }
    listing->wql = wql_parse(query, &op->error);
    if (!listing->wql) {
        op->status = CIM_INVALID_QUERY;
    }
}

/* Opens 'listing' (NULL: bad) for 'pull', and answers. */
static void
open_for(struct operation *op, struct listing *listing, const char *pull,
         bool is_events)
{
    struct opening opening = read_opening(op);
    struct context *context = NULL;

    if (op->error.code == ERROR_NONE) {
        context = context_open(op->manage->contexts, op->principal.name,
                               listing, opening.timeout_s * 1000, &op->error);
    }
    if (!context) {
        listing_destroy(listing);
        op_is_bad(op);
        return;
    }
    context->pull = pull;
    context->is_events = is_events;
    pull_answer(op, context, opening.limit, false);
}

static void
open_class(struct operation *op, enum listing_form form, const char *pull)
{
    struct cim_class *cls = op_class(op, "ClassName", true);
    bool deep = op_flag(op, "DeepInheritance", true);
    struct listing *listing;
    bool is_events;

    if (op_is_bad(op)) {
        return;
    }
    is_events = is_event_class(cls);
    listing = listing_create(
        op, is_events ? source_events(op->manage->service, 0)
                      : source_class(op->manage->service, cls), form);
    listing_select(listing, op);
    read_condition(op, listing, false);
    if (!deep) {
        listing->base = class_ref(cls);
    }
    open_for(op, listing, pull, is_events);
}

void
op_open_instances(struct operation *op)
{
    open_class(op, FORM_INSTANCE_WITH_PATH, "PullInstancesWithPath");
}

void
op_open_paths(struct operation *op)
{
    open_class(op, FORM_PATH, "PullInstancePaths");
}

static void
open_links(struct operation *op, bool others, enum listing_form form,
           const char *pull)
{
    struct listing *listing =
        open_associated(op, "InstanceName", others, form);

    if (listing) {
        read_condition(op, listing, others && form == FORM_PATH);
    }
    open_for(op, listing, pull, false);
}

void
op_open_associators(struct operation *op)
{
    open_links(op, true, FORM_INSTANCE_WITH_PATH, "PullInstancesWithPath");
}

void
op_open_associator_paths(struct operation *op)
{
    open_links(op, true, FORM_PATH, "PullInstancePaths");
}

void
op_open_references(struct operation *op)
{
    open_links(op, false, FORM_INSTANCE_WITH_PATH, "PullInstancesWithPath");
}

void
op_open_reference_paths(struct operation *op)
{
    open_links(op, false, FORM_PATH, "PullInstancePaths");
}

void
op_open_query(struct operation *op)
{
    bool is_events = false;
    struct listing *listing =
        open_query(op, "FilterQueryLanguage", "FilterQuery", FORM_INSTANCE,
                   &is_events);

    op_flag(op, "ReturnQueryResultClass", false);
    open_for(op, listing, "PullInstances", is_events);
}
