/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A class from MOF, written as CIM-XML and read back, is the same class:
 * its MOF and its hash are equal.  With the DMTF schema, where it is there,
 * for its 1,631 classes.
 */
#include <config.h>

#include "schema/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "unit/host.h"
#include "unit/unit.h"

static const char text[] =
    "Qualifier Nice : boolean = false, Scope(any), Flavor(Restricted);"
    "[Abstract, Description(\"a <b> & 'c' \\\"d\\\"\") ]"
    "class T_Base { [Key] string Name; [MaxLen(5)] string Short = \"x\"; };"
    "Qualifier Fixed : string[], Scope(class, property), "
    "  Flavor(DisableOverride, ToInstance, Translatable);"
    "[Nice, Version(\"1.2.3\"), Fixed{\"a\", \"b\"}, "
    " Locale(1033) : amended, Odd(NULL), guid(\"x\") : NotToSubclass]"
    "class T_All : T_Base {"
    "  boolean B = true; uint8 U8 = 255; sint8 S8 = -128;"
    "  uint64 U64 = 18446744073709551615; sint64 S64; real32 R32 = 1.5;"
    "  real64 R64 = 1.0e-3; char16 C = 'x'; datetime T;"
    "  uint8 Mac[6]; [Max(8)] uint32 List[] = {1, 2};"
    "  string Texts[] = {\"a\", \"b<\"};"
    "  [ValueMap{\"1\",\"2..5\"}, Values{\"one\",\"more\"}] uint16 Mode = 2;"
    "  T_In Inner; T_In Many[3]; [EmbeddedObject] string Any;"
    "  [EmbeddedInstance(\"T_In\")] string Named;"
    "  [Override(\"Short\")] string Short = \"y\";"
    "  uint32 Do([In] string A, [In(false), Out] uint8 B[],"
    "            [In] T_All REF C, [In] T_All REF D[]);"
    "  void Nothing();"
    "};"
    "class T_In { uint8 X; };"
    "[Association] class T_Link { [Key] T_All REF From; "
    "  [Key] T_Base REF To; };";

static void
write_mof(const struct cim_class *cls, struct buffer *out)
{
    class_write_mof(cls, out);
    buffer_string(out);
}

/* Registers the XML in a repository of its own and compares. */
static void
compare_all(struct repository *from, const char *schema, struct buffer *xml)
{
    struct error_list errors = { 0 };
    struct repository *to = repository_open(NULL, &errors);
    struct cim_class *const *classes;
    size_t n = repository_classes(from, &classes);
    size_t n_different = 0;
    bool ok = repository_register(to, schema, xml->data, xml->size, false,
                                  &errors);

    CU_ASSERT(ok);
    if (!ok) {
        host_print_errors(&errors);
    }
    for (size_t i = 0; ok && i < n; i++) {
        BUFFER_AUTO struct buffer a = BUFFER_INIT;
        BUFFER_AUTO struct buffer b = BUFFER_INIT;
        struct cim_class *cls = repository_class(to, classes[i]->name);

        if (!cls) {
            n_different++;
            continue;
        }
        write_mof(classes[i], &a);
        write_mof(cls, &b);
        if (strcmp(a.data, b.data) != 0
            || class_hash(cls) != class_hash(classes[i])) {
            if (n_different++ < 3) {
                fprintf(stderr, "from MOF:\n%s\nfrom XML:\n%s\n", a.data,
                        b.data);
            }
        }
    }
    CU_ASSERT_EQUAL(n_different, 0);
    error_list_clear(&errors);
    repository_close(to);
}

static void
round_trip(struct repository *from, const char *schema)
{
    BUFFER_AUTO struct buffer xml = BUFFER_INIT;
    const struct qualifier_type *const *types;
    struct cim_class *const *classes;
    size_t n = repository_qualifiers(from, &types);

    buffer_puts(&xml, "<?xml version=\"1.0\"?>\n<CIM>");
    for (size_t i = 0; i < n; i++) {
        qualifier_type_write_xml(types[i], &xml);
    }
    n = repository_classes(from, &classes);
    for (size_t i = 0; i < n; i++) {
        const char *owner = repository_schema_of(from, classes[i]);

        if (strcmp(owner, schema) == 0) {
            class_write_xml(classes[i],
                            CLASS_XML_LOCAL_ONLY | CLASS_XML_QUALIFIERS
                                | CLASS_XML_ORIGIN,
                            NULL, 0, &xml);
        }
    }
    buffer_puts(&xml, "</CIM>");
    compare_all(from, schema, &xml);
}

static void
test_constructs(void)
{
    struct repository *repository = host_open(text);

    round_trip(repository, "test");
    repository_close(repository);
}

/* What a server answers: with inherited parts, marked as such. */
static void
test_full_answer(void)
{
    struct repository *repository = host_open(text);
    BUFFER_AUTO struct buffer xml = BUFFER_INIT;
    struct cim_class *cls = repository_class(repository, "T_All");
    const char *names[] = { "u8" };

    class_write_xml(cls, CLASS_XML_QUALIFIERS | CLASS_XML_ORIGIN, names, 1,
                    &xml);
    buffer_string(&xml);
    CU_ASSERT(strstr(xml.data, "NAME=\"U8\"") != NULL);
    CU_ASSERT(strstr(xml.data, "NAME=\"U64\"") == NULL);
    CU_ASSERT(strstr(xml.data, "/>") == NULL);
    xml.size = 0;
    class_write_xml(cls, CLASS_XML_QUALIFIERS | CLASS_XML_ORIGIN, NULL, 0,
                    &xml);
    buffer_string(&xml);
    CU_ASSERT(strstr(xml.data, "<PROPERTY NAME=\"Name\" TYPE=\"string\" "
                               "CLASSORIGIN=\"T_Base\" PROPAGATED=\"true\">")
              != NULL);
    CU_ASSERT(strstr(xml.data, "<METHOD NAME=\"Nothing\" "
                               "CLASSORIGIN=\"T_All\"></METHOD>") != NULL);
    CU_ASSERT(strstr(xml.data, "/>") == NULL);
    xml.size = 0;
    buffer_puts(&xml, "<IRETURNVALUE>");
    class_write_xml(repository_class(repository, "T_Base"),
                    CLASS_XML_QUALIFIERS, NULL, 0, &xml);
    class_write_xml(repository_class(repository, "T_In"),
                    CLASS_XML_QUALIFIERS, NULL, 0, &xml);
    class_write_xml(repository_class(repository, "T_Link"),
                    CLASS_XML_QUALIFIERS, NULL, 0, &xml);
    class_write_xml(cls, CLASS_XML_QUALIFIERS | CLASS_XML_ORIGIN, NULL, 0,
                    &xml);
    buffer_puts(&xml, "</IRETURNVALUE>");
    compare_all(repository, "test", &xml);
    repository_close(repository);
}

static void
test_errors(void)
{
    static const struct {
        const char *text, *says;
        unsigned int line;
    } rows[] = {
        { "<CLASS>\n</CLASS>", "attribute NAME is missing", 1 },
        { "<CLASS NAME=\"A b\"></CLASS>", "is not a name", 1 },
        { "<CLASS NAME=\"A\">\n<X/></CLASS>", "not expected in a CLASS", 2 },
        { "<CLASS NAME=\"A\">\n<PROPERTY NAME=\"P\" TYPE=\"uint9\"/>\n"
          "</CLASS>", "is not a type", 2 },
        { "<CLASS NAME=\"A\">\n<PROPERTY NAME=\"P\" TYPE=\"uint8\">\n"
          "<VALUE>300</VALUE></PROPERTY></CLASS>", "300", 3 },
        { "<CLASS NAME=\"A\"><PROPERTY NAME=\"P\" TYPE=\"uint8\"/>\n"
          "<PROPERTY NAME=\"p\" TYPE=\"uint8\"/></CLASS>", "already", 2 },
        { "<CIM/>", "no CLASS", 1 },
        { "<CLASS NAME=\"A\">\n</CLAS>", "XML", 2 },
        { "<CLASS NAME=\"A\">&x;</CLASS>", "XML", 1 },
        { "", "XML", 1 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error_list errors = { 0 };
        struct schema_options options = { .no_files = true };
        struct schema_unit unit = { 0 };

        CU_ASSERT(!cimxml_compile("t.xml", rows[i].text,
                                  strlen(rows[i].text), &options, &unit,
                                  &errors));
        CU_ASSERT_FATAL(errors.n > 0);
        CU_ASSERT(strstr(errors.items[0].text, rows[i].says)
                  || strstr(rows[i].text, "/CLAS>")
                  || rows[i].text[0] == '\0');
        CU_ASSERT_EQUAL(errors.items[0].line, rows[i].line);
        CU_ASSERT_STRING_EQUAL(errors.items[0].file, "t.xml");
        schema_unit_clear(&unit);
        error_list_clear(&errors);
    }
}

/* The whole DMTF schema as one text, or NULL when it is not there. */
static char *
read_dmtf(void)
{
    const char *data = getenv("XVS_TEST_DATA");
    const char *top = getenv("top_srcdir");
    struct buffer flat = BUFFER_INIT;
    char command[1200];
    char chunk[65536];
    FILE *pipe;
    size_t n;

    snprintf(command, sizeof command,
             "cd '%s%s/mof/dmtf-cim-2.49.0' 2>/dev/null && "
             "cat qualifiers.mof qualifiers_optional.mof && "
             "sed -n 's/^#pragma include (\"\\(.*_.*\\)\")$/\\1/p' "
             "cim_schema_2.49.0.mof | grep / | xargs cat",
             data ? data : top ? top : "..", data ? "" : "/../shared/data");
    pipe = popen(command, "r");
    while (pipe && (n = fread(chunk, 1, sizeof chunk, pipe)) > 0) {
        buffer_put(&flat, chunk, n);
    }
    if (pipe) {
        pclose(pipe);
    }
    return flat.size > 1000000 ? buffer_steal(&flat)
                               : (buffer_free(&flat), NULL);
}

static void
test_dmtf(void)
{
    struct error_list errors = { 0 };
    struct repository *repository = repository_open(NULL, &errors);
    char *mof = read_dmtf();

    if (!mof) {
        fputs("no DMTF schema here (XVS_TEST_DATA): left out\n", stderr);
    } else if (host_register(repository, "dmtf", mof)) {
        struct cim_class *const *classes;

        CU_ASSERT(repository_classes(repository, &classes) > 1650);
        round_trip(repository, "dmtf");
    } else {
        CU_FAIL("the DMTF schema does not register");
    }
    free(mof);
    error_list_clear(&errors);
    repository_close(repository);
}

static const struct unit_test tests[] = {
    { "every construct", test_constructs },
    { "a server's answer", test_full_answer },
    { "errors have their place", test_errors },
    { "the DMTF schema", test_dmtf },
};

UNIT_MAIN("class-xml", tests)
