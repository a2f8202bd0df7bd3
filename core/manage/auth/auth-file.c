/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The password file: lines "user:role:hash", role admin or reader, hash as
 * crypt(3) makes it; empty lines and lines that begin with '#' are skipped.
 * An unknown user costs as much time as a known one.
 */

#include <config.h>

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "manage/auth/auth.h"

#define LINE_LIMIT 512

/* One line, split; the texts are in 'line'. */
struct entry {
    char line[LINE_LIMIT];
    const char *user;
    enum auth_role role;
    const char *hash;
};

bool
auth_equal(const char *a, const char *b)
{
    size_t size_a = strlen(a);
    size_t size_b = strlen(b);
    unsigned int differ = size_a != size_b;

    for (size_t i = 0; i < size_b; i++) {
        differ |= (unsigned char) b[i]
                  ^ (unsigned int) (unsigned char) a[i < size_a ? i : 0];
    }
    return differ == 0;
}

static bool
split(struct entry *entry)
{
    char *role, *hash;

    entry->line[strcspn(entry->line, "\r\n")] = '\0';
    role = strchr(entry->line, ':');
    hash = role ? strchr(role + 1, ':') : NULL;
    if (entry->line[0] == '#' || !hash || role == entry->line
        || (size_t) (role - entry->line) >= AUTH_NAME_SIZE) {
        return false;
    }
    *role++ = '\0';
    *hash++ = '\0';
    entry->user = entry->line;
    entry->hash = hash;
    entry->role = strcmp(role, "admin") == 0    ? ROLE_ADMIN
                  : strcmp(role, "reader") == 0 ? ROLE_READER : ROLE_NONE;
    return true;
}

/* The user's line; else the first line, for its kind of hash. */
static bool
find(FILE *file, const char *user, struct entry *found)
{
    struct entry entry;
    bool any = false;

    memset(found, 0, sizeof *found);
    while (fgets(entry.line, sizeof entry.line, file)) {
        if (!split(&entry)) {
            continue;
        }
        if (strcmp(entry.user, user) == 0 || !any) {
            bool is_user = strcmp(entry.user, user) == 0;

            memcpy(found->line, entry.line, sizeof entry.line);
            found->user = found->line;
            found->hash = found->line + (entry.hash - entry.line);
            found->role = entry.role;
            any = true;
            if (is_user) {
                return true;
            }
        }
    }
    return false;
}

static bool
password_is(const struct entry *entry, const char *password,
            struct crypt_data *scratch)
{
    const char *hash;

    /* No hash, or one that crypt() cannot make, matches nothing. */
    if (!entry->hash || strlen(entry->hash) < 13) {
        return false;
    }
    scratch->initialized = 0;
    hash = crypt_r(password, entry->hash, scratch);
    return hash && hash[0] != '*' && auth_equal(hash, entry->hash);
}

void
auth_file_check(const char *name, const char *user, const char *password,
                struct crypt_data *scratch, struct principal *principal)
{
    FILE *file = fopen(name, "re");
    struct entry entry;
    bool known, verified;

    *principal = (struct principal){ ROLE_NONE, "" };
    if (!file) {
        log_error("cannot read the password file %s: %s", name,
                  strerror(errno));
        return;
    }
    known = find(file, user, &entry);
    fclose(file);
    verified = !password || password_is(&entry, password, scratch);
    if (known && verified) {
        principal->role = entry.role;
        snprintf(principal->name, sizeof principal->name, "%s", user);
    }
    explicit_bzero(&entry, sizeof entry);
}

static int
base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int) (found - digits) : -1;
}

/* Strict: whole groups of four, padding only at the end.  -1: malformed. */
static int
base64_decode(const char *text, char *out, size_t size)
{
    size_t length = strlen(text);
    size_t padding = 0;
    size_t n = 0;

    while (padding < 2 && length > padding
           && text[length - 1 - padding] == '=') {
        padding++;
    }
    if (!length || length % 4 || length / 4 * 3 >= size) {
        return -1;
    }
    for (size_t i = 0; i < length; i += 4) {
        uint32_t bits = 0;

        for (size_t k = 0; k < 4; k++) {
            bool pads = i + k >= length - padding;
            int digit = pads ? 0 : base64_digit(text[i + k]);

            if (digit < 0) {
                return -1;
            }
            bits = bits << 6 | (uint32_t) digit;
        }
        out[n++] = (char) (bits >> 16);
        out[n++] = (char) (bits >> 8);
        out[n++] = (char) bits;
    }
    return (int) (n - padding);
}

bool
auth_decode(const char *authorization, char *out, size_t size, char **user,
            char **password)
{
    const char *text;
    char *colon;
    int n;

    if (strncasecmp(authorization, "Basic ", 6) != 0) {
        return false;
    }
    text = authorization + 6;
    text += strspn(text, " ");
    n = base64_decode(text, out, size);
    if (n <= 0) {
        return false;
    }
    out[n] = '\0';
    colon = strchr(out, ':');
    if (memchr(out, '\0', (size_t) n) || !colon || colon == out) {
        return false;
    }
    *colon = '\0';
    *user = out;
    *password = colon + 1;
    return true;
}
