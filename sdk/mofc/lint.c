/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-mofc lint: everything that xvsd would refuse at registration, and what
 * would fail later: classes without a binary form, methods that no C function
 * can implement, one UUID in two files.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "marshal/layout.h"
#include "marshal/signature.h"
#include "mofc.h"
#include "schema/class.h"
#include "schema/feature.h"

struct tally {
    size_t n_classes, n_errors, n_warnings;
};

static void
report_at(struct tally *tally, struct error *error,
          const struct cim_class *cls, unsigned int line, unsigned int column)
{
    error_at(error, cls->file, line, column);
    mofc_report(error);
    tally->n_errors++;
}

/* Methods that this class declares itself. */
static void
lint_methods(struct tally *tally, const struct cim_class *cls)
{
    BUFFER_AUTO struct buffer signature = BUFFER_INIT;
    struct error error;

    for (uint32_t i = 0; i < cls->n_methods; i++) {
        const struct method *method = &cls->methods[i];

        if (!method->propagated
            && !method_signature(method, &signature, &error)) {
            report_at(tally, &error, cls, method->line, method->column);
        }
    }
}

/* The same UUID in a class of this or an earlier file. */
static void
lint_uuid(struct tally *tally, const struct mofc_schema *schema,
          const struct cim_class *cls, const struct feature *feature)
{
    struct error error;

    for (const struct mofc_schema *at = schema; at; at = at->earlier) {
        for (size_t i = 0; i < at->unit.n_classes; i++) {
            const struct cim_class *other = at->unit.classes[i];
            struct feature others;

            if (other == cls) {
                break;
            }
            if (feature_of_class(other, &others, NULL)
                && guid_equal(&others.uuid, &feature->uuid)) {
                error_set(&error, ERROR_EXISTS,
                          "class %s has the UUID of class %s (%s:%u)",
                          cls->name, other->name, other->file, other->line);
                error_hint(&error, "make a new one, for example with uuidgen");
                report_at(tally, &error, cls, cls->line, cls->column);
                return;
            }
        }
    }
}

static void
lint_class(struct tally *tally, struct mofc_schema *schema,
           struct cim_class *cls)
{
    struct feature feature;
    struct error error;

    tally->n_classes++;
    if (!feature_of_class(cls, &feature, &error)) {
        return;
    }
    if (!layout_of_class(cls, mofc_lookup, schema, &error)) {
        report_at(tally, &error, cls, cls->line, cls->column);
    }
    lint_methods(tally, cls);
    lint_uuid(tally, schema, cls, &feature);
}

int
mofc_lint(const struct mofc_options *options)
{
    struct mofc_schema *schemas = mem_array(options->n_files,
                                            sizeof *schemas);
    struct tally tally = { 0 };

    for (size_t i = 0; i < options->n_files; i++) {
        struct mofc_schema *schema = &schemas[i];

        schema->earlier = i ? &schemas[i - 1] : NULL;
        if (mofc_load(schema, options->files[i], options)) {
            for (size_t j = 0; j < schema->unit.n_classes; j++) {
                lint_class(&tally, schema, schema->unit.classes[j]);
            }
        }
        tally.n_errors += schema->errors.n_errors;
        tally.n_warnings += schema->errors.n - schema->errors.n_errors;
    }
    fprintf(stderr, "%zu file%s, %zu class%s, %zu error%s, %zu warning%s\n",
            options->n_files, options->n_files == 1 ? "" : "s",
            tally.n_classes, tally.n_classes == 1 ? "" : "es",
            tally.n_errors, tally.n_errors == 1 ? "" : "s",
            tally.n_warnings, tally.n_warnings == 1 ? "" : "s");
    for (size_t i = options->n_files; i > 0; i--) {
        mofc_schema_clear(&schemas[i - 1]);
    }
    free(schemas);
    return tally.n_errors ? MOFC_BAD : MOFC_OK;
}
