/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * MOF from anywhere: parsed, resolved, checked.  What was accepted must be
 * written as MOF that is accepted too, and gives classes of the same hash.
 * The first byte chooses options.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "schema/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
compile(const char *text, size_t size, const struct schema_options *options,
        struct schema_unit *unit)
{
    struct error_list errors = { 0 };
    bool ok = mof_compile("fuzz.mof", text, size, options, unit, &errors)
              && schema_resolve(unit, options, &errors);

    for (size_t i = 0; ok && i < unit->n_classes; i++) {
        schema_check_class(unit->classes[i], false, &errors);
    }
    error_list_clear(&errors);
    return ok;
}

static void
check_again(const struct schema_unit *unit)
{
    struct schema_options options = { .no_files = true };
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct schema_unit again = { 0 };

    for (size_t i = 0; i < unit->n_classes; i++) {
        class_write_mof(unit->classes[i], &text);
    }
    if (!compile(text.data, text.size, &options, &again)
        || again.n_classes != unit->n_classes) {
        abort();
    }
    for (size_t i = 0; i < unit->n_classes; i++) {
        if (class_hash(unit->classes[i]) != class_hash(again.classes[i])) {
            abort();
        }
    }
    schema_unit_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema_options options = { .no_files = true };
    struct schema_unit unit = { 0 };

    if (size == 0) {
        return 0;
    }
    options.preprocess = data[0] == '#';
    options.strict = data[0] == '!';
    if (data[0] == '!') {
        data++;
        size--;
    }
    /* Declarations of qualifiers are not written with the classes. */
    if (compile((const char *) data, size, &options, &unit)
        && unit.n_qualifier_types == 0) {
        check_again(&unit);
    }
    schema_unit_clear(&unit);
    return 0;
}
