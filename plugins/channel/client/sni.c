/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See sni.h.
 */

#include "client/sni.h"

#include <stdbool.h>
#include <string.h>

enum { RECORD_HANDSHAKE = 22, RECORD_ALERT = 21, CLIENT_HELLO = 1,
       EXTENSION_NAME = 0, NAME_HOST = 0, FATAL = 2,
       ALERT_ACCESS_DENIED = 49, ALERT_INTERNAL = 80, ALERT_NAME = 112 };

#define HELLO_MOST 8192u        /* bytes of one that is looked at */

/* What is left of a message. */
struct bytes {
    const uint8_t *at;
    size_t size;
};

/* A part with its size in front, of 'n' bytes.  False: there is less. */
static bool
take(struct bytes *from, unsigned n, struct bytes *part)
{
    size_t size = 0;

    if (from->size < n) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        size = size << 8 | from->at[i];
    }
    if (from->size - n < size) {
        return false;
    }
    *part = (struct bytes) { from->at + n, size };
    from->at += n + size;
    from->size -= n + size;
    return true;
}

static bool
skip(struct bytes *from, size_t n)
{
    if (from->size < n) {
        return false;
    }
    from->at += n;
    from->size -= n;
    return true;
}

/* The handshake message of all records, put together.  SNI_FOUND: it is
 * complete. */
static enum sni_step
gather(const uint8_t *bytes, size_t size, uint8_t hello[HELLO_MOST],
       size_t *n)
{
    *n = 0;
    while (size >= 1) {
        size_t length;

        if (bytes[0] != RECORD_HANDSHAKE) {
            return SNI_NONE;
        }
        if (size < 5) {
            return SNI_MORE;
        }
        length = (size_t) bytes[3] << 8 | bytes[4];
        if (bytes[1] != 3 || !length || *n + length > HELLO_MOST) {
            return SNI_NONE;
        }
        length = length < size - 5 ? length : size - 5;
        memcpy(hello + *n, bytes + 5, length);
        *n += length;
        if (*n && hello[0] != CLIENT_HELLO) {
            return SNI_NONE;
        }
        if (*n >= 4) {
            size_t all = 4 + ((size_t) hello[1] << 16
                              | (size_t) hello[2] << 8 | hello[3]);

            if (all > HELLO_MOST || *n >= all) {
                *n = all;
                return all > HELLO_MOST ? SNI_NONE : SNI_FOUND;
            }
        }
        bytes += 5 + length;
        size -= 5 + length;
    }
    return SNI_MORE;
}

static enum sni_step
read_names(struct bytes extension, char name[SNI_NAME_SIZE])
{
    struct bytes list, text;

    if (!take(&extension, 2, &list)) {
        return SNI_NONE;
    }
    while (list.size) {
        uint8_t type = list.at[0];

        if (!skip(&list, 1) || !take(&list, 2, &text)) {
            return SNI_NONE;
        }
        if (type == NAME_HOST && text.size && text.size < SNI_NAME_SIZE
            && !memchr(text.at, 0, text.size)) {
            memcpy(name, text.at, text.size);
            name[text.size] = 0;
            return SNI_FOUND;
        }
    }
    return SNI_NONE;
}

/* Version, random, session, ciphers, compressions, extensions. */
static enum sni_step
read_hello(struct bytes hello, char name[SNI_NAME_SIZE])
{
    struct bytes part, extensions;

    if (!skip(&hello, 4 + 2 + 32) || !take(&hello, 1, &part)
        || !take(&hello, 2, &part) || !take(&hello, 1, &part)
        || !take(&hello, 2, &extensions)) {
        return SNI_NONE;
    }
    while (extensions.size >= 2) {
        unsigned type = (unsigned) extensions.at[0] << 8 | extensions.at[1];

        if (!skip(&extensions, 2) || !take(&extensions, 2, &part)) {
            return SNI_NONE;
        }
        if (type == EXTENSION_NAME) {
            return read_names(part, name);
        }
    }
    return SNI_NONE;
}

enum sni_step
sni_read(const uint8_t *bytes, size_t size, char name[SNI_NAME_SIZE])
{
    uint8_t hello[HELLO_MOST];
    size_t n;
    enum sni_step step = gather(bytes, size, hello, &n);

    return step == SNI_FOUND ? read_hello((struct bytes) { hello, n }, name)
                             : step;
}

size_t
sni_alert(uint8_t bytes[SNI_ALERT_SIZE], int status)
{
    const uint8_t alert[SNI_ALERT_SIZE] = {
        RECORD_ALERT, 3, 3, 0, 2, FATAL,
        status == 404 || status == 400 || status == 421 ? ALERT_NAME
        : status == 403 || status == 407 ? ALERT_ACCESS_DENIED
                                         : ALERT_INTERNAL };

    memcpy(bytes, alert, sizeof(alert));
    return sizeof(alert);
}
