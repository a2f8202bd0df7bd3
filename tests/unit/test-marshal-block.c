/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Golden bytes: each block was compared by hand with doc/formats.md.  And the
 * ways in which a block can be wrong.
 */

#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "marshal-schema.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"
#include "unit.h"

#define INNER "class T_I { uint8 x; string s; };"
#define PLAIN_HEAD(total, body, fixed, bits) \
    "58565342 01000000 " total " 38000000 " body fixed bits " 00000000" \
    "00000000 00000000 00000000 00000000"
#define MICROSOFT "ExtensionId(\"37d9eae6-5bae-48c5-bff1-63a7cdd7e4f4\"), " \
    "InterfaceVersion(\"1\"), InterfaceRevision(\"0\")]"

static const struct {
    const char *name;
    const char *schema;
    const char *cls;
    const char *instance;
    const char *bytes;
} golden[] = {
    { "every number, at the offsets of C",
      "class T_A { boolean a; uint8 b; sint8 c; uint16 d; sint16 e; uint32 f;"
      " sint32 g; uint64 h; sint64 i; real32 j; real64 k; char16 l; };",
      "T_A",
      "instance of T_A { a = true; b = 255; c = -1; d = 0x1234; e = -2; "
      "f = 0x12345678; g = -3; h = 0x123456789abcdef0; i = -4; j = 1.5; "
      "k = -2.5; l = 'A'; };",
      PLAIN_HEAD("70000000", "38000000", "38000000", "0c000000")
      "ff0f0000 00000000 01ffff00 3412feff 78563412 fdffffff"
      "f0debc9a 78563412 fcffffff ffffffff 0000c03f 00000000"
      "00000000 000004c0 41000000 00000000" },
    { "NULL is 0 and has no bit",
      "class T_A { boolean a; uint64 h; string s; datetime t; uint8 v[]; };",
      "T_A", "instance of T_A { };",
      PLAIN_HEAD("68000000", "30000000", "30000000", "05000000")
      "00000000 00000000"
      "00000000 00000000 00000000 00000000 00000000 00000000"
      "00000000 00000000 00000000 00000000 00000000 00000000" },
    { "texts: three bytes, empty, NULL, a reference",
      "class T_A { string a; string b; string c; T_A ref r; };", "T_A",
      "instance of T_A { a = \"abc\"; b = \"\"; r = \"T_A.k=1\"; };",
      PLAIN_HEAD("68000000", "30000000", "20000000", "04000000")
      "0b000000 00000000"
      "03000000 20000000 00000000 00000000 00000000 00000000"
      "07000000 28000000 61626300 00000000 545f412e 6b3d3100" },
    { "datetimes: a time in another zone, an interval",
      "class T_A { uint8 x; datetime a; datetime b; };", "T_A",
      "instance of T_A { x = 1; a = \"19700101000001.000002+060\"; "
      "b = \"00000001000000.000000:000\"; };",
      PLAIN_HEAD("60000000", "28000000", "28000000", "03000000")
      "07000000 00000000"
      "01000000 00000000 429e7b29 ffffffff 3c000000 00000000"
      "0060d71d 14000000 00000100 00000000" },
    { "arrays of each shape, of numbers and of texts",
      "class T_A { uint16 a[3]; [Max(3)] uint64 b[]; uint32 c[]; "
      "string d[2]; [Max(2)] string e[]; string f[]; uint8 g[]; };", "T_A",
      "instance of T_A { a = {1,2,3}; b = {4}; c = {5,6}; d = {\"x\",\"y\"};"
      " e = {\"z\"}; f = {\"uu\",\"\"}; g = {}; };",
      PLAIN_HEAD("d8000000", "9b000000", "68000000", "07000000")
      "7f000000 00000000"
      "01000200 03000000 01000000 00000000 04000000 00000000"
      "00000000 00000000 00000000 00000000 02000000 68000000"
      "01000000 70000000 01000000 78000000 01000000 01000000"
      "80000000 00000000 00000000 02000000 88000000 00000000"
      "00000000 00000000 05000000 06000000 78000000 00000000"
      "79000000 00000000 7a000000 00000000 02000000 98000000"
      "00000000 00000000 75750000 00000000" },
    { "uint16 is two bytes at its natural alignment (C10)",
      "class T_A { uint8 a; uint16 b; uint8 c; };", "T_A",
      "instance of T_A { a = 1; b = 2; c = 3; };",
      PLAIN_HEAD("40000000", "06000000", "06000000", "03000000")
      "07000000 00000000 01000200 03000000" },
    { "the order is that of WmiDataId, over the whole chain",
      "class T_A { [WmiDataId(2)] uint8 a; [WmiDataId(1)] uint16 b; };"
      "class T_B : T_A { [WmiDataId(4)] uint8 c; [WmiDataId(3)] uint32 d; };",
      "T_B", "instance of T_B { a = 1; b = 2; c = 3; d = 4; };",
      PLAIN_HEAD("48000000", "0c000000", "0c000000", "04000000")
      "0f000000 00000000 02000100 04000000 03000000 00000000" },
    { "inline objects: their bits follow those of the holder",
      INNER "class T_A { uint8 a; [EmbeddedInstance(\"T_I\")] string o; "
      "[EmbeddedInstance(\"T_I\")] string n; uint8 z; };", "T_A",
      "instance of T_A { a = 1; o = \"instance of T_I { x = 2; };\"; z = 3; };",
      PLAIN_HEAD("58000000", "20000000", "20000000", "08000000")
      "1b000000 00000000 01000000 02000000"
      "00000000 00000000 00000000 00000000 00000000 03000000" },
    { "a fixed array of objects",
      INNER "class T_A { [EmbeddedInstance(\"T_I\")] string o[2]; uint8 z; };",
      "T_A",
      "instance of T_A { o = {\"instance of T_I { x = 2; };\", "
      "\"instance of T_I { s = \\\"q\\\"; };\"}; z = 3; };",
      PLAIN_HEAD("60000000", "22000000", "1c000000", "06000000")
      "27000000 00000000"
      "02000000 00000000 00000000 00000000 01000000 20000000"
      "03000000 00000000 71000000 00000000" },
    { "a bounded array of objects, half used",
      INNER "class T_A { [EmbeddedInstance(\"T_I\"), Max(2)] string o[]; "
      "uint8 z; };", "T_A",
      "instance of T_A { o = {\"instance of T_I { x = 2; };\"}; z = 3; };",
      PLAIN_HEAD("58000000", "20000000", "20000000", "06000000")
      "07000000 00000000 01000000 02000000"
      "00000000 00000000 00000000 00000000 00000000 03000000" },
    { "a variable array of objects: its bits come last",
      INNER "class T_A { [EmbeddedInstance(\"T_I\")] string o[]; uint8 z; };",
      "T_A",
      "instance of T_A { o = {\"instance of T_I { x = 2; s = \\\"q\\\"; };\","
      " \"instance of T_I { };\"}; z = 3; };",
      PLAIN_HEAD("68000000", "2a000000", "0c000000", "06000000")
      "0f000000 00000000"
      "02000000 10000000 03000000 00000000 02000000 01000000"
      "28000000 00000000 00000000 00000000 71000000 00000000" },
    { "Microsoft's setting: a count and six bytes",
      "[UUID(\"EB29F0F2-F5DC-45C6-81BB-3CD9F219BBBB\"), " MICROSOFT
      "class MSForwardExt_MacAddressRule : "
      "Msvm_EthernetSwitchFeatureSettingData { "
      "[WmiDataId(1), Max(6)] uint8 MacAddress[] = {}; };",
      "MSForwardExt_MacAddressRule",
      "instance of MSForwardExt_MacAddressRule { "
      "MacAddress = {1,2,3,4,5,6}; };",
      "58565342 01000001 48000000 38000000 0c000000 0c000000 01000000"
      "00000000 f2f029eb dcf5c645 81bb3cd9 f219bbbb"
      "01000000 00000000 06000000 01020304 05060000 00000000" },
    { "Microsoft's status: a count, an offset, and the ids there",
      "[UUID(\"A3E2AFF5-E6FA-4E52-AB74-13250BF7E8CF\"), " MICROSOFT
      "class MSForwardExt_MacAddressRuleStatus : Msvm_EthernetSwitchData { "
      "[WmiDataId(1)] uint32 AllowedPortIds[] = {}; };",
      "MSForwardExt_MacAddressRuleStatus",
      "instance of MSForwardExt_MacAddressRuleStatus { "
      "AllowedPortIds = {7, 9}; };",
      "58565342 01000001 48000000 38000000 10000000 08000000 01000000"
      "00000000 f5afe2a3 fae6524e ab741325 0bf7e8cf"
      "01000000 00000000 02000000 08000000 07000000 09000000" },
};

static void
read_hex(const char *hex, struct buffer *out)
{
    char pair[3] = { 0 };

    while (*hex) {
        if (isxdigit((unsigned char) *hex)) {
            pair[0] = hex[0];
            pair[1] = hex[1];
            buffer_putc(out, (char) strtoul(pair, NULL, 16));
            hex++;
        }
        hex++;
    }
}

static bool
same_bytes(const char *name, const struct buffer *found,
           const struct buffer *expected)
{
    size_t n = found->size < expected->size ? found->size : expected->size;
    size_t i = 0;

    while (i < n && found->data[i] == expected->data[i]) {
        i++;
    }
    if (i == n && found->size == expected->size) {
        return true;
    }
    printf("%s: %zu bytes, expected %zu; they differ at %zu\n", name,
           found->size, expected->size, i);
    return false;
}

static void
test_golden(void)
{
    for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
        BUFFER_AUTO struct buffer expected = BUFFER_INIT;
        BUFFER_AUTO struct buffer found = BUFFER_INIT;
        struct test_schema schema;
        const struct layout *layout;
        struct instance *instance, *decoded;
        struct cim_class *cls;
        struct error error = { 0 };

        test_schema_open(&schema, golden[i].schema);
        cls = test_class(&schema, golden[i].cls, &layout);
        instance = test_instance(&schema, golden[i].instance);
        read_hex(golden[i].bytes, &expected);
        CU_ASSERT(block_encode(instance, layout, &found, &error));
        CU_ASSERT(same_bytes(golden[i].name, &found, &expected));
        CU_ASSERT(block_check(expected.data, expected.size, layout, &error));
        decoded = block_decode(expected.data, expected.size, cls, layout,
                               test_lookup, &schema, &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(decoded);
        CU_ASSERT(instance_equal(instance, decoded));
        instance_destroy(decoded);
        instance_destroy(instance);
        test_schema_close(&schema);
    }
}

/* One class and a block of it, to be damaged. */
static const char damage_schema[] =
    "class T_A { boolean a; string s; [Max(2)] uint8 b[]; datetime t; "
    "uint32 v[]; string n; };";
static const char damage_instance[] =
    "instance of T_A { a = true; s = \"text\"; b = {1}; "
    "t = \"19700101000001.000002+060\"; v = {1, 2, 3}; };";

/* Offsets of the body's members there. */
enum {
    BODY = 56, A = BODY, S = BODY + 4, B = BODY + 12, T = BODY + 24,
    V = BODY + 40, N = BODY + 48, TEXT = BODY + 56, IDS = BODY + 64
};

static const struct {
    const char *says;       /* part of the error's text */
    unsigned int at;
    unsigned int size;
    uint64_t value;
} damages[] = {
    { "serialization version", 0, 4, 1 },
    { "serialization version", 4, 2, 2 },
    { "major version", 6, 2, 0x0100 },
    { "contradict", 8, 4, 0x1000000 },
    { "contradict", 8, 4, 8 },
    { "contradict", 12, 4, 48 },
    { "contradict", 16, 4, 4000 },
    { "contradict", 20, 4, 4000 },
    { "presence bits", 20, 4, 40 },
    { "contradict", 24, 4, 0xffffffff },
    { "contradict", 24, 4, 0 },
    { "contradict", 28, 4, 1 },
    { "another class", 32, 4, 1 },
    { "unused presence bits", 48, 1, 0x5f },
    { "boolean", A, 1, 2 },
    { "member 2", S, 4, 4000 },
    { "member 2", S, 4, 0xffffffff },
    { "8-aligned", S + 4, 4, 57 },
    { "behind the fixed part", S + 4, 4, 0 },
    { "behind the fixed part", S + 4, 4, 0xfffffff8 },
    { "overlaps", V + 4, 4, 56 },
    { "no NUL", TEXT + 4, 1, 'x' },
    { "UTF-8", TEXT + 1, 1, 0xff },
    { "UTF-8", TEXT + 1, 1, 0 },
    { "Max", B, 4, 3 },
    { "not 0 behind", B + 5, 1, 1 },
    { "datetime", T + 10, 1, 2 },
    { "datetime", T + 11, 1, 21 },
    { "datetime", T + 12, 4, 1 },
    { "behind the fixed part", V, 4, 0x40000001 },
    { "NULL member", N, 4, 1 },
    { "NULL member", 48, 1, 0x1e },
};

static void
damage_one(size_t i, const struct buffer *block, const struct layout *layout)
{
    char *copy = malloc(block->size);
    struct error error = { 0 };
    bool good;

    memcpy(copy, block->data, block->size);
    memcpy(copy + damages[i].at, &damages[i].value, damages[i].size);
    good = block_check(copy, block->size, layout, &error);
    if (good || !strstr(error.text, damages[i].says)) {
        CU_FAIL("another answer");
        printf("damage %zu at %u: \"%s\", expected \"%s\"\n", i,
               damages[i].at, error.text, damages[i].says);
    }
    free(copy);
}

static void
test_damages(void)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct test_schema schema;
    const struct layout *layout;
    struct instance *instance;

    test_schema_open(&schema, damage_schema);
    test_class(&schema, "T_A", &layout);
    instance = test_instance(&schema, damage_instance);
    CU_ASSERT_FATAL(block_encode(instance, layout, &block, NULL));
    CU_ASSERT_EQUAL(block.size, IDS + 16);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        damage_one(i, &block, layout);
    }
    for (size_t size = 0; size < block.size; size++) {
        char *copy = malloc(size + 1);

        memcpy(copy, block.data, size);
        CU_ASSERT(!block_check(copy, size, layout, NULL));
        free(copy);
    }
    instance_destroy(instance);
    test_schema_close(&schema);
}

/* Pieces in another order than the writer's are accepted. */
static void
test_order(void)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct test_schema schema;
    const struct layout *layout;
    struct instance *instance;
    struct xvs_ref first, second;
    struct error error = { 0 };

    test_schema_open(&schema, "class T_A { string a; string b; };");
    test_class(&schema, "T_A", &layout);
    instance = test_instance(&schema,
                             "instance of T_A { a = \"1\"; b = \"2\"; };");
    CU_ASSERT(block_encode(instance, layout, &block, &error));
    memcpy(&first, block.data + BODY, sizeof first);
    memcpy(&second, block.data + BODY + 8, sizeof second);
    memcpy(block.data + BODY, &second, sizeof second);
    memcpy(block.data + BODY + 8, &first, sizeof first);
    CU_ASSERT(block_check(block.data, block.size, layout, &error));
    memcpy(block.data + BODY, &first, sizeof first);
    CU_ASSERT(!block_check(block.data, block.size, layout, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "overlaps"));
    instance_destroy(instance);
    test_schema_close(&schema);
}

/* Encodes as one version of a class and reads as another. */
static void
read_as(const char *writer, const char *object, const char *reader,
        const char *expected)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct test_schema old, new;
    const struct layout *layout;
    struct instance *instance, *decoded, *wanted;
    struct cim_class *cls;
    struct error error = { 0 };

    test_schema_open(&old, writer);
    test_class(&old, "T_A", &layout);
    instance = test_instance(&old, object);
    CU_ASSERT(block_encode(instance, layout, &block, &error));
    test_schema_open(&new, reader);
    cls = test_class(&new, "T_A", &layout);
    if (!expected) {
        CU_ASSERT(!block_check(block.data, block.size, layout, &error));
        CU_ASSERT_EQUAL(error.code, ERROR_VERSION);
    } else {
        CU_ASSERT_FATAL(block_check(block.data, block.size, layout, &error));
        decoded = block_decode(block.data, block.size, cls, layout,
                               test_lookup, &new, &error);
        wanted = test_instance(&new, expected);
        CU_ASSERT(instance_equal(decoded, wanted));
        instance_destroy(decoded);
        instance_destroy(wanted);
    }
    instance_destroy(instance);
    test_schema_close(&new);
    test_schema_close(&old);
}

static void
test_versions(void)
{
    const char *old = "[InterfaceVersion(\"1\"), InterfaceRevision(\"0\")] "
                      "class T_A { uint32 a; string s; uint8 b; };";
    const char *new = "[InterfaceVersion(\"1\"), InterfaceRevision(\"1\")] "
                      "class T_A { uint32 a; string s; uint8 b; uint8 c; "
                      "string d; };";
    const char *other = "[InterfaceVersion(\"2\"), InterfaceRevision(\"0\")] "
                        "class T_A { uint32 a; string s; uint8 b; };";

    read_as(old, "instance of T_A { a = 1; s = \"x\"; b = 2; };", new,
            "instance of T_A { a = 1; s = \"x\"; b = 2; };");
    read_as(new, "instance of T_A { a = 1; s = \"x\"; b = 2; c = 3; "
            "d = \"y\"; };", old,
            "instance of T_A { a = 1; s = \"x\"; b = 2; };");
    read_as(old, "instance of T_A { a = 1; };", other, NULL);
    read_as(INNER "class T_A { uint8 a; [EmbeddedInstance(\"T_I\")] "
            "string o; };", "instance of T_A { a = 1; };",
            INNER "class T_A { uint8 a; [EmbeddedInstance(\"T_I\")] "
            "string o; uint8 b; };", NULL);
}

/* A reader with more members than the block has bits of any kind. */
static void
test_many_members(void)
{
    BUFFER_AUTO struct buffer new = BUFFER_INIT;

    buffer_puts(&new, "class T_A { uint8 p0;");
    for (int i = 1; i < 80; i++) {
        buffer_printf(&new, " uint8 p%d;", i);
    }
    buffer_puts(&new, " };");
    read_as("class T_A { uint8 p0; };", "instance of T_A { p0 = 255; };",
            buffer_string(&new), "instance of T_A { p0 = 255; };");
}

/* The number of bits must cover every element of every array. */
static void
test_too_few_bits(void)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct test_schema schema;
    const struct layout *layout;
    struct instance *instance;
    struct error error = { 0 };

    test_schema_open(&schema, INNER "class T_A { "
                     "[EmbeddedInstance(\"T_I\")] string o[]; };");
    test_class(&schema, "T_A", &layout);
    instance = test_instance(&schema, "instance of T_A { o = {"
        "\"instance of T_I { x = 1; };\", \"instance of T_I { };\"}; };");
    CU_ASSERT_FATAL(block_encode(instance, layout, &block, &error));
    CU_ASSERT(block_check(block.data, block.size, layout, &error));
    block.data[24] = 3;
    CU_ASSERT(!block_check(block.data, block.size, layout, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "too few presence bits"));
    block.data[24] = 6;
    CU_ASSERT(!block_check(block.data, block.size, layout, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "should be 5"));
    instance_destroy(instance);
    test_schema_close(&schema);
}

/* What an instance may hold and a block cannot. */
static void
test_refusals(void)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct test_schema schema;
    const struct layout *layout;
    struct instance *instance;
    struct error error = { 0 };

    test_schema_open(&schema, INNER
        "class T_J : T_I { uint8 y; };"
        "class T_A { uint8 f[2]; [Max(1)] uint8 m[]; string v[]; "
        "[EmbeddedInstance(\"T_I\")] string o; };");
    test_class(&schema, "T_A", &layout);
    instance = instance_create(test_lookup(&schema, "T_A"));
    instance->values[0] = value_array(CIM_UINT8, 3);
    CU_ASSERT(!block_encode(instance, layout, &block, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "T_A.f: an array has 3"));
    value_clear(&instance->values[0]);
    instance->values[0] = value_null(CIM_UINT8, true);
    instance->values[1] = value_array(CIM_UINT8, 2);
    CU_ASSERT(!block_encode(instance, layout, &block, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "T_A.m: an array has 2"));
    value_clear(&instance->values[1]);
    instance->values[2] = value_array(CIM_STRING, 1);
    CU_ASSERT(!block_encode(instance, layout, &block, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "element 0 of an array is "
                                  "NULL"));
    value_clear(&instance->values[2]);
    instance->values[3] = (struct value){
        .type = CIM_EMBEDDED,
        .object = instance_create(test_lookup(&schema, "T_J")) };
    CU_ASSERT(!block_encode(instance, layout, &block, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "T_J stands where class T_I"));
    CU_ASSERT_EQUAL(block.size, 0);
    instance_destroy(instance);
    test_schema_close(&schema);
}

/* A plugin's object: built with the writer of the SDK, all present. */
static void
test_view(void)
{
    struct { uint32_t a; struct xvs_ref s, v; } *object;
    uint64_t memory[16];
    struct xvs_writer writer;
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct test_schema schema;
    const struct layout *layout;
    struct instance *decoded, *wanted;
    struct cim_class *cls;
    struct xvs_view view = { 0 };
    struct error error = { 0 };
    const uint16_t items[] = { 7, 8 };

    test_schema_open(&schema, "class T_A { uint32 a; string s; uint16 v[]; "
                     "};");
    cls = test_class(&schema, "T_A", &layout);
    xvs_writer_start(&writer, memory, sizeof memory, sizeof *object);
    object = (void *) memory;
    object->a = 5;
    object->s = xvs_put_string(&writer, "hello");
    object->v = xvs_put(&writer, items, 2, sizeof items[0]);
    view.body = memory;
    view.size = writer.size;
    CU_ASSERT(block_check_view(&view, layout, &error));
    block_from_view(&view, layout, &block);
    CU_ASSERT(block_check(block.data, block.size, layout, &error));
    decoded = block_decode(block.data, block.size, cls, layout, test_lookup,
                           &schema, &error);
    wanted = test_instance(&schema, "instance of T_A { a = 5; s = \"hello\"; "
                           "v = {7, 8}; };");
    CU_ASSERT(instance_equal(decoded, wanted));
    view.size = 8;
    CU_ASSERT(!block_check_view(&view, layout, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "needs 20 at least"));
    instance_destroy(decoded);
    instance_destroy(wanted);
    test_schema_close(&schema);
}

static const struct unit_test tests[] = {
    { "golden bytes", test_golden },
    { "damaged blocks are refused, saying what is wrong", test_damages },
    { "pieces in any order", test_order },
    { "other versions of a class", test_versions },
    { "a reader with many more members", test_many_members },
    { "presence bits of variable arrays", test_too_few_bits },
    { "objects that have no binary form", test_refusals },
    { "an object that a plugin made", test_view },
};

UNIT_MAIN("marshal-block", tests)
