/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The one place where documents from outside meet libxml2.  Declaring a
 * document type is refused in the parser's first callback, before anything
 * in it is looked at: no entity but the five of XML can then exist.
 */

#include <config.h>

#include "schema/xml.h"

#include <string.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#define PARSE_OPTIONS                                                      \
    (XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOCDATA                 \
     | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT)

static void
refuse_doctype(void *arg, const xmlChar *name, const xmlChar *external,
               const xmlChar *system)
{
    xmlParserCtxt *parser = arg;
    bool *refused = parser->_private;

    (void) name;
    (void) external;
    (void) system;
    *refused = true;
    xmlStopParser(parser);
}

static void
no_printing(void *arg, xmlErrorPtr error)
{
    (void) arg;
    (void) error;
}

/* The parser's message without its line end. */
static void
set_parse_error(struct error *error, xmlParserCtxt *parser,
                const char *file, bool refused)
{
    const xmlError *last = xmlCtxtGetLastError(parser);

    if (refused) {
        error_set(error, ERROR_SYNTAX, "a document type is not accepted");
        error_hint(error, "remove <!DOCTYPE ...>");
        error_at(error, file,
                 parser->input ? (unsigned int) parser->input->line : 1,
                 parser->input ? (unsigned int) parser->input->col : 1);
    } else if (last && last->message) {
        error_set(error, ERROR_SYNTAX, "XML: %.*s",
                  (int) strcspn(last->message, "\n"), last->message);
        error_at(error, file, last->line > 0 ? (unsigned int) last->line : 1,
                 last->int2 > 0 ? (unsigned int) last->int2 : 1);
    } else {
        error_set(error, ERROR_SYNTAX, "not an XML document");
        error_at(error, file, 1, 1);
    }
}

static xmlDoc *
parse(const char *file, const char *text, size_t size, const char *encoding,
      int options, struct error *error)
{
    bool refused = false;
    xmlParserCtxt *parser;
    xmlDoc *document;

    if (size > XML_SIZE_LIMIT) {
        error_set(error, ERROR_LIMIT,
                  "the document has %zu bytes, more than %zu", size,
                  XML_SIZE_LIMIT);
        error_at(error, file, 0, 0);
        return NULL;
    }
    parser = xmlNewParserCtxt();
    if (!parser) {
        error_set(error, ERROR_FAILED, "libxml2 has no memory");
        return NULL;
    }
    parser->_private = &refused;
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->serror = no_printing;
    document = xmlCtxtReadMemory(parser, text, (int) size, NULL, encoding,
                                 PARSE_OPTIONS | options);
    if (refused || !document || !xmlDocGetRootElement(document)) {
        set_parse_error(error, parser, file, refused);
        xmlFreeDoc(document);
        document = NULL;
    }
    xmlFreeParserCtxt(parser);
    return document;
}

xmlDoc *
xml_parse_safe(const char *file, const char *text, size_t size,
               struct error *error)
{
    return parse(file, text, size, NULL, 0, error);
}

xmlDoc *
xml_parse_utf8(const char *file, const char *text, size_t size,
               struct error *error)
{
    return parse(file, text, size, "UTF-8", XML_PARSE_IGNORE_ENC, error);
}

bool
xml_is(const xmlNode *node, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE
           && strcmp((const char *) node->name, name) == 0;
}

static const xmlNode *
first_element(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE) {
        node = node->next;
    }
    return node;
}

const xmlNode *
xml_first(const xmlNode *node)
{
    return first_element(node->children);
}

const xmlNode *
xml_next(const xmlNode *node)
{
    return first_element(node->next);
}

const xmlNode *
xml_child(const xmlNode *node, const char *name)
{
    const xmlNode *child = xml_first(node);

    while (child && !xml_is(child, name)) {
        child = xml_next(child);
    }
    return child;
}

const char *
xml_attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *at = node->properties; at; at = at->next) {
        if (strcmp((const char *) at->name, name) == 0) {
            return at->children && at->children->content
                       ? (const char *) at->children->content
                       : "";
        }
    }
    return NULL;
}

bool
xml_attribute_true(const xmlNode *node, const char *name, bool otherwise)
{
    const char *text = xml_attribute(node, name);

    return text ? text_equal_fold(text, "true") : otherwise;
}

char *
xml_text(const xmlNode *node)
{
    struct buffer text = BUFFER_INIT;

    for (const xmlNode *at = node->children; at; at = at->next) {
        if ((at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE)
            && at->content) {
            buffer_puts(&text, (const char *) at->content);
        }
    }
    return buffer_steal(&text);
}

#define REPLACEMENT "\xef\xbf\xbd"

/* What the character at 'text' becomes (NULL: itself), and its size. */
static const char *
replacement(const char *text, const char *end, size_t *size)
{
    unsigned char c = (unsigned char) *text;

    *size = 1;
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\r':
        return "&#13;";
    case 0xef:      /* U+FFFE and U+FFFF are no characters of XML */
        *size = 3;
        return end - text >= 3 && (unsigned char) text[1] == 0xbf
                       && (unsigned char) text[2] >= 0xbe
                   ? REPLACEMENT : NULL;
    default:
        return REPLACEMENT;
    }
}

/* Bytes that may need a replacement: controls, the five of XML, 0xef. */
static const unsigned char special[256] = {
    [0] = 1,  [1] = 1,  [2] = 1,  [3] = 1,  [4] = 1,  [5] = 1,  [6] = 1,
    [7] = 1,  [8] = 1,  [11] = 1, [12] = 1, [13] = 1, [14] = 1, [15] = 1,
    [16] = 1, [17] = 1, [18] = 1, [19] = 1, [20] = 1, [21] = 1, [22] = 1,
    [23] = 1, [24] = 1, [25] = 1, [26] = 1, [27] = 1, [28] = 1, [29] = 1,
    [30] = 1, [31] = 1, ['&'] = 1, ['<'] = 1, ['>'] = 1, ['"'] = 1,
    ['\''] = 1, [0xef] = 1,
};

void
xml_escape(struct buffer *out, const char *text, size_t size)
{
    const char *end, *run;

    if (!size) {
        return;
    }
    end = text + size;
    for (run = text; text < end; text++) {
        const char *instead;
        size_t n;

        if (!special[(unsigned char) *text]) {
            continue;
        }
        instead = replacement(text, end, &n);
        if (instead) {
            buffer_put(out, run, (size_t) (text - run));
            buffer_puts(out, instead);
            run = text + n;
            text = run - 1;
        }
    }
    buffer_put(out, run, (size_t) (end - run));
}

void
xml_put_attribute(struct buffer *out, const char *name, const char *value)
{
    buffer_putc(out, ' ');
    buffer_puts(out, name);
    buffer_puts(out, "=\"");
    xml_escape(out, value, strlen(value));
    buffer_putc(out, '"');
}
