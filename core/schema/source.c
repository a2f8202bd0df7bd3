/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading texts and finding out how they are encoded.  Without a mark a text
 * is UTF-16 when its first two bytes are an ASCII character and a zero, in
 * the order that they come in: no MOF or XML begins with anything else.
 */

#include <config.h>

#include "schema/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

enum encoding { UTF8, UTF16LE, UTF16BE, UTF32 };

static enum encoding
encoding_of(const unsigned char *b, size_t size, size_t *mark)
{
    static const unsigned char utf32be[] = { 0, 0, 0xfe, 0xff };
    static const unsigned char utf32le[] = { 0xff, 0xfe, 0, 0 };

    *mark = 0;
    if (size >= 4
        && (memcmp(b, utf32be, 4) == 0 || memcmp(b, utf32le, 4) == 0
            || (b[0] && !b[1] && !b[2] && !b[3])
            || (!b[0] && !b[1] && !b[2] && b[3]))) {
        return UTF32;
    }
    if (size >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf) {
        *mark = 3;
        return UTF8;
    }
    if (size >= 2 && b[0] == 0xff && b[1] == 0xfe) {
        *mark = 2;
        return UTF16LE;
    }
    if (size >= 2 && b[0] == 0xfe && b[1] == 0xff) {
        *mark = 2;
        return UTF16BE;
    }
    if (size >= 2 && b[0] && !b[1]) {
        return UTF16LE;
    }
    return size >= 2 && !b[0] && b[1] ? UTF16BE : UTF8;
}

static bool
bad_text(const char *file, unsigned int line, struct error *error,
         const char *why)
{
    error_set(error, ERROR_SYNTAX, "%s", why);
    return error_at(error, file, line, 0);
}

static uint32_t
utf16_unit(const unsigned char *b, bool big)
{
    return big ? (uint32_t) (b[0] << 8 | b[1]) : (uint32_t) (b[1] << 8 | b[0]);
}

/* 'out' has room for 3 bytes per unit. */
static bool
decode_utf16(const char *file, const unsigned char *b, size_t size, bool big,
             struct source *source, struct error *error)
{
    unsigned int line = 1;
    char *out = source->text;

    if (size % 2) {
        return bad_text(file, 0, error, "the UTF-16 text ends in the middle "
                                        "of a character");
    }
    for (size_t i = 0; i < size; i += 2) {
        uint32_t c = utf16_unit(b + i, big);
        uint32_t low = i + 2 < size ? utf16_unit(b + i + 2, big) : 0;

        line += c == '\n';
        if (c >= 0xd800 && c < 0xdc00 && (low & 0xfc00) == 0xdc00) {
            c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
            i += 2;
        }
        if (c == 0 || (c >= 0xd800 && c < 0xe000)) {
            return bad_text(file, line, error,
                            c ? "half of a UTF-16 surrogate pair"
                              : "the text has a NUL character");
        }
        out += text_utf8_put(c, out);
    }
    source->size = (size_t) (out - source->text);
    *out = 0;
    return true;
}

/* text_is_utf8() with a short way over plain ASCII. */
static bool
is_utf8(const char *text, size_t size)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t i = 0;

    for (; i + 8 <= size; i += 8) {
        uint64_t eight;

        memcpy(&eight, text + i, 8);
        /* No byte above 0x7f and none that is zero. */
        if (((eight - ones) | eight) & (ones << 7)) {
            break;
        }
    }
    return text_is_utf8(text + i, size - i);
}

static unsigned int
line_of_bad_utf8(const char *text, size_t size)
{
    const char *end = text + size;
    unsigned int line = 1;

    while (text < end && *text) {
        line += *text == '\n';
        if (text_utf8_next(&text, end) == UINT32_MAX) {
            break;
        }
    }
    return line;
}

/* Turns 'bytes', whose ownership it takes, into the source's text. */
static bool
decode(const char *file, char *bytes, size_t size, struct source *source,
       struct error *error)
{
    size_t mark;
    enum encoding encoding = encoding_of((const unsigned char *) bytes, size,
                                         &mark);
    const unsigned char *body = (const unsigned char *) bytes + mark;
    bool ok;

    if (encoding == UTF32) {
        free(bytes);
        return bad_text(file, 0, error,
                        "the text is UTF-32, expected UTF-8 or UTF-16");
    }
    size -= mark;
    if (encoding == UTF8) {
        memmove(bytes, body, size);
        bytes[size] = 0;
        if (!is_utf8(bytes, size)) {
            unsigned int line = line_of_bad_utf8(bytes, size);

            free(bytes);
            return bad_text(file, line, error,
                            "the text is not UTF-8 (or has a NUL character)");
        }
        source->text = bytes;
        source->size = size;
        return true;
    }
    source->text = mem_alloc(size / 2 * 3 + 4);
    ok = decode_utf16(file, body, size, encoding == UTF16BE, source, error);
    free(bytes);
    if (!ok) {
        source_close(source);
    }
    return ok;
}

static bool
too_large(const char *file, struct error *error)
{
    error_set(error, ERROR_LIMIT, "the text is larger than %zu MiB",
              SOURCE_LIMIT >> 20);
    return error_at(error, file, 0, 0);
}

/* Reads at most 'size' bytes; a file may shrink meanwhile. */
static bool
read_all(int fd, char *bytes, size_t *size)
{
    size_t used = 0;

    while (used < *size) {
        ssize_t n = read(fd, bytes + used, *size - used);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n == 0) {
            break;
        }
        used += n > 0 ? (size_t) n : 0;
    }
    *size = used;
    return true;
}

static bool
cannot_read(const char *path, int fd, struct error *error)
{
    int number = errno;

    if (fd >= 0) {
        close(fd);
    }
    error_set_errno(error, number, "cannot read %s", path);
    return false;
}

bool
source_open(const char *path, struct source *source, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    size_t size;
    char *bytes;

    memset(source, 0, sizeof(*source));
    if (fd < 0 || fstat(fd, &status) != 0) {
        return cannot_read(path, fd, error);
    }
    if (!S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        return cannot_read(path, fd, error);
    }
    if ((uint64_t) status.st_size > SOURCE_LIMIT) {
        close(fd);
        return too_large(path, error);
    }
    size = (size_t) status.st_size;
    bytes = mem_alloc(size + 1);
    if (!read_all(fd, bytes, &size)) {
        free(bytes);
        return cannot_read(path, fd, error);
    }
    close(fd);
    source->device = status.st_dev;
    source->inode = status.st_ino;
    return decode(path, bytes, size, source, error);
}

bool
source_from_bytes(const char *file, const char *bytes, size_t size,
                  struct source *source, struct error *error)
{
    char *copy;

    memset(source, 0, sizeof(*source));
    if (size > SOURCE_LIMIT) {
        return too_large(file, error);
    }
    copy = mem_alloc(size + 1);
    if (size) {
        memcpy(copy, bytes, size);
    }
    return decode(file, copy, size, source, error);
}

void
source_close(struct source *source)
{
    free(source->text);
    source->text = NULL;
    source->size = 0;
}
