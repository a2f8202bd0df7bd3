/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Schemas of others: the whole CIM schema of the DMTF and the two files of
 * Microsoft's switch extension.  They compile as they are, satisfy the
 * checks, and what is written from them reads back to the same classes.
 */

#include <config.h>

#include <unistd.h>

#include "base/memory.h"
#include "mof.h"
#include "unit.h"

static const char *data;

static void
compile_file(struct mof_run *run, const char *name)
{
    char *path = mem_printf("%s/mof/%s", data, name);

    run->ok = schema_compile_file(path, &run->options, &run->unit,
                                  &run->errors);
    free(path);
}

static void
resolve(struct mof_run *run)
{
    run->ok = schema_resolve(&run->unit, &run->options, &run->errors);
    for (size_t i = 0; i < run->unit.n_classes; i++) {
        run->ok &= schema_check_class(run->unit.classes[i], false,
                                      &run->errors);
    }
    run->said = mof_said(&run->errors);
}

static void
write_all(const struct mof_run *run, struct buffer *out)
{
    for (size_t i = 0; i < run->unit.n_classes; i++) {
        class_write_mof(run->unit.classes[i], out);
    }
}

/* Written, read, written again: the same text, and the same hashes. */
static void
round_trip(const struct mof_run *run)
{
    BUFFER_AUTO struct buffer first = BUFFER_INIT;
    BUFFER_AUTO struct buffer second = BUFFER_INIT;
    struct mof_run again = { .options.no_files = true };

    write_all(run, &first);
    mof_run_bytes(&again, first.data, first.size, MOF_RESOLVE);
    CU_ASSERT(again.ok);
    CU_ASSERT_EQUAL_FATAL(again.unit.n_classes, run->unit.n_classes);
    write_all(&again, &second);
    CU_ASSERT_EQUAL_FATAL(first.size, second.size);
    CU_ASSERT_EQUAL(memcmp(first.data, second.data, first.size), 0);
    for (size_t i = 0; i < run->unit.n_classes; i++) {
        CU_ASSERT_EQUAL(class_hash(run->unit.classes[i]),
                        class_hash(again.unit.classes[i]));
    }
    mof_run_clear(&again);
}

/* The other reader gives the same classes as well. */
static void
xml_round_trip(const struct mof_run *run)
{
    BUFFER_AUTO struct buffer first = BUFFER_INIT;
    BUFFER_AUTO struct buffer second = BUFFER_INIT;
    BUFFER_AUTO struct buffer xml = BUFFER_INIT;
    struct mof_run again = { .options.no_files = true };

    buffer_puts(&xml, "<?xml version=\"1.0\"?>\n<CIM>");
    for (size_t i = 0; i < run->unit.n_classes; i++) {
        class_write_xml(run->unit.classes[i],
                        CLASS_XML_LOCAL_ONLY | CLASS_XML_QUALIFIERS, NULL, 0,
                        &xml);
    }
    buffer_puts(&xml, "</CIM>\n");
    again.ok = schema_compile_text("x.xml", xml.data, xml.size,
                                   &again.options, &again.unit,
                                   &again.errors)
               && schema_resolve(&again.unit, &again.options, &again.errors);
    again.said = mof_said(&again.errors);
    CU_ASSERT_STRING_EQUAL(again.said, "");
    CU_ASSERT_EQUAL_FATAL(again.unit.n_classes, run->unit.n_classes);
    write_all(run, &first);
    write_all(&again, &second);
    CU_ASSERT_STRING_EQUAL(buffer_string(&first), buffer_string(&second));
    for (size_t i = 0; i < run->unit.n_classes; i++) {
        CU_ASSERT_EQUAL(class_hash(run->unit.classes[i]),
                        class_hash(again.unit.classes[i]));
    }
    mof_run_clear(&again);
}

static void
test_dmtf(void)
{
    struct mof_run run = { .ok = true };

    compile_file(&run, "dmtf-cim-2.49.0/cim_schema_2.49.0.mof");
    CU_ASSERT(run.ok);
    resolve(&run);
    CU_ASSERT(run.ok);
    CU_ASSERT_EQUAL(run.errors.n_errors, 0);
    CU_ASSERT_EQUAL(run.unit.n_classes, 1631);
    CU_ASSERT_EQUAL(run.unit.n_qualifier_types, 70);
    round_trip(&run);
    xml_round_trip(&run);
    mof_run_clear(&run);
}

static void
test_microsoft(void)
{
    struct mof_run run = { .ok = true };
    const struct property *property;

    compile_file(&run, "microsoft-switch-extension/MSForwardExtPolicy.mof");
    CU_ASSERT(run.ok);
    compile_file(&run,
                 "microsoft-switch-extension/MSForwardExtPolicyStatus.mof");
    CU_ASSERT(run.ok);
    resolve(&run);
    CU_ASSERT_STRING_EQUAL(run.said, "");
    CU_ASSERT_EQUAL_FATAL(run.unit.n_classes, 2);
    CU_ASSERT_STRING_EQUAL(run.unit.name_space, "root/virtualization/v2");
    property = class_property(run.unit.classes[0], "MacAddress");
    CU_ASSERT_PTR_NOT_NULL_FATAL(property);
    CU_ASSERT(property->type == CIM_UINT8 && property->is_array
              && property->max_elements == 6 && property->data_id == 1
              && !property->initial.is_null && property->initial.n == 0);
    CU_ASSERT_EQUAL(class_version(run.unit.classes[0]), 0x100);
    round_trip(&run);
    xml_round_trip(&run);
    mof_run_clear(&run);
}

static void
test_builtin(void)
{
    struct mof_run run = { .options.no_files = true };
    size_t size;
    const char *text = prelude_text(&size);

    mof_run_bytes(&run, text, size, MOF_RESOLVE);
    CU_ASSERT_STRING_EQUAL(run.said, "");
    round_trip(&run);
    xml_round_trip(&run);
    mof_run_clear(&run);
}

static const struct unit_test tests[] = {
    { "DMTF", test_dmtf }, { "Microsoft", test_microsoft },
    { "built in", test_builtin },
};

int
main(void)
{
    const char *source = getenv("top_srcdir");
    char *beside = mem_printf("%s/../shared/data", source ? source : "..");
    char *probe;
    int status;

    data = getenv("XVS_TEST_DATA");
    if (!data) {
        data = beside;
    }
    probe = mem_printf("%s/mof/dmtf-cim-2.49.0", data);
    if (access(probe, R_OK) != 0) {
        printf("SKIP: test data mof/dmtf-cim-2.49.0 is not there "
               "(XVS_TEST_DATA)\n");
        status = 77;
    } else {
        status = unit_main("mof-data", tests, sizeof(tests)
                                                  / sizeof(tests[0]));
    }
    free(probe);
    free(beside);
    return status;
}
