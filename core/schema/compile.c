/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Which reader a text is for: XML begins with '<', MOF never does.
 */

#include <config.h>

#include "schema/compile.h"

#include <string.h>

#include "base/error.h"
#include "schema/source.h"

static bool
compile_source(const char *name, const struct source *source,
               const struct schema_options *options,
               struct schema_unit *unit, struct error_list *errors)
{
    const char *first = source->text + strspn(source->text, " \t\r\n");

    return (*first == '<' ? cimxml_compile : mof_compile)(
        name, source->text, source->size, options, unit, errors);
}

bool
schema_compile_file(const char *path, const struct schema_options *options,
                    struct schema_unit *unit, struct error_list *errors)
{
    struct source source;
    struct error error;
    bool ok;

    if (!source_open(path, &source, &error)) {
        return error_list_add(errors, &error);
    }
    ok = compile_source(path, &source, options, unit, errors);
    source_close(&source);
    return ok;
}

bool
schema_compile_text(const char *name, const char *text, size_t size,
                    const struct schema_options *options,
                    struct schema_unit *unit, struct error_list *errors)
{
    struct source source;
    struct error error;
    bool ok;

    if (!source_from_bytes(name, text, size, &source, &error)) {
        return error_list_add(errors, &error);
    }
    ok = compile_source(name, &source, options, unit, errors);
    source_close(&source);
    return ok;
}
