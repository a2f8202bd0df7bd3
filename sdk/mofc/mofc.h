/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MOFC_H
#define XVS_MOFC_H

/*
 * xvs-mofc, the schema compiler for vendors: what its subcommands share.
 * Each subcommand reads schemas with mofc_load(), which prints what is wrong
 * with them the way compilers do, and writes its result to mofc_write().
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "schema/compile.h"

struct buffer;
struct cim_class;

/* Exit codes: fine, something is wrong with the input, wrong usage. */
enum { MOFC_OK = 0, MOFC_BAD = 1, MOFC_USAGE = 2 };

struct mofc_options {
    const char **include_dirs;
    size_t n_include_dirs;
    bool strict;                /* warnings are errors */
    bool preprocess;            /* run #define, #if */
    const char *output;         /* NULL: standard output */
    const char *const *files;
    size_t n_files;
    const char *extension_class;    /* of a new project, as the next two */
    const char *vendor;         /* NULL: a default */
    bool debian;                /* with files for a package */
};

/* One file and what came of it. */
struct mofc_schema {
    struct schema_unit unit;
    struct error_list errors;
    const struct mofc_schema *earlier;  /* its classes are known as well */
};

/*
 * Reads, resolves and checks a file.  Prints errors and warnings to standard
 * error.  False when there was an error.  mofc_schema_clear() in any case.
 */
bool mofc_load(struct mofc_schema *schema, const char *path,
               const struct mofc_options *options);
void mofc_schema_clear(struct mofc_schema *schema);

/* A class of the schema, of an earlier one, or a built-in; or NULL.  The
 * argument is a struct mofc_schema, so that it can be a lookup function. */
struct cim_class *mofc_lookup(void *schema, const char *name);

/* "file:1:2: error: text", the line with a caret, and the hint. */
void mofc_report(const struct error *error);
/* The same for an error that is not about a place in a file. */
int mofc_fail(const struct error *error);

/* Writes the result where the options say.  False after a message. */
bool mofc_write(const struct mofc_options *options, const struct buffer *out);

/* The subcommands; they return an exit code. */
int mofc_lint(const struct mofc_options *options);
int mofc_mof(const struct mofc_options *options);
int mofc_xml(const struct mofc_options *options);
int mofc_header(const struct mofc_options *options);
int mofc_man(const struct mofc_options *options);
int mofc_diff(const struct mofc_options *options);
int mofc_init(const struct mofc_options *options);

#endif
