/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Pragmas.  Those that say where a schema goes or how WMI's own compiler
 * treats it are read and have no effect here; one that nobody knows is
 * worth a warning.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/mof/mof-parse.h"
#include "schema/unit.h"

static const char *const known_pragmas[] = {
    "include", "namespace", "locale", "instancelocale", "source",
    "sourcetype", "nonlocal", "nonlocaltype", "autorecover", "classflags",
    "instanceflags", "deleteclass", "deleteinstance", "amendment", NULL,
};

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
    path = mof_find_path(parser, parser->file, name);
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
