/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_MOF_H
#define XVS_TESTS_MOF_H

/*
 * Runs MOF text through the compiler and gives what it said as text, one
 * line per entry: "error 3:7 what, and what was expected (hint)".
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "schema/compile.h"

/* How far a text is taken. */
enum mof_step { MOF_PARSE, MOF_RESOLVE, MOF_CHECK };

struct mof_run {
    struct schema_unit unit;
    struct error_list errors;
    struct schema_options options;
    char *said;             /* all entries; "" when there are none */
    bool ok;
};

static inline char *
mof_said(const struct error_list *errors)
{
    struct buffer out = BUFFER_INIT;

    for (size_t i = 0; i < errors->n; i++) {
        const struct error *error = &errors->items[i];

        buffer_printf(&out, "%s %u:%u %s",
                      error->severity == SEVERITY_ERROR ? "error" : "warning",
                      error->line, error->column, error->text);
        if (error->hint[0]) {
            buffer_printf(&out, " (%s)", error->hint);
        }
        buffer_putc(&out, '\n');
    }
    return buffer_steal(&out);
}

static inline void
mof_run_bytes(struct mof_run *run, const char *text, size_t size,
              enum mof_step step)
{
    run->ok = mof_compile("test.mof", text, size, &run->options, &run->unit,
                          &run->errors);
    if (run->ok && step >= MOF_RESOLVE) {
        run->ok = schema_resolve(&run->unit, &run->options, &run->errors);
    }
    for (size_t i = 0; run->ok && step >= MOF_CHECK && i < run->unit.n_classes;
         i++) {
        run->ok = schema_check_class(run->unit.classes[i],
                                     run->options.strict, &run->errors);
    }
    run->said = mof_said(&run->errors);
}

static inline void
mof_run_text(struct mof_run *run, const char *text, enum mof_step step)
{
    mof_run_bytes(run, text, strlen(text), step);
}

static inline void
mof_run_clear(struct mof_run *run)
{
    schema_unit_clear(&run->unit);
    error_list_clear(&run->errors);
    free(run->said);
    *run = (struct mof_run){ .ok = false };
}

/* One text, and the beginning of what must be said about it; "": nothing. */
struct mof_case {
    const char *text;
    const char *says;
};

/* True when the case holds; else shows both. */
static inline bool
mof_case_holds(const struct mof_case *row, enum mof_step step, bool strict)
{
    struct mof_run run = { .options.strict = strict };
    bool holds;

    run.options.no_files = true;
    mof_run_text(&run, row->text, step);
    holds = *row->says ? strncmp(run.said, row->says, strlen(row->says)) == 0
                       : *run.said == 0;
    if (!holds) {
        fprintf(stderr, "\n%s\n  expected: %s\n  said:     %s\n", row->text,
                row->says, run.said);
    }
    mof_run_clear(&run);
    return holds;
}

#define MOF_CASES(rows, step, strict) \
    for (size_t row = 0; row < sizeof(rows) / sizeof((rows)[0]); row++) { \
        CU_ASSERT(mof_case_holds(&(rows)[row], step, strict)); \
    }

#endif
