/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See vault.h.
 */

#include <config.h>

#include "service/quarantine/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"

struct vault {
    char *folder;
    int dirfd;                  /* -1: it is not there (yet) */
    uint32_t limit;             /* files */
    struct kept *items;         /* by name, which is by time */
    size_t n, capacity;
};

/* ---- The list ------------------------------------------------------------- */

/* Where the first one is whose name is not smaller. */
static size_t
lower(const struct vault *vault, const char *name)
{
    size_t at = vault->n;

    while (at > 0 && strcmp(vault->items[at - 1].name, name) >= 0) {
        at--;
    }
    return at;
}

static struct kept *
find(const struct vault *vault, const char *name)
{
    size_t at = lower(vault, name);

    return at < vault->n && strcmp(vault->items[at].name, name) == 0
        ? &vault->items[at] : NULL;
}

static void
forget(struct vault *vault, size_t at)
{
    kept_clear(&vault->items[at]);
    vault->n--;
    memmove(&vault->items[at], &vault->items[at + 1],
            (vault->n - at) * sizeof *vault->items);
}

/* Takes over what 'kept' owns. */
static void
list(struct vault *vault, const struct kept *kept)
{
    struct kept *same = find(vault, kept->name);
    size_t at;

    if (same) {
        kept_clear(same);
        *same = *kept;
        return;
    }
    at = lower(vault, kept->name);
    mem_grow(&vault->items, &vault->capacity, vault->n,
             sizeof *vault->items);
    memmove(&vault->items[at + 1], &vault->items[at],
            (vault->n - at) * sizeof *vault->items);
    vault->items[at] = *kept;
    vault->n++;
}

/* ---- The folder ----------------------------------------------------------- */

static bool
read_file(struct vault *vault, const char *name, struct buffer *out,
          struct error *error)
{
    struct stat status;

    /* Who put a pipe there must not make us wait. */
    if (fstatat(vault->dirfd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return error_set_errno(error, errno, "cannot read %s/%s",
                               vault->folder, name);
    }
    if (!S_ISREG(status.st_mode)) {
        return error_set(error, ERROR_INVALID, "%s/%s is no file",
                         vault->folder, name);
    }
    return durable_read(vault->dirfd, name, KEPT_FILE, out, error);
}

static void
scan_file(struct vault *vault, const char *name)
{
    BUFFER_AUTO struct buffer bytes = BUFFER_INIT;
    struct kept kept = { .size = 0 };
    struct error error;

    if (!kept_is_name(name)) {
        return;
    }
    memcpy(kept.name, name, strlen(name) + 1);
    if (!read_file(vault, name, &bytes, &error)) {
        log_error_at(LOG_LEVEL_WARNING, &error);
    } else if (kept_read(bytes.data, bytes.size, &kept)) {
        list(vault, &kept);
        return;
    } else {
        log_warning("%s/%s is no file that this program has written; it is"
                    " left alone", vault->folder, name);
    }
    kept_clear(&kept);
}

static void
scan(struct vault *vault)
{
    DIR *folder = opendir(vault->folder);
    const struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL) {
        scan_file(vault, entry->d_name);
    }
    if (folder) {
        closedir(folder);
    }
}

static bool
open_folder(struct vault *vault)
{
    if (vault->dirfd < 0) {
        vault->dirfd = open(vault->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return vault->dirfd >= 0;
}

/* Whether what we have open is not what has the name by now. */
static bool
is_another(const struct vault *vault)
{
    struct stat ours, named;

    return fstat(vault->dirfd, &ours) != 0
        || stat(vault->folder, &named) != 0
        || ours.st_dev != named.st_dev || ours.st_ino != named.st_ino;
}

/* Only we look into one that we make. */
static bool
make_folder(struct vault *vault, struct error *error)
{
    if (vault->dirfd >= 0 && is_another(vault)) {
        close(vault->dirfd);
        vault->dirfd = -1;
    }
    if (open_folder(vault)) {
        return true;
    }
    if (mkdir(vault->folder, 0700) != 0 && errno != EEXIST
        && !durable_mkdir(vault->folder, error)) {
        return false;
    }
    return open_folder(vault)
        || error_set_errno(error, errno, "cannot open %s", vault->folder);
}

struct vault *
vault_create(const char *folder, uint32_t limit)
{
    struct vault *vault = mem_zalloc(sizeof *vault);

    vault->folder = mem_strdup(folder);
    vault->limit = limit;
    vault->dirfd = -1;
    if (open_folder(vault)) {
        scan(vault);
    }
    return vault;
}

void
vault_destroy(struct vault *vault)
{
    while (vault->n) {
        forget(vault, vault->n - 1);
    }
    free(vault->items);
    if (vault->dirfd >= 0) {
        close(vault->dirfd);
    }
    free(vault->folder);
    free(vault);
}

const char *
vault_folder(const struct vault *vault)
{
    return vault->folder;
}

bool
vault_keeps(const struct vault *vault)
{
    return vault->limit != 0;
}

/* ---- Files ---------------------------------------------------------------- */

static struct kept
copy_of(const struct kept *kept)
{
    struct kept copy = *kept;
    char **const texts[] = {
        &copy.switch_name, &copy.port_name, &copy.extension_name,
        &copy.direction, &copy.reason, &copy.offload,
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = *texts[i] ? mem_strdup(*texts[i]) : NULL;
    }
    return copy;
}

bool
vault_put(struct vault *vault, const struct kept *kept, const void *bytes,
          size_t size, struct error *error)
{
    struct kept copy;

    if (vault->limit == 0) {
        return true;
    }
    if (!make_folder(vault, error)
        || !durable_write(vault->dirfd, kept->name, NULL, bytes, size,
                          error)) {
        return false;
    }
    copy = copy_of(kept);
    list(vault, &copy);
    while (vault->n > vault->limit) {
        struct error ignored;

        if (!durable_remove(vault->dirfd, vault->items[0].name, &ignored)) {
            log_error_at(LOG_LEVEL_WARNING, &ignored);
        }
        forget(vault, 0);
    }
    return true;
}

/* An admin may have removed it without us. */
static bool
is_there(const struct vault *vault, const struct kept *kept)
{
    return faccessat(vault->dirfd, kept->name, F_OK, AT_SYMLINK_NOFOLLOW)
        == 0;
}

const struct kept *
vault_next(struct vault *vault, const char *name)
{
    size_t at = lower(vault, name);

    if (at < vault->n && strcmp(vault->items[at].name, name) == 0) {
        at++;
    }
    while (at < vault->n && !is_there(vault, &vault->items[at])) {
        forget(vault, at);
    }
    return at < vault->n ? &vault->items[at] : NULL;
}

const struct kept *
vault_find(struct vault *vault, const char *name)
{
    const struct kept *kept = find(vault, name);

    return kept && is_there(vault, kept) ? kept : NULL;
}

bool
vault_read(struct vault *vault, const char *name, struct buffer *out,
           struct error *error)
{
    if (!vault_find(vault, name)) {
        error_set(error, ERROR_NOT_FOUND, "no packet is kept as '%s'", name);
        return error_hint(error, "see xvsctl quarantine list");
    }
    return read_file(vault, name, out, error);
}

bool
vault_remove(struct vault *vault, const char *name, struct error *error)
{
    const struct kept *kept = vault_find(vault, name);

    if (!kept) {
        error_set(error, ERROR_NOT_FOUND, "no packet is kept as '%s'", name);
        return error_hint(error, "see xvsctl quarantine list");
    }
    if (!durable_remove(vault->dirfd, name, error)) {
        return false;
    }
    forget(vault, (size_t) (kept - vault->items));
    return true;
}
