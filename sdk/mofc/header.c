/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-mofc header: from a schema to the header that its plugin is compiled
 * with.  Embedded classes come before those that hold them.
 */

#include <config.h>

#include "header.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "mofc.h"

struct generator {
    struct mofc_schema *schema;
    struct header_class *first, **last;
    struct map *taken;          /* names at file scope */
    struct error error;
};

/* Names that every class has functions of. */
static const char *const own_names[] = {
    "get", "is", "check", "start", "null", "view", "answer", "writer",
    "field", "layout_whole",
};

static void
class_destroy(struct header_class *cls)
{
    for (uint32_t i = 0; i < cls->n; i++) {
        free(cls->members[i].name);
        free(cls->members[i].count);
        free(cls->members[i].upper);
    }
    for (uint32_t i = 0; cls->functions && i < cls->cls->n_methods; i++) {
        free(cls->functions[i]);
    }
    free(cls->functions);
    free(cls->members);
    free(cls->name);
    free(cls->upper);
    free(cls);
}

static struct header_class *
find(const struct generator *generator, const struct cim_class *cls)
{
    for (struct header_class *at = generator->first; at; at = at->next) {
        if (at->cls == cls) {
            return at;
        }
    }
    return NULL;
}

/*
 * A name for something of the class: "acme_rule_<name>", and the function
 * "acme_rule_set_<name>", are nobody else's, neither here nor in a class
 * called Acme_RuleSet.  Takes 'name'; the caller frees the result.
 */
static char *
claim(struct generator *generator, const struct header_class *cls, char *name,
      struct map *members)
{
    for (;;) {
        MEM_AUTO char *whole = mem_printf("%s_%s", cls->name, name);
        MEM_AUTO char *setter = mem_printf("%s_set_%s", cls->name, name);
        char *longer;

        if (!map_get(members, name) && !map_get(generator->taken, whole)
            && !map_get(generator->taken, setter)) {
            map_put(members, name, generator);
            map_put(generator->taken, whole, generator);
            map_put(generator->taken, setter, generator);
            return name;
        }
        longer = mem_printf("%s_", name);
        free(name);
        name = longer;
    }
}

static void
name_member(struct generator *generator, struct header_class *cls,
            struct header_member *member, struct map *members)
{
    MEM_AUTO char *upper = NULL;

    member->name = claim(generator, cls, name_snake(member->property->name),
                         members);
    if (member->field->shape == SHAPE_BOUNDED) {
        member->count = claim(generator, cls,
                              mem_printf("n_%s", member->name), members);
    }
    upper = name_upper(member->name);
    member->upper = name_unique(mem_printf("%s_%s", cls->upper, upper),
                                generator->taken);
}

/* The C names of the functions that implement the methods. */
static void
name_functions(struct generator *generator, struct header_class *cls,
               struct map *members)
{
    cls->functions = mem_array(cls->cls->n_methods, sizeof *cls->functions);
    for (uint32_t i = 0; i < cls->cls->n_methods; i++) {
        MEM_AUTO char *name =
            claim(generator, cls, name_snake(cls->cls->methods[i].name),
                  members);

        cls->functions[i] = mem_printf("%s_%s", cls->name, name);
    }
}

/* What every class has: functions, and macros that are no property. */
static void
take_own_names(struct generator *generator, const struct header_class *cls,
               struct map *members)
{
    static const char *const macros[] = { "UUID", "VERSION", "HASH", "SIZE",
                                          "DEFAULTS" };

    for (size_t i = 0; i < sizeof own_names / sizeof own_names[0]; i++) {
        MEM_AUTO char *name = mem_printf("%s_%s", cls->name, own_names[i]);

        map_put(members, own_names[i], generator);
        map_put(generator->taken, name, generator);
    }
    for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++) {
        MEM_AUTO char *name = mem_printf("%s_%s", cls->upper, macros[i]);

        map_put(generator->taken, name, generator);
    }
}

/* Acme_Rule and AcmeRule are two classes. */
static char *
class_name(const struct generator *generator, const struct cim_class *cls)
{
    char *name = name_snake(cls->name);

    for (struct header_class *at = generator->first; at; at = at->next) {
        if (strcmp(at->name, name) == 0) {
            char *longer = mem_printf("%s_", name);

            free(name);
            name = longer;
            at = generator->first;
        }
    }
    return name;
}

static struct header_class *add(struct generator *generator,
                                struct cim_class *cls);

/* Names the members, with the classes inside first. */
static bool
fill(struct generator *generator, struct header_class *cls)
{
    const struct layout_part *part = &cls->layout->parts[0];
    struct map *members = map_create(true);
    bool good = true;

    cls->n = part->n_fields;
    cls->members = mem_array(cls->n, sizeof *cls->members);
    take_own_names(generator, cls, members);
    for (uint32_t i = 0; good && i < cls->n; i++) {
        struct header_member *member = &cls->members[i];

        member->field = &cls->layout->fields[part->first_field + i];
        member->property =
            &cls->cls->properties[layout_property(cls->cls, cls->layout, i)];
        name_member(generator, cls, member, members);
        if (member->field->type == CIM_EMBEDDED) {
            member->inner = add(generator,
                                mofc_lookup(generator->schema,
                                            member->property->class_name));
            good = member->inner != NULL;
        }
    }
    name_functions(generator, cls, members);
    map_destroy(members, NULL);
    return good;
}

/* The class as it will be written, after those that it embeds. */
static struct header_class *
add(struct generator *generator, struct cim_class *cls)
{
    struct header_class *header = find(generator, cls);
    const struct layout *layout;

    if (header) {
        return header;
    }
    layout = layout_of_class(cls, mofc_lookup, generator->schema,
                             &generator->error);
    if (!layout) {
        error_at(&generator->error, cls->file, cls->line, cls->column);
        return NULL;
    }
    header = mem_zalloc(sizeof *header);
    header->cls = cls;
    header->layout = layout;
    header->is_feature = feature_of_class(cls, &header->feature, NULL);
    header->name = class_name(generator, cls);
    header->upper = name_upper(header->name);
    if (!fill(generator, header)) {
        class_destroy(header);
        return NULL;
    }
    *generator->last = header;
    generator->last = &header->next;
    return header;
}

/*
 * Base classes of others have no objects of their own.  The names of classes
 * come before those of what is in them.
 */
static bool
collect(struct generator *generator)
{
    for (size_t i = 0; i < generator->schema->unit.n_classes; i++) {
        MEM_AUTO char *name =
            name_snake(generator->schema->unit.classes[i]->name);

        map_put(generator->taken, name, generator);
    }
    for (size_t i = 0; i < generator->schema->unit.n_classes; i++) {
        struct cim_class *cls = generator->schema->unit.classes[i];

        if (!cls->is_abstract && !cls->is_association
            && !add(generator, cls)) {
            return false;
        }
    }
    return true;
}

/* File name without folders and ending, as an identifier. */
static char *
stem(const char *path)
{
    const char *slash = strrchr(path, '/');
    MEM_AUTO char *base = mem_strdup(slash ? slash + 1 : path);
    char *dot = strrchr(base, '.');
    MEM_AUTO char *snake = NULL;

    if (dot && dot != base) {
        *dot = 0;
    }
    snake = name_snake(base);
    return name_upper(snake);
}

static bool
write_tables(struct generator *generator, const char *prefix,
             struct buffer *out)
{
    bool has_methods;
    size_t empty;

    buffer_printf(out, "/* Rows of struct xvs_feature and struct xvs_method; "
                  "XVS_FEATURES and\n * XVS_METHODS for a plugin with one "
                  "schema. */\n#define %s_FEATURES", prefix);
    for (const struct header_class *at = generator->first; at;
         at = at->next) {
        if (at->is_feature) {
            buffer_printf(out, " \\\n    { %s_UUID, %s_HASH, %s_SIZE, "
                          "%s_VERSION, 0 },", at->upper, at->upper,
                          at->upper, at->upper);
        }
    }
    buffer_printf(out, "\n#define %s_METHODS", prefix);
    empty = out->size;
    for (const struct header_class *at = generator->first; at;
         at = at->next) {
        if (at->is_feature
            && !header_write_methods(at, out, &generator->error)) {
            return false;
        }
    }
    has_methods = out->size > empty;
    buffer_printf(out, "\n#ifndef XVS_FEATURES\n"
                  "#define XVS_FEATURES { %s_FEATURES }\n", prefix);
    if (has_methods) {
        buffer_printf(out, "#define XVS_METHODS { %s_METHODS }\n", prefix);
    }
    buffer_puts(out, "#endif\n\n");
    return true;
}

static bool
write_class(struct generator *generator, const struct header_class *cls,
            struct buffer *out)
{
    buffer_printf(out, "/* ---- %s ---- */\n\n", cls->cls->name);
    header_write_values(cls, generator->taken, out);
    header_write_struct(cls, out);
    header_write_defaults(cls, out);
    header_write_access(cls, out);
    header_write_check(cls, out);
    if (!cls->is_feature) {
        return true;
    }
    header_write_writer(cls, out);
    return header_write_prototypes(cls, out, &generator->error);
}

static bool
write_header(struct generator *generator, const char *path,
             struct buffer *out)
{
    MEM_AUTO char *prefix = stem(path);
    const char *slash = strrchr(path, '/');

    buffer_printf(out,
        "/*\n * Made by \"xvs-mofc header\" " PACKAGE_VERSION " from %s: do "
        "not edit.\n * Blocks that the core hands over and takes have this "
        "form.\n */\n#ifndef %s_SCHEMA_H\n#define %s_SCHEMA_H\n\n"
        "#include <xvs/extension.h>\n\n"
        "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
        slash ? slash + 1 : path, prefix, prefix);
    for (const struct header_class *at = generator->first; at;
         at = at->next) {
        if (!write_class(generator, at, out)) {
            return false;
        }
    }
    if (!write_tables(generator, prefix, out)) {
        return false;
    }
    buffer_puts(out, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    return true;
}

int
mofc_header(const struct mofc_options *options)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct mofc_schema schema = { 0 };
    struct generator generator = { .schema = &schema };
    int code = MOFC_BAD;

    generator.last = &generator.first;
    generator.taken = map_create(false);
    if (mofc_load(&schema, options->files[0], options)) {
        if (collect(&generator)
            && write_header(&generator, options->files[0], &out)) {
            code = mofc_write(options, &out) ? MOFC_OK : MOFC_BAD;
        } else {
            mofc_fail(&generator.error);
        }
    }
    while (generator.first) {
        struct header_class *next = generator.first->next;

        class_destroy(generator.first);
        generator.first = next;
    }
    map_destroy(generator.taken, NULL);
    mofc_schema_clear(&schema);
    return code;
}
