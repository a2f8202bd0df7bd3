/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects: what may be set, what is refused and how it is said, what a
 * schema's limits allow.
 */
#include <config.h>

#include "object/instance.h"

#include <string.h>

#include "base/buffer.h"
#include "unit/host.h"
#include "unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char schema[] =
    "class T_In { uint8 X; };"
    "class T_InMore : T_In { uint8 Y; };"
    "class T_All {"
    "  [Key] string Name; boolean B; uint8 U8 = 7; sint8 S8; uint16 U16;"
    "  uint64 U64; sint64 S64; real32 R32; real64 R64; char16 C; datetime T;"
    "  T_In REF Link; T_In Inner; [EmbeddedObject] string Any;"
    "  uint8 List[]; string Texts[];"
    "  [MinValue(2), MaxValue(9)] uint8 Small; [MinValue(-5)] sint16 Low;"
    "  [MaxLen(3)] string Short; [MaxLen(2)] string Shorts[];"
    "  uint8 Fixed[3]; [Max(2)] uint8 Most[];"
    "  [ValueMap{\"1\",\"3..5\",\"100..\"}] uint8 Mode;"
    "  [ValueMap{\"tap\",\"packet\"}] string Driver;"
    "  [ValueMap{\"1\",\"..\"}] uint8 Open;"
    "};"
    "class T_Needs { [Required] string Must; string Can; };";

static struct repository *repository;

static struct instance *
make(const char *name)
{
    struct cim_class *cls = repository_class(repository, name);

    CU_ASSERT_FATAL(cls != NULL);
    return instance_create(cls);
}

static void
test_text_forms(void)
{
    static const struct {
        const char *name, *text, *says;     /* 'says' NULL: accepted */
    } rows[] = {
        { "U8", "255", NULL },
        { "u8", "0x10", NULL },
        { "U8", "256", "T_All.U8: '256' is not a uint8 (0 to 255)" },
        { "U8", "-1", "T_All.U8" },
        { "U8", "abc", "T_All.U8" },
        { "U64", "18446744073709551615", NULL },
        { "U64", "18446744073709551616", "T_All.U64" },
        { "S64", "-9223372036854775808", NULL },
        { "B", "TRUE", NULL },
        { "B", "1", "T_All.B" },
        { "R32", "1.5", NULL },
        { "C", "x", NULL },
        { "C", "xy", "T_All.C" },
        { "T", "20261121030405.000000+060", NULL },
        { "T", "yesterday", "T_All.T" },
        { "Link", "T_In.X=1", NULL },
        { "Link", "T_In.", "T_All.Link: object path" },
        { "Inner", "x", "T_All.Inner" },
        { "U8", "NULL", NULL },
        { "List", "{1,2, 3}", NULL },
        { "List", "1,2", NULL },
        { "List", "", NULL },
        { "List", "{}", NULL },
        { "List", "1,300", "T_All.List: element 1" },
        { "Texts", "{\"a,b\", c}", NULL },
        { "Texts", "\"a\\\"b\"", NULL },
        { "Texts", "\"a", "closing quote" },
        { "Texts", "\"a\"b", "expected ','" },
        { "Name", "\xff", "UTF-8" },
        { "Nmae", "x", "class T_All has no property Nmae" },
    };
    struct instance *instance = make("T_All");

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error error = { 0 };
        bool ok = instance_set_text(instance, rows[i].name, rows[i].text,
                                    &error);

        CU_ASSERT_EQUAL(ok, rows[i].says == NULL);
        CU_ASSERT(ok || strstr(error.text, rows[i].says) != NULL);
    }
    CU_ASSERT_EQUAL(instance_u64(instance, "B"), 1);
    CU_ASSERT_EQUAL(instance_get(instance, "Texts")->n, 1);
    CU_ASSERT_STRING_EQUAL(instance_get(instance, "Texts")->items[0].s,
                           "a\"b");
    CU_ASSERT_EQUAL(instance_get(instance, "List")->n, 0);
    CU_ASSERT(!instance_get(instance, "List")->is_null);
    instance_destroy(instance);
}

static void
test_hints(void)
{
    struct instance *instance = make("T_All");
    struct instance *small = make("T_In");
    struct error error;

    CU_ASSERT(!instance_set(instance, "Shrot", value_string("x"), &error));
    CU_ASSERT_STRING_EQUAL(error.hint, "did you mean Short?");
    CU_ASSERT_EQUAL(error.code, ERROR_NO_PROPERTY);
    CU_ASSERT(!instance_set(small, "Wrong", value_string("x"), &error));
    CU_ASSERT_STRING_EQUAL(error.hint, "it has: X");
    instance_destroy(instance);
    instance_destroy(small);
}

static void
test_types(void)
{
    struct instance *instance = make("T_All");
    struct instance *inner = make("T_InMore");
    struct value array = value_array(CIM_UINT64, 2);
    struct error error;

    CU_ASSERT(instance_set(instance, "U16", value_i64(CIM_SINT64, 5), NULL));
    CU_ASSERT_EQUAL(instance_get(instance, "U16")->type, CIM_UINT16);
    CU_ASSERT(!instance_set(instance, "U16", value_string("5"), &error));
    CU_ASSERT_STRING_EQUAL(error.text, "T_All.U16: expected uint16, got the "
                                       "string \"5\"");
    CU_ASSERT(!instance_set(instance, "U16",
                            value_u64(CIM_UINT64, 70000), &error));
    CU_ASSERT(strstr(error.text, "0 to 65535") != NULL);
    CU_ASSERT(instance_set(instance, "R64", value_u64(CIM_UINT64, 5), NULL));
    CU_ASSERT(!instance_set(instance, "List", value_u64(CIM_UINT8, 1),
                            &error));
    CU_ASSERT(strstr(error.text, "expected an array of uint8") != NULL);
    array.items[0] = value_u64(CIM_UINT64, 1);
    CU_ASSERT(!instance_set(instance, "List", array, &error));
    CU_ASSERT(strstr(error.text, "element 1 is NULL") != NULL);
    CU_ASSERT(instance_set(instance, "T",
                           value_string("00000001000000.000000:000"), NULL));
    CU_ASSERT(instance_set(instance, "C", value_string("\xe2\x82\xac"),
                           NULL));
    CU_ASSERT_EQUAL(instance_u64(instance, "C"), 0x20ac);
    CU_ASSERT(!instance_set(instance, "Inner",
                            (struct value){ .type = CIM_OBJECT,
                                            .object = make("T_Needs") },
                            &error));
    CU_ASSERT(strstr(error.text, "an object of class T_In") != NULL);
    CU_ASSERT(instance_set(instance, "Inner",
                           (struct value){ .type = CIM_OBJECT,
                                           .object = inner }, NULL));
    CU_ASSERT_EQUAL(instance_get(instance, "Inner")->type, CIM_EMBEDDED);
    CU_ASSERT(!instance_set(instance, "Name",
                            (struct value){ .type = CIM_OBJECT,
                                            .object = make("T_In") },
                            &error));
    instance_destroy(instance);
}

static void
test_limits(void)
{
    static const struct {
        const char *name, *text, *says;
    } rows[] = {
        { "Small", "2", NULL },
        { "Small", "9", NULL },
        { "Small", "1", "T_All.Small: 1 is less than MinValue 2" },
        { "Small", "10", "T_All.Small: 10 is greater than MaxValue 9" },
        { "Low", "-5", NULL },
        { "Low", "-6", "less than MinValue -5" },
        { "Short", "\xc3\xa4\xc3\xa4\xc3\xa4", NULL },
        { "Short", "abcd", "4 characters, at most 3" },
        { "Shorts", "ab,abc", "element 1" },
        { "Fixed", "1,2,3", NULL },
        { "Fixed", "1,2", "2 elements, exactly 3" },
        { "Most", "1,2", NULL },
        { "Most", "1,2,3", "3 elements, at most 2" },
        { "Mode", "1", NULL },
        { "Mode", "4", NULL },
        { "Mode", "200", NULL },
        { "Mode", "2", "2 is not one of 1, 3..5, 100.. (ValueMap)" },
        { "Driver", "tap", NULL },
        { "Driver", "tape", "tape is not one of tap, packet" },
        { "Open", "77", NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct instance *instance = make("T_All");
        struct error error = { 0 };
        bool ok;

        CU_ASSERT(instance_set_text(instance, rows[i].name, rows[i].text,
                                    NULL));
        ok = instance_check(instance, &error);
        CU_ASSERT_EQUAL(ok, rows[i].says == NULL);
        CU_ASSERT(ok || strstr(error.text, rows[i].says) != NULL);
        instance_destroy(instance);
    }
}

static void
test_required(void)
{
    struct instance *instance = make("T_Needs");
    struct error error;

    CU_ASSERT(!instance_check(instance, &error));
    CU_ASSERT(strstr(error.text, "T_Needs.Must") != NULL);
    instance_set_string(instance, "Must", "x");
    CU_ASSERT(instance_check(instance, &error));
    instance_destroy(instance);
    /* The core's own properties are not the vendor's to fill. */
    CU_ASSERT(host_register(repository, "dmtf",
                            "[Abstract] class CIM_ManagedElement {"
                            "  string Caption; string Description;"
                            "  [Required] string ElementName; };"
                            "class T_Plain : CIM_ManagedElement {"
                            "  [Required] uint8 X = 1; };"));
    instance = make("T_Plain");
    CU_ASSERT(instance_check(instance, &error));
    instance_destroy(instance);
}

static void
test_copies(void)
{
    struct instance *a = make("T_All");
    struct instance *b;

    CU_ASSERT_EQUAL(instance_u64(a, "U8"), 7);
    instance_set_string(a, "Name", "n");
    CU_ASSERT(instance_set_text(a, "List", "1,2,3", NULL));
    CU_ASSERT(instance_set(a, "Inner",
                           (struct value){ .type = CIM_EMBEDDED,
                                           .object = make("T_In") }, NULL));
    b = instance_copy(a);
    CU_ASSERT(instance_equal(a, b));
    CU_ASSERT(instance_set_text(b, "List", "1,2,4", NULL));
    CU_ASSERT(!instance_equal(a, b));
    instance_destroy(a);
    CU_ASSERT_STRING_EQUAL(instance_text(b, "Name"), "n");
    CU_ASSERT(instance_text(b, "U8") == NULL);
    instance_destroy(b);
    instance_destroy(NULL);
}

static void
test_recast(void)
{
    struct instance *instance = make("T_All");
    struct instance *recast;
    struct error error;

    instance_set_string(instance, "Name", "n");
    instance_set_u64(instance, "U16", 300);
    CU_ASSERT(host_register(repository, "next",
                            "class T_Next { [Key] string Name; uint32 U16; "
                            "string New = \"d\"; };"
                            "class T_Narrow { string Name; uint8 U16; };"));
    recast = instance_recast(instance,
                             repository_class(repository, "T_Next"), &error);
    CU_ASSERT_FATAL(recast != NULL);
    CU_ASSERT_EQUAL(instance_u64(recast, "U16"), 300);
    CU_ASSERT_STRING_EQUAL(instance_text(recast, "New"), "d");
    instance_destroy(recast);
    recast = instance_recast(
        instance, repository_class(repository, "T_Narrow"), &error);
    CU_ASSERT(recast == NULL);
    CU_ASSERT(strstr(error.text, "T_Narrow.U16") != NULL);
    instance_set_u64(instance, "U64", 1);
    recast = instance_recast(instance,
                             repository_class(repository, "T_Next"), &error);
    CU_ASSERT(recast == NULL);
    CU_ASSERT(strstr(error.text, "no property U64") != NULL);
    instance_destroy(instance);
}

static const struct unit_test tests[] = {
    { "text forms", test_text_forms },
    { "hints", test_hints },
    { "types", test_types },
    { "limits", test_limits },
    { "required", test_required },
    { "copies", test_copies },
    { "another class", test_recast },
};

int
main(void)
{
    int status;

    repository = host_open(schema);
    status = unit_main("instance", tests, COUNT(tests));
    repository_close(repository);
    return status;
}
