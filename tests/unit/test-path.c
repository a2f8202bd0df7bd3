/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Object paths: text and XML forms, equality, and the objects they name.
 */
#include <config.h>

#include "object/path.h"

#include <string.h>

#include "base/buffer.h"
#include "object/forms.h"
#include "object/instance.h"
#include "unit/host.h"
#include "unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_text(void)
{
    static const struct {
        const char *in, *out;   /* 'out' NULL: the same */
        unsigned int n_keys;
    } rows[] = {
        { "A", NULL, 0 },
        { "A=@", "A", 0 },
        { "A.K=\"v\"", NULL, 1 },
        { "A=\"v\"", NULL, 1 },
        { "A.K='v'", "A.K=\"v\"", 1 },
        { "A.K=17,L=TRUE,M=-1.5e3", NULL, 3 },
        { "A.K=\"a \\\"b\\\" \\\\ \\t\\x41\"",
          "A.K=\"a \\\"b\\\" \\\\ \\tA\"", 1 },
        { "A.K=\"a,L=b\",L=\"}\"", NULL, 2 },
        { "root/xvs:A.K=\"v\"", NULL, 1 },
        { "//host/root/xvs:A.K=\"v\"", NULL, 1 },
        { "//[::1]:5988/root/xvs:A.K=\"v\"", NULL, 1 },
        { "\\\\host\\root\\xvs:A.K=\"v\"", "//host/root/xvs:A.K=\"v\"", 1 },
        { "\\\\.\\root\\xvs:A", "root/xvs:A", 0 },
        { "/root/xvs/:A", "root/xvs:A", 0 },
        { "A.R=\"B.K=\\\"v\\\"\"", NULL, 1 },
        { "\xc3\x84.\xc3\x96=\"\xe2\x82\xac\"", NULL, 1 },
        { "A.K=\"\\x0001\"", NULL, 1 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct path *path = path_parse(rows[i].in, NULL);
        BUFFER_AUTO struct buffer text = BUFFER_INIT;
        struct path *copy;

        CU_ASSERT_FATAL(path != NULL);
        CU_ASSERT_EQUAL(path->n_keys, rows[i].n_keys);
        copy = path_copy(path);
        path_print(copy, &text);
        CU_ASSERT_STRING_EQUAL(buffer_string(&text),
                               rows[i].out ? rows[i].out : rows[i].in);
        CU_ASSERT(path_equal(path, copy));
        path_destroy(copy);
        path_destroy(path);
    }
}

static void
test_malformed(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "column 1: expected the name of a class" },
        { "1A", "column 1" },
        { "A.", "column 3: expected the name of a key" },
        { "A.K", "column 4: expected '='" },
        { "A.K=", "column 5" },
        { "A.K=v", "\"quoted\" text, a number or TRUE/FALSE" },
        { "A.K=\"v", "closing quote" },
        { "A.K=\"v\"x", "column 8: expected ',' or the end" },
        { "A.K=\"v\",", "the name of a key" },
        { "A.K=\"v\",k=\"w\"", "each key only once" },
        { "A.K=\"\\U\"", "a backslash is written" },
        { "A.K=\"\\x\"", "hexadecimal" },
        { "A.K=\"\\xd800\"", "hexadecimal" },
        { "//host", "a host name and '/'" },
        { ":A", "a namespace" },
        { "A B", "column 2: expected '.'" },
        { "A.K=\"\xff\"", "not UTF-8" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error error;

        CU_ASSERT(path_parse(rows[i].text, &error) == NULL);
        CU_ASSERT(strstr(error.text, rows[i].says) != NULL);
    }
}

static void
test_equal(void)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } rows[] = {
        { "A.K=\"v\"", "a.k=\"v\"", true },
        { "A.K=\"v\"", "A.K=\"V\"", false },
        { "A.K=1,L=2", "A.L=2,K=1", true },
        { "A.K=17", "A.K=0x11", true },
        { "A.K=true", "A.K=TRUE", true },
        { "A.K=1", "A.K=2", false },
        { "A.K=1", "A.K=1,L=1", false },
        { "root/xvs:A.K=1", "//h/root/cimv2:A.K=1", true },
        { "A.K=1", "B.K=1", false },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct path *a = path_parse(rows[i].a, NULL);
        struct path *b = path_parse(rows[i].b, NULL);

        CU_ASSERT_FATAL(a && b);
        CU_ASSERT_EQUAL(path_equal(a, b), rows[i].equal);
        CU_ASSERT_EQUAL(path_equal(b, a), rows[i].equal);
        path_destroy(a);
        path_destroy(b);
    }
}

/* XML as written, read back. */
static void
test_xml(void)
{
    static const char *const texts[] = {
        "A", "A.K=\"a<b>&'\\\"\"", "A.K=17,L=TRUE", "A=\"v\"",
        "root/xvs:A.K=\"v\"", "//host/root/xvs:A.K=\"v\"", "root/xvs:A",
        "//host/root/xvs:A",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct path *path = path_parse(texts[i], NULL);
        BUFFER_AUTO struct buffer xml = BUFFER_INIT;
        BUFFER_AUTO struct buffer text = BUFFER_INIT;
        struct path *back;
        struct xml_document *document;

        CU_ASSERT_FATAL(path != NULL);
        if (path->name_space) {
            path_write_xml_full(path, path->host, path->name_space, &xml);
        } else {
            path_write_xml(path, &xml);
        }
        CU_ASSERT(strstr(buffer_string(&xml), "/>") == NULL);
        document = xml_parse_safe("t", xml.data, xml.size, NULL);
        CU_ASSERT_FATAL(document != NULL);
        back = path_read_xml(xml_root(document), NULL);
        CU_ASSERT_FATAL(back != NULL);
        path_print(back, &text);
        CU_ASSERT_STRING_EQUAL(buffer_string(&text), texts[i]);
        path_destroy(back);
        path_destroy(path);
        xml_free(document);
    }
}

/* A "number" that would be more keys once it is printed is a text. */
static void
test_xml_forged(void)
{
    static const char in[] =
        "<INSTANCENAME CLASSNAME=\"A\"><KEYBINDING NAME=\"K\"><KEYVALUE "
        "VALUETYPE=\"numeric\">1,L=2</KEYVALUE></KEYBINDING>"
        "</INSTANCENAME>";
    struct xml_document *document =
        xml_parse_safe("t", in, sizeof in - 1, NULL);
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct path *path;

    CU_ASSERT_FATAL(document != NULL);
    path = path_read_xml(xml_root(document), NULL);
    CU_ASSERT_FATAL(path != NULL);
    path_print(path, &text);
    CU_ASSERT_STRING_EQUAL(buffer_string(&text), "A.K=\"1,L=2\"");
    path_destroy(path);
    xml_free(document);
}

static void
test_xml_malformed(void)
{
    static const char *const texts[] = {
        "<X></X>", "<INSTANCENAME></INSTANCENAME>",
        "<INSTANCENAME CLASSNAME=\"A\"><KEYBINDING/></INSTANCENAME>",
        "<INSTANCENAME CLASSNAME=\"A\"><KEYBINDING NAME=\"K\"/>"
        "</INSTANCENAME>",
        "<INSTANCEPATH></INSTANCEPATH>",
        "<INSTANCENAME CLASSNAME=\"A.K=1\"></INSTANCENAME>",
        "<INSTANCENAME CLASSNAME=\"A\"><KEYBINDING NAME=\"K=1,L\">"
        "<KEYVALUE>1</KEYVALUE></KEYBINDING></INSTANCENAME>",
        "<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME=\"a:B.K=\"/>"
        "</LOCALNAMESPACEPATH><INSTANCENAME CLASSNAME=\"A\"/>"
        "</LOCALINSTANCEPATH>",
        "<INSTANCEPATH><A/><B/></INSTANCEPATH>",
        "<INSTANCENAME CLASSNAME=\"A\"><KEYBINDING NAME=\"K\">"
        "<VALUE.REFERENCE/></KEYBINDING></INSTANCENAME>",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct xml_document *document =
            xml_parse_safe("t", texts[i], strlen(texts[i]), NULL);
        struct error error = { 0 };

        CU_ASSERT_FATAL(document != NULL);
        CU_ASSERT(!path_read_xml(xml_root(document), &error));
        CU_ASSERT(error.text[0] != '\0');
        xml_free(document);
    }
}

static void
test_instances(void)
{
    static const struct {
        const char *path;
        bool matches;
    } rows[] = {
        { "T_Sub.Name=\"n\",Number=300,Link=\"T_Base.Name=\\\"x\\\","
          "Number=1,Link=\\\"T_X\\\"\"", true },
        { "T_Base.number=0x12c,Link=\"root/xvs:T_Base.Link=\\\"T_X\\\","
          "Number=1,Name=\\\"x\\\"\",name=\"n\"", true },
        { "T_Sub.Name=\"n\",Number=300,Link=\"T_X\"", false },
        { "T_Sub.Name=\"n\",Number=300", false },
        { "T_Sub.Name=\"N\",Number=300,Link=\"T_X\"", false },
        { "T_Other.Name=\"n\",Number=300,Link=\"T_X\"", false },
    };
    struct repository *repository = host_open(
        "class T_X {}; class T_Base { [Key] string Name; [Key] uint16 Number;"
        "  [Key] T_Base REF Link; }; class T_Sub : T_Base { uint8 X; };");
    struct instance *instance =
        instance_create(repository_class(repository, "T_Sub"));
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct path *path;

    CU_ASSERT(path_of_instance(instance) == NULL);
    instance_set_string(instance, "Name", "n");
    instance_set_u64(instance, "Number", 300);
    instance_set_string(instance, "Link",
                        "T_Base.Name=\"x\",Number=1,Link=\"T_X\"");
    path = path_of_instance(instance);
    CU_ASSERT_FATAL(path != NULL);
    path_print(path, &text);
    CU_ASSERT_STRING_EQUAL(buffer_string(&text),
                           "T_Sub.Name=\"n\",Number=300,Link=\"T_Base.Name="
                           "\\\"x\\\",Number=1,Link=\\\"T_X\\\"\"");
    CU_ASSERT(path_matches(path, instance));
    path_destroy(path);
    for (size_t i = 0; i < COUNT(rows); i++) {
        path = path_parse(rows[i].path, NULL);
        CU_ASSERT_FATAL(path != NULL);
        CU_ASSERT_EQUAL(path_matches(path, instance), rows[i].matches);
        path_destroy(path);
    }
    instance_destroy(instance);
    repository_close(repository);
}

static const struct unit_test tests[] = {
    { "text", test_text },
    { "malformed text", test_malformed },
    { "equality", test_equal },
    { "XML", test_xml },
    { "forged XML", test_xml_forged },
    { "malformed XML", test_xml_malformed },
    { "of instances", test_instances },
};

UNIT_MAIN("path", tests)
