/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The MOF parser: what is accepted, what is refused and where, how it goes
 * on, in which encodings.
 */

#include <config.h>

#include "mof.h"
#include "unit.h"

/* Accepted without a word. */
static void
test_accepted(void)
{
    static const struct mof_case rows[] = {
        { "", "" },
        { "// only a comment", "" },
        { "/* a */ class /* b */ A /* c */ { // d\n } /* e */ ; // f", "" },
        { "CLASS A { UINT8 x; Boolean y; reAL32 z; };", "" },
        /* Keywords as names. */
        { "class Class { string Class; uint8 Instance, x; };",
          "error 1:43 expected ';', found ','" },
        { "class Instance { string Of; uint8 Qualifier; uint8 As;\n"
          " string Ref; string Reference; uint8 Scope; uint8 True;\n"
          " string Flavor; string Null; string Any; uint8 uint8; };", "" },
        { "class Ref { }; class X { Ref REF; Ref REF Ref; };",
          "error 1:43 the class has a property or method Ref already" },
        { "class Ref { }; class X { Ref REF; Ref REF r; };", "" },
        { "class Qualifier { }; class Qualifiers : Qualifier { };", "" },
        { "class A {\nInstance REF;\nClass x;\nQualifier REF y;\n};", "" },
        /* Values. */
        { "class A { string s = \"a\" \"b\"\n \"c\"; };", "" },
        { "class A { char16 c = 'x'; char16 d = '\\''; char16 e = '\\x41';"
          "char16 f = '\\xD800'; char16 g = '\xe2\x82\xac'; };", "" },
        { "class A { uint8 a = 255; sint8 b = -128; uint8 c = 0xff;\n"
          " uint8 d = 0377; uint8 e = 11111111b; real32 f = .5;\n"
          " real64 g = 3; boolean h = TRUE; boolean i = false; };", "" },
        { "class A { uint8 a[] = {}; uint8 b[3] = {1,2}; string c[] ="
          " NULL; string d[] = {\"x\", NULL}; uint8 e = NULL; };", "" },
        { "class A { datetime t = \"20261121030405.000000+060\";"
          " datetime u = \"00000001000000.000000:000\"; };", "" },
        /* Methods, references, embedded classes, arrays. */
        { "class A { }; class B { A a; A b[]; A c[16]; A REF r;\n"
          " void M(); uint32 N([In] uint8 x[6], [Out] A REF y[], A z);\n"
          " [EmbeddedInstance(\"A\")] string e;\n"
          " [EmbeddedObject] string o; object p; };", "" },
        { "class A as $A : B { }; class B $x { };",
          "error 1:32 expected '{', found '$x'" },
        { "class A as $a { }; class B : A as $b { };", "" },
        /* Qualifiers and flavors. */
        { "[Abstract, Description(\"a\" \"b\") : Amended ToInstance,"
          " Foo : NotToInstance NotToSubclass, Values{\"a\",\"b\"},"
          " Locale(0x409), X(-1), Y(1.5), Z({\"q\"}), N(NULL)] class A {};",
          "" },
        { "Qualifier Q : string[] = {\"a\"}, Scope(class, any),"
          " Flavor(DisableOverride, Restricted, Translatable);", "" },
        { "Qualifier Q : uint32 = null, Flavor(ToInstance), Scope(any);"
          " Qualifier R : boolean;", "" },
        /* Instances and aliases, also before they are declared. */
        { "class A { string k; A REF r; };\n"
          "[Q] instance of A as $b { [W] k = \"x\"; r = $a; };\n"
          "instance of A as $a { k = NULL; r = $b; k2 = {1,-2,\"x\"}; };",
          "" },
        { "instance of A { }", "error 1:18 expected ';' after '}'" },
        /* Pragmas. */
        { "#pragma autorecover\n#PRAGMA AUTORECOVER\nclass A { };", "" },
        { "#pragma autorecover", "" },
        { "#pragma classflags(\"forceupdate\")\n"
          "#pragma classflags(\"updateonly\", \"forceupdate\")\n"
          "#pragma deleteclass(\"X\",NOFAIL)\n"
          "#pragma deleteinstance(\"X.a=1\",FAIL)\n"
          "#pragma instanceflags(\"createonly\")\n"
          "#pragma amendment(\"MS_409\")\n#pragma locale(\"en_US\")\n"
          "#pragma instancelocale(\"en_US\")\nclass A { };", "" },
        { "#pragma amendment(\"x\") class A { };", "" },
        { "class \xc3\x89t\xc3\xa9 { string na\xc3\xafve; };", "" },
        { ";;class A { };;", "" },
    };

    MOF_CASES(rows, MOF_PARSE, false);
}

/* Refused, with the place and the words. */
static void
test_refused(void)
{
    static const struct mof_case rows[] = {
        { "class", "error 1:6 expected the name of a class, found the end" },
        { "class 1 { };", "error 1:7 expected the name of a class, found '1'" },
        { "class A", "error 1:8 expected '{', found the end of the file" },
        { "class A {", "error 1:10 expected '}' at the end of class A, which "
          "begins in line 1" },
        { "class A { };\nclass B {\n  uint8 x;\nclass C { };",
          "error 4:1 expected '}' at the end of class B, which begins in "
          "line 2" },
        { "class A { } class B { };", "error 1:13 expected ';' after '}', "
          "found 'class'" },
        { "class A { uint8; };", "error 1:16 expected a name, found ';'" },
        { "class A { uint8 x };", "error 1:19 expected ';', found '}'" },
        { "class A { uint8 x = ; };", "error 1:21 expected a value, found "
          "';'" },
        { "class A { uint8 x = 08; };", "error 1:21 '08' is not a number: a "
          "leading 0 makes it octal" },
        { "class A { uint8 x = 256; };", "error 1:21 '256' is not a uint8 (0 "
          "to 255)" },
        { "class A { sint8 x = -129; };", "error 1:21 '-129' is not a sint8 "
          "(-128 to 127)" },
        { "class A { uint8 x = -1; };", "error 1:21 '-1' is not a uint8" },
        { "class A { uint8 x = \"5\"; };", "error 1:21 the string value '5' "
          "is not a uint8" },
        { "class A { uint8 x = 1.0; };", "error 1:21 the real64 value '1' is "
          "not a uint8" },
        { "class A { boolean x = 1; };", "error 1:23 the uint64 value '1' is "
          "not a boolean" },
        { "class A { string x = 1; };", "error 1:22 the uint64 value '1' is "
          "not a string" },
        { "class A { char16 x = 'ab'; };", "error 1:22 a char16 is one "
          "character" },
        { "class A { datetime x = \"yesterday\"; };", "error 1:24 the string "
          "value 'yesterday' is not a datetime" },
        { "class A { uint8 x[2] = {1,2,3}; };", "error 1:18 property x has 2 "
          "elements, its default 3" },
        { "class A { uint8 x[] = 1; };", "error 1:23 the value of an array "
          "is written in braces" },
        { "class A { uint8 x = {1}; };", "error 1:21 a list of values for "
          "what is no array" },
        { "class A { uint8 x[] = {1,}; };", "error 1:26 expected a value "
          "after ',', found '}'" },
        { "class A { uint8 x[] = {1 2}; };", "error 1:26 expected ',' or "
          "'}' in the list of values, found '2'" },
        { "class A { uint8 x[] = {1,300}; };", "error 1:23 '300' is not a "
          "uint8" },
        { "class A { uint8 x[0]; };", "error 1:19 an array has 1 to 65536 "
          "elements" },
        { "class A { uint8 x[-1]; };", "error 1:19 an array has" },
        { "class A { uint8 x[a]; };", "error 1:19 expected a number of "
          "elements or ']', found 'a'" },
        { "class A { void x; };", "error 1:17 property x cannot be void" },
        { "class A { A REF r[]; };", "error 1:18 property r: only parameters "
          "can be arrays of references" },
        { "class A { uint8 x; string X; };", "error 1:27 the class has a "
          "property or method X already" },
        { "class A { uint8 x; void x(); };", "error 1:25 the class has a "
          "property or method x already" },
        { "class A { void M(uint8 a, uint8 A); };", "error 1:33 there is a "
          "parameter A already" },
        { "class A { void M(uint8 a,); };", "error 1:26 expected a type, "
          "found ')'" },
        { "class A { void M(uint8 a b); };", "error 1:26 expected ',' or ')' "
          "after a parameter, found 'b'" },
        { "class A : { };", "error 1:11 expected the name of the superclass" },
        { "[Key class A { };", "error 1:6 expected ',' or ']' after a "
          "qualifier, found 'class'" },
        { "[Key, key] class A { };", "error 1:7 qualifier key is given twice" },
        { "[Key()] class A { };", "error 1:6 expected a value, found ')'" },
        { "[Key : Restricted ToSubclass] class A { };", "error 1:19 flavor "
          "ToSubclass contradicts the one before it" },
        { "[Key] Qualifier X : string;", "error 1:7 expected 'class' or "
          "'instance' after qualifiers, found 'Qualifier'" },
        { "Qualifier X : X;", "error 1:15 'X' is not a type that a qualifier "
          "can have" },
        { "Qualifier X : string, Foo(any);", "error 1:23 expected Scope(...) "
          "or Flavor(...), found 'Foo'" },
        { "Qualifier X : string, Scope(foo);", "error 1:29 expected a scope" },
        { "Qualifier X : uint8 = 256;", "error 1:23 '256' is not a uint8" },
        { "foo bar;", "error 1:1 expected a declaration (class, instance, "
          "qualifier or #pragma), found 'foo'" },
        { "instance X { };", "error 1:10 expected 'of', found 'X'" },
        { "instance of X { a = 1 };", "error 1:23 expected ';', found '}'" },
        { "instance of X { a = 1; A = 2; };", "error 1:24 property A is given "
          "twice" },
        { "instance of X { a = $y; };", "error 1:21 alias $y is not declared" },
        { "instance of X as $a {};\ninstance of X as $A {};",
          "error 2:18 alias $A is declared twice" },
        { "instance of X as a {};", "error 1:18 expected an alias such as "
          "$Name, found 'a'" },
        { "class A { string s = \"open;\n uint8 x; };", "error 1:22 the string "
          "is not closed, expected '\"' before the end of the line" },
        { "class A { string s = \"\\q\"; };", "error 1:22 '\\q' is not an "
          "escape (a backslash itself is written \\\\)" },
        { "class A { }; /* open", "error 1:14 the comment is not closed" },
        { "class A { uint8 x; @ };", "error 1:20 '@' has no place here" },
        { "#define X 1\nclass A { };", "error 1:2 expected 'pragma' after '#'"
          " (#define and #if need preprocessing switched on)" },
        { "#pragma namespace\nclass A { };", "error 1:9 expected #pragma "
          "namespace (\"...\")" },
        { "#pragma include(\"x.mof\")", "error 1:17 a text that comes over "
          "the network cannot include files" },
        { "#pragma include(x.mof", "error 1:18 '.' has no place here" },
    };

    MOF_CASES(rows, MOF_PARSE, false);
}

static void
test_warnings(void)
{
    static const struct mof_case rows[] = {
        { "#pragma autorecovr\nclass A { };", "warning 1:9 unknown pragma "
          "'autorecovr' is ignored (did you mean autorecover?)" },
        { "#pragma zzz(\"x\", y)\nclass A { };", "warning 1:9 unknown pragma "
          "'zzz' is ignored\n" },
        { "[Key : Sticky] class A { };", "warning 1:8 unknown flavor "
          "'Sticky' is ignored" },
    };
    static const struct mof_case strict[] = {
        { "#pragma zzz\nclass A { };", "error 1:9 unknown pragma" },
    };

    MOF_CASES(rows, MOF_PARSE, false);
    MOF_CASES(strict, MOF_PARSE, true);
}

/* One run reports many, and keeps what was right. */
static void
test_recovery(void)
{
    static const char text[] =
        "class A {\n"
        "    uint8 a = 300;\n"
        "    uint8 b;\n"
        "    uint8 = 5;\n"
        "    uint8 M([In uint8 x);\n"
        "    uint8 N(uint8 x = { 1; }) 5;\n"
        "    uint8 c;\n"
        "};\n"
        "clas B { uint8 x; };\n"
        "class C { uint8 x; };\n"
        "class D : { uint8 x; };\n"
        "class E { uint8 y; };\n";
    static const char *const lines[] = { "2:15", "4:11", "5:17", "6:21",
                                         "9:1", "11:11" };
    struct mof_run run = { .ok = true };

    mof_run_text(&run, text, MOF_PARSE);
    CU_ASSERT_FALSE(run.ok);
    CU_ASSERT_EQUAL(run.errors.n, 6);
    for (size_t i = 0; i < run.errors.n && i < 6; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%u:%u", run.errors.items[i].line,
                 run.errors.items[i].column);
        CU_ASSERT_STRING_EQUAL(place, lines[i]);
    }
    CU_ASSERT_EQUAL_FATAL(run.unit.n_classes, 3);
    CU_ASSERT_EQUAL(run.unit.classes[0]->n_properties, 2);
    CU_ASSERT_STRING_EQUAL(run.unit.classes[1]->name, "C");
    CU_ASSERT_STRING_EQUAL(run.unit.classes[2]->name, "E");
    mof_run_clear(&run);
}

static void
test_namespaces(void)
{
    static const struct {
        const char *text;
        const char *name;
    } rows[] = {
        { "#pragma namespace(\"root/x\")", "root/x" },
        { "#pragma namespace(\"\\\\\\\\.\\\\root\\\\virtualization\\\\v2\")",
          "root/virtualization/v2" },
        { "#pragma namespace(\"\\\\\\\\Host\\\\root\")", "root" },
        { "#pragma NAMESPACE (\"a\")\n#pragma namespace(\"//./b\")", "b" },
        { "#pragma namespace(\"\")", "" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mof_run run = { .ok = true };

        mof_run_text(&run, rows[i].text, MOF_PARSE);
        CU_ASSERT(run.ok);
        CU_ASSERT_PTR_NOT_NULL_FATAL(run.unit.name_space);
        CU_ASSERT_STRING_EQUAL(run.unit.name_space, rows[i].name);
        mof_run_clear(&run);
    }
}

/* The same text in every encoding; 'unit' bytes per ASCII character. */
static size_t
encode(const char *text, int unit, bool big, char *out)
{
    size_t n = 0;

    for (; *text; text++) {
        for (int i = 0; i < unit; i++) {
            out[n++] = i == (big ? unit - 1 : 0) ? *text : 0;
        }
    }
    return n;
}

static void
test_encodings(void)
{
    static const struct {
        const char *mark;
        size_t mark_size;
        int unit;
        bool big, ok;
    } rows[] = {
        { "", 0, 1, false, true },
        { "\xef\xbb\xbf", 3, 1, false, true },
        { "\xff\xfe", 2, 2, false, true },
        { "\xfe\xff", 2, 2, true, true },
        { "", 0, 2, false, true },
        { "", 0, 2, true, true },
        { "\xff\xfe\0\0", 4, 4, false, false },
        { "\0\0\xfe\xff", 4, 4, true, false },
        { "", 0, 4, false, false },
        { "", 0, 4, true, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mof_run run = { .ok = true };
        char bytes[256];
        size_t size;

        memcpy(bytes, rows[i].mark, rows[i].mark_size);
        size = rows[i].mark_size
               + encode("class A {\r\n string s; };\r\n", rows[i].unit,
                        rows[i].big, bytes + rows[i].mark_size);
        mof_run_bytes(&run, bytes, size, MOF_PARSE);
        CU_ASSERT_EQUAL(run.ok, rows[i].ok);
        CU_ASSERT_EQUAL(run.unit.n_classes, rows[i].ok ? 1 : 0);
        mof_run_clear(&run);
    }
}

static void
test_bad_bytes(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } rows[] = {
        { "class A { };\n// \xff\n", 18, "error 2:0 the text is not UTF-8" },
        { "// a\n// b\n\xc3(", 12, "error 3:0 the text is not UTF-8" },
        { "//\0", 3, "error 1:0 the text is not UTF-8" },
        { "\xff\xfe/\0/\0\0", 7, "error 0:0 the UTF-16 text ends" },
        { "\xff\xfe/\0/\0\n\0\0\xd8", 10, "error 2:0 half of a UTF-16" },
        { "\xff\xfe/\0\0\0/\0", 8, "error 1:0 the text has a NUL" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mof_run run = { .ok = true };

        mof_run_bytes(&run, rows[i].bytes, rows[i].size, MOF_PARSE);
        CU_ASSERT_FALSE(run.ok);
        CU_ASSERT(strncmp(run.said, rows[i].says, strlen(rows[i].says))
                  == 0);
        mof_run_clear(&run);
    }
}

static const struct unit_test tests[] = {
    { "accepted", test_accepted }, { "refused", test_refused },
    { "warnings", test_warnings }, { "recovery", test_recovery },
    { "namespaces", test_namespaces }, { "encodings", test_encodings },
    { "bad bytes", test_bad_bytes },
};

UNIT_MAIN("mof", tests)
