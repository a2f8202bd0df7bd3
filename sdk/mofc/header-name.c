/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * C names for names of the schema.
 */

#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/memory.h"
#include "header.h"

/* Words of C and C++ that no member may be called. */
static const char *const reserved[] = {
    "and", "asm", "auto", "bool", "break", "case", "catch", "char", "class",
    "const", "continue", "default", "delete", "do", "double", "else", "enum",
    "explicit", "export", "extern", "false", "float", "for", "friend", "goto",
    "if", "inline", "int", "long", "mutable", "namespace", "new", "not",
    "operator", "or", "private", "protected", "public", "register",
    "requires", "restrict", "return", "short", "signed", "sizeof", "static",
    "struct", "switch", "template", "this", "throw", "true", "try", "typedef",
    "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
    "while", "xor", "constexpr", "concept", "decltype", "noexcept", "nullptr",
    "thread_local", "typeid", "wchar_t", "linux", "unix",
};

/* Does a word begin at text[i], i > 0? */
static bool
is_boundary(const char *text, size_t i)
{
    unsigned char before = (unsigned char) text[i - 1];
    unsigned char at = (unsigned char) text[i];

    if (!isupper(at) || !isalnum(before)) {
        return false;
    }
    if (strncmp(text + i - 1, "IPv", 3) == 0) {
        return false;
    }
    return !isupper(before)
           || (islower((unsigned char) text[i + 1])
               && strncmp(text + i, "Pv", 2) != 0);
}

char *
name_snake(const char *name)
{
    struct buffer out = BUFFER_INIT;

    if (isdigit((unsigned char) name[0])) {
        buffer_putc(&out, '_');
    }
    for (size_t i = 0; name[i]; i++) {
        unsigned char c = (unsigned char) name[i];

        if (i > 0 && is_boundary(name, i)) {
            buffer_putc(&out, '_');
        }
        if (isalnum(c) && c < 128) {
            buffer_putc(&out, (char) tolower(c));
        } else if (out.size && out.data[out.size - 1] != '_') {
            buffer_putc(&out, '_');
        }
    }
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(buffer_string(&out), reserved[i]) == 0) {
            buffer_putc(&out, '_');
            break;
        }
    }
    return buffer_steal(&out);
}

char *
name_upper(const char *name)
{
    char *upper = mem_strdup(name);

    for (char *c = upper; *c; c++) {
        *c = (char) toupper((unsigned char) *c);
    }
    return upper;
}

char *
name_unique(char *name, struct map *taken)
{
    while (map_get(taken, name)) {
        char *longer = mem_printf("%s_", name);

        free(name);
        name = longer;
    }
    map_put(taken, name, taken);
    return name;
}

void
name_quote(struct buffer *out, const char *text)
{
    buffer_putc(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char) *text;

        if (c == '"' || c == '\\') {
            buffer_printf(out, "\\%c", c);
        } else if (c < 32 || c > 126 || c == '?') {
            buffer_printf(out, "\\%03o", c);
        } else {
            buffer_putc(out, (char) c);
        }
    }
    buffer_putc(out, '"');
}
