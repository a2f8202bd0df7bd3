/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Queries in WQL.
 */

#include <config.h>

#include "base/error.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "manage/list/listing.h"
#include "manage/list/source.h"
#include "manage/op/open.h"
#include "object/path.h"
#include "object/wql.h"
#include "schema/class.h"
#include "schema/repository.h"

bool
is_event_class(const struct cim_class *cls)
{
    return class_is_a(cls, "XVS_Event");
}

static bool
is_wql(const char *language)
{
    return text_equal_fold(language, "WQL")
           || text_equal_fold(language, "WQL1")
           || text_equal_fold(language, "WQL2");
}

/* SELECT: the class's objects; events when they are to be waited for. */
static struct source *
select_source(struct operation *op, const struct wql *wql, bool *is_events)
{
    struct cim_class *cls =
        repository_class(op_repository(op), wql_class(wql));

    if (!cls) {
        op_bad(op, ERROR_NO_CLASS, "there is no class '%.100s'",
               wql_class(wql));
        return NULL;
    }
    if (!wql_check(wql, cls, &op->error)) {
        op->status = CIM_INVALID_QUERY;
        return NULL;
    }
    if (is_events && is_event_class(cls)) {
        *is_events = true;
        return source_events(op->manage->service, 0);
    }
    return source_query(op->manage->service, cls, wql);
}

/* ASSOCIATORS OF {path} and REFERENCES OF {path}. */
static struct source *
associated_source(struct operation *op, const struct wql *wql)
{
    struct path *path = path_parse(wql_path(wql), &op->error);
    struct source_filter filter = {
        .association = wql_filter(wql, "AssocClass"),
        .result = wql_filter(wql, "ResultClass"),
        .role = wql_filter(wql, "Role"),
        .result_role = wql_filter(wql, "ResultRole"),
    };
    struct source *source;

    if (!path) {
        op->status = CIM_INVALID_QUERY;
        return NULL;
    }
    source = wql_kind(wql) == WQL_ASSOCIATORS
                 ? source_associators(op->manage->service, path, &filter,
                                      false)
                 : source_references(op->manage->service, path, &filter);
    path_destroy(path);
    return source;
}

static struct listing *
list_query(struct operation *op, struct wql *wql, enum listing_form form,
           bool *is_events)
{
    bool selects = wql_kind(wql) == WQL_SELECT;
    struct source *source = selects ? select_source(op, wql, is_events)
                                    : associated_source(op, wql);
    const char *const *names;
    struct listing *listing;
    size_t n;

    if (!source) {
        wql_destroy(wql);
        return NULL;
    }
    listing = listing_create(op, source, form);
    n = selects ? wql_columns(wql, &names) : 0;
    if (n) {
        listing_set_names(listing, names, n);
    }
    if (selects) {
        listing->wql = wql;
    } else {
        wql_destroy(wql);
    }
    return listing;
}

struct listing *
open_query(struct operation *op, const char *language, const char *query,
           enum listing_form form, bool *is_events)
{
    const char *in = op_text(op, language);
    const char *text = op_text(op, query);
    struct wql *wql;

    if (!in || !text) {
        op_bad(op, ERROR_INVALID, "%s and %s are needed", language, query);
        return NULL;
    }
    if (!is_wql(in)) {
        op_bad(op, ERROR_UNSUPPORTED, "queries are in WQL, not in '%.40s'",
               in);
        op->status = CIM_QUERY_LANGUAGE_NOT_SUPPORTED;
        return NULL;
    }
    wql = op->error.code ? NULL : wql_parse(text, &op->error);
    if (!wql) {
        op->status = op->status ? op->status : CIM_INVALID_QUERY;
        return NULL;
    }
    return list_query(op, wql, form, is_events);
}

void
op_exec_query(struct operation *op)
{
    struct listing *listing =
        open_query(op, "QueryLanguage", "Query", FORM_OBJECT_WITH_PATH, NULL);

    if (listing) {
        op_list(op, listing);
    } else {
        op_is_bad(op);
    }
}
