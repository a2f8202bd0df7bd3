/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What is where in a CIM-XML answer, and how much of it we take.
 */

#include <config.h>

#include "client/wbem/cim-reply.h"

#include <string.h>

#include "base/text.h"
#include "schema/xml-stream.h"

#define DEPTH_LIMIT 128
#define ELEMENT_LIMIT (16u << 20)

/* What the reading of one answer carries around. */
struct reading {
    struct cim_reply *reply;
    bool answered;          /* an answer element was seen */
    size_t since;           /* bytes read since the last item */
};

enum error_code
cim_status_code(unsigned int status)
{
    static const unsigned char codes[] = {
        [2] = ERROR_DENIED,        [3] = ERROR_NO_NAMESPACE,
        [4] = ERROR_INVALID,       [5] = ERROR_NO_CLASS,
        [6] = ERROR_NOT_FOUND,     [7] = ERROR_UNSUPPORTED,
        [8] = ERROR_IN_USE,        [9] = ERROR_IN_USE,
        [10] = ERROR_NO_SUPERCLASS, [11] = ERROR_EXISTS,
        [12] = ERROR_NO_PROPERTY,  [13] = ERROR_TYPE,
        [14] = ERROR_UNSUPPORTED,  [15] = ERROR_SYNTAX,
        [16] = ERROR_NO_METHOD,    [17] = ERROR_NO_METHOD,
        [20] = ERROR_IN_USE,       [21] = ERROR_NOT_FOUND,
        [22] = ERROR_INVALID,      [27] = ERROR_LIMIT,
    };
    enum error_code code = ERROR_NONE;

    if (status < sizeof codes) {
        code = (enum error_code) codes[status];
    }
    return code == ERROR_NONE ? ERROR_FAILED : code;
}

static ssize_t
read_more(void *arg, void *data, size_t size, struct error *error)
{
    struct reading *reading = arg;
    ssize_t n = reading->reply->source(reading->reply->source_arg, data,
                                       size, error);

    if (n < 0) {
        return -1;
    }
    reading->since += (size_t) n;
    if (reading->since > ELEMENT_LIMIT) {
        error_set(error, ERROR_LIMIT,
                  "one object of the answer is larger than %u MiB",
                  ELEMENT_LIMIT >> 20);
        return -1;
    }
    return n;
}

static bool
unexpected(struct error *error, const char *what)
{
    return error_set(error, ERROR_SYNTAX,
                     "the server's answer is no CIM-XML: %s", what);
}

/* Reads an ERROR element into the error. */
static bool
take_error(struct reading *reading, const struct xml_node *node,
           struct error *error)
{
    const char *code = xml_attribute(node, "CODE");
    const char *text = xml_attribute(node, "DESCRIPTION");
    uint64_t number;

    if (!code || !text_to_u64(code, &number) || !number || number > 255) {
        number = 1;
    }
    reading->reply->status = (unsigned int) number;
    return error_set(error, cim_status_code((unsigned int) number), "%s",
                     text && *text ? text : "the server gave no reason");
}

/* Hands the element on. */
static bool
hand_on(void *arg, const struct xml_node *node, struct error *error)
{
    struct reading *reading = arg;

    reading->since = 0;
    if (xml_is(node, "ERROR")) {
        return take_error(reading, node, error);
    }
    return reading->reply->item(reading->reply->item_arg, node, error);
}

/* Elements around the ones that are handed on. */
static bool
is_frame(const char *name)
{
    static const char *const frames[] = {
        "CIM", "MESSAGE", "SIMPLERSP", "IMETHODRESPONSE", "METHODRESPONSE",
        "IRETURNVALUE",
    };

    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        if (strcmp(name, frames[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum xml_choice
choose(void *arg, const char *name, unsigned int depth, struct error *error)
{
    struct reading *reading = arg;

    if (strcmp(name, "IMETHODRESPONSE") == 0
        || strcmp(name, "METHODRESPONSE") == 0) {
        reading->answered = true;
    }
    if (is_frame(name)) {
        if (reading->answered || depth < 4) {
            return XML_ENTER;
        }
        unexpected(error, "its elements are out of order");
        return XML_STOP;
    }
    if (!reading->answered) {
        unexpected(error, name);
        return XML_STOP;
    }
    return XML_TAKE;
}

bool
cim_reply_read(struct cim_reply *reply, struct error *error)
{
    struct error local = { 0 };
    struct reading reading = { .reply = reply };
    struct xml_stream stream = {
        .read = read_more, .begin = choose, .take = hand_on,
        .arg = &reading, .file = "the server's answer",
        .depth_limit = DEPTH_LIMIT,
    };

    error = error ? error : &local;
    reply->status = 0;
    if (!xml_stream_read(&stream, error)) {
        return false;
    }
    return reading.answered || unexpected(error, "it has no answer in it");
}
