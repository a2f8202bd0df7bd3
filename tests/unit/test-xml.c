/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * XML from outside: what is in the tree, what is refused and how that is
 * said, encodings, limits, and that writing a tree and reading it is the same.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "schema/xml.h"
#include "unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The tree as it is written again, or the error; on the heap. */
static char *
said(const char *text, size_t size, bool is_utf8)
{
    struct buffer out = BUFFER_INIT;
    struct error error = { 0 };
    struct xml_document *document =
        is_utf8 ? xml_parse_utf8("t", text, size, &error)
                : xml_parse_safe("t", text, size, &error);
    char line[1024];

    if (document) {
        xml_put_node(&out, xml_root(document));
        xml_free(document);
    } else {
        buffer_puts(&out, error_format(&error, line, sizeof line));
    }
    return buffer_steal(&out);
}

static void
expect(const char *text, size_t size, bool is_utf8, const char *wanted)
{
    char *got = said(text, size, is_utf8);

    if (strcmp(got, wanted) != 0) {
        fprintf(stderr, "wanted: %s\ngot:    %s\n", wanted, got);
    }
    CU_ASSERT_STRING_EQUAL(got, wanted);
    free(got);
}

struct test_case {
    const char *text;
    const char *wanted;
};

/* What is in the tree: the second text is the first, read and written. */
static const struct test_case trees[] = {
    { "<A/>", "<A></A>" },
    { "<?xml version='1.0'?><!-- c --><?p i?>\n<A></A>\n<!-- d -->",
      "<A></A>" },
    { "<A b='1' c=\"2'\" d=''><B/> <C/>\n</A>",
      "<A b=\"1\" c=\"2&apos;\" d=\"\"><B></B><C></C></A>" },
    { "<A> </A>", "<A> </A>" },
    { "<A>1<!-- c -->2<B>x</B>3</A>", "<A>123<B>x</B></A>" },
    { "<A>&lt;&#65;&#x42;&amp;<![CDATA[<&]]>&quot;&apos;&gt;</A>",
      "<A>&lt;AB&amp;&lt;&amp;&quot;&apos;&gt;</A>" },
    { "<A>1\r\n2\r3&#13;4\t</A>", "<A>1\n2\n3&#13;4\t</A>" },
    { "<A b=' x\r\n\ty&#10;z'/>", "<A b=\" x  y&#10;z\"></A>" },
    { "<p:A xmlns:p='u' p:b='1' xmlns='v'><q:B/></p:A>",
      "<p:A xmlns:p=\"u\" p:b=\"1\" xmlns=\"v\"><q:B></q:B></p:A>" },
    { "\xef\xbb\xbf<A>\xc3\xa9\xf0\x9f\x98\x80</A>",
      "<A>\xc3\xa9\xf0\x9f\x98\x80</A>" },
};

#define DOCTYPE(place) "t:" place ": XML: a document type is not accepted " \
    "(remove <!DOCTYPE ...>)"

static const struct test_case refused[] = {
    { "", "t:1:1: XML: there is no element" },
    { " \n", "t:2:1: XML: there is no element" },
    { "hello", "t:1:1: XML: syntax error" },
    { "<A", "t:1:1: XML: unclosed token" },
    { "<A>\n <B>", "t:2:5: XML: the text ends inside <B> of line 2" },
    { "<A>\n<B>\n</A>",
      "t:3:3: XML: this end tag does not end <B> of line 2" },
    { "<A/>\n<B/>", "t:2:1: XML: junk after document element" },
    { "<A>\n\xc3\xa9&b;</A>",
      "t:2:2: XML: an entity other than &amp; &lt; &gt; &quot; &apos;" },
    { "<A b='1' b='2'/>", "t:1:10: XML: duplicate attribute" },
    { "<A b=1/>", "t:1:6: XML: not well-formed (invalid token)" },
    { "<A>\x01</A>", "t:1:4: XML: not well-formed (invalid token)" },
    { "<A>&#1;</A>", "t:1:4: XML: reference to invalid character number" },
    { "<A>\xff</A>", "t:1:4: XML: not well-formed (invalid token)" },
    { " <?xml version='1.0'?><A/>",
      "t:1:2: XML: XML or text declaration not at start of entity" },
    { "<!DOCTYPE A [<!ENTITY b 'c'>]><A>&b;</A>", DOCTYPE("1:13") },
    { "<?xml version='1.0'?>\n<!DOCTYPE A SYSTEM 'file:///etc/passwd'><A/>",
      DOCTYPE("2:40") },
    { "<!DOCTYPE A PUBLIC 'x' 'y' [ !!! ]><A/>", DOCTYPE("1:28") },
    { "<?xml version='1.0' encoding='Shift_JIS'?><A/>",
      "t:1:31: XML: the encoding Shift_JIS is not accepted (convert the text "
      "to UTF-8 (iconv(1) can))" },
};

static void
test_trees(void)
{
    for (size_t i = 0; i < COUNT(trees); i++) {
        const struct test_case *test = &trees[i];

        expect(test->text, strlen(test->text), false, test->wanted);
    }
}

static void
test_refused(void)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        const struct test_case *test = &refused[i];

        expect(test->text, strlen(test->text), false, test->wanted);
    }
    /* A request without a body has no place for it either. */
    expect(NULL, 0, false, "t:1:1: XML: there is no element");
}

static void
test_encodings(void)
{
    static const char little[] = "\xff\xfe<\0A\0>\0\xe9\0<\0/\0A\0>\0";
    static const char big[] = "\xfe\xff\0<\0A\0>\0\xe9\0<\0/\0A\0>";
    static const char plain[] = "<\0A\0>\0\xe9\0<\0/\0A\0>\0";
    static const char latin[] =
        "<?xml version='1.0' encoding='iso-8859-1'?><A>\xe9</A>";
    static const char ascii[] =
        "<?xml version='1.0' encoding='us-ascii'?><A>\xe9</A>";
    static const char wrong[] =
        "<?xml version='1.0' encoding='utf-16'?><A>\xc3\xa9</A>";
    static const char none[] =
        "<?xml version='1.0' encoding='none'?><A>\xc3\xa9</A>";
    static const char e[] = "<A>\xc3\xa9</A>";

    expect(little, sizeof little - 1, false, e);
    expect(big, sizeof big - 1, false, e);
    expect(plain, sizeof plain - 1, false, e);
    expect(little, sizeof little - 2, false, "t:1:6: XML: unclosed token");
    expect(latin, sizeof latin - 1, false, e);
    expect(ascii, sizeof ascii - 1, false,
           "t:1:45: XML: not well-formed (invalid token)");
    expect(wrong, sizeof wrong - 1, false, "t:1:31: XML: encoding specified "
           "in XML declaration is incorrect");
    /* Text that was made UTF-8 is UTF-8, whatever it says. */
    expect(wrong, sizeof wrong - 1, true, e);
    expect(none, sizeof none - 1, true, e);
}

/* 'n' elements in each other. */
static char *
nested(unsigned int n)
{
    struct buffer text = BUFFER_INIT;

    for (unsigned int i = 0; i < n; i++) {
        buffer_puts(&text, "<A>");
    }
    for (unsigned int i = 0; i < n; i++) {
        buffer_puts(&text, "</A>");
    }
    return buffer_steal(&text);
}

static void
test_depth(void)
{
    char *most = nested(XML_DEPTH_LIMIT), *more = nested(XML_DEPTH_LIMIT + 1);
    char *got = said(most, strlen(most), false);

    CU_ASSERT_EQUAL(strncmp(got, "<A><A>", 6), 0);
    expect(more, strlen(more), false,
           "t:1:769: XML: elements are nested more than 256 deep");
    free(most);
    free(more);
    free(got);
}

static void
test_size(void)
{
    struct buffer text = BUFFER_INIT;

    buffer_puts(&text, "<A/>");
    buffer_extend(&text, XML_SIZE_LIMIT - text.size);
    memset(text.data + 4, ' ', text.size - 4);
    expect(text.data, text.size, false, "<A></A>");
    buffer_puts(&text, " ");
    expect(text.data, text.size, false,
           "t: the document has 67108865 bytes, more than 67108864");
    buffer_free(&text);
}

/* Large ones between small ones: what is kept carries nothing over. */
static void
test_kept(void)
{
    struct buffer text = BUFFER_INIT;
    struct error error;

    for (unsigned int i = 0; i < 8; i++) {
        struct xml_document *large, *small;

        buffer_printf(&text, "%s", i ? "" : "<X>");
        for (unsigned int j = 0; j < 1000; j++) {
            buffer_printf(&text, "<N%u a%u='%u'>%u</N%u>", j, i, j, j, j);
        }
        buffer_puts(&text, "</X>");
        large = xml_parse_safe("t", text.data, text.size, &error);
        small = xml_parse_safe("t", "<A b='c'>d</A>", 14, &error);
        text.size -= 4;
        CU_ASSERT_FATAL(large != NULL && small != NULL);
        CU_ASSERT_STRING_EQUAL(xml_root(large)->last->text, "999");
        CU_ASSERT_STRING_EQUAL(xml_root(small)->text, "d");
        CU_ASSERT_PTR_NULL(xml_root(small)->children);
        CU_ASSERT_PTR_NULL(xml_attribute(xml_root(small), "a"));
        xml_free(large);
        xml_free(small);
        expect("<A><B></A>", 10, false,
               "t:1:9: XML: this end tag does not end <B> of line 1");
    }
    buffer_free(&text);
}

#define TEXT(text) text, sizeof text - 1

/* The lines of elements, in the last line and before it. */
static void
test_lines(void)
{
    static const struct {
        const char *text;
        size_t size;
        unsigned int root, first, last;
    } cases[] = {
        { TEXT("<A><B/><C/></A>"), 1, 1, 1 },
        { TEXT("<?xml version='1.0'?>\n<A><B/><C/></A>"), 2, 2, 2 },
        { TEXT("\n<A>\n\n<B/>\r\n<C/></A>"), 2, 4, 5 },
        { TEXT("<A>\r<B/>\r<C/></A>\n"), 1, 2, 3 },
        { TEXT("<\0A\0>\0\n\0<\0B\0/\0>\0\n\0<\0C\0/\0>\0<\0/\0A\0>\0"),
          1, 2, 3 },
        { TEXT("<\0A\0>\0<\0B\0/\0>\0\x0d\x0a<\0C\0/\0>\0<\0/\0A\0>\0"),
          1, 1, 1 },     /* U+0A0D is a letter */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = { 0 };
        struct xml_document *document =
            xml_parse_safe("t", cases[i].text, cases[i].size, &error);
        const struct xml_node *root;

        if (!document) {
            CU_FAIL(error.text);
            fprintf(stderr, "%zu: %s\n", i, error.text);
            continue;
        }
        root = xml_root(document);
        CU_ASSERT_EQUAL(root->line, cases[i].root);
        CU_ASSERT_EQUAL(root->children->line, cases[i].first);
        CU_ASSERT_EQUAL(root->last->line, cases[i].last);
        xml_free(document);
    }
}

static const struct unit_test tests[] = {
    { "trees", test_trees }, { "refused", test_refused },
    { "encodings", test_encodings }, { "lines", test_lines },
    { "depth", test_depth }, { "size", test_size }, { "kept", test_kept },
};

UNIT_MAIN("xml", tests)
