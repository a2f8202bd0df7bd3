/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Finding the state files.  A file that cannot be believed is set aside as
 * "<file>.bad" and its previous generation takes its place; the journal,
 * which still has the changes since the checkpoint before the last one,
 * brings it up to date.
 */

#include <config.h>

#include "service/store/store-load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "service/store/committer.h"
#include "service/store/document.h"

#define FILE_LIMIT ((size_t) 1 << 30)   /* bytes of one state file */

/* One file of a document; NULL when it is absent or damaged. */
static struct document *
load_file(int dirfd, const char *name, struct error *error)
{
    BUFFER_AUTO struct buffer bytes = BUFFER_INIT;

    if (!durable_read(dirfd, name, FILE_LIMIT, &bytes, error)) {
        return NULL;
    }
    return document_read(name, bytes.data ? bytes.data : "", bytes.size,
                         error);
}

static void
set_aside(int dirfd, const char *document, const char *suffix,
          struct error_list *problems)
{
    char name[STORE_FILE_SIZE], bad[STORE_FILE_SIZE];
    struct error error;

    store_file_name(document, suffix, name);
    store_file_name(document, *suffix ? ".old.bad" : ".bad", bad);
    if (renameat(dirfd, name, dirfd, bad) != 0 && errno != ENOENT) {
        error_set_errno(&error, errno, "cannot set the damaged file aside");
        error_at(&error, name, 0, 0);
        error.severity = SEVERITY_WARNING;
        error_list_add(problems, &error);
    }
}

/* The newest file of the document cannot be used, 'damage' says why. */
static struct document *
load_previous(int dirfd, const char *name, struct error *damage,
              struct error_list *problems)
{
    char old[STORE_FILE_SIZE];
    struct error error;
    struct document *document;

    store_file_name(name, ".old", old);
    document = load_file(dirfd, old, &error);
    if (!document && error.code == ERROR_NOT_FOUND
        && damage->code == ERROR_NOT_FOUND) {
        return NULL;
    }
    set_aside(dirfd, name, "", problems);
    if (document) {
        error_hint(damage, "the previous generation %llu and the journal "
                   "were used instead",
                   (unsigned long long) document->generation);
        damage->severity = SEVERITY_WARNING;
        document->dirty = true;
    } else {
        set_aside(dirfd, name, ".old", problems);
        error_hint(damage, "its previous generation cannot be used either; "
                   "both were set aside as *.bad, and what they held is not "
                   "in force");
        damage->severity = SEVERITY_ERROR;
    }
    error_list_add(problems, damage);
    return document;
}

static void
load_document(struct map *documents, int dirfd, const char *name,
              struct error_list *problems)
{
    char file[STORE_FILE_SIZE];
    struct error error;
    struct document *document;

    if (map_get(documents, name)) {
        return;
    }
    store_file_name(name, "", file);
    document = load_file(dirfd, file, &error);
    if (!document) {
        error_at(&error, file, error.line, error.column);
        document = load_previous(dirfd, name, &error, problems);
    }
    if (document) {
        map_put(documents, name, document);
    }
}

/* "name.cfg" or "name.cfg.old": the document's name, else NULL. */
static char *
document_of_file(const char *file)
{
    const char *dot = strstr(file, ".cfg");

    while (dot && dot[4] && strcmp(dot, ".cfg.old") != 0) {
        dot = strstr(dot + 1, ".cfg");
    }
    if (!dot || dot == file || *file == '.'
        || strlen(file) >= STORE_FILE_SIZE - 32) {
        return NULL;
    }
    return mem_strndup(file, (size_t) (dot - file));
}

bool
documents_load(struct map *documents, int dirfd, struct error_list *problems,
               struct error *error)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (!directory) {
        error_set_errno(error, errno, "cannot read the state directory");
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    while ((entry = readdir(directory)) != NULL) {
        MEM_AUTO char *name = document_of_file(entry->d_name);

        if (name) {
            load_document(documents, dirfd, name, problems);
        }
    }
    closedir(directory);
    return true;
}
