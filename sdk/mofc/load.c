/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading schemas and telling what is wrong with them: gcc's form, so that
 * editors jump to the place, then the line itself with a caret.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "mofc.h"
#include "schema/class.h"

/* Line 'number' of the file without its end; NULL when it has none. */
static char *
read_line(const char *path, unsigned int number)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size = -1;

    if (!file) {
        return NULL;
    }
    for (unsigned int i = 0; i < number; i++) {
        size = getline(&line, &capacity, file);
        if (size < 0) {
            break;
        }
    }
    fclose(file);
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r')) {
        line[--size] = 0;
    }
    /* UTF-16 is not shown: its lines are not lines of bytes. */
    if (size <= 0 || strlen(line) != (size_t) size
        || !text_is_utf8(line, (size_t) size)) {
        free(line);
        return NULL;
    }
    return line;
}

static void
show_caret(const struct error *error)
{
    MEM_AUTO char *line = read_line(error->file, error->line);
    const char *at = line;

    if (!line || error->column == 0 || strlen(line) > 160) {
        return;
    }
    fprintf(stderr, "%5u | %s\n      | ", error->line, line);
    for (unsigned int i = 1; i < error->column && *at; i++) {
        uint32_t character = text_utf8_next(&at, line + strlen(line));

        fputc(character == '\t' ? '\t' : ' ', stderr);
    }
    fputs("^\n", stderr);
}

void
mofc_report(const struct error *error)
{
    bool has_place = error->file[0] && error->line;

    if (error->file[0]) {
        fprintf(stderr, "%s:", error->file);
    }
    if (has_place) {
        fprintf(stderr, "%u:", error->line);
    }
    if (has_place && error->column) {
        fprintf(stderr, "%u:", error->column);
    }
    fprintf(stderr, "%s%s: %s\n", error->file[0] ? " " : "xvs-mofc: ",
            error->severity == SEVERITY_WARNING ? "warning" : "error",
            error->text);
    if (has_place) {
        show_caret(error);
    }
    if (error->hint[0]) {
        fprintf(stderr, "      = hint: %s\n", error->hint);
    }
}

int
mofc_fail(const struct error *error)
{
    mofc_report(error);
    return MOFC_BAD;
}

struct cim_class *
mofc_lookup(void *schema, const char *name)
{
    for (const struct mofc_schema *at = schema; at; at = at->earlier) {
        for (size_t i = 0; i < at->unit.n_classes; i++) {
            struct cim_class *cls = at->unit.classes[i];

            if (cls->is_resolved && text_equal_fold(cls->name, name)) {
                return cls;
            }
        }
    }
    return prelude_lookup(name);
}

static struct cim_class *
lookup_earlier(void *arg, const char *name)
{
    const struct mofc_schema *schema = arg;

    return mofc_lookup((void *) (uintptr_t) schema->earlier, name);
}

static const struct qualifier_type *
lookup_qualifier(void *arg, const char *name)
{
    for (const struct mofc_schema *at = arg; at; at = at->earlier) {
        for (size_t i = 0; i < at->unit.n_qualifier_types; i++) {
            if (text_equal_fold(at->unit.qualifier_types[i].name, name)) {
                return &at->unit.qualifier_types[i];
            }
        }
    }
    return prelude_qualifier(name);
}

bool
mofc_load(struct mofc_schema *schema, const char *path,
          const struct mofc_options *options)
{
    struct schema_options compile = {
        .include_dirs = options->include_dirs,
        .n_include_dirs = options->n_include_dirs,
        .strict = options->strict,
        .preprocess = options->preprocess,
        .lookup = lookup_earlier,
        .lookup_qualifier = lookup_qualifier,
        .arg = schema,
    };
    bool good = schema_compile_file(path, &compile, &schema->unit,
                                    &schema->errors)
                && schema_resolve(&schema->unit, &compile, &schema->errors);

    for (size_t i = 0; good && i < schema->unit.n_classes; i++) {
        schema_check_class(schema->unit.classes[i], options->strict,
                           &schema->errors);
    }
    for (size_t i = 0; i < schema->errors.n; i++) {
        mofc_report(&schema->errors.items[i]);
    }
    if (schema->errors.n_dropped) {
        fprintf(stderr, "xvs-mofc: %zu more are not shown\n",
                schema->errors.n_dropped);
    }
    return good && schema->errors.n_errors == 0;
}

void
mofc_schema_clear(struct mofc_schema *schema)
{
    schema_unit_clear(&schema->unit);
    error_list_clear(&schema->errors);
}

bool
mofc_write(const struct mofc_options *options, const struct buffer *out)
{
    FILE *file = options->output ? fopen(options->output, "w") : stdout;
    struct error error;
    bool good;

    if (!file) {
        error_set_errno(&error, errno, "cannot write %s", options->output);
        mofc_report(&error);
        return false;
    }
    good = fwrite(out->data, 1, out->size, file) == out->size;
    good = fflush(file) == 0 && good;
    if (options->output) {
        good = fclose(file) == 0 && good;
    }
    if (!good) {
        error_set_errno(&error, errno, "cannot write %s",
                        options->output ? options->output
                                        : "standard output");
        mofc_report(&error);
        /* A half-written header would be taken for a finished one. */
        if (options->output) {
            remove(options->output);
        }
    }
    return good;
}
