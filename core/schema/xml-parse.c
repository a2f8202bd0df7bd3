/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whole documents.  A tree is made in one arena, so that a request costs a
 * few allocations instead of hundreds.  The parser is kept for the next
 * document, unless this one was so large or had so many names that it may
 * have made the parser large.  Arenas of small documents are kept as well.
 */

#include <config.h>

#include "schema/xml.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "schema/xml-tree.h"

#define KEPT_SIZE 65536u        /* of a document: the parser is kept */
#define KEPT_NAMES 1024         /* in it, at most */
#define LARGEST_ARENA 65536u    /* at first */
#define SMALL_SIZE 2048u        /* of a document whose arena is kept */
#define SMALL_ARENA 16384u      /* of such a document */
#define KEPT_DOCUMENTS 64       /* at most */

struct xml_document {
    struct arena *arena;        /* everything is in it */
    const struct xml_node *root;
    bool small;                 /* its arena is kept */
    struct xml_document *next;  /* in 'kept' */
};

static struct xml_tree *_Atomic spare;  /* with a parser, for the next one */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct xml_document *kept;       /* empty ones; under the lock */
static unsigned int n_kept;

/* ---- Parsers ------------------------------------------------------------ */

static void
destroy_tree(struct xml_tree *tree)
{
    if (tree) {
        xml_tree_free(tree);
        free(tree);
    }
}

/* NULL: there is no memory for a parser. */
static struct xml_tree *
take_tree(void)
{
    struct xml_tree *tree = atomic_exchange(&spare, NULL);

    if (!tree) {
        tree = mem_alloc(sizeof *tree);
        xml_tree_init(tree);
    }
    if (!tree->parser) {
        destroy_tree(tree);
        return NULL;
    }
    return tree;
}

static void
give_tree(struct xml_tree *tree, size_t size)
{
    if (size > KEPT_SIZE || tree->n_names > KEPT_NAMES) {
        destroy_tree(tree);
        return;
    }
    xml_tree_reset(tree);
    destroy_tree(atomic_exchange(&spare, tree));
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

/* Behind the last line end, in any encoding. */
static XML_Index
find_last_break(const char *text, size_t size)
{
    const char *feed = memrchr(text, '\n', size);
    const char *from = feed ? feed + 1 : text;
    const char *back = memrchr(from, '\r', size - (size_t) (from - text));

    return (XML_Index) ((back ? back + 1 : from) - text);
}

/* False with the error set; the tree's root is the document's otherwise. */
static bool
read_text(struct xml_tree *tree, const char *file, const char *text,
          size_t size, struct error *error)
{
    tree->last_break = find_last_break(text, size);
    XML_SetElementHandler(tree->parser, xml_tree_start, xml_tree_end);
    XML_SetCharacterDataHandler(tree->parser, xml_tree_text);
    if (XML_Parse(tree->parser, text, (int) size, XML_TRUE)
        == XML_STATUS_OK) {
        return true;
    }
    xml_tree_explain(tree, file, error);
    if (tree->has_doctype) {
        error_hint(error, "remove <!DOCTYPE ...>");
    }
    return false;
}

static struct xml_document *
parse(const char *file, const char *text, size_t size, const char *encoding,
      struct error *error)
{
    struct xml_document *document;
    struct xml_tree *tree;

    if (size > XML_SIZE_LIMIT) {
        error_set(error, ERROR_LIMIT,
                  "the document has %zu bytes, more than %zu", size,
                  XML_SIZE_LIMIT);
        error_at(error, file, 0, 0);
        return NULL;
    }
    text = size ? text : "";    /* nothing may be nowhere */
    tree = take_tree();
    if (!tree) {
        error_set(error, ERROR_FAILED, "there is no memory to read XML");
        return NULL;
    }
    document = make_document(size);
    xml_tree_begin(tree, document->arena, XML_DEPTH_LIMIT, encoding);
    if (read_text(tree, file, text, size, error)) {
        document->root = tree->root;
    } else {
        xml_free(document);
        document = NULL;
    }
    give_tree(tree, size);
    return document;
}

struct xml_document *
xml_parse_safe(const char *file, const char *text, size_t size,
               struct error *error)
{
    return parse(file, text, size, NULL, error);
}

struct xml_document *
xml_parse_utf8(const char *file, const char *text, size_t size,
               struct error *error)
{
    return parse(file, text, size, "UTF-8", error);
}

const struct xml_node *
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
