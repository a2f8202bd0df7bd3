/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One object with every CIM type goes through CIM-XML, MOF and JSON and
 * comes back equal; what is malformed is refused with its place.
 */
#include <config.h>

#include "object/forms.h"

#include <string.h>

#include "base/buffer.h"
#include "object/instance.h"
#include "unit/host.h"
#include "unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char schema[] =
    "class T_In { uint8 X; string S; };"
    "class T_Deep { T_In In; T_Deep More[]; };"
    "class T_All {"
    "  [Key] string Name; boolean B; uint8 U8 = 7; sint8 S8; uint16 U16;"
    "  sint16 S16; uint32 U32; sint32 S32; uint64 U64; sint64 S64;"
    "  real32 R32; real64 R64; char16 C; char16 Control; datetime T;"
    "  datetime Interval; T_In REF Link; T_In Inner; T_In Many[];"
    "  [EmbeddedObject] string Any; uint8 List[]; string Texts[];"
    "  boolean Flags[]; real64 Reals[]; datetime Times[]; char16 Chars[];"
    "  uint8 Empty[]; string EmptyText; uint8 Null = 5; uint64 Numbers[];"
    "};";

/* Everything that is awkward in one form or another. */
static const char object[] =
    "instance of T_All {"
    "  Name = \"a<b>&'\\\"\\\\ \\t\\r\\n \xe2\x82\xac \xf0\x9f\x98\x80\";"
    "  B = TRUE; U8 = 255; S8 = -128; U16 = 65535; S16 = -32768;"
    "  U32 = 4294967295; S32 = -2147483648; U64 = 18446744073709551615;"
    "  S64 = -9223372036854775808; R32 = 1.5; R64 = 1.0e-300;"
    "  C = '\\''; Control = '\\x0001'; T = \"20261121030405.123456+060\";"
    "  Interval = \"00000001020304.000005:000\";"
    "  Link = \"root/xvs:T_In.X=1,S=\\\"a\\\\\\\\b\\\"\";"
    "  Inner = \"instance of T_In { X = 3; S = \\\"<x/>\\\"; };\";"
    "  Many = {$One, $Two};"
    "  Any = $One; List = {1, 2, 255}; Texts = {\"\", \"]]>\", \"a,b\"};"
    "  Flags = {TRUE, FALSE}; Reals = {0.1, -2.0, 1.0e300};"
    "  Times = {\"20261121030405.123456-480\"}; Chars = {'a', '\\x20AC'};"
    "  Empty = {}; EmptyText = \"\"; Null = NULL;"
    "  Numbers = {9007199254740993, 18446744073709551615};"
    "};"
    "instance of T_In as $One { X = 1; S = \"one\"; };"
    "instance of T_In as $Two { X = 2; };";

static struct repository *repository;

static struct instance **
read_all(const char *text, size_t size, const char *class_name, size_t *n,
         struct error *error)
{
    struct instance **instances;

    if (!instances_read("t", text, size,
                        class_name ? repository_class(repository, class_name)
                                   : NULL,
                        host_lookup, repository, &instances, n, error)) {
        return NULL;
    }
    return instances;
}

static struct instance *
read_first(const char *text, size_t size)
{
    struct error error = { 0 };
    struct instance **instances;
    struct instance *first;
    size_t n;

    instances = read_all(text, size, NULL, &n, &error);
    if (!instances) {
        char line[1024];

        fprintf(stderr, "%s\n%.*s\n",
                error_format(&error, line, sizeof line), (int) size, text);
        abort();
    }
    first = instances[0];
    for (size_t i = 1; i < n; i++) {
        instance_destroy(instances[i]);
    }
    free(instances);
    return first;
}

static void
write_xml(const struct instance *instance, struct buffer *out)
{
    instance_write_xml(instance, INSTANCE_XML_ORIGIN, NULL, 0, out);
}

static void
write_json(const struct instance *instance, struct buffer *out)
{
    instance_write_json(instance, false, out);
}

static void
test_round_trip(void)
{
    static void (*const writers[])(const struct instance *,
                                   struct buffer *) = {
        write_xml, instance_write_mof, write_json,
    };
    struct instance *original = read_first(object, sizeof object - 1);

    CU_ASSERT_EQUAL(instance_get(original, "Inner")->object->values[0].u, 3);
    CU_ASSERT_EQUAL(instance_get(original, "Many")->n, 2);
    CU_ASSERT(instance_check(original, NULL));
    /* Each form after each other: from one into the next. */
    for (size_t i = 0; i < 6; i++) {
        BUFFER_AUTO struct buffer text = BUFFER_INIT;
        struct instance *back;

        writers[i % 3](original, &text);
        back = read_first(text.data, text.size);
        CU_ASSERT(instance_equal(original, back));
        instance_destroy(original);
        original = back;
    }
    instance_destroy(original);
}

static void
test_xml_text(void)
{
    static const char in[] =
        "instance of T_In { X = 3; S = \"a<b\"; };";
    struct instance *instance = read_first(in, sizeof in - 1);
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *names[] = { "s" };
    struct instance *all;

    instance_write_xml(instance, 0, NULL, 0, &text);
    CU_ASSERT_STRING_EQUAL(
        buffer_string(&text),
        "<INSTANCE CLASSNAME=\"T_In\"><PROPERTY NAME=\"X\" TYPE=\"uint8\">"
        "<VALUE>3</VALUE></PROPERTY><PROPERTY NAME=\"S\" TYPE=\"string\">"
        "<VALUE>a&lt;b</VALUE></PROPERTY></INSTANCE>");
    text.size = 0;
    instance_write_xml(instance, INSTANCE_XML_ORIGIN, names, 1, &text);
    CU_ASSERT_STRING_EQUAL(
        buffer_string(&text),
        "<INSTANCE CLASSNAME=\"T_In\"><PROPERTY NAME=\"S\" TYPE=\"string\" "
        "CLASSORIGIN=\"T_In\"><VALUE>a&lt;b</VALUE></PROPERTY></INSTANCE>");
    instance_destroy(instance);

    all = instance_create(repository_class(repository, "T_All"));
    text.size = 0;
    instance_write_xml(all, 0, NULL, 0, &text);
    buffer_string(&text);
    CU_ASSERT(strstr(text.data, "/>") == NULL);
    CU_ASSERT(strstr(text.data, "<PROPERTY.ARRAY NAME=\"Many\" "
                                "TYPE=\"string\"></PROPERTY.ARRAY>")
              != NULL);
    CU_ASSERT(strstr(text.data,
                     "<PROPERTY NAME=\"Inner\" TYPE=\"string\" "
                     "EmbeddedObject=\"instance\"></PROPERTY>") != NULL);
    CU_ASSERT(strstr(text.data, "<PROPERTY.REFERENCE NAME=\"Link\" "
                                "REFERENCECLASS=\"T_In\">"
                                "</PROPERTY.REFERENCE>") != NULL);
    instance_destroy(all);
}

/* What XML cannot carry becomes U+FFFD, so that the rest arrives. */
static void
test_xml_characters(void)
{
    static const char in[] = "a\x01\xef\xbf\xbf\xef\xbf\xbe\xef\xbb\xbf\r\tb";
    BUFFER_AUTO struct buffer text = BUFFER_INIT;

    xml_escape(&text, in, sizeof in - 1);
    CU_ASSERT_STRING_EQUAL(buffer_string(&text),
                           "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbb\xbf"
                           "&#13;\tb");
}

/* What wbemcli sends: qualifiers in it, TYPE not always. */
static void
test_xml_of_clients(void)
{
    static const char in[] =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<CIM><NamedInstance><INSTANCE CLASSNAME=\"t_in\">"
        "<QUALIFIER NAME=\"Version\" TYPE=\"string\"><VALUE>1</VALUE>"
        "</QUALIFIER><PROPERTY NAME=\"x\"><QUALIFIER NAME=\"Key\"/>"
        "<VALUE> 3\n</VALUE></PROPERTY>"
        "<PROPERTY NAME=\"S\" TYPE=\"string\"><VALUE><![CDATA[a<b]]></VALUE>"
        "</PROPERTY></INSTANCE></NamedInstance></CIM>";
    struct instance *instance = read_first(in, sizeof in - 1);

    CU_ASSERT_EQUAL(instance_u64(instance, "X"), 3);
    CU_ASSERT_STRING_EQUAL(instance_text(instance, "S"), "a<b");
    instance_destroy(instance);
}

static void
test_json_text(void)
{
    static const char in[] =
        "instance of T_In { X = 3; S = \"a\\\"\\x0001\"; };";
    static const char plain[] = " [{\"x\": 1}, {\"X\": 2, \"S\": null}]";
    struct instance *instance = read_first(in, sizeof in - 1);
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct instance **instances;
    size_t n;

    instance_write_json(instance, false, &text);
    CU_ASSERT_STRING_EQUAL(buffer_string(&text),
                           "{\"class\":\"T_In\",\"properties\":"
                           "{\"X\":3,\"S\":\"a\\\"\\u0001\"}}");
    text.size = 0;
    instance_write_json(instance, true, &text);
    CU_ASSERT_STRING_EQUAL(buffer_string(&text),
                           "{\"X\":3,\"S\":\"a\\\"\\u0001\"}");
    instance_destroy(instance);
    instances = read_all(plain, sizeof plain - 1, "T_In", &n, NULL);
    if (!instances || n != 2) {
        abort();
    }
    CU_ASSERT_EQUAL(instance_u64(instances[1], "X"), 2);
    instance_destroy(instances[0]);
    instance_destroy(instances[1]);
    free(instances);
}

static void
test_malformed(void)
{
    static const struct {
        const char *text, *says;
        unsigned int line, column;
    } rows[] = {
        { "[{\"class\": \"T_In\",\n  \"Y\": 1}]", "no property Y", 2, 8 },
        { "{\"X\": 1}", "no member \"class\"", 1, 1 },
        { "{\"class\": \"T_No\"}", "no class T_No", 1, 11 },
        { "{\"class\": \"T_In\", \"properties\": {\"X\": \"1\"}}",
          "T_In.X: expected uint8, got the string \"1\"", 1, 39 },
        { "{\"class\": \"T_In\", \"X\": 256}", "T_In.X", 1, 24 },
        { "{\"class\": \"T_In\", \"X\": [1]}", "expected one value", 1, 24 },
        { "{\"class\": \"T_All\", \"Inner\": {\"X\": 1, \"Z\": 1}}",
          "T_In has no property Z", 1, 43 },
        { "{\"class\": \"T_In\", \"X\": 1", "expected ',' or '}'", 1, 25 },
        { "instance of T_In {\n X = 256; };", "T_In.X", 2, 0 },
        { "instance of T_In {\n Y = 2; };", "no property Y", 2, 0 },
        { "instance of T_No { Y = 2; };", "no class T_No", 1, 0 },
        { "instance of T_All { Inner = \"instance of T_In { Y = 2; };\"; };",
          "T_All.Inner", 1, 0 },
        { "<INSTANCE CLASSNAME=\"T_In\">\n<PROPERTY NAME=\"X\">"
          "<VALUE>256</VALUE></PROPERTY></INSTANCE>", "T_In.X", 1, 0 },
        { "<INSTANCE CLASSNAME=\"T_In\"><PROPERTY NAME=\"X\"><VALUE.ARRAY>"
          "</VALUE.ARRAY></PROPERTY></INSTANCE>", "expected one value", 1,
          0 },
        { "<INSTANCE CLASSNAME=\"T_No\"></INSTANCE>", "no class T_No", 1,
          0 },
        { "<INSTANCE CLASSNAME=\"T_In\"><A/></INSTANCE>", "belong", 1, 0 },
        { "<INSTANCE CLASSNAME=\"T_All\"><PROPERTY NAME=\"Inner\"><VALUE>"
          "&lt;x</VALUE></PROPERTY></INSTANCE>", "T_All.Inner", 1, 0 },
        { "<INSTANCE>", "XML", 1, 0 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error error = { 0 };
        size_t n;

        CU_ASSERT(!read_all(rows[i].text, strlen(rows[i].text), NULL, &n,
                            &error));
        if (!strstr(error.text, rows[i].says) || error.line != rows[i].line
            || (rows[i].column && error.column != rows[i].column)) {
            fprintf(stderr, "%s: %u:%u: %s\n", rows[i].text, error.line,
                    error.column, error.text);
            CU_FAIL("another error");
        }
    }
}

/* Objects in objects, each escaped again: bounded. */
static void
test_depth(void)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct error error = { 0 };
    size_t n;

    buffer_puts(&text, "<INSTANCE CLASSNAME=\"T_Deep\"></INSTANCE>");
    for (int i = 0; i < 12; i++) {
        BUFFER_AUTO struct buffer next = BUFFER_INIT;

        buffer_puts(&next, "<INSTANCE CLASSNAME=\"T_Deep\"><PROPERTY.ARRAY "
                           "NAME=\"More\"><VALUE.ARRAY><VALUE>");
        xml_escape(&next, text.data, text.size);
        buffer_puts(&next, "</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>"
                           "</INSTANCE>");
        text.size = 0;
        buffer_put(&text, next.data, next.size);
    }
    CU_ASSERT(!read_all(text.data, text.size, NULL, &n, &error));
    CU_ASSERT(strstr(error.text, "deep") != NULL);
}

/* Aliases of aliases: few bytes, very many objects; and a circle. */
static void
test_aliases(void)
{
    static const char circle[] =
        "instance of T_Deep as $A { More = {$A}; };";
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct error error = { 0 };
    size_t n;

    for (int i = 0; i < 6; i++) {
        buffer_printf(&text, "instance of T_Deep as $A%d { More = {", i);
        for (int j = 0; j < 50; j++) {
            buffer_printf(&text, "%s$A%d", j ? "," : "", i + 1);
        }
        buffer_puts(&text, "}; };\n");
    }
    buffer_puts(&text, "instance of T_Deep as $A6 {};");
    CU_ASSERT(!read_all(text.data, text.size, NULL, &n, &error));
    CU_ASSERT(strstr(error.text, "more than 1000 objects") != NULL);
    CU_ASSERT(!read_all(circle, sizeof circle - 1, NULL, &n, &error));
    CU_ASSERT(strstr(error.text, "more than 8 others") != NULL);
}

static const struct unit_test tests[] = {
    { "round trip", test_round_trip },
    { "XML text", test_xml_text },
    { "characters of XML", test_xml_characters },
    { "XML of clients", test_xml_of_clients },
    { "JSON text", test_json_text },
    { "malformed", test_malformed },
    { "depth", test_depth },
    { "aliases", test_aliases },
};

int
main(void)
{
    int status;

    repository = host_open(schema);
    status = unit_main("forms", tests, COUNT(tests));
    repository_close(repository);
    return status;
}
