/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Streams: expat is fed with what has arrived.  It begins again at the start
 * of a tag that is not complete; so that a huge one does not cost the square
 * of its size, as much as was in vain must arrive before the next attempt.
 */

#include <config.h>

#include "schema/xml-stream.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "schema/xml-tree.h"

#define PIECE ((size_t) 16384)      /* that is read at once */
#define LARGEST_PIECE ((size_t) 4 << 20)
#define FIRST_ARENA 8192u
#define LARGEST_ARENA 65536u        /* that is kept for the next element */

/* One document's reading; the tree is first, for expat's handlers. */
struct reading {
    struct xml_tree tree;
    const struct xml_stream *stream;
    struct error *error;
    bool failed;            /* a callback has set the error */
    size_t in_vain;         /* bytes that were parsed since the last event */
};

static void
stop(struct reading *reading)
{
    reading->failed = true;
    XML_StopParser(reading->tree.parser, XML_FALSE);
}

static void
start_element(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = arg;
    const struct xml_stream *stream = reading->stream;
    struct xml_tree *tree = &reading->tree;

    reading->in_vain = 0;
    if (tree->open) {
        xml_tree_start(tree, name, attributes);
        return;
    }
    switch (stream->begin(stream->arg, name, tree->depth, reading->error)) {
    case XML_ENTER:
        xml_tree_enter(tree);
        break;
    case XML_TAKE:
        xml_tree_start(tree, name, attributes);
        break;
    default:
        stop(reading);
    }
}

/* An arena that has grown is replaced by one that would not have to. */
static void
empty_arena(struct xml_tree *tree)
{
    size_t used = arena_used(tree->arena);

    if (!arena_reset(tree->arena)) {
        arena_destroy(tree->arena);
        tree->arena = arena_create(used < LARGEST_ARENA / 2
                                       ? 2 * used : LARGEST_ARENA);
    }
}

static void
end_element(void *arg, const XML_Char *name)
{
    struct reading *reading = arg;
    const struct xml_stream *stream = reading->stream;
    struct xml_tree *tree = &reading->tree;

    reading->in_vain = 0;
    /* Expat tells the end of <A/> even where A stopped it. */
    if (reading->failed || tree->is_deep) {
        return;
    }
    if (!tree->open) {
        xml_tree_leave(tree);
        return;
    }
    xml_tree_end(tree, name);
    if (tree->open) {
        return;
    }
    if (!stream->take(stream->arg, tree->root, reading->error)) {
        stop(reading);
        return;
    }
    empty_arena(tree);
}

static void
take_text(void *arg, const XML_Char *text, int size)
{
    struct reading *reading = arg;

    reading->in_vain = 0;
    xml_tree_text(&reading->tree, text, size);
}

/* Fills '*data', of expat; what is in it at the end, or -1. */
static ssize_t
read_piece(struct reading *reading, void **data)
{
    const struct xml_stream *stream = reading->stream;
    size_t size = reading->in_vain > PIECE ? reading->in_vain : PIECE;
    size_t filled = 0;

    size = size < LARGEST_PIECE ? size : LARGEST_PIECE;
    *data = XML_GetBuffer(reading->tree.parser, (int) size);
    if (!*data) {
        error_set(reading->error, ERROR_FAILED,
                  "there is no memory to read XML");
        return -1;
    }
    do {
        ssize_t n = stream->read(stream->arg, (char *) *data + filled,
                                 size - filled, reading->error);

        if (n < 0) {
            return -1;
        }
        if (!n) {
            break;
        }
        filled += (size_t) n;
    } while (filled < reading->in_vain && filled < size);
    return (ssize_t) filled;
}

static bool
read_all(struct reading *reading)
{
    XML_Parser parser = reading->tree.parser;
    ssize_t n;

    do {
        void *data;

        n = read_piece(reading, &data);
        if (n < 0) {
            return false;
        }
        reading->in_vain += (size_t) n;
        if (XML_ParseBuffer(parser, (int) n, n == 0) != XML_STATUS_OK
            || reading->failed) {
            return reading->failed ? false
                                   : xml_tree_explain(&reading->tree,
                                                      reading->stream->file,
                                                      reading->error);
        }
    } while (n);
    return true;
}

bool
xml_stream_read(const struct xml_stream *stream, struct error *error)
{
    struct reading *reading = mem_zalloc(sizeof *reading);
    struct xml_tree *tree = &reading->tree;
    bool done;

    reading->stream = stream;
    reading->error = error;
    xml_tree_init(tree);
    if (!tree->parser) {
        free(reading);
        return error_set(error, ERROR_FAILED,
                         "there is no memory to read XML");
    }
    xml_tree_begin(tree, arena_create(FIRST_ARENA), stream->depth_limit,
                   NULL);
    XML_SetElementHandler(tree->parser, start_element, end_element);
    XML_SetCharacterDataHandler(tree->parser, take_text);
    done = read_all(reading);
    arena_destroy(tree->arena);
    xml_tree_free(tree);
    free(reading);
    return done;
}
