/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Pragmas.  Those that say where a schema goes or how WMI's own compiler
 * treats it are read and have no effect here; one that nobody knows is
 * worth a warning.  Included files are read once, whatever the number of
 * places that name them.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/mof/mof-parse.h"
#include "schema/source.h"
#include "schema/unit.h"

/* A file of this compilation. */
struct mof_file {
    dev_t device;
    ino_t inode;
    bool is_open;       /* being read: naming it again would not end */
};

static const char *const known_pragmas[] = {
    "include", "namespace", "locale", "instancelocale", "source",
    "sourcetype", "nonlocal", "nonlocaltype", "autorecover", "classflags",
    "instanceflags", "deleteclass", "deleteinstance", "amendment", NULL,
};

static struct mof_file *
find_file(struct mof_parser *parser, const struct source *source)
{
    struct mof_file *files = parser->files.items;

    for (size_t i = 0; i < parser->files.n; i++) {
        if (files[i].inode == source->inode
            && files[i].device == source->device) {
            return &files[i];
        }
    }
    return NULL;
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* True when a class of the unit came from that file, which a search for its
 * superclass may have found before the caller names it. */
static bool
was_read(const struct mof_parser *parser, const struct stat *status)
{
    const struct schema_unit *unit = parser->unit;
    const char *name = base_name(parser->file);
    struct stat other;

    for (size_t i = 0; i < unit->n_classes; i++) {
        const char *file = unit->classes[i]->file;

        if (file && strcmp(base_name(file), name) == 0
            && stat(file, &other) == 0 && other.st_ino == status->st_ino
            && other.st_dev == status->st_dev) {
            return true;
        }
    }
    return false;
}

bool
mof_open_first(struct mof_parser *parser)
{
    struct mof_file *file;
    struct stat status;

    if (parser->options->no_files || stat(parser->file, &status) != 0) {
        return true;
    }
    if (was_read(parser, &status)) {
        return false;
    }
    mem_grow(&parser->files.items, &parser->files.capacity, parser->files.n,
             sizeof(*file));
    file = (struct mof_file *) parser->files.items + parser->files.n++;
    *file = (struct mof_file){ status.st_dev, status.st_ino, true };
    return true;
}

/* Reads the source's declarations as if they stood here. */
static void
read_nested(struct mof_parser *parser, const char *path,
            struct source *source)
{
    struct lexer lexer = parser->lexer;
    struct token token = parser->token;
    struct token previous = parser->previous;
    const char *file = parser->file;
    const char *looked_until = parser->looked_until;
    bool end_seen = parser->end_seen;

    parser->depth++;
    parser->file = unit_file(parser->unit, path);
    mof_read_source(parser, source);
    parser->depth--;
    parser->file = file;
    parser->lexer = lexer;
    parser->token = token;
    parser->previous = previous;
    parser->looked_until = looked_until;
    parser->end_seen = end_seen;
}

/* Reports at 'at', or without a place when nothing in a text asked for it. */
static bool
file_error(struct mof_parser *parser, const struct token *at,
           struct error *error)
{
    return at ? mof_report(parser, at, error)
              : error_list_add(parser->errors, error);
}

bool
mof_read_file(struct mof_parser *parser, const char *path,
              const struct token *at)
{
    size_t index = parser->files.n;
    struct source source;
    struct mof_file *file;
    struct error error;

    if (!source_open(path, &source, &error)) {
        return error.file[0] ? error_list_add(parser->errors, &error)
                             : file_error(parser, at, &error);
    }
    file = find_file(parser, &source);
    if (file) {
        source_close(&source);
        error_set(&error, ERROR_INVALID, "%s includes itself", path);
        return !file->is_open || file_error(parser, at, &error);
    }
    if (parser->depth >= MOF_MAX_DEPTH || index >= MOF_MAX_FILES) {
        source_close(&source);
        error_set(&error, ERROR_LIMIT, "included files are nested deeper "
                  "than %d, or more than %d", MOF_MAX_DEPTH, MOF_MAX_FILES);
        return file_error(parser, at, &error);
    }
    mem_grow(&parser->files.items, &parser->files.capacity, index,
             sizeof(*file));
    file = (struct mof_file *) parser->files.items + parser->files.n++;
    *file = (struct mof_file){ source.device, source.inode, true };
    read_nested(parser, path, &source);
    source_close(&source);
    /* The list may have moved meanwhile. */
    file = (struct mof_file *) parser->files.items + index;
    file->is_open = false;
    return true;
}

/* "folder of 'beside'" "/" "name", or the name when it is absolute. */
static char *
path_beside(const char *beside, const char *name)
{
    const char *slash = strrchr(beside, '/');

    if (!slash || *name == '/') {
        return mem_strdup(name);
    }
    return mem_printf("%.*s/%s", (int) (slash - beside), beside, name);
}

/* The file of that name beside 'beside' or on the include path; heap. */
static char *
find_path(const struct mof_parser *parser, const char *beside,
          const char *name)
{
    char *path = path_beside(beside, name);

    for (size_t i = 0; access(path, F_OK) != 0; i++) {
        free(path);
        if (i == parser->options->n_include_dirs) {
            return NULL;
        }
        path = mem_printf("%s/%s", parser->options->include_dirs[i], name);
    }
    return path;
}

static bool
include(struct mof_parser *parser, char *name, const struct token *at)
{
    MEM_AUTO char *path = NULL;

    if (parser->options->no_files) {
        return mof_error(parser, at, "a text that comes over the network "
                         "cannot include files");
    }
    /* Files of Windows name others with its separator. */
    for (char *p = name; *p; p++) {
        *p = *p == '\\' ? '/' : *p;
    }
    path = find_path(parser, parser->file, name);
    if (!path) {
        return mof_error(parser, at, "cannot find '%.200s' to include, "
                         "neither beside this file nor on the include path "
                         "(-I)", name);
    }
    mof_read_file(parser, path, at);
    return true;
}

/* Backslashes, leading ones and a host "." go: "root/virtualization/v2". */
static void
name_space(struct mof_parser *parser, const char *text)
{
    char *out = arena_strdup(unit_arena(parser->unit), text);

    for (char *p = out; *p; p++) {
        *p = *p == '\\' ? '/' : *p;
    }
    if (text_starts_with(out, "//")) {
        char *host_end = strchr(out + 2, '/');

        out = host_end ? host_end : out + strlen(out);
    }
    while (*out == '/') {
        out++;
    }
    parser->unit->name_space = out;
}

static bool
is_known(const struct token *name)
{
    for (size_t i = 0; known_pragmas[i]; i++) {
        if (token_is(name, known_pragmas[i])) {
            return true;
        }
    }
    return false;
}

static void
warn_unknown(struct mof_parser *parser, const struct token *name)
{
    MEM_AUTO char *text = mem_strndup(name->start,
                                      name->size < 60 ? name->size : 60);
    const char *nearest = text_nearest(text, known_pragmas);
    struct error error;

    error_set(&error, ERROR_SYNTAX, "unknown pragma '%s' is ignored", text);
    if (nearest) {
        error_hint(&error, "did you mean %s?", nearest);
    }
    error_at(&error, parser->file, name->line,
             lexer_column(&parser->lexer, name));
    schema_warn(parser->options, parser->errors, &error);
}

/* "(a, b)": keeps the first when it is a string, skips the others. */
static bool
arguments(struct mof_parser *parser, char **first, struct token *at)
{
    struct error error;

    mof_next(parser);
    *at = parser->token;
    if (at->type == TOKEN_STRING) {
        parser->text.size = 0;
        if (!token_text(at, &parser->text, &error)) {
            return mof_report(parser, at, &error);
        }
        *first = mem_strdup(buffer_string(&parser->text));
    }
    while (parser->token.type != ')') {
        if (parser->token.type == ';' || mof_at_declaration(parser)) {
            return mof_expected(parser, "')' after the pragma's arguments");
        }
        mof_next(parser);
    }
    return true;
}

/* The token in hand is still one of the pragma: an included file's text comes
 * before the one behind it. */
static bool
apply(struct mof_parser *parser, const struct token *name, char *first,
      const struct token *at)
{
    bool is_include = token_is(name, "include");

    if (!is_include && !token_is(name, "namespace")) {
        if (!is_known(name)) {
            warn_unknown(parser, name);
        }
        return true;
    }
    if (!first) {
        return mof_error(parser, name, "expected #pragma %.*s (\"...\")",
                         (int) name->size, name->start);
    }
    if (is_include) {
        return include(parser, first, at);
    }
    name_space(parser, first);
    return true;
}

/* "#define" and its like, where they are not asked for. */
static void
skip_directive(struct mof_parser *parser)
{
    unsigned int line = parser->token.line;
    struct error error;

    error_set(&error, ERROR_SYNTAX, "expected 'pragma' after '#'");
    error_hint(&error, "#define and #if need preprocessing switched on");
    mof_report(parser, &parser->token, &error);
    while (parser->token.type != TOKEN_END && parser->token.line == line) {
        mof_next(parser);
    }
}

bool
mof_pragma(struct mof_parser *parser)
{
    MEM_AUTO char *first = NULL;
    struct token name;
    struct token at;

    mof_next(parser);
    if (!token_is(&parser->token, "pragma")) {
        skip_directive(parser);
        return true;
    }
    mof_next(parser);
    name = parser->token;
    at = name;
    if (name.type != TOKEN_NAME) {
        return mof_expected(parser, "the name of a pragma");
    }
    mof_next(parser);
    if (parser->token.type != '(') {
        apply(parser, &name, NULL, &at);
        while (parser->token.type != TOKEN_END
               && parser->token.line == name.line) {
            mof_next(parser);
        }
        return true;
    }
    if (!arguments(parser, &first, &at)) {
        return false;
    }
    apply(parser, &name, first, &at);
    mof_next(parser);
    return true;
}

static bool
is_known_class(struct mof_parser *parser, const char *name)
{
    const struct schema_options *options = parser->options;

    return map_get(parser->class_names, name) || prelude_lookup(name)
           || (options->lookup && options->lookup(options->arg, name));
}

static void
search_class(struct mof_parser *parser, const char *beside,
             const char *name)
{
    MEM_AUTO char *file = NULL;
    MEM_AUTO char *path = NULL;

    if (!name || strchr(name, '/') || is_known_class(parser, name)) {
        return;
    }
    file = mem_printf("%s.mof", name);
    path = find_path(parser, beside, file);
    if (path) {
        mof_read_file(parser, path, NULL);
    }
}

void
mof_search_classes(struct mof_parser *parser)
{
    struct schema_unit *unit = parser->unit;

    if (parser->options->no_files) {
        return;
    }
    /* Files that are found add classes, which are looked at in turn. */
    for (size_t i = 0; i < unit->n_classes; i++) {
        const struct cim_class *cls = unit->classes[i];

        search_class(parser, cls->file, cls->super_name);
        for (uint32_t j = 0; j < cls->n_properties; j++) {
            search_class(parser, cls->file, cls->properties[j].class_name);
        }
    }
}
