/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The one place where documents from outside meet libxml2.  Declaring a
 * document type is refused in the parser's first callback, before anything
 * in it is looked at: no entity but the five of XML can then exist.
 *
 * The tree is made here from the parser's events, in one arena: its nodes are
 * libxml2's, so that readers take those of a text reader as well, but a
 * request costs a few allocations instead of hundreds.  The parser itself is
 * kept for the next document, with the names that it knows, unless a document
 * was so large that it may have made it large.  Arenas of small documents are
 * kept as well.
 */

#include <config.h>

#include "schema/xml.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/dict.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "base/error.h"
#include "base/memory.h"

#define PARSE_OPTIONS                                                      \
    (XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOCDATA                 \
     | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT)

#define KEPT_SIZE 65536u        /* of a document: the parser is kept */
#define KEPT_NAMES 4096         /* that it may know then */
#define LARGEST_ARENA 65536u    /* at first */
#define SMALL_SIZE 2048u        /* of a document whose arena is kept */
#define SMALL_ARENA 16384u      /* of such a document */
#define KEPT_DOCUMENTS 64       /* at most */

struct xml_document {
    struct arena *arena;        /* everything is in it */
    xmlNode *root;              /* NULL: empty */
    xmlNode *open;              /* while it is read: the innermost element */
    bool refused;               /* it has a document type */
    bool small;                 /* its arena is kept */
    struct xml_document *next;  /* in 'kept' */
};

static xmlParserCtxt *_Atomic spare;    /* a parser for the next document */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct xml_document *kept;       /* empty ones; under the lock */
static unsigned int n_kept;

static struct xml_document *
document_of(void *arg)
{
    return ((xmlParserCtxt *) arg)->_private;
}

static void
refuse_doctype(void *arg, const xmlChar *name, const xmlChar *external,
               const xmlChar *system)
{
    (void) name;
    (void) external;
    (void) system;
    document_of(arg)->refused = true;
    xmlStopParser(arg);
}

static void
no_printing(void *arg, xmlErrorPtr error)
{
    (void) arg;
    (void) error;
}

static xmlChar *
copy_text(struct xml_document *document, const xmlChar *text, size_t size)
{
    xmlChar *copy = arena_alloc(document->arena, size + 1);

    memcpy(copy, text, size);
    return copy;
}

/* A prefix that stands for nothing is a part of the name. */
static const xmlChar *
copy_name(struct xml_document *document, const xmlChar *name,
          const xmlChar *prefix, const xmlChar *uri)
{
    size_t size = strlen((const char *) name), before;
    xmlChar *copy;

    if (!prefix || uri) {
        return copy_text(document, name, size);
    }
    before = strlen((const char *) prefix);
    copy = arena_alloc(document->arena, before + 1 + size + 1);
    memcpy(copy, prefix, before);
    copy[before] = ':';
    memcpy(copy + before + 1, name, size);
    return copy;
}

/* A new last child of the open element. */
static xmlNode *
add_node(struct xml_document *document, xmlElementType type)
{
    xmlNode *node = arena_alloc(document->arena, sizeof *node);
    xmlNode *parent = document->open;

    node->type = type;
    node->parent = parent;
    if (!parent) {
        document->root = node;
        return node;
    }
    node->prev = parent->last;
    if (parent->last) {
        parent->last->next = node;
    } else {
        parent->children = node;
    }
    parent->last = node;
    return node;
}

/* 'place' is one of libxml2's: name, prefix, URI, value, its end. */
static xmlAttr *
make_attribute(struct xml_document *document, const xmlChar **place)
{
    xmlAttr *attribute = arena_alloc(document->arena, sizeof *attribute);
    xmlNode *text = arena_alloc(document->arena, sizeof *text);

    attribute->type = XML_ATTRIBUTE_NODE;
    attribute->name = copy_name(document, place[0], place[1], place[2]);
    attribute->children = attribute->last = text;
    text->type = XML_TEXT_NODE;
    text->content = copy_text(document, place[3],
                              (size_t) (place[4] - place[3]));
    return attribute;
}

static void
start_element(void *arg, const xmlChar *name, const xmlChar *prefix,
              const xmlChar *uri, int n_spaces, const xmlChar **spaces,
              int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    const xmlParserCtxt *parser = arg;
    struct xml_document *document = document_of(arg);
    xmlNode *node = add_node(document, XML_ELEMENT_NODE);
    xmlAttr **at = &node->properties;
    int line = parser->input ? parser->input->line : 0;

    (void) n_spaces;
    (void) spaces;
    (void) n_defaulted;
    node->name = copy_name(document, name, prefix, uri);
    node->line = line < USHRT_MAX ? (unsigned short) line : USHRT_MAX;
    for (int i = 0; i < n_attributes; i++, attributes += 5) {
        *at = make_attribute(document, attributes);
        (*at)->parent = node;
        at = &(*at)->next;
    }
    document->open = node;
}

static void
end_element(void *arg, const xmlChar *name, const xmlChar *prefix,
            const xmlChar *uri)
{
    struct xml_document *document = document_of(arg);

    (void) name;
    (void) prefix;
    (void) uri;
    document->open = document->open->parent;
}

static void
take_text(void *arg, const xmlChar *text, int size)
{
    struct xml_document *document = document_of(arg);

    if (document->open && size > 0) {
        add_node(document, XML_TEXT_NODE)->content =
            copy_text(document, text, (size_t) size);
    }
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

/* ---- Parsers ------------------------------------------------------------ */

static xmlParserCtxt *
take_parser(void)
{
    xmlParserCtxt *parser = atomic_exchange(&spare, NULL);

    if (!parser) {
        parser = xmlNewParserCtxt();
    }
    if (parser) {
        *parser->sax = (xmlSAXHandler) {
            .initialized = XML_SAX2_MAGIC,
            .internalSubset = refuse_doctype,
            .startElementNs = start_element,
            .endElementNs = end_element,
            .characters = take_text,
            .ignorableWhitespace = take_text,
            .serror = no_printing,
        };
    }
    return parser;
}

static void
give_parser(xmlParserCtxt *parser, size_t size)
{
    parser->_private = NULL;
    if (size > KEPT_SIZE || xmlDictSize(parser->dict) > KEPT_NAMES) {
        xmlFreeParserCtxt(parser);
        return;
    }
    xmlCtxtReset(parser);       /* lets go of the input */
    parser = atomic_exchange(&spare, parser);
    if (parser) {
        xmlFreeParserCtxt(parser);
    }
}

/* ---- Documents ---------------------------------------------------------- */

static struct xml_document *
make_document(size_t size)
{
    bool small = size <= SMALL_SIZE;
    struct xml_document *document = NULL;

    if (small) {
        pthread_mutex_lock(&lock);
        document = kept;
        if (document) {
            kept = document->next;
            n_kept--;
        }
        pthread_mutex_unlock(&lock);
    }
    if (document) {
        return document;
    }
    document = mem_zalloc(sizeof *document);
    document->small = small;
    document->arena = arena_create(small ? SMALL_ARENA
                                   : 8 * size < LARGEST_ARENA ? 8 * size
                                   : LARGEST_ARENA);
    return document;
}

/* False when it is not worth it. */
static bool
keep(struct xml_document *document)
{
    bool taken = false;

    if (!document->small || !arena_reset(document->arena)) {
        return false;
    }
    pthread_mutex_lock(&lock);
    if (n_kept < KEPT_DOCUMENTS) {
        *document = (struct xml_document) {
            .arena = document->arena, .small = true, .next = kept,
        };
        kept = document;
        n_kept++;
        taken = true;
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

static struct xml_document *
parse(const char *file, const char *text, size_t size, const char *encoding,
      int options, struct error *error)
{
    struct xml_document *document;
    xmlParserCtxt *parser;

    if (size > XML_SIZE_LIMIT) {
        error_set(error, ERROR_LIMIT,
                  "the document has %zu bytes, more than %zu", size,
                  XML_SIZE_LIMIT);
        error_at(error, file, 0, 0);
        return NULL;
    }
    parser = take_parser();
    if (!parser) {
        error_set(error, ERROR_FAILED, "libxml2 has no memory");
        return NULL;
    }
    document = make_document(size);
    parser->_private = document;
    xmlFreeDoc(xmlCtxtReadMemory(parser, text, (int) size, NULL, encoding,
                                 PARSE_OPTIONS | options));
    if (document->refused || !parser->wellFormed || !document->root) {
        set_parse_error(error, parser, file, document->refused);
        xml_free(document);
        document = NULL;
    }
    give_parser(parser, size);
    return document;
}

struct xml_document *
xml_parse_safe(const char *file, const char *text, size_t size,
               struct error *error)
{
    return parse(file, text, size, NULL, 0, error);
}

struct xml_document *
xml_parse_utf8(const char *file, const char *text, size_t size,
               struct error *error)
{
    return parse(file, text, size, "UTF-8", XML_PARSE_IGNORE_ENC, error);
}

const xmlNode *
xml_root(const struct xml_document *document)
{
    return document->root;
}

void
xml_free(struct xml_document *document)
{
    if (document && !keep(document)) {
        arena_destroy(document->arena);
        free(document);
    }
}
