/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading and writing state files.
 */

#include <config.h>

#include "service/store/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"

struct document *
document_create(void)
{
    struct document *document = mem_zalloc(sizeof *document);

    document->entries = map_create(false);
    return document;
}

void
document_destroy(struct document *document)
{
    if (document) {
        map_destroy(document->entries, free);
        free(document);
    }
}

void
document_put(struct document *document, const char *entry, char *text)
{
    if (text) {
        free(map_put(document->entries, entry, text));
    } else {
        free(map_remove(document->entries, entry));
    }
}

bool
document_entry_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-_";

    return *name && strchr(letters, *name) && !name[strspn(name, others)];
}

void
document_write(const struct document *document, uint64_t generation,
               struct buffer *out)
{
    size_t start, head, at = 0;
    const char *name;
    void *text;
    char sum[9];

    buffer_printf(out, "# xvs 1 generation %llu crc32c ",
                  (unsigned long long) generation);
    head = out->size;
    buffer_puts(out, "00000000\n");
    start = out->size;
    while (map_next(document->entries, &at, &name, &text)) {
        buffer_puts(out, name);
        buffer_puts(out, " = {\n");
        buffer_puts(out, text);
        buffer_puts(out, "};\n");
    }
    snprintf(sum, sizeof sum, "%08x",
             crc32c(0, out->data + start, out->size - start));
    memcpy(out->data + head, sum, 8);
}

/* ---- Reading ------------------------------------------------------------ */

/* Where the reader is in the text. */
struct lines {
    const char *at;         /* start of the next line */
    const char *end;
    unsigned int line;      /* number of the line that was taken last */
    const char *file;
};

/* The next line without its newline; false at the end. */
static bool
lines_next(struct lines *lines, const char **line, size_t *size)
{
    const char *newline;

    if (lines->at == lines->end) {
        return false;
    }
    newline = memchr(lines->at, '\n', (size_t) (lines->end - lines->at));
    *line = lines->at;
    *size = (size_t) ((newline ? newline : lines->end) - lines->at);
    lines->at = newline ? newline + 1 : lines->end;
    lines->line++;
    return true;
}

static bool
lines_error(const struct lines *lines, struct error *error, const char *what)
{
    error_set(error, ERROR_SYNTAX, "%s", what);
    return error_at(error, lines->file, lines->line, 1);
}

/* "# xvs 1 generation <n> crc32c <8 hex digits>" */
static bool
read_head(struct lines *lines, struct document *document,
          struct error *error)
{
    MEM_AUTO char *copy = NULL;
    unsigned long long generation;
    unsigned int sum;
    const char *line;
    size_t size;
    int used = 0;

    if (!lines_next(lines, &line, &size)) {
        return lines_error(lines, error, "the file is empty");
    }
    copy = mem_strndup(line, size < 80 ? size : 80);
    if (sscanf(copy, "# xvs 1 generation %20llu crc32c %8x%n", &generation,
               &sum, &used) != 2 || (size_t) used != size) {
        return lines_error(lines, error, "the first line is not that of a "
                           "state file");
    }
    if (crc32c(0, lines->at, (size_t) (lines->end - lines->at)) != sum) {
        return lines_error(lines, error, "the checksum does not match: the "
                           "file is torn or was changed by hand");
    }
    document->generation = generation;
    return true;
}

/* The name of an entry that starts with this line, on the heap, or NULL. */
static char *
entry_start(const char *line, size_t size)
{
    char *name;

    if (size < 5 || memcmp(line + size - 4, " = {", 4) != 0) {
        return NULL;
    }
    name = mem_strndup(line, size - 4);
    if (strlen(name) != size - 4 || !document_entry_name(name)) {
        free(name);
        return NULL;
    }
    return name;
}

static bool
read_entry(struct lines *lines, struct document *document,
           const char *name, struct error *error)
{
    const char *start = lines->at, *line;
    size_t size;

    while (lines_next(lines, &line, &size)) {
        size_t inside = (size_t) (line - start);

        if (size == 2 && memcmp(line, "};", 2) == 0) {
            if (memchr(start, 0, inside)) {
                return lines_error(lines, error, "a NUL inside an entry");
            }
            document_put(document, name, mem_strndup(start, inside));
            return true;
        }
        if (size == 0 || *line != ' ') {
            return lines_error(lines, error, "a line inside an entry must "
                               "begin with a blank");
        }
    }
    return lines_error(lines, error, "the last entry does not end");
}

struct document *
document_read(const char *name, const char *text, size_t size,
              struct error *error)
{
    struct document *document = document_create();
    struct lines lines = { text, text + size, 0, name };
    bool ok = read_head(&lines, document, error);
    const char *line;
    size_t length;

    while (ok && lines_next(&lines, &line, &length)) {
        MEM_AUTO char *entry = entry_start(line, length);

        if (!entry) {
            ok = lines_error(&lines, error, "expected 'name = {'");
        } else if (map_get(document->entries, entry)) {
            ok = lines_error(&lines, error, "this entry is there twice");
        } else {
            ok = read_entry(&lines, document, entry, error);
        }
    }
    if (!ok) {
        document_destroy(document);
        return NULL;
    }
    return document;
}
