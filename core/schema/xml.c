/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Looking at elements, and writing them.
 */

#include <config.h>

#include "schema/xml.h"

#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

bool
xml_is(const struct xml_node *node, const char *name)
{
    return node && strcmp(node->name, name) == 0;
}

const struct xml_node *
xml_child(const struct xml_node *node, const char *name)
{
    const struct xml_node *child = node->children;

    while (child && !xml_is(child, name)) {
        child = child->next;
    }
    return child;
}

const char *
xml_attribute(const struct xml_node *node, const char *name)
{
    for (const struct xml_attribute *at = node->attributes; at->name; at++) {
        if (strcmp(at->name, name) == 0) {
            return at->value;
        }
    }
    return NULL;
}

bool
xml_attribute_true(const struct xml_node *node, const char *name,
                   bool otherwise)
{
    const char *text = xml_attribute(node, name);

    return text ? text_equal_fold(text, "true") : otherwise;
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
    for (;;) {
        size_t size = strcspn(value, "\t\n");

        xml_escape(out, value, size);
        value += size;
        if (!*value) {
            break;
        }
        /* As they are they would be read as spaces. */
        buffer_puts(out, *value++ == '\t' ? "&#9;" : "&#10;");
    }
    buffer_putc(out, '"');
}

void
xml_put_node(struct buffer *out, const struct xml_node *node)
{
    buffer_putc(out, '<');
    buffer_puts(out, node->name);
    for (const struct xml_attribute *at = node->attributes; at->name; at++) {
        xml_put_attribute(out, at->name, at->value);
    }
    buffer_putc(out, '>');
    xml_escape(out, node->text, strlen(node->text));
    for (const struct xml_node *at = node->children; at; at = at->next) {
        xml_put_node(out, at);
    }
    buffer_puts(out, "</");
    buffer_puts(out, node->name);
    buffer_putc(out, '>');
}
