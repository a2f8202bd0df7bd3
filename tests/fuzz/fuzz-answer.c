/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a hostile server could answer to xvsctl: HTTP with CIM-XML in it.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/wbem/cim-reply.h"
#include "client/wbem/http-reader.h"
#include "object/forms.h"
#include "object/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size;
};

static ssize_t
read_input(void *arg, void *data, size_t size, struct error *error)
{
    struct input *input = arg;
    size_t n = size < input->size ? size : input->size;

    (void) error;
    memcpy(data, input->data, n);
    input->data += n;
    input->size -= n;
    return (ssize_t) n;
}

static ssize_t
read_body(void *arg, void *data, size_t size, struct error *error)
{
    return http_reader_body(arg, data, size, error);
}

static bool
take(void *arg, const struct xml_node *node, struct error *error)
{
    struct path *path = path_read_xml(node, error);

    (void) arg;
    path_destroy(path);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size };
    struct http_reader reader;
    struct cim_reply reply = { read_body, &reader, take, NULL, 0 };
    struct error error;

    http_reader_init(&reader, read_input, &input);
    for (int i = 0; i < 4 && http_reader_head(&reader, &error); i++) {
        if (!cim_reply_read(&reply, &error)) {
            break;
        }
    }
    http_reader_free(&reader);
    return 0;
}
