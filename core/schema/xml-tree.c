/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The one place where texts from outside meet expat.  Declaring a document
 * type is refused before its declarations are read: no entity but the five
 * of XML can then exist.  An element, its name and its attributes are one
 * piece of the arena.  The texts of the open elements lie one behind the
 * other in a buffer, and each goes to the arena when its element ends.
 */

#include <config.h>

#include "schema/xml-tree.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/memory.h"

/* Expat would ask the system for a salt with every document. */
static unsigned long
make_salt(void)
{
    unsigned long salt;

    return getrandom(&salt, sizeof salt, 0) == sizeof salt ? salt : 0;
}

void
xml_tree_init(struct xml_tree *tree)
{
    memset(tree, 0, sizeof *tree);
    tree->parser = XML_ParserCreate(NULL);
    tree->salt = make_salt();
}

void
xml_tree_free(struct xml_tree *tree)
{
    XML_ParserFree(tree->parser);
    buffer_free(&tree->text);
}

static void
stop_here(struct xml_tree *tree)
{
    tree->line = (unsigned int) XML_GetCurrentLineNumber(tree->parser);
    tree->column = (unsigned int) XML_GetCurrentColumnNumber(tree->parser);
    XML_StopParser(tree->parser, XML_FALSE);
}

static void
refuse_doctype(void *arg, const XML_Char *name, const XML_Char *system,
               const XML_Char *public, int has_subset)
{
    struct xml_tree *tree = arg;

    (void) name;
    (void) system;
    (void) public;
    (void) has_subset;
    tree->has_doctype = true;
    stop_here(tree);
}

static int
refuse_encoding(void *arg, const XML_Char *name, XML_Encoding *encoding)
{
    struct xml_tree *tree = arg;

    (void) encoding;
    tree->encoding[0] = '\0';
    strncat(tree->encoding, name, sizeof tree->encoding - 1);
    return XML_STATUS_ERROR;
}

void
xml_tree_begin(struct xml_tree *tree, struct arena *arena,
               unsigned int depth_limit, const char *encoding)
{
    tree->arena = arena;
    tree->last_break = -1;
    tree->last_line = 0;
    tree->depth_limit = depth_limit;
    XML_SetHashSalt(tree->parser, tree->salt);
    XML_SetEncoding(tree->parser, encoding);
    XML_SetUserData(tree->parser, tree);
    XML_SetStartDoctypeDeclHandler(tree->parser, refuse_doctype);
    XML_SetUnknownEncodingHandler(tree->parser, refuse_encoding, tree);
}

void
xml_tree_reset(struct xml_tree *tree)
{
    XML_ParserReset(tree->parser, NULL);
    tree->arena = NULL;
    tree->root = tree->open = NULL;
    tree->text.size = 0;
    tree->depth = tree->n_names = 0;
    tree->has_doctype = tree->is_deep = false;
    tree->encoding[0] = '\0';
}

/* ---- Elements ----------------------------------------------------------- */

bool
xml_tree_enter(struct xml_tree *tree)
{
    if (tree->depth >= tree->depth_limit) {
        tree->is_deep = true;
        stop_here(tree);
        return false;
    }
    tree->depth++;
    return true;
}

void
xml_tree_leave(struct xml_tree *tree)
{
    tree->depth--;
}

/* Copies a text to '*place', and moves that behind it. */
static const char *
put(char **place, const char *text)
{
    char *copy = *place;

    *place = stpcpy(copy, text) + 1;
    return copy;
}

/* Expat counts lines by reading everything once more: in the last line, which
 * is the only one of most requests, that is done once. */
static unsigned int
line_of(struct xml_tree *tree)
{
    unsigned int line = tree->last_line;

    if (!line) {
        line = (unsigned int) XML_GetCurrentLineNumber(tree->parser);
        if (tree->last_break >= 0
            && XML_GetCurrentByteIndex(tree->parser) >= tree->last_break) {
            tree->last_line = line;
        }
    }
    return line;
}

static struct xml_node *
make_node(struct xml_tree *tree, const XML_Char *name,
          const XML_Char **attributes)
{
    size_t size = sizeof(struct xml_node) + strlen(name) + 1, n = 0;
    struct xml_attribute *list;
    struct xml_node *node;
    char *place;

    for (; attributes[2 * n]; n++) {
        size += strlen(attributes[2 * n]) + strlen(attributes[2 * n + 1]) + 2;
    }
    node = arena_alloc(tree->arena, size + (n + 1) * sizeof *list);
    list = (struct xml_attribute *) (node + 1);
    place = (char *) (list + n + 1);
    for (size_t i = 0; i < n; i++) {
        list[i].name = put(&place, attributes[2 * i]);
        list[i].value = put(&place, attributes[2 * i + 1]);
    }
    node->name = put(&place, name);
    node->attributes = list;
    node->text = "";
    node->line = line_of(tree);
    tree->n_names += (unsigned int) n + 1;
    return node;
}

void
xml_tree_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_tree *tree = arg;
    struct xml_node *parent = tree->open, *node;

    if (!xml_tree_enter(tree)) {
        return;
    }
    node = make_node(tree, name, attributes);
    node->parent = parent;
    tree->text_at[tree->depth - 1] = tree->text.size;
    tree->open = node;
    if (!parent) {
        tree->root = node;
    } else if (parent->last) {
        parent->last = parent->last->next = node;
    } else {
        parent->last = parent->children = node;
    }
}

static bool
is_blank(const char *text, size_t size)
{
    while (size && strchr(" \t\r\n", *text)) {
        text++;
        size--;
    }
    return !size;
}

void
xml_tree_end(void *arg, const XML_Char *name)
{
    struct xml_tree *tree = arg;
    struct xml_node *node = tree->open;
    size_t at, size;

    (void) name;
    /* Expat tells the end of <A/> even where A stopped it. */
    if (tree->is_deep) {
        return;
    }
    at = tree->text_at[--tree->depth];
    size = tree->text.size - at;
    if (size && !(node->children && is_blank(tree->text.data + at, size))) {
        char *text = arena_alloc(tree->arena, size + 1);

        memcpy(text, tree->text.data + at, size);
        node->text = text;
    }
    tree->text.size = at;
    tree->open = node->parent;
}

void
xml_tree_text(void *arg, const XML_Char *text, int size)
{
    struct xml_tree *tree = arg;

    if (tree->open) {
        buffer_put(&tree->text, text, (size_t) size);
    }
}

/* ---- Errors ------------------------------------------------------------- */

static bool
explain_ending(const struct xml_tree *tree, const char *what,
               struct error *error)
{
    return tree->open
               ? error_set(error, ERROR_SYNTAX, "%s <%.60s> of line %u", what,
                           tree->open->name, tree->open->line)
               : error_set(error, ERROR_SYNTAX, "%s an element", what);
}

static bool
explain_encoding(const struct xml_tree *tree, struct error *error)
{
    error_set(error, ERROR_SYNTAX, "the encoding %s is not accepted",
              tree->encoding);
    return error_hint(error, "convert the text to UTF-8 (iconv(1) can)");
}

static bool
explain_code(const struct xml_tree *tree, struct error *error)
{
    enum XML_Error code = XML_GetErrorCode(tree->parser);

    switch (code) {
    case XML_ERROR_NO_MEMORY:
        return error_set(error, ERROR_FAILED, "the parser has no memory");
    case XML_ERROR_TAG_MISMATCH:
        return explain_ending(tree, "this end tag does not end", error);
    case XML_ERROR_NO_ELEMENTS:
        return tree->depth
                   ? explain_ending(tree, "the text ends inside", error)
                   : error_set(error, ERROR_SYNTAX, "there is no element");
    case XML_ERROR_UNDEFINED_ENTITY:
        return error_set(error, ERROR_SYNTAX, "an entity other than &amp; "
                         "&lt; &gt; &quot; &apos;");
    case XML_ERROR_UNKNOWN_ENCODING:
        return explain_encoding(tree, error);
    default:
        return error_set(error, ERROR_SYNTAX, "%s", XML_ErrorString(code));
    }
}

bool
xml_tree_explain(struct xml_tree *tree, const char *file,
                 struct error *error)
{
    if (tree->has_doctype) {
        error_set(error, ERROR_SYNTAX, "a document type is not accepted");
    } else if (tree->is_deep) {
        error_set(error, ERROR_LIMIT,
                  "elements are nested more than %u deep",
                  tree->depth_limit);
    } else {
        explain_code(tree, error);
        stop_here(tree);
    }
    error_prefix(error, "XML");
    return error_at(error, file, tree->line, tree->column + 1);
}
