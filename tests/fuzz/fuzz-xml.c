/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * XML documents: read as a whole and as a stream in pieces of any size they
 * are the same tree or both refused, and what is written of a tree is that
 * tree when it is read again.  The first byte is the size of the pieces.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "schema/xml-stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size;
    size_t piece;           /* most bytes at once */
    struct buffer tree;     /* the outermost element, written */
};

static ssize_t
read_input(void *arg, void *data, size_t size, struct error *error)
{
    struct input *input = arg;
    size_t n = size < input->piece ? size : input->piece;

    (void) error;
    n = n < input->size ? n : input->size;
    memcpy(data, input->data, n);
    input->data += n;
    input->size -= n;
    return (ssize_t) n;
}

static enum xml_choice
take_all(void *arg, const char *name, unsigned int depth,
         struct error *error)
{
    (void) arg;
    (void) name;
    (void) depth;
    (void) error;
    return XML_TAKE;
}

static bool
write_tree(void *arg, const struct xml_node *node, struct error *error)
{
    struct input *input = arg;

    (void) error;
    xml_put_node(&input->tree, node);
    return true;
}

static void
check_same(const struct buffer *a, const struct buffer *b)
{
    if (a->size != b->size || (a->size && memcmp(a->data, b->data, a->size))) {
        abort();
    }
}

/* Expat lets names of other encodings have letters that it does not take in
 * UTF-8, such as U+00BA; so what such a text was read as may be refused. */
static bool
is_utf8(const uint8_t *data, size_t size)
{
    struct xml_document *document = NULL;
    bool is_read;

    if (text_is_utf8((const char *) data, size)) {
        document = xml_parse_utf8("t", (const char *) data, size, NULL);
    }
    is_read = document != NULL;
    xml_free(document);
    return is_read;
}

static void
check_written(const struct buffer *text, bool must_be_read)
{
    struct xml_document *document =
        xml_parse_utf8("again", text->data, text->size, NULL);
    BUFFER_AUTO struct buffer again = BUFFER_INIT;

    if (!document) {
        if (must_be_read) {
            abort();
        }
        return;
    }
    xml_put_node(&again, xml_root(document));
    xml_free(document);
    check_same(text, &again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { NULL, 0, 0, BUFFER_INIT };
    struct xml_stream stream = {
        .read = read_input, .begin = take_all, .take = write_tree,
        .arg = &input, .file = "t", .depth_limit = XML_DEPTH_LIMIT,
    };
    BUFFER_AUTO struct buffer whole = BUFFER_INIT;
    struct error of_whole = { 0 }, of_stream = { 0 };
    struct xml_document *document;

    if (!size) {
        return 0;
    }
    input.piece = 1u + data[0];
    input.data = data + 1;
    input.size = size - 1;
    document = xml_parse_safe("t", (const char *) data + 1, size - 1,
                              &of_whole);
    if (xml_stream_read(&stream, &of_stream) != (document != NULL)) {
        abort();
    }
    if (document) {
        xml_put_node(&whole, xml_root(document));
        xml_free(document);
        check_same(&whole, &input.tree);
        check_written(&whole, is_utf8(data + 1, size - 1));
    } else if (!of_whole.text[0] || !of_stream.text[0]) {
        abort();
    }
    buffer_free(&input.tree);
    return 0;
}
