/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Objects as libconfig text: what is written is read back without a change,
 * whatever the values, and text from strangers is refused with its place.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "object/instance.h"
#include "schema/repository.h"
#include "service/config/config-text.h"

static const char schema[] =
    "class Test_Inner { uint64 Big; string Text; };\n"
    "class Test_All {\n"
    "  boolean B; uint8 U8; sint8 S8; uint16 U16; sint16 S16;\n"
    "  uint32 U32; sint32 S32; uint64 U64; sint64 S64;\n"
    "  real32 R32; real64 R64; char16 C; string S; datetime D;\n"
    "  Test_Inner REF Ref; uint64 Many[]; string Texts[]; datetime Ds[];\n"
    "  boolean Bs[]; real64 Rs[]; sint8 _odd;\n"
    "  [EmbeddedInstance(\"Test_Inner\")] string In;\n"
    "  [EmbeddedInstance(\"Test_Inner\")] string Ins[];\n"
    "  uint32 WithDefault = 7;\n"
    "};\n";

static struct repository *repository;

static struct cim_class *
lookup(void *arg, const char *name)
{
    return repository_class(arg, name);
}

static struct instance *
new_object(void)
{
    return instance_create(repository_class(repository, "Test_All"));
}

/* Writes and reads again; NULL (and a failed assertion) when refused. */
static struct instance *
round_trip(const struct instance *object, bool same)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct instance *back = new_object();
    struct error error = { .text = "" };
    config_t config;
    bool ok;

    config_put_values(&text, object, NULL);
    ok = config_parse(buffer_string(&text), &config, &error)
        && config_get_values(config_root_setting(&config), back, same, NULL,
                             lookup, repository, &error);
    if (!ok) {
        fprintf(stderr, "%s\n%s", error.text, text.data);
        CU_FAIL("not read back");
    }
    config_destroy(&config);
    return back;
}

/* One property given as text. */
static void
check_text(const char *name, const char *value)
{
    struct instance *object = new_object(), *back;
    struct error error;

    if (!instance_set_text(object, name, value, &error)) {
        fprintf(stderr, "%s = %s: %s\n", name, value, error.text);
        CU_FAIL("bad test");
    }
    back = round_trip(object, true);
    if (!instance_equal(object, back)) {
        fprintf(stderr, "%s = %s\n", name, value);
        CU_FAIL("changed on its way");
    }
    instance_destroy(object);
    instance_destroy(back);
}

static void
test_scalars(void)
{
    static const char *const cases[][2] = {
        { "B", "true" }, { "B", "false" }, { "U8", "255" }, { "S8", "-128" },
        { "U16", "65535" }, { "S16", "-32768" }, { "U32", "4294967295" },
        { "S32", "-2147483648" }, { "S32", "2147483647" },
        { "U64", "18446744073709551615" }, { "U64", "9223372036854775808" },
        { "U64", "0" }, { "S64", "-9223372036854775808" },
        { "S64", "9223372036854775807" }, { "R32", "0.1" },
        { "R32", "3.4e38" }, { "R64", "0.1" }, { "R64", "1e300" },
        { "R64", "4.9406564584124654e-324" }, { "R64", "-0.0" },
        { "C", "0xffff" }, { "S", "plain" }, { "S", "" },
        { "S", "quote \" backslash \\ tab \t newline \n end \x01\x7f" },
        { "S", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "S", "@include \"x\"" },
        { "S", "# no comment // here /* nor here */ };" },
        { "D", "20261121031500.123456+060" },
        { "D", "20261121******.******+000" },
        { "D", "00000003123456.000000:000" },
        { "_odd", "-5" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_text(cases[i][0], cases[i][1]);
    }
}

static void
test_not_finite(void)
{
    static const double numbers[] = { INFINITY, -INFINITY, NAN };

    for (size_t i = 0; i < 3; i++) {
        struct instance *object = new_object(), *back;
        struct value value = { .type = CIM_REAL64, .r = numbers[i] };
        const struct value *read;

        CU_ASSERT(instance_set(object, "R64", value, NULL));
        back = round_trip(object, true);
        read = instance_get(back, "R64");
        CU_ASSERT(isnan(numbers[i]) ? isnan(read->r)
                  : read->r == numbers[i]);
        instance_destroy(object);
        instance_destroy(back);
    }
}

static struct value
inner(uint64_t number, const char *text)
{
    struct value value = { .type = CIM_EMBEDDED };

    value.object = instance_create(repository_class(repository,
                                                    "Test_Inner"));
    instance_set_u64(value.object, "Big", number);
    if (text) {
        instance_set_string(value.object, "Text", text);
    }
    return value;
}

static void
test_arrays_and_objects(void)
{
    struct instance *object = new_object(), *back;
    struct value list = value_array(CIM_EMBEDDED, 2);
    struct value empty = value_array(CIM_STRING, 0);

    CU_ASSERT(instance_set_text(object, "Many",
                                "{0,18446744073709551615,5}", NULL));
    CU_ASSERT(instance_set(object, "Texts", empty, NULL));
    CU_ASSERT(instance_set_text(object, "Bs", "{true,false}", NULL));
    CU_ASSERT(instance_set_text(object, "Rs", "{0.5,1e10}", NULL));
    list.items[0] = inner(UINT64_MAX, "a\"b");
    list.items[1] = inner(0, NULL);
    CU_ASSERT(instance_set(object, "Ins", list, NULL));
    CU_ASSERT(instance_set(object, "In", inner(1, ""), NULL));
    back = round_trip(object, true);
    CU_ASSERT(instance_equal(object, back));
    instance_destroy(object);
    instance_destroy(back);
}

/* Absent means NULL of the same version, the default of a newer one. */
static void
test_absent(void)
{
    struct instance *object = new_object(), *back;

    CU_ASSERT(instance_set_text(object, "WithDefault", "NULL", NULL));
    back = round_trip(object, true);
    CU_ASSERT(instance_get(back, "WithDefault")->is_null);
    instance_destroy(back);
    back = round_trip(object, false);
    CU_ASSERT_EQUAL(instance_u64(back, "WithDefault"), 7);
    instance_destroy(back);
    instance_destroy(object);
}

static void
test_refused(void)
{
    static const char *const texts[][2] = {
        { "values = { U8 = 256; };", "U8" },
        { "values = { U8 = -1; };", "U8" },
        { "values = { U8 = \"x\"; };", "U8" },
        { "values = { S8 = -129; };", "S8" },
        { "values = { B = 1; };", "B" },
        { "values = { S = 1; };", "S" },
        { "values = { D = \"soon\"; };", "soon" },
        { "values = { Many = 1; };", "Many" },
        { "values = { Many = ( 1, \"x\" ); };", "integer" },
        { "values = { Nothing = 1; };", "Nothing" },
        { "values = { *zz = 1; };", "*zz" },
        { "values = { In = { class = \"No_Class\"; }; };", "No_Class" },
        { "values = { In = { }; In = { }; };", "" },
        { "values = 5;", "group" },
        { "values = {\n  @include \"/etc/hostname\"\n};", "includes" },
        { "values = {", "line" },
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct instance *object = new_object();
        struct error error = { .text = "" };
        config_t config;
        bool ok = config_parse(texts[i][0], &config, &error)
            && config_get_values(config_root_setting(&config), object, true,
                                 NULL, lookup, repository, &error);

        if (ok || !strstr(error.text, texts[i][1])) {
            fprintf(stderr, "%s: %s\n", texts[i][0], error.text);
            CU_FAIL("not refused, or without the place");
        }
        config_destroy(&config);
        instance_destroy(object);
    }
}

int
main(void)
{
    struct error_list errors = { 0 };
    CU_pSuite suite;
    unsigned int failed;

    repository = repository_open(NULL, &errors);
    if (!repository
        || !repository_register(repository, "test", schema,
                                sizeof schema - 1, false, &errors)
        || CU_initialize_registry() != CUE_SUCCESS) {
        for (size_t i = 0; i < errors.n; i++) {
            fprintf(stderr, "%s\n", errors.items[i].text);
        }
        return 99;
    }
    suite = CU_add_suite("config text", NULL, NULL);
    CU_add_test(suite, "scalars", test_scalars);
    CU_add_test(suite, "infinity and no number", test_not_finite);
    CU_add_test(suite, "arrays and objects", test_arrays_and_objects);
    CU_add_test(suite, "absent properties", test_absent);
    CU_add_test(suite, "bad text", test_refused);
    CU_basic_run_tests();
    failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    error_list_clear(&errors);
    repository_close(repository);
    return failed == 0 ? 0 : 1;
}
