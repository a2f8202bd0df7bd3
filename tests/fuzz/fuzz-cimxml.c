/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Classes in CIM-XML: whatever is accepted and resolves can be written, and
 * what was written is accepted.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "schema/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Resolves what the text declares; frees the unit when that fails. */
static bool
compile(const char *text, size_t size, struct schema_unit *unit,
        bool only_parse)
{
    struct schema_options options = { .no_files = true };
    struct error_list errors = { 0 };
    bool ok = cimxml_compile("fuzz", text, size, &options, unit, &errors)
              && (only_parse || schema_resolve(unit, &options, &errors));

    error_list_clear(&errors);
    if (!ok) {
        schema_unit_clear(unit);
    }
    return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema_unit unit = { 0 };
    struct schema_unit again = { 0 };
    BUFFER_AUTO struct buffer xml = BUFFER_INIT;

    if (!compile((const char *) data, size, &unit, false)) {
        return 0;
    }
    buffer_puts(&xml, "<CIM>");
    for (size_t i = 0; i < unit.n_classes; i++) {
        class_write_xml(unit.classes[i],
                        CLASS_XML_LOCAL_ONLY | CLASS_XML_QUALIFIERS, NULL, 0,
                        &xml);
    }
    for (size_t i = 0; i < unit.n_qualifier_types; i++) {
        qualifier_type_write_xml(&unit.qualifier_types[i], &xml);
    }
    buffer_puts(&xml, "</CIM>");
    if (unit.n_classes + unit.n_qualifier_types) {
        if (!compile(xml.data, xml.size, &again, true)) {
            abort();
        }
        schema_unit_clear(&again);
    }
    schema_unit_clear(&unit);
    return 0;
}
