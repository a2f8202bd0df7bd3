/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Files that a text includes, and files that are searched for classes that
 * it does not declare.  A file is read once, whatever the number of places
 * that name it.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "schema/mof/mof-parse.h"
#include "schema/source.h"
#include "schema/unit.h"

/* A file of this compilation. */
struct mof_file {
    dev_t device;
    ino_t inode;
    bool is_open;       /* being read: naming it again would not end */
};

static struct mof_file *
find_file(struct mof_parser *parser, const struct source *source)
{
    struct mof_file *files = parser->files.items;

    for (size_t i = 0; i < parser->files.n; i++) {
        if (files[i].inode == source->inode
            && files[i].device == source->device) {
            return &files[i];
        }
    }
    return NULL;
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* True when a class of the unit came from that file, which a search for its
 * superclass may have found before the caller names it. */
static bool
was_read(const struct mof_parser *parser, const struct stat *status)
{
    const struct schema_unit *unit = parser->unit;
    const char *name = base_name(parser->file);
    struct stat other;

    for (size_t i = 0; i < unit->n_classes; i++) {
        const char *file = unit->classes[i]->file;

        if (file && strcmp(base_name(file), name) == 0
            && stat(file, &other) == 0 && other.st_ino == status->st_ino
            && other.st_dev == status->st_dev) {
            return true;
        }
    }
    return false;
}

bool
mof_open_first(struct mof_parser *parser)
{
    struct mof_file *file;
    struct stat status;

    if (parser->options->no_files || stat(parser->file, &status) != 0) {
        return true;
    }
    if (was_read(parser, &status)) {
        return false;
    }
    mem_grow(&parser->files.items, &parser->files.capacity, parser->files.n,
             sizeof(*file));
    file = (struct mof_file *) parser->files.items + parser->files.n++;
    *file = (struct mof_file){ status.st_dev, status.st_ino, true };
    return true;
}

/* Reads the source's declarations as if they stood here. */
static void
read_nested(struct mof_parser *parser, const char *path,
            struct source *source)
{
    struct lexer lexer = parser->lexer;
    struct token token = parser->token;
    struct token previous = parser->previous;
    const char *file = parser->file;
    const char *looked_until = parser->looked_until;
    bool end_seen = parser->end_seen;

    parser->depth++;
    parser->file = unit_file(parser->unit, path);
    mof_read_source(parser, source);
    parser->depth--;
    parser->file = file;
    parser->lexer = lexer;
    parser->token = token;
    parser->previous = previous;
    parser->looked_until = looked_until;
    parser->end_seen = end_seen;
}

/* Reports at 'at', or without a place when nothing in a text asked for it. */
static bool
file_error(struct mof_parser *parser, const struct token *at,
           struct error *error)
{
    return at ? mof_report(parser, at, error)
              : error_list_add(parser->errors, error);
}

bool
mof_read_file(struct mof_parser *parser, const char *path,
              const struct token *at)
{
    size_t index = parser->files.n;
    struct source source;
    struct mof_file *file;
    struct error error;

    if (!source_open(path, &source, &error)) {
        return error.file[0] ? error_list_add(parser->errors, &error)
                             : file_error(parser, at, &error);
    }
    file = find_file(parser, &source);
    if (file) {
        source_close(&source);
        error_set(&error, ERROR_INVALID, "%s includes itself", path);
        return !file->is_open || file_error(parser, at, &error);
    }
    if (parser->depth >= MOF_MAX_DEPTH || index >= MOF_MAX_FILES) {
        source_close(&source);
        error_set(&error, ERROR_LIMIT, "included files are nested deeper "
                  "than %d, or more than %d", MOF_MAX_DEPTH, MOF_MAX_FILES);
        return file_error(parser, at, &error);
    }
    mem_grow(&parser->files.items, &parser->files.capacity, index,
             sizeof(*file));
    file = (struct mof_file *) parser->files.items + parser->files.n++;
    *file = (struct mof_file){ source.device, source.inode, true };
    read_nested(parser, path, &source);
    source_close(&source);
    /* The list may have moved meanwhile. */
    file = (struct mof_file *) parser->files.items + index;
    file->is_open = false;
    return true;
}

/* "folder of 'beside'" "/" "name", or the name when it is absolute. */
static char *
path_beside(const char *beside, const char *name)
{
    const char *slash = strrchr(beside, '/');

    if (!slash || *name == '/') {
        return mem_strdup(name);
    }
    return mem_printf("%.*s/%s", (int) (slash - beside), beside, name);
}

char *
mof_find_path(const struct mof_parser *parser, const char *beside,
              const char *name)
{
    char *path = path_beside(beside, name);

    for (size_t i = 0; access(path, F_OK) != 0; i++) {
        free(path);
        if (i == parser->options->n_include_dirs) {
            return NULL;
        }
        path = mem_printf("%s/%s", parser->options->include_dirs[i], name);
    }
    return path;
}

static bool
is_known_class(struct mof_parser *parser, const char *name)
{
    const struct schema_options *options = parser->options;

    return map_get(parser->class_names, name) || prelude_lookup(name)
           || (options->lookup && options->lookup(options->arg, name));
}

static void
search_class(struct mof_parser *parser, const char *beside,
             const char *name)
{
    MEM_AUTO char *file = NULL;
    MEM_AUTO char *path = NULL;

    if (!name || strchr(name, '/') || is_known_class(parser, name)) {
        return;
    }
    file = mem_printf("%s.mof", name);
    path = mof_find_path(parser, beside, file);
    if (path) {
        mof_read_file(parser, path, NULL);
    }
}

void
mof_search_classes(struct mof_parser *parser)
{
    struct schema_unit *unit = parser->unit;

    if (parser->options->no_files) {
        return;
    }
    /* Files that are found add classes, which are looked at in turn. */
    for (size_t i = 0; i < unit->n_classes; i++) {
        const struct cim_class *cls = unit->classes[i];

        search_class(parser, cls->file, cls->super_name);
        for (uint32_t j = 0; j < cls->n_properties; j++) {
            search_class(parser, cls->file, cls->properties[j].class_name);
        }
    }
}
