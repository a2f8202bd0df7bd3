/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_JSON_H
#define XVS_OBJECT_JSON_H

/*
 * A strict reader of JSON (RFC 8259).  Beyond the grammar it refuses
 * repeated names and the NUL character, and it keeps integers exact: one
 * that fits 64 bits is never a floating point number.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;

enum json_type {
    JSON_NULL, JSON_BOOLEAN, JSON_UNSIGNED, JSON_SIGNED, JSON_REAL,
    JSON_STRING, JSON_ARRAY, JSON_OBJECT,
};

struct json {
    enum json_type type;
    uint32_t n;             /* elements or members */
    size_t offset;          /* where it begins in the text */
    const char *name;       /* of a member of an object, else NULL */
    union {
        bool truth;
        uint64_t u;
        int64_t i;          /* JSON_SIGNED: negative */
        double r;
        const char *s;      /* UTF-8, NUL-terminated */
        struct json *first; /* element or member */
    };
    struct json *next;      /* sibling, or NULL */
};

/* Everything lives in the arena.  NULL with an error that has its place. */
const struct json *json_parse(const char *file, const char *text,
                              size_t size, struct arena *arena,
                              struct error *error);
/* The member of that name, without regard to case; NULL: there is none. */
const struct json *json_member(const struct json *object, const char *name);
/* Line and column (in characters) of an offset into the text. */
void json_place(const char *text, size_t size, size_t offset,
                unsigned int *line, unsigned int *column);

#endif
