/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_TEXT_H
#define XVS_BASE_TEXT_H

/*
 * Small questions about text: numbers with checks, UTF-8, GUIDs, likeness of
 * names (for "did you mean").
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/types.h>

/* Decimal or 0x hex with optional sign; the whole text must be used. */
bool text_to_u64(const char *text, uint64_t *number);
bool text_to_i64(const char *text, int64_t *number);
bool text_to_double(const char *text, double *number);

/* True when all 'size' bytes are well-formed UTF-8 without NUL. */
bool text_is_utf8(const char *text, size_t size);
/* Decodes one character at '*text' and advances; 0xffffffff when malformed. */
uint32_t text_utf8_next(const char **text, const char *end);
/* Writes a character as UTF-8 (at most 4 bytes) and returns the size. */
size_t text_utf8_put(uint32_t character, char out[4]);
/* Number of characters in well-formed UTF-8. */
size_t text_utf8_length(const char *text, size_t size);

int text_compare_fold(const char *a, const char *b);    /* ASCII case */

/* Most names that are compared differ in their first letter. */
static inline bool
text_equal_fold(const char *a, const char *b)
{
    return ((*a ^ *b) & 0xdf) == 0 && text_compare_fold(a, b) == 0;
}

bool text_starts_with(const char *text, const char *prefix);
/* The text without white space at both ends: itself, or a part of it that is
 * copied to '*copy' (NULL before; the caller frees). */
const char *text_trim(const char *text, char **copy);

/* Edit distance without case, at most 'limit' + 1. */
unsigned int text_distance(const char *a, const char *b, unsigned int limit);
/*
 * The candidate that is nearest to 'name' and near enough to be a typing
 * error, or NULL.  'candidates' ends with NULL.
 */
const char *text_nearest(const char *name, const char *const *candidates);

#define GUID_TEXT_SIZE 37   /* 36 characters and the NUL */

/* Accepts either case, with or without braces. */
bool guid_parse(const char *text, struct xvs_guid *guid);
/* Upper case, without braces, into 'out'; returns 'out'. */
char *guid_format(const struct xvs_guid *guid, char out[GUID_TEXT_SIZE]);
bool guid_equal(const struct xvs_guid *a, const struct xvs_guid *b);
bool guid_is_zero(const struct xvs_guid *guid);
void guid_random(struct xvs_guid *guid);

/* 64-bit FNV-1a; 'seed' 0 starts a new hash, else continues one. */
uint64_t hash_bytes(uint64_t seed, const void *data, size_t size);
/* CRC-32C (Castagnoli), continued from 'crc' (0 at first). */
uint32_t crc32c(uint32_t crc, const void *data, size_t size);

#endif
