/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whole queries, and what others may ask about them.
 */

#include <config.h>

#include "object/wql.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/wql/wql-tree.h"

static bool
is_word(const struct wql_reader *reader, const char *word)
{
    return reader->token.kind == TOKEN_WORD
           && text_equal_fold(reader->token.text, word);
}

static bool
is_symbol(const struct wql_reader *reader, const char *symbol)
{
    return reader->token.kind == TOKEN_SYMBOL
           && strcmp(reader->token.text, symbol) == 0;
}

static bool
take_word(struct wql_reader *reader, const char *word)
{
    return is_word(reader, word) ? wql_next(reader)
                                 : wql_expected(reader, word);
}

/* Selects. ----------------------------------------------------------------- */

/* No more columns than there are commas, and one. */
static void
allocate_columns(struct wql *wql)
{
    size_t n = 1;

    for (const char *at = wql->text; *at; at++) {
        n += *at == ',';
    }
    wql->columns = arena_alloc(wql->arena, n * sizeof *wql->columns);
}

static bool
parse_columns(struct wql_reader *reader)
{
    struct wql *wql = reader->wql;

    if (is_symbol(reader, "*")) {
        return wql_next(reader);
    }
    allocate_columns(wql);
    for (;;) {
        if (reader->token.kind != TOKEN_WORD) {
            return wql_expected(reader, "the name of a property, or *");
        }
        wql->columns[wql->n_columns++] = reader->token.text;
        if (!wql_next(reader)) {
            return false;
        }
        if (!is_symbol(reader, ",")) {
            return true;
        }
        if (!wql_next(reader)) {
            return false;
        }
    }
}

static bool
parse_select(struct wql_reader *reader)
{
    struct wql *wql = reader->wql;

    if (!parse_columns(reader) || !take_word(reader, "FROM")) {
        return false;
    }
    if (reader->token.kind != TOKEN_WORD) {
        return wql_expected(reader, "the name of a class");
    }
    wql->class_name = reader->token.text;
    if (!wql_next(reader)) {
        return false;
    }
    if (reader->token.kind == TOKEN_END) {
        return true;
    }
    if (!is_word(reader, "WHERE")) {
        return wql_expected(reader, "WHERE or the end");
    }
    return wql_next(reader) && wql_parse_condition(reader, &wql->condition);
}

/* Associations. ------------------------------------------------------------ */

static const struct {
    const char *name;
    bool takes_text;        /* Name = class or role */
    bool of_references;     /* REFERENCES OF has it too */
} filters[] = {
    { "AssocClass", true, false },
    { "ResultClass", true, true },
    { "Role", true, true },
    { "ResultRole", true, false },
    { "RequiredQualifier", true, true },
    { "RequiredAssocQualifier", true, false },
    { "ClassDefsOnly", false, true },
    { "KeysOnly", false, true },
};

_Static_assert(sizeof filters / sizeof filters[0] == WQL_FILTERS,
               "each filter has a place");

static bool
add_filter(struct wql_reader *reader, const char *name, bool takes_text)
{
    struct filter *filter;

    if (wql_filter(reader->wql, name)) {
        return wql_expected(reader, "each filter once");
    }
    filter = &reader->wql->filters[reader->wql->n_filters++];
    filter->name = name;
    filter->text = "true";
    if (!wql_next(reader)) {
        return false;
    }
    if (!takes_text) {
        return true;
    }
    if (!is_symbol(reader, "=")) {
        return wql_expected(reader, "'='");
    }
    if (!wql_next(reader)) {
        return false;
    }
    if (reader->token.kind != TOKEN_WORD
        && reader->token.kind != TOKEN_STRING) {
        return wql_expected(reader, "a name");
    }
    filter->text = reader->token.text;
    return wql_next(reader);
}

static bool
parse_filter(struct wql_reader *reader)
{
    bool of_references = reader->wql->kind == WQL_REFERENCES;

    for (size_t i = 0; i < WQL_FILTERS; i++) {
        if (is_word(reader, filters[i].name)
            && (filters[i].of_references || !of_references)) {
            return add_filter(reader, filters[i].name,
                              filters[i].takes_text);
        }
    }
    return wql_expected(reader, of_references
        ? "ResultClass=, Role=, RequiredQualifier=, ClassDefsOnly or "
          "KeysOnly"
        : "AssocClass=, ResultClass=, Role=, ResultRole=, "
          "RequiredQualifier=, RequiredAssocQualifier=, ClassDefsOnly or "
          "KeysOnly");
}

static bool
parse_path(struct wql_reader *reader)
{
    struct wql *wql = reader->wql;
    struct path *path;

    if (!wql_next_braces(reader)) {
        return false;
    }
    wql->path = reader->token.text;
    path = path_parse(wql->path, reader->error);
    if (!path) {
        return error_prefix(reader->error, "WQL");
    }
    wql->class_name = arena_strdup(wql->arena, path->class_name);
    path_destroy(path);
    return wql_next(reader);
}

/* Behind ASSOCIATORS or REFERENCES. */
static bool
parse_associations(struct wql_reader *reader)
{
    if (!is_word(reader, "OF")) {
        return wql_expected(reader, "OF");
    }
    if (!parse_path(reader)) {
        return false;
    }
    if (reader->token.kind == TOKEN_END) {
        return true;
    }
    if (!is_word(reader, "WHERE")) {
        return wql_expected(reader, "WHERE or the end");
    }
    if (!wql_next(reader)) {
        return false;
    }
    do {
        if (!parse_filter(reader)) {
            return false;
        }
    } while (reader->token.kind != TOKEN_END);
    return true;
}

/* All. --------------------------------------------------------------------- */

static bool
parse_query(struct wql_reader *reader)
{
    if (!wql_next(reader)) {
        return false;
    }
    if (is_word(reader, "SELECT")) {
        return wql_next(reader) && parse_select(reader);
    }
    if (is_word(reader, "ASSOCIATORS") || is_word(reader, "REFERENCES")) {
        reader->wql->kind = is_word(reader, "REFERENCES") ? WQL_REFERENCES
                                                          : WQL_ASSOCIATORS;
        return wql_next(reader) && parse_associations(reader);
    }
    return wql_expected(reader, "SELECT, ASSOCIATORS OF or REFERENCES OF");
}

struct wql *
wql_parse(const char *text, struct error *error)
{
    size_t size = strlen(text);
    struct wql_reader reader = { .error = error };
    struct arena *arena;

    if (size > WQL_SIZE_LIMIT) {
        error_set(error, ERROR_LIMIT, "the query has %zu bytes, more than "
                  "%zu", size, WQL_SIZE_LIMIT);
        return NULL;
    }
    if (!text_is_utf8(text, size)) {
        error_set(error, ERROR_SYNTAX, "the query is not UTF-8");
        return NULL;
    }
    arena = arena_create(1024);
    reader.wql = arena_alloc(arena, sizeof *reader.wql);
    reader.wql->arena = arena;
    reader.wql->text = arena_strdup(arena, text);
    reader.at = reader.wql->text;
    if (!parse_query(&reader)) {
        arena_destroy(arena);
        return NULL;
    }
    return reader.wql;
}

void
wql_destroy(struct wql *wql)
{
    if (wql) {
        arena_destroy(wql->arena);
    }
}

enum wql_kind
wql_kind(const struct wql *wql)
{
    return wql->kind;
}

const char *
wql_class(const struct wql *wql)
{
    return wql->class_name;
}

size_t
wql_columns(const struct wql *wql, const char *const **names)
{
    *names = (const char *const *) wql->columns;
    return wql->n_columns;
}

const char *
wql_path(const struct wql *wql)
{
    return wql->path;
}

const char *
wql_filter(const struct wql *wql, const char *name)
{
    for (size_t i = 0; i < wql->n_filters; i++) {
        if (text_equal_fold(wql->filters[i].name, name)) {
            return wql->filters[i].text;
        }
    }
    return NULL;
}

/* Names, before there is any object. ---------------------------------------- */

static bool
check_name(const struct cim_class *cls, const char *name,
           struct error *error)
{
    if (text_starts_with(name, "__") || class_property_index(cls, name) >= 0) {
        return true;
    }
    instance_no_property(cls, name, error);
    return error_prefix(error, "WQL");
}

static bool
check_node(const struct node *node, const struct cim_class *cls,
           struct error *error)
{
    for (; node; node = node->next) {
        if ((node->left.kind == OPERAND_PROPERTY && node->left.name
             && !check_name(cls, node->left.name, error))
            || (node->right.kind == OPERAND_PROPERTY && node->right.name
                && !check_name(cls, node->right.name, error))
            || !check_node(node->first, cls, error)) {
            return false;
        }
    }
    return true;
}

bool
wql_check(const struct wql *wql, const struct cim_class *cls,
          struct error *error)
{
    for (size_t i = 0; i < wql->n_columns; i++) {
        if (!check_name(cls, wql->columns[i], error)) {
            return false;
        }
    }
    return check_node(wql->condition, cls, error);
}
