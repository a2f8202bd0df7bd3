/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inheritance, qualifiers and their flavors, embedded classes, hashes.
 */

#include <config.h>

#include <unistd.h>

#include "mof.h"
#include "base/memory.h"
#include "unit.h"

static void
test_rules(void)
{
    static const struct mof_case rows[] = {
        /* Order does not matter; the built-in classes are there. */
        { "class B : A { }; class A { };", "" },
        { "class A : __ExtrinsicEvent { }; class B : EventTrace { };"
          "class C : WMIEvent { };", "" },
        { "class A : Msvm_EthernetSwitchFeatureSettingData { };", "" },
        { "class A : CIM_SettingDat { };", "error 1:7 class A: its superclass "
          "CIM_SettingDat is not known (did you mean CIM_SettingData?)" },
        { "class A : Msvm_EthernetSwitchPortFeatureSettingDataMsvm { };",
          "error 1:7 class A: its superclass Msvm_EthernetSwitchPort"
          "FeatureSettingDataMsvm is not known (did you mean "
          "Msvm_EthernetSwitchPortFeatureSettingData?)" },
        { "class A : Zzzzzzzz { };\nclass B : A { };", "error 1:7 class A: its "
          "superclass Zzzzzzzz is not known\n" },
        { "class A : B { };\nclass B : C { };\nclass C : A { };",
          "error 3:7 class C: it is derived from itself, through A" },
        { "class A : A { };", "error 1:7 class A: it is derived from itself" },
        { "class A { };\nclass a { };", "error 2:7 class a: it is declared "
          "already, at test.mof:1:7" },
        /* Overriding. */
        { "class A { uint8 x; }; class B : A { uint8 x = 5; };", "" },
        { "class A { uint8 x; };\nclass B : A { uint16 x; };", "error 2:22 "
          "property x of class B: it is uint16 here and uint8 in class A" },
        { "class A { uint8 x; };\nclass B : A { uint8 x[]; };", "error 2:21 "
          "property x of class B: it is uint8[] here and uint8 in class A" },
        { "class A { uint8 M(); };\nclass B : A { void M(); };", "error 2:20 "
          "method M of class B: it returns void here and uint8 in class A" },
        { "class A { uint8 x; };\nclass B : A { void x(); };", "error 2:20 "
          "method x of class B: the class has a property of that name" },
        { "class A { void x(); };\nclass B : A { uint8 x; };", "error 2:21 "
          "method x of class B: the class has a property of that name" },
        { "class T { }; class U : T { }; class V { };\n"
          "[Association] class A { T REF r; };\n"
          "class B : A { U REF r; };\nclass C : A { V REF r; };",
          "error 4:21 property r of class C: class V is not derived from T" },
        { "class A { uint8 x; };\nclass B : A { [Override(\"x\")] uint8 y; };",
          "error 2:37 property y of class B: Override(\"x\"): no superclass "
          "has a property y" },
        { "class A { void M(uint8 a); };\nclass B : A { void M(); };",
          "error 2:20 method M of class B: it has 0 parameters here and 1 in "
          "class A" },
        /* Keys. */
        { "class A { [Key] uint8 x; };\nclass B : A { [Key] uint8 y; };",
          "error 2:27 property y of class B: it cannot be a key: class B "
          "inherits its keys" },
        { "class A { [Key] uint8 x[]; };", "error 1:23 property x of class A: "
          "a key is neither an array nor an embedded object" },
        { "class A { [Key] uint8 x; }; class B : A { [Key] uint8 x; };", "" },
        { "class A { [Key] uint8 x; };\nclass B : A { [Key(false)] uint8 x; };",
          "error 2:16 property x of class B: qualifier Key cannot be changed: "
          "the superclass has it with DisableOverride" },
        { "class A { [Key] uint8 x; }; class B { A REF r; };", "warning 1:45 "
          "property r of class B: a reference in a class that is no "
          "association" },
        { "[Association] class B { Nobody REF r; };", "warning 1:36 property r "
          "of class B: class Nobody is not known" },
        /* Embedded. */
        { "class A { };\nclass B { A x; AA y; };", "error 2:19 property y of "
          "class B: the embedded class AA is not known" },
        { "class B { [EmbeddedInstance(\"Nope\")] string y; };", "error 1:45 "
          "property y of class B: the embedded class Nope is not known" },
        { "class B { [EmbeddedInstance(\"B\")] uint8 y; };", "error 1:41 "
          "property y of class B: EmbeddedInstance is for strings, not for "
          "uint8" },
        { "class B { [EmbeddedObject] string y = \"x\"; };", "error 1:35 "
          "property y of class B: the default of an embedded object can only "
          "be NULL" },
        { "class A { A self[]; };", "" },
        { "class B { void M([EmbeddedInstance(\"Nope\")] string y); };",
          "error 1:16 method M of class B: the embedded class Nope" },
        /* Members that qualifiers fill. */
        { "class A { [WmiDataId(0)] uint8 x; };", "error 1:32 property x of "
          "class A: WmiDataId is not a number from 1 to 65535" },
        { "class A { [Max(0)] uint8 x[]; };", "error 1:26 property x of class "
          "A: Max is not a number from 1 to" },
        { "class A { [Max(7)] uint8 x[6]; };", "error 1:26 property x of class "
          "A: Max(7) is more than its 6 elements" },
        { "class A { [Max(2)] uint8 x[] = {1,2,3}; };", "error 1:26 property x "
          "of class A: the default has 3 elements, Max allows 2" },
    };

    MOF_CASES(rows, MOF_RESOLVE, false);
}

static void
test_qualifier_rules(void)
{
    static const struct mof_case rows[] = {
        { "[Description(5)] class A { };", "error 1:2 class A: qualifier "
          "Description: the uint64 value '5' is not a string" },
        { "[Description{\"x\"}] class A { };", "error 1:2 class A: qualifier "
          "Description takes one value in parentheses" },
        { "class A { [ValueMap(\"1\")] uint8 x; };", "error 1:12 property x of "
          "class A: qualifier ValueMap takes a list of values in braces" },
        { "class A { [MaxLen(-1)] string x; };", "error 1:12 property x of "
          "class A: qualifier MaxLen: '-1' is not a uint32" },
        { "[Key] class A { };", "warning 1:2 class A: qualifier Key is not "
          "meant for this place" },
        /* Undeclared ones are told once each. */
        { "[Colour(\"red\")] class A { }; [Colour(7)] class B { };",
          "warning 1:2 class A: qualifier Colour is not declared" },
        { "[Descripton(\"x\")] class A { };", "warning 1:2 class A: qualifier "
          "Descripton is not declared (did you mean Description?)" },
        { "class A { [Ky] uint8 x; };", "warning 1:12 property x of class A: "
          "qualifier Ky is not declared (did you mean Key?)" },
        /* But these are never only a warning. */
        { "[InterfaceRevison(\"0\")] class A { };", "error 1:2 class A: unknown "
          "qualifier InterfaceRevison, which looks like InterfaceRevision "
          "misspelt (did you mean InterfaceRevision?)" },
        { "[ExtensionID2(\"0\")] class A { };", "error 1:2 class A: unknown "
          "qualifier ExtensionID2, which looks like ExtensionId" },
        { "class A { [WmiDataID(1)] uint8 x; };", "" },
        { "class A { [WmiDatId(1)] uint8 x; };", "error 1:12 class A: unknown "
          "qualifier WmiDatId, which looks like WmiDataId" },
        /* Declarations: once more is fine, otherwise is not. */
        { "Qualifier Q : string; Qualifier q : string;\n[Q(\"x\")] class A {};",
          "" },
        { "Qualifier Q : string;\nQualifier Q : uint8;", "error 2:0 qualifier "
          "Q is declared differently at test.mof:1" },
        { "Qualifier Q : string, Scope(class);\nQualifier Q : string;",
          "error 2:0 qualifier Q is declared differently" },
        { "Qualifier Key : uint8; class A { [Key(5)] string x; };", "" },
        { "Qualifier Q : uint16;\n[Q(65536)] class A { };", "error 2:2 class A: "
          "qualifier Q: '65536' is not a uint16" },
        { "[Q(65536)] class A { };\nQualifier Q : uint16;", "error 1:2 class A: "
          "qualifier Q: '65536' is not a uint16" },
        { "Qualifier Q : uint8, Flavor(DisableOverride);\n[Q(1)] class A { };\n"
          "[Q(1)] class B : A { };\n[Q(2)] class C : A { };", "error 4:2 "
          "class C: qualifier Q cannot be changed" },
    };
    static const struct mof_case strict[] = {
        { "[Colour(\"red\")] class A { };", "error 1:2 class A: qualifier "
          "Colour is not declared" },
    };

    MOF_CASES(rows, MOF_RESOLVE, false);
    MOF_CASES(strict, MOF_RESOLVE, true);
}

static const struct cim_class *
find(const struct mof_run *run, const char *name)
{
    for (size_t i = 0; i < run->unit.n_classes; i++) {
        if (strcmp(run->unit.classes[i]->name, name) == 0) {
            return run->unit.classes[i];
        }
    }
    CU_FAIL_FATAL("no such class");
    abort();
}

static void
test_inheritance(void)
{
    static const char text[] =
        "class C : B { string last; [Override(\"y\")] uint8 y = 9; };\n"
        "class B : A { uint8 z; [Description(\"of B\")] uint8 X; };\n"
        "[Abstract, Description(\"of A\")] class A {\n"
        "  [Key, Description(\"of A\"), Deprecated{\"no\"}] uint8 x = 3;\n"
        "  uint8 y; void M([Out] string s); };\n";
    struct mof_run run = { .ok = true };
    const struct cim_class *c;
    const struct property *x;

    mof_run_text(&run, text, MOF_RESOLVE);
    CU_ASSERT_STRING_EQUAL(run.said, "");
    CU_ASSERT_STRING_EQUAL(run.unit.classes[0]->name, "A");
    CU_ASSERT_STRING_EQUAL(run.unit.classes[2]->name, "C");
    c = find(&run, "C");
    CU_ASSERT_EQUAL_FATAL(c->n_properties, 4);
    x = &c->properties[0];
    CU_ASSERT_STRING_EQUAL(x->name, "X");
    CU_ASSERT_STRING_EQUAL(x->origin, "A");
    CU_ASSERT(x->is_key && x->propagated && x->initial.u == 3);
    CU_ASSERT_STRING_EQUAL(qualifier_text(property_qualifier(x,
                                                             "description")),
                           "of B");
    CU_ASSERT_PTR_NULL(property_qualifier(x, "Deprecated"));
    CU_ASSERT_STRING_EQUAL(c->properties[1].name, "y");
    CU_ASSERT(!c->properties[1].propagated && c->properties[1].initial.u == 9);
    CU_ASSERT_STRING_EQUAL(c->properties[2].name, "z");
    CU_ASSERT_STRING_EQUAL(c->properties[3].origin, "C");
    CU_ASSERT(!c->is_abstract && c->super->super->is_abstract);
    CU_ASSERT_STRING_EQUAL(qualifier_text(class_qualifier(c, "Description")),
                           "of A");
    CU_ASSERT(c->methods[0].propagated && c->methods[0].parameters[0].out
              && c->methods[0].parameters[0].in);
    CU_ASSERT(class_is_a(c, "a") && class_is_a(c, "C") && !class_is_a(c, "D"));
    mof_run_clear(&run);
}

static void
test_inferred_types(void)
{
    static const struct {
        const char *value;
        enum cim_type type;
    } rows[] = {
        { "", CIM_BOOLEAN }, { "(5)", CIM_SINT32 }, { "(-5)", CIM_SINT32 },
        { "(3000000000)", CIM_SINT64 },
        { "(18446744073709551615)", CIM_UINT64 }, { "(1.5)", CIM_REAL64 },
        { "(\"x\")", CIM_STRING }, { "{1, 2}", CIM_SINT32 },
        { "({\"x\"})", CIM_STRING }, { "(NULL)", CIM_STRING },
        { "{}", CIM_STRING }, { "('a')", CIM_CHAR16 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mof_run run = { .ok = true };
        char text[128];

        snprintf(text, sizeof(text), "[Colour%s] class A { };",
                 rows[i].value);
        mof_run_text(&run, text, MOF_RESOLVE);
        CU_ASSERT_FATAL(run.ok);
        CU_ASSERT_EQUAL(run.unit.classes[0]->qualifiers[0].value.type,
                        rows[i].type);
        mof_run_clear(&run);
    }
}

static uint64_t
hash_of(const char *text, const char *name)
{
    struct mof_run run = { .ok = true };
    uint64_t hash;

    mof_run_text(&run, text, MOF_RESOLVE);
    CU_ASSERT_FATAL(run.ok);
    hash = class_hash(find(&run, name));
    mof_run_clear(&run);
    return hash;
}

/* What a hash depends on, and what not. */
static void
test_hashes(void)
{
    static const char base[] = "class A { uint8 x; string y; };";
    static const char *const same[] = {
        "class A { uint8 X = 5; [Description(\"d\")] string y; };",
        "class S { uint8 x; }; class A : S { string y; };",
        "class A { [WmiDataId(2)] string y; [WmiDataId(1)] uint8 x; };",
    };
    static const char *const other[] = {
        "class A { uint16 x; string y; };", "class A { string y; uint8 x; };",
        "class A { uint8 x; string z; };", "class A { uint8 x; };",
        "class A { uint8 x; string y[]; };",
        "class A { uint8 x; string y[3]; };",
        "class A { uint8 x; [Max(3)] string y[]; };",
        "[InterfaceVersion(1)] class A { uint8 x; string y; };",
    };
    uint64_t hash = hash_of(base, "A");

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        CU_ASSERT_EQUAL(hash_of(same[i], "A"), hash);
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        CU_ASSERT_NOT_EQUAL(hash_of(other[i], "A"), hash);
    }
    /* Through an embedded class, in any order, in circles too. */
    CU_ASSERT_NOT_EQUAL(hash_of("class E { uint8 i; }; class A { E e; };",
                                "A"),
                        hash_of("class E { uint16 i; }; class A { E e; };",
                                "A"));
    CU_ASSERT_EQUAL(hash_of("class E { A a[]; }; class A { E e[]; };", "A"),
                    hash_of("class A { E e[]; }; class E { A a[]; };", "A"));
    /* What the built-in base declares is not in the block. */
    CU_ASSERT_EQUAL(hash_of("class A : XVS_PortFeatureSettings { uint8 x; };",
                            "A"),
                    hash_of("class A { uint8 x; };", "A"));
}

/* Short texts that ask for much. */
static void
test_limits(void)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct mof_run run = { .ok = true };

    for (unsigned int i = 1; i < 300; i++) {
        buffer_printf(&text, "class C%u : C%u { uint8 x%u; };\n", i, i - 1, i);
    }
    buffer_puts(&text, "class C0 { };");
    mof_run_bytes(&run, text.data, text.size, MOF_RESOLVE);
    CU_ASSERT(run.ok);
    mof_run_clear(&run);

    text.size = 0;
    for (unsigned int i = 299; i > 0; i--) {
        buffer_printf(&text, "class C%u : C%u { uint8 x%u; };\n", i, i - 1, i);
    }
    buffer_puts(&text, "class C0 { };");
    mof_run_bytes(&run, text.data, text.size, MOF_RESOLVE);
    CU_ASSERT_FALSE(run.ok);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.said, "more than 128 superclasses"));
    mof_run_clear(&run);

    text.size = 0;
    buffer_puts(&text, "class C0 {");
    for (unsigned int i = 0; i < 4000; i++) {
        buffer_printf(&text, "uint8 a%u;", i);
    }
    buffer_puts(&text, "};");
    for (unsigned int i = 1; i < 400; i++) {
        buffer_printf(&text, "class C%u : C0 { };", i);
    }
    mof_run_bytes(&run, text.data, text.size, MOF_RESOLVE);
    CU_ASSERT_FALSE(run.ok);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.said, "inherit more than"));
    mof_run_clear(&run);
}

static void
test_long_texts(void)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct mof_run run = { .ok = true };

    buffer_puts(&text, "class A { string s = \"");
    for (unsigned int i = 0; i < 1 << 20; i++) {
        buffer_putc(&text, 'x');
    }
    buffer_puts(&text, "\"; };");
    mof_run_bytes(&run, text.data, text.size, MOF_RESOLVE);
    CU_ASSERT(run.ok);
    mof_run_clear(&run);
    text.size -= 4;
    buffer_puts(&text, " \"x\"; };");
    mof_run_bytes(&run, text.data, text.size, MOF_RESOLVE);
    CU_ASSERT(strncmp(run.said, "error 1:22 the string is longer than", 36)
              == 0);
    mof_run_clear(&run);
}

/* Everything in one line: the time must not grow with the square. */
static void
test_long_lines(void)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct mof_run run = { .ok = true };

    for (unsigned int i = 0; i < 60000; i++) {
        buffer_printf(&text, "[Abstract]class C%u{uint8 x;};", i);
    }
    buffer_puts(&text, "class D{uint8 x=256;};");
    alarm(60);
    mof_run_bytes(&run, text.data, text.size, MOF_RESOLVE);
    alarm(0);
    CU_ASSERT_EQUAL(run.unit.n_classes, 60001);
    CU_ASSERT_EQUAL(run.errors.n, 1);
    CU_ASSERT_EQUAL(run.errors.items[0].column, text.size - 5);
    mof_run_clear(&run);
}

static const struct unit_test tests[] = {
    { "rules", test_rules }, { "qualifiers", test_qualifier_rules },
    { "inheritance", test_inheritance },
    { "inferred types", test_inferred_types }, { "hashes", test_hashes },
    { "limits", test_limits }, { "long texts", test_long_texts },
    { "long lines", test_long_lines },
};

UNIT_MAIN("resolve", tests)
