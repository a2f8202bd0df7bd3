/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects in XML, MOF and JSON: what is accepted is written in all three
 * forms and read back the same.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "object/forms.h"
#include "object/instance.h"
#include "unit/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema[] =
    "class T_In { uint8 X; string S; T_In More[]; };"
    "class T_All {"
    "  [Key] string Name; boolean B; uint8 U8 = 7; sint8 S8; uint16 U16;"
    "  uint64 U64; sint64 S64; real32 R32; real64 R64; char16 C; datetime T;"
    "  T_In REF Link; T_In Inner; T_In Many[]; [EmbeddedObject] string Any;"
    "  uint8 List[]; string Texts[]; boolean Flags[]; real64 Reals[];"
    "  datetime Times[]; char16 Chars[]; };";

static struct repository *repository;

static void
write_xml(const struct instance *instance, struct buffer *out)
{
    instance_write_xml(instance, 0, NULL, 0, out);
}

static void
write_json(const struct instance *instance, struct buffer *out)
{
    instance_write_json(instance, false, out);
}

/* Control characters do not survive XML, nor NULLs in arrays the check. */
static void
check_form(const struct instance *instance,
           void (*write)(const struct instance *, struct buffer *),
           bool must_be_equal)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct instance **instances;
    size_t n;

    write(instance, &text);
    if (!instances_read("fuzz", text.data, text.size, NULL, host_lookup,
                        repository, &instances, &n, NULL)
        || n != 1
        || (must_be_equal && !instance_equal(instance, instances[0]))) {
        abort();
    }
    instance_destroy(instances[0]);
    free(instances);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct instance **instances;
    struct error error;
    size_t n;

    if (!repository) {
        repository = host_open(schema);
    }
    if (!instances_read("fuzz", (const char *) data, size,
                        repository_class(repository, "T_All"), host_lookup,
                        repository, &instances, &n, &error)) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        instance_check(instances[i], &error);
        check_form(instances[i], write_json, true);
        check_form(instances[i], instance_write_mof, true);
        check_form(instances[i], write_xml, false);
        instance_destroy(instances[i]);
    }
    free(instances);
    return 0;
}
