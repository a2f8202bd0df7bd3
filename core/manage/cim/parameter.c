/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Parameters of intrinsic operations, as the types that DSP0200 gives them.
 */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "object/forms.h"
#include "object/path.h"
#include "schema/class.h"
#include "schema/repository.h"
#include "service/service.h"

void
op_bad(struct operation *op, enum error_code code, const char *format, ...)
{
    char text[400];
    va_list args;

    if (op->error.code != ERROR_NONE) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(&op->error, code, "%s", text);
}

struct repository *
op_repository(struct operation *op)
{
    return service_repository(op->manage->service);
}

struct cim_class *
class_find(void *arg, const char *name)
{
    return repository_class(arg, name);
}

static struct arena *
arena_of(struct operation *op)
{
    if (!op->arena) {
        op->arena = arena_create(1024);
    }
    return op->arena;
}

/* Text of one VALUE element; NULL when it is another element. */
static const char *
value_text(struct operation *op, const char *name,
           const struct xml_node *node)
{
    if (!xml_is(node, "VALUE")) {
        op_bad(op, ERROR_INVALID, "the parameter '%s' is not a VALUE", name);
        return NULL;
    }
    /* The document lives as long as we do. */
    return node->text;
}

const char *
op_text(struct operation *op, const char *name)
{
    const struct xml_node *node = request_value(&op->request, name);

    return node ? value_text(op, name, node) : NULL;
}

bool
op_flag(struct operation *op, const char *name, bool otherwise)
{
    const char *text = op_text(op, name);

    if (!text) {
        return otherwise;
    }
    if (text_equal_fold(text, "true")) {
        return true;
    }
    if (!text_equal_fold(text, "false")) {
        op_bad(op, ERROR_INVALID, "%s is TRUE or FALSE, not '%.40s'", name,
               text);
    }
    return false;
}

uint64_t
op_number(struct operation *op, const char *name, uint64_t otherwise)
{
    const char *text = op_text(op, name);
    uint64_t number = otherwise;

    if (text && (!text_to_u64(text, &number) || number > UINT32_MAX)) {
        op_bad(op, ERROR_INVALID, "%s is a uint32, not '%.40s'", name, text);
        number = otherwise;
    }
    return number;
}

const char **
op_array(struct operation *op, size_t n)
{
    return arena_alloc(arena_of(op), (n + 1) * sizeof(const char *));
}

const char *const *
op_names(struct operation *op, const char *name, size_t *n)
{
    const struct xml_node *node = request_value(&op->request, name);
    const char **names;
    size_t count = 0;

    *n = 0;
    if (!node) {
        return NULL;
    }
    if (!xml_is(node, "VALUE.ARRAY")) {
        op_bad(op, ERROR_INVALID, "%s is not a VALUE.ARRAY", name);
        return NULL;
    }
    for (const struct xml_node *at = node->children; at; at = at->next) {
        count++;
    }
    names = op_array(op, count);
    for (const struct xml_node *at = node->children; at; at = at->next) {
        const char *text = value_text(op, name, at);

        if (text) {
            names[(*n)++] = text;
        }
    }
    return names;
}

const char *
op_class_name(struct operation *op, const char *name)
{
    const struct xml_node *node = request_value(&op->request, name);
    const char *class_name = NULL;

    if (!node) {
        return NULL;
    }
    if (xml_is(node, "CLASSNAME")) {
        class_name = xml_attribute(node, "NAME");
    }
    if (!class_name || !*class_name) {
        op_bad(op, ERROR_INVALID, "%s is not a CLASSNAME with a NAME", name);
        return NULL;
    }
    return class_name;
}

static const char *
nearest_class(struct operation *op, const char *name)
{
    struct cim_class *const *classes;
    size_t n = repository_classes(op_repository(op), &classes);
    const char *best = NULL;
    unsigned int best_distance = 4;

    for (size_t i = 0; i < n; i++) {
        unsigned int distance = text_distance(name, classes[i]->name, 3);

        if (distance < best_distance) {
            best_distance = distance;
            best = classes[i]->name;
        }
    }
    return best;
}

static void
no_class(struct operation *op, const char *class_name)
{
    const char *nearest;

    if (op->error.code != ERROR_NONE) {
        return;
    }
    op_bad(op, ERROR_NO_CLASS, "there is no class '%.100s'", class_name);
    nearest = strlen(class_name) < 100 ? nearest_class(op, class_name) : NULL;
    if (nearest) {
        error_hint(&op->error, "did you mean %s?", nearest);
    }
}

struct cim_class *
op_class(struct operation *op, const char *name, bool needed)
{
    const char *class_name = op_class_name(op, name);
    struct cim_class *cls = NULL;

    if (class_name) {
        cls = repository_class(op_repository(op), class_name);
        if (!cls) {
            no_class(op, class_name);
        }
    } else if (needed) {
        op_bad(op, ERROR_INVALID, "the parameter %s is missing", name);
    }
    return cls;
}

struct path *
op_path(struct operation *op, const char *name)
{
    const struct xml_node *node = request_value(&op->request, name);
    struct path *path;

    if (!node) {
        op_bad(op, ERROR_INVALID, "the parameter %s is missing", name);
        return NULL;
    }
    path = path_read_xml(node, op->error.code ? NULL : &op->error);
    if (path && xml_is(node, "CLASSNAME")) {
        op_bad(op, ERROR_INVALID, "%s names a class; the name of an object "
               "is needed here", name);
    } else if (path
               && !repository_class(op_repository(op), path->class_name)) {
        no_class(op, path->class_name);
    }
    if (path && op->error.code != ERROR_NONE) {
        path_destroy(path);
        path = NULL;
    }
    return path;
}
