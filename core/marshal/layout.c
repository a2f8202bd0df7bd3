/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Layouts from the schema.  The classes that a class embeds are collected
 * depth first, so that each gets a smaller number than those it embeds when
 * the list is turned round; then the members of each struct are placed
 * (layout-place.h).
 */

#include <config.h>

#include "marshal/layout.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "marshal/layout-map.h"
#include "marshal/layout-place.h"
#include "marshal/member.h"
#include "schema/class.h"

typedef struct cim_class *(*class_finder)(void *arg, const char *name);

/* A property or a parameter: what becomes one member. */
struct source {
    const char *name;
    enum cim_type type;
    bool is_array;
    uint32_t array_size;
    uint32_t max_elements;
    const char *class_name;
    uint16_t grant;             /* enum endpoint_kind */
};

/* One struct that is being made. */
struct draft {
    struct cim_class *cls;      /* NULL: parameters */
    struct source *sources;
    uint32_t *properties;       /* of each source: index in the class */
    uint32_t n;
};

struct builder {
    class_finder lookup;
    void *arg;
    struct draft *drafts;       /* innermost first */
    size_t n, capacity;
    uint32_t n_fields;
    struct error *error;
};

/* The classes between the root and the one in hand. */
struct frame {
    const struct frame *outer;
    const struct cim_class *cls;
};

static int
find_draft(const struct builder *builder, const struct cim_class *cls)
{
    for (size_t i = 0; i < builder->n; i++) {
        if (builder->drafts[i].cls == cls) {
            return (int) i;
        }
    }
    return -1;
}

static struct cim_class *
find_class(struct builder *builder, const struct source *source)
{
    struct cim_class *cls = NULL;

    if (builder->lookup && source->class_name) {
        cls = builder->lookup(builder->arg, source->class_name);
    }
    if (!cls) {
        error_set(builder->error, ERROR_NO_CLASS,
                  "%s: embedded class %s is not known", source->name,
                  source->class_name ? source->class_name : "(none)");
    }
    return cls;
}

static bool collect_class(struct builder *builder, struct cim_class *cls,
                          const struct frame *outer);

/* Takes a struct over into the list, after those that it holds. */
static bool
collect(struct builder *builder, struct draft *draft,
        const struct frame *frame)
{
    for (uint32_t i = 0; i < draft->n; i++) {
        struct cim_class *cls;

        if (draft->sources[i].type != CIM_EMBEDDED) {
            continue;
        }
        cls = find_class(builder, &draft->sources[i]);
        if (!cls || !collect_class(builder, cls, frame)) {
            return false;
        }
    }
    builder->n_fields += draft->n;
    if (builder->n >= LAYOUT_PARTS || builder->n_fields > LAYOUT_FIELDS) {
        return error_set(builder->error, ERROR_LIMIT,
                         "more than %d embedded classes or %d members",
                         LAYOUT_PARTS, LAYOUT_FIELDS);
    }
    mem_grow(&builder->drafts, &builder->capacity, builder->n,
             sizeof *draft);
    builder->drafts[builder->n++] = *draft;
    memset(draft, 0, sizeof *draft);
    return true;
}

static void
draft_clear(struct draft *draft)
{
    free(draft->sources);
    free(draft->properties);
}

static void
draft_from_class(struct draft *draft, struct cim_class *cls)
{
    draft->cls = cls;
    draft->properties = mem_array((size_t) cls->n_properties + 1,
                                  sizeof *draft->properties);
    draft->n = class_serialized(cls, draft->properties);
    draft->sources = mem_array(draft->n, sizeof *draft->sources);
    for (uint32_t i = 0; i < draft->n; i++) {
        const struct property *property =
            &cls->properties[draft->properties[i]];

        draft->sources[i] = (struct source){
            .name = property->name,
            .type = property->type,
            .is_array = property->is_array,
            .array_size = property->array_size,
            .max_elements = property->max_elements,
            .class_name = property->class_name,
            .grant = property->grant,
        };
    }
}

static bool
collect_class(struct builder *builder, struct cim_class *cls,
              const struct frame *outer)
{
    struct frame frame = { .outer = outer, .cls = cls };
    struct draft draft = { 0 };
    bool done;

    for (const struct frame *at = outer; at; at = at->outer) {
        if (at->cls == cls) {
            return error_set(builder->error, ERROR_INVALID,
                             "class %s embeds itself", cls->name);
        }
    }
    if (find_draft(builder, cls) >= 0) {
        return true;
    }
    draft_from_class(&draft, cls);
    if (outer && draft.n == 0) {
        draft_clear(&draft);
        return error_set(builder->error, ERROR_UNSUPPORTED,
                         "embedded class %s has no properties", cls->name);
    }
    done = collect(builder, &draft, &frame);
    draft_clear(&draft);
    if (!done) {
        return error_prefix(builder->error, "class %s", cls->name);
    }
    return true;
}

/* 'number' is the part that an embedded member refers to, or the grant. */
static struct layout_field
field_from_source(const struct source *source, uint16_t number)
{
    struct layout_field field = {
        .type = (uint8_t) source->type,
        .shape = SHAPE_SCALAR,
        .part = number,
    };

    if (source->is_array && source->array_size) {
        field.shape = SHAPE_FIXED;
        field.n = source->array_size;
    } else if (source->is_array && source->max_elements) {
        field.shape = SHAPE_BOUNDED;
        field.n = source->max_elements;
    } else if (source->is_array) {
        field.shape = SHAPE_VARIABLE;
    }
    return field;
}

static void
map_destroy(struct layout_map *map)
{
    for (uint32_t i = 0; i < map->n; i++) {
        if (i > 0) {
            class_unref(map->parts[i].cls);
        }
        free(map->parts[i].properties);
        free(map->parts[i].skipped);
    }
    free(map);
}

/* Fills part 'index' and its map from the draft. */
static void
take_draft(struct builder *builder, struct layout *layout, uint32_t index,
           uint32_t first_field, struct draft *draft)
{
    struct layout_part *part = &layout->parts[index];
    struct layout_map_part *map = &layout->map->parts[index];

    part->first_field = first_field;
    part->n_fields = draft->n;
    for (uint32_t i = 0; i < draft->n; i++) {
        const struct source *source = &draft->sources[i];
        int at = source->type == CIM_EMBEDDED
                     ? find_draft(builder, find_class(builder, source)) : -1;
        uint16_t number = at < 0 ? 0 : (uint16_t) (builder->n - 1
                                                   - (size_t) at);

        layout->fields[first_field + i] = field_from_source(
            source, at < 0 ? source->grant : number);
    }
    map->cls = index > 0 ? class_ref(draft->cls) : draft->cls;
    map->n_values = draft->cls ? draft->cls->n_properties : draft->n;
    map->skipped = mem_array(map->n_values, sizeof *map->skipped);
    memset(map->skipped, 1, map->n_values * sizeof *map->skipped);
    map->is_identity = map->n_values == draft->n;
    for (uint32_t i = 0; i < draft->n; i++) {
        map->skipped[draft->properties[i]] = false;
        map->is_identity = map->is_identity && draft->properties[i] == i;
    }
    map->properties = draft->properties;
    draft->properties = NULL;
}

static struct layout *
build(struct builder *builder)
{
    struct layout *layout = mem_zalloc(sizeof *layout);
    uint32_t first_field = 0;

    layout->n_parts = (uint16_t) builder->n;
    layout->n_fields = builder->n_fields;
    layout->parts = mem_array(builder->n, sizeof *layout->parts);
    layout->fields = mem_array(builder->n_fields, sizeof *layout->fields);
    layout->map = mem_zalloc(sizeof *layout->map
                             + builder->n * sizeof layout->map->parts[0]);
    layout->map->n = layout->n_parts;
    layout->map_destroy = map_destroy;
    for (uint32_t i = 0; i < layout->n_parts; i++) {
        struct draft *draft = &builder->drafts[builder->n - 1 - i];

        take_draft(builder, layout, i, first_field, draft);
        first_field += draft->n;
    }
    if (!layout_arrange(layout, builder->error)) {
        layout_destroy(layout);
        return NULL;
    }
    layout_place(layout);
    return layout;
}

static void
builder_clear(struct builder *builder)
{
    for (size_t i = 0; i < builder->n; i++) {
        draft_clear(&builder->drafts[i]);
    }
    free(builder->drafts);
}

static void
cache_destroy(void *cache)
{
    layout_destroy(cache);
}

/* The UUID that names the class in a block; zero when it has none. */
static struct xvs_guid
class_uuid(const struct cim_class *cls)
{
    const char *text = qualifier_text(class_qualifier(cls, "UUID"));
    struct xvs_guid uuid = { 0 };

    if (!text || !guid_parse(text, &uuid)) {
        memset(&uuid, 0, sizeof uuid);
    }
    return uuid;
}

const struct layout *
layout_of_class(struct cim_class *cls, class_finder lookup, void *arg,
                struct error *error)
{
    struct builder builder = { .lookup = lookup, .arg = arg, .error = error };
    struct layout *layout = NULL;

    if (cls->cache) {
        return cls->cache;
    }
    assert(cls->is_resolved);
    if (collect_class(&builder, cls, NULL)) {
        layout = build(&builder);
    }
    builder_clear(&builder);
    if (layout) {
        layout->uuid = class_uuid(cls);
        layout->version = class_version(cls);
        layout->hash = class_hash(cls);
        cls->cache = layout;
        cls->cache_free = cache_destroy;
    }
    return layout;
}

static struct source
source_of_parameter(const struct parameter *parameter)
{
    return (struct source){
        .name = parameter->name,
        .type = parameter->type,
        .is_array = parameter->is_array,
        .array_size = parameter->array_size,
        .class_name = parameter->class_name,
    };
}

struct layout *
layout_of_parameters(const struct method *method, bool out,
                     class_finder lookup, void *arg, struct error *error)
{
    struct builder builder = { .lookup = lookup, .arg = arg, .error = error };
    struct layout *layout = NULL;
    struct draft draft = { 0 };

    draft.sources = mem_array((size_t) method->n_parameters + 1,
                              sizeof *draft.sources);
    if (out && method->type != CIM_NONE) {
        draft.sources[draft.n++] = (struct source){
            .name = "the return value",
            .type = method->type,
            .class_name = method->class_name,
        };
    }
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        const struct parameter *parameter = &method->parameters[i];

        if (out ? parameter->out : parameter->in) {
            draft.sources[draft.n++] = source_of_parameter(parameter);
        }
    }
    draft.properties = mem_array((size_t) draft.n + 1,
                                 sizeof *draft.properties);
    for (uint32_t i = 0; i < draft.n; i++) {
        draft.properties[i] = i;
    }
    if (collect(&builder, &draft, NULL)) {
        layout = build(&builder);
    } else {
        error_prefix(error, "method %s", method->name);
    }
    draft_clear(&draft);
    builder_clear(&builder);
    return layout;
}

uint32_t
layout_property(const struct cim_class *cls, const struct layout *layout,
                uint32_t field)
{
    assert(layout->map && layout->map->parts[0].cls == cls);
    assert(field < layout->parts[0].n_fields);
    (void) cls;
    return layout->map->parts[0].properties[field];
}
