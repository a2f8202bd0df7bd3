/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Layouts: which members they have, what has none, and layouts from the wire
 * that lie.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "marshal-schema.h"
#include "marshal/layout.h"
#include "unit.h"

/* Members in order, as "type.shape.n@offset". */
static char *
describe(const struct layout *layout)
{
    struct buffer out = BUFFER_INIT;

    for (uint32_t i = 0; i < layout->parts[0].n_fields; i++) {
        const struct layout_field *field = &layout->fields[i];

        buffer_printf(&out, "%s%s.%u.%u@%u", i ? " " : "",
                      cim_type_name((enum cim_type) field->type),
                      field->shape, field->n, field->offset);
    }
    buffer_printf(&out, " = %u/%u", layout->parts[0].size,
                  layout->parts[0].align);
    return buffer_steal(&out);
}

static const struct {
    const char *mof;
    const char *cls;
    const char *members;
} rows[] = {
    { "class T_A { uint8 a; uint64 b; uint8 c; };", "T_A",
      "uint8.1.0@0 uint64.1.0@8 uint8.1.0@16 = 24/8" },
    { "class T_A { uint8 a; string b; uint8 c[3]; };", "T_A",
      "uint8.1.0@0 string.1.0@4 uint8.2.3@12 = 16/4" },
    { "class T_A { uint8 a; [Max(2)] uint64 b[]; [Max(3)] uint8 c[]; "
      "uint8 d; };", "T_A",
      "uint8.1.0@0 uint64.3.2@4 uint8.3.3@24 uint8.1.0@31 = 32/8" },
    { "class T_I { uint8 a; uint16 b; }; class T_A { uint8 a; "
      "[EmbeddedInstance(\"T_I\")] string o; uint8 c; };", "T_A",
      "uint8.1.0@0 object.1.0@2 uint8.1.0@6 = 8/2" },
    /* What the built-in schema declares is not in a block. */
    { "class T_A : XVS_PortFeatureSettings { uint32 a; };", "T_A",
      "uint32.1.0@0 = 4/4" },
    /* An overriding property keeps its place. */
    { "class T_A { uint32 a; uint8 b; }; class T_B : T_A { uint16 c; "
      "[Override(\"a\")] uint32 a; };", "T_B",
      "uint32.1.0@0 uint8.1.0@4 uint16.1.0@6 = 8/4" },
};

static void
test_members(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_schema schema;
        const struct layout *layout;
        MEM_AUTO char *members = NULL;

        test_schema_open(&schema, rows[i].mof);
        test_class(&schema, rows[i].cls, &layout);
        members = describe(layout);
        CU_ASSERT_STRING_EQUAL(members, rows[i].members);
        if (strcmp(members, rows[i].members) != 0) {
            printf("found %s\n", members);
        }
        test_schema_close(&schema);
    }
}

static void
test_identity(void)
{
    struct test_schema schema;
    const struct layout *layout;
    struct cim_class *cls;

    test_schema_open(&schema,
        "[UUID(\"00000001-0002-0003-0405-060708090a0b\"), "
        "InterfaceVersion(\"2\"), InterfaceRevision(\"5\")]"
        "class T_A { [WmiDataId(2)] uint8 a; [WmiDataId(1)] uint8 b; };");
    cls = test_class(&schema, "T_A", &layout);
    CU_ASSERT_EQUAL(layout->version, 0x0205);
    CU_ASSERT_EQUAL(layout->uuid.a, 1);
    CU_ASSERT_EQUAL(layout->hash, class_hash(cls));
    CU_ASSERT_EQUAL(layout_property(cls, layout, 0), 1);
    CU_ASSERT_EQUAL(layout_property(cls, layout, 1), 0);
    CU_ASSERT_PTR_EQUAL(layout, layout_of_class(cls, NULL, NULL, NULL));
    test_schema_close(&schema);
}

static void
test_parameters(void)
{
    struct test_schema schema;
    struct layout *in, *out;
    MEM_AUTO char *in_members = NULL;
    MEM_AUTO char *out_members = NULL;
    const struct method *method;

    test_schema_open(&schema, "class T_A { uint32 M([In] uint8 a, "
        "[In(false), Out] string b, [In, Out] uint64 c); };");
    method = &test_lookup(&schema, "T_A")->methods[0];
    in = layout_of_parameters(method, false, test_lookup, &schema, NULL);
    out = layout_of_parameters(method, true, test_lookup, &schema, NULL);
    in_members = describe(in);
    out_members = describe(out);
    CU_ASSERT_STRING_EQUAL(in_members, "uint8.1.0@0 uint64.1.0@8 = 16/8");
    CU_ASSERT_STRING_EQUAL(out_members, "uint32.1.0@0 string.1.0@4 "
                           "uint64.1.0@16 = 24/8");
    layout_destroy(in);
    layout_destroy(out);
    test_schema_close(&schema);
}

/* A class that the names of the test schema do not reach. */
static void
test_unknown(void)
{
    struct test_schema schema;
    struct cim_class *cls;
    struct error error = { 0 };

    test_schema_open(&schema, "class T_I { uint8 x; };"
        "class T_A { [EmbeddedInstance(\"T_I\")] string o; };");
    cls = test_lookup(&schema, "T_A");
    CU_ASSERT_PTR_NULL(layout_of_class(cls, NULL, NULL, &error));
    CU_ASSERT_STRING_EQUAL(error.text,
                           "class T_A: o: embedded class T_I is not known");
    test_schema_close(&schema);
}

static void
test_large(void)
{
    struct test_schema schema;
    struct error error = { 0 };

    test_schema_open(&schema, "class T_I { uint64 x[65536]; }; class T_A { "
                     "[EmbeddedInstance(\"T_I\")] string o[40]; };");
    CU_ASSERT_PTR_NULL(layout_of_class(test_lookup(&schema, "T_A"),
                                       test_lookup, &schema, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_LIMIT);
    test_schema_close(&schema);
}

/* Where things are in the wire form of a layout with two parts. */
enum { PARTS = 40, FIELDS = PARTS + 2 * 20 };

static const struct {
    const char *what;
    unsigned int at, size;
    uint32_t value;
} lies[] = {
    { "magic", 0, 4, 0 },
    { "wire version", 4, 2, 2 },
    { "no parts", 8, 2, 0 },
    { "many parts", 8, 2, 0xffff },
    { "reserved", 10, 2, 1 },
    { "many fields", 12, 4, 0xffffffff },
    { "first field", PARTS, 4, 1 },
    { "number of fields", PARTS + 4, 4, 1 },
    { "size", PARTS + 8, 4, 4 },
    { "alignment", PARTS + 12, 4, 1 },
    { "bits", PARTS + 16, 4, 1 },
    { "type", FIELDS, 1, 0 },
    { "unknown type", FIELDS, 1, 200 },
    { "shape", FIELDS + 1, 1, 0 },
    { "unknown shape", FIELDS + 1, 1, 9 },
    { "part of a number", FIELDS + 2, 2, 1 },
    { "offset", FIELDS + 4, 4, 4 },
    { "elements of a scalar", FIELDS + 8, 4, 3 },
    { "bit", FIELDS + 12, 4, 3 },
    { "part that holds itself", FIELDS + 16 + 2, 2, 0 },
    { "part that is not there", FIELDS + 16 + 2, 2, 2 },
    { "huge array", FIELDS + 32 + 8, 4, 0xffffffff },
    { "empty array", FIELDS + 32 + 8, 4, 0 },
};

static void
test_wire(void)
{
    BUFFER_AUTO struct buffer wire = BUFFER_INIT;
    struct test_schema schema;
    const struct layout *layout;
    struct layout *read;
    struct error error = { 0 };

    test_schema_open(&schema, "class T_I { uint8 x; }; class T_A { uint8 a; "
        "[EmbeddedInstance(\"T_I\")] string o; uint16 n[3]; };");
    test_class(&schema, "T_A", &layout);
    layout_write(layout, &wire);
    read = layout_read(wire.data, wire.size, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    CU_ASSERT_EQUAL(read->hash, layout->hash);
    layout_destroy(read);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        char *copy = mem_dup(wire.data, wire.size);

        memcpy(copy + lies[i].at, &lies[i].value, lies[i].size);
        read = layout_read(copy, wire.size, &error);
        CU_ASSERT_PTR_NULL(read);
        if (read) {
            printf("not noticed: %s\n", lies[i].what);
        }
        layout_destroy(read);
        free(copy);
    }
    for (size_t size = 0; size < wire.size; size++) {
        char *copy = mem_dup(wire.data, size);

        CU_ASSERT_PTR_NULL(layout_read(copy, size, &error));
        free(copy);
    }
    test_schema_close(&schema);
}

static const struct unit_test tests[] = {
    { "members, shapes and offsets", test_members },
    { "identity and order", test_identity },
    { "parameters of methods", test_parameters },
    { "unknown embedded classes", test_unknown },
    { "classes that are too large", test_large },
    { "layouts from the wire", test_wire },
};

UNIT_MAIN("marshal-layout", tests)
