/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * CIM-XML answers through libxml2's pull reader.
 */

#include <config.h>

#include "client/wbem/cim-reply.h"

#include <string.h>
#include <libxml/xmlreader.h>

#include "base/text.h"
#include "object/forms.h"

#define DEPTH_LIMIT 128
#define ELEMENT_LIMIT (16u << 20)

/* What the reading of one answer carries around. */
struct reading {
    struct cim_reply *reply;
    xmlTextReader *reader;
    struct error *error;
    bool failed;            /* '*error' has the reason */
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

static int
read_more(void *arg, char *data, int size)
{
    struct reading *reading = arg;
    ssize_t n = reading->reply->source(reading->reply->source_arg, data,
                                       (size_t) size, reading->error);

    if (n < 0) {
        reading->failed = true;
        return -1;
    }
    reading->since += (size_t) n;
    if (reading->since > ELEMENT_LIMIT) {
        error_set(reading->error, ERROR_LIMIT,
                  "one object of the answer is larger than %u MiB",
                  ELEMENT_LIMIT >> 20);
        reading->failed = true;
        return -1;
    }
    return (int) n;
}

/* libxml2 would print to standard error; we keep the first message. */
static void
xml_problem(void *arg, const char *message, xmlParserSeverities severity,
            xmlTextReaderLocatorPtr locator)
{
    struct reading *reading = arg;

    (void) locator;
    if (reading->failed || severity == XML_PARSER_SEVERITY_WARNING
        || severity == XML_PARSER_SEVERITY_VALIDITY_WARNING) {
        return;
    }
    error_set(reading->error, ERROR_SYNTAX,
              "the server's answer is not well-formed XML: %.*s",
              (int) strcspn(message, "\n"), message);
    reading->failed = true;
}

static bool
unexpected(struct reading *reading, const char *what)
{
    reading->failed = true;
    return error_set(reading->error, ERROR_SYNTAX,
                     "the server's answer is no CIM-XML: %s", what);
}

static bool
is_element(const xmlNode *node, const char *name)
{
    return strcmp((const char *) node->name, name) == 0;
}

/* Reads an ERROR element into the error. */
static bool
take_error(struct reading *reading, const xmlNode *node)
{
    xmlChar *code = xmlGetNoNsProp(node, BAD_CAST "CODE");
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST "DESCRIPTION");
    uint64_t number;

    if (!code || !text_to_u64((const char *) code, &number) || !number
        || number > 255) {
        number = 1;
    }
    reading->reply->status = (unsigned int) number;
    error_set(reading->error, cim_status_code((unsigned int) number), "%s",
              text && *text ? (const char *) text
                            : "the server gave no reason");
    reading->failed = true;
    xmlFree(code);
    xmlFree(text);
    return false;
}

/* Hands the element at the reader on; its subtree is in memory meanwhile. */
static bool
hand_on(struct reading *reading)
{
    const xmlNode *node = xmlTextReaderExpand(reading->reader);

    if (!node || reading->failed) {
        return reading->failed ? false
                               : unexpected(reading, "it ends too early");
    }
    reading->since = 0;
    if (is_element(node, "ERROR")) {
        return take_error(reading, node);
    }
    if (!reading->reply->item(reading->reply->item_arg, node,
                              reading->error)) {
        reading->failed = true;
        return false;
    }
    return true;
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

/*
 * Handles the node that the reader stands at; '*expanded' when its subtree
 * was taken and is to be skipped.
 */
static bool
handle_node(struct reading *reading, bool *expanded)
{
    const char *name = (const char *) xmlTextReaderConstName(reading->reader);

    *expanded = false;
    switch (xmlTextReaderNodeType(reading->reader)) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return unexpected(reading, "it declares a document type");
    case XML_READER_TYPE_ELEMENT:
        break;
    default:
        return true;
    }
    if (xmlTextReaderDepth(reading->reader) > DEPTH_LIMIT) {
        return unexpected(reading, "it is nested too deeply");
    }
    if (strcmp(name, "IMETHODRESPONSE") == 0
        || strcmp(name, "METHODRESPONSE") == 0) {
        reading->answered = true;
    }
    if (is_frame(name)) {
        return reading->answered || xmlTextReaderDepth(reading->reader) < 4
               || unexpected(reading, "its elements are out of order");
    }
    if (!reading->answered) {
        return unexpected(reading, name);
    }
    *expanded = true;
    return hand_on(reading);
}

static void
read_all(struct reading *reading)
{
    bool expanded = false;

    for (;;) {
        int n = expanded ? xmlTextReaderNext(reading->reader)
                         : xmlTextReaderRead(reading->reader);

        if (n < 0 && !reading->failed) {
            unexpected(reading, "it cannot be parsed");
        }
        if (n != 1 || reading->failed
            || !handle_node(reading, &expanded)) {
            return;
        }
    }
}

bool
cim_reply_read(struct cim_reply *reply, struct error *error)
{
    struct error local = { 0 };
    struct reading reading = { .reply = reply,
                               .error = error ? error : &local };

    reply->status = 0;
    reading.reader = xmlReaderForIO(read_more, NULL, &reading, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (!reading.reader) {
        return error_set(error, ERROR_FAILED, "cannot start the XML reader");
    }
    xmlTextReaderSetErrorHandler(reading.reader, xml_problem, &reading);
    read_all(&reading);
    if (!reading.failed && !reading.answered) {
        unexpected(&reading, "it has no answer in it");
    }
    xmlFreeTextReader(reading.reader);
    return !reading.failed;
}
