/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A schema has one file, whose ending follows its form.  When a schema
 * changes its form the new file is written before the old one goes; should
 * that be interrupted, the younger of the two counts at the next start.
 */

#include <config.h>

#include "schema/repository/shelf.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/repository/world.h"

struct shelf {
    int dirfd;
    char *path;
};

struct shelf *
shelf_open(const char *path, struct error *error)
{
    struct shelf *shelf;
    int fd;

    if (!durable_mkdir(path, error)) {
        return NULL;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(error, errno, "cannot open %s", path);
        return NULL;
    }
    shelf = mem_zalloc(sizeof *shelf);
    shelf->dirfd = fd;
    shelf->path = mem_strdup(path);
    return shelf;
}

void
shelf_close(struct shelf *shelf)
{
    if (shelf) {
        close(shelf->dirfd);
        free(shelf->path);
        free(shelf);
    }
}

bool
shelf_name_ok(const char *name, struct error *error)
{
    size_t n = 0;

    while (isalnum((unsigned char) name[n]) || (name[n] && strchr("_-.",
                                                                  name[n]))) {
        n++;
    }
    if (!n || n > 63 || name[n] || name[0] == '.') {
        error_set(error, ERROR_INVALID, "'%.80s' is not a name for a schema",
                  name);
        return error_hint(error, "1 to 63 letters, digits, '_', '-' or '.', "
                                 "not beginning with '.'");
    }
    if (strcmp(name, SCHEMA_BUILTIN) == 0) {
        return error_set(error, ERROR_DENIED,
                         "schema %s is built in and cannot be changed", name);
    }
    return true;
}

/* The name that the schema's file would have in the other form. */
static char *
other_file(const struct schema *schema)
{
    MEM_AUTO char *file = schema_file(schema);
    size_t n = strlen(file);

    return mem_printf("%s.%s", schema->name,
                      strcmp(file + n - 4, ".xml") == 0 ? "mof" : "xml");
}

bool
shelf_write(struct shelf *shelf, const struct schema *schema,
            struct error *error)
{
    MEM_AUTO char *file = schema_file(schema);
    MEM_AUTO char *other = other_file(schema);

    return durable_write(shelf->dirfd, file, NULL, schema->text, schema->size,
                         error)
           && durable_remove(shelf->dirfd, other, error);
}

bool
shelf_remove(struct shelf *shelf, const struct schema *schema,
             struct error *error)
{
    MEM_AUTO char *file = schema_file(schema);

    return durable_remove(shelf->dirfd, file, error);
}

void
shelf_set_aside(struct shelf *shelf, const struct schema *schema)
{
    MEM_AUTO char *file = schema_file(schema);
    MEM_AUTO char *aside = mem_printf("%s.damaged", file);

    if (renameat(shelf->dirfd, file, shelf->dirfd, aside) != 0) {
        log_warning("cannot rename %s/%s: %s", shelf->path, file,
                    strerror(errno));
    } else {
        log_warning("schema %s is not loaded; its text is kept in %s/%s",
                    schema->name, shelf->path, aside);
    }
}

/* The schema's name when the file is one of ours, else NULL (heap). */
static char *
schema_name(const char *file)
{
    size_t n = strlen(file);
    char *name;

    if (n < 5 || (strcmp(file + n - 4, ".mof") != 0
                  && strcmp(file + n - 4, ".xml") != 0)) {
        return NULL;
    }
    name = mem_strndup(file, n - 4);
    if (!shelf_name_ok(name, NULL)) {
        free(name);
        return NULL;
    }
    return name;
}

/* The other form of the same schema is there and younger. */
static bool
is_stale(struct shelf *shelf, const char *file, const char *name)
{
    bool is_xml = strcmp(file + strlen(name), ".xml") == 0;
    MEM_AUTO char *other = mem_printf("%s.%s", name, is_xml ? "mof" : "xml");
    struct stat mine, theirs;

    if (fstatat(shelf->dirfd, file, &mine, 0) != 0
        || fstatat(shelf->dirfd, other, &theirs, 0) != 0) {
        return false;
    }
    if (mine.st_mtim.tv_sec != theirs.st_mtim.tv_sec) {
        return mine.st_mtim.tv_sec < theirs.st_mtim.tv_sec;
    }
    if (mine.st_mtim.tv_nsec != theirs.st_mtim.tv_nsec) {
        return mine.st_mtim.tv_nsec < theirs.st_mtim.tv_nsec;
    }
    return is_xml;
}

static struct schema *
load_file(struct shelf *shelf, const char *file, struct error_list *errors)
{
    MEM_AUTO char *name = schema_name(file);
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct error error;

    if (!name || is_stale(shelf, file, name)) {
        return NULL;
    }
    if (!durable_read(shelf->dirfd, file, SHELF_TEXT_LIMIT, &text, &error)) {
        error_list_add(errors, &error);
        return NULL;
    }
    return schema_create(name, text.data, text.size);
}

size_t
shelf_load(struct shelf *shelf, struct schema ***schemas,
           struct error_list *errors)
{
    int fd = dup(shelf->dirfd);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    size_t capacity = 0;
    size_t n = 0;

    *schemas = NULL;
    if (!directory) {
        struct error error;

        error_set_errno(&error, errno, "cannot list %s", shelf->path);
        error_list_add(errors, &error);
        return 0;
    }
    rewinddir(directory);
    while ((entry = readdir(directory)) != NULL) {
        struct schema *schema = load_file(shelf, entry->d_name, errors);

        if (schema) {
            mem_grow(schemas, &capacity, n, sizeof **schemas);
            (*schemas)[n++] = schema;
        }
    }
    closedir(directory);
    return n;
}
