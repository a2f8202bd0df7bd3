/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Class declarations in MOF.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "schema/mof/mof-parse.h"
#include "schema/unit.h"

/* What stands before a property, method or parameter, and its name. */
struct member {
    struct qualifier *qualifiers;
    uint32_t n_qualifiers;
    enum cim_type type;
    const char *class_name;
    const char *name;
    unsigned int line, column;
};

/* "uint8", "X REF", "X" or "void". */
static bool
member_type(struct mof_parser *parser, struct arena *arena,
            struct member *member)
{
    const char *word = mof_name(parser, arena, "a type");

    if (!word) {
        return false;
    }
    member->class_name = NULL;
    member->type = cim_type_parse(word);
    if (member->type == CIM_REFERENCE) {
        member->type = CIM_NONE;
    }
    if (member->type == CIM_NONE && !text_equal_fold(word, "void")) {
        member->type = CIM_EMBEDDED;
        member->class_name = word;
    }
    return true;
}

static bool
member_name(struct mof_parser *parser, struct arena *arena,
            struct member *member)
{
    struct token at = parser->token;

    member->name = mof_name(parser, arena, "a name");
    if (!member->name) {
        return false;
    }
    /* A property may be called "Ref": only a name behind it tells. */
    if (member->type == CIM_EMBEDDED && token_is(&at, "ref")
        && parser->token.type == TOKEN_NAME) {
        member->type = CIM_REFERENCE;
        at = parser->token;
        member->name = mof_name(parser, arena, "a name");
        if (!member->name) {
            return false;
        }
    }
    member->line = at.line;
    member->column = lexer_column(&parser->lexer, &at);
    return true;
}

/*
 * "X p" embeds an object of class X, "object p" one of any class: the same as
 * what the qualifiers EmbeddedInstance and EmbeddedObject say, which CIM-XML
 * has, so the class gets them.
 */
static void
add_embedded(struct arena *arena, struct member *member)
{
    const char *name = member->type == CIM_EMBEDDED ? "EmbeddedInstance"
                                                    : "EmbeddedObject";
    struct qualifier *qualifiers;
    uint32_t n = member->n_qualifiers;

    if ((member->type != CIM_EMBEDDED && member->type != CIM_OBJECT)
        || qualifier_find(member->qualifiers, n, name)) {
        return;
    }
    qualifiers = arena_alloc(arena, (n + 1) * sizeof(*qualifiers));
    if (n) {
        memcpy(qualifiers, member->qualifiers, n * sizeof(*qualifiers));
    }
    qualifiers[n] = (struct qualifier){ .name = name, .line = member->line };
    if (member->type == CIM_EMBEDDED) {
        qualifiers[n].value = (struct value){
            .type = CIM_STRING, .n = (uint32_t) strlen(member->class_name),
            .s = arena_strdup(arena, member->class_name),
        };
    } else {
        qualifiers[n].value = value_boolean(true);
    }
    member->qualifiers = qualifiers;
    member->n_qualifiers = n + 1;
}

/* Qualifiers, type and name. */
static bool
member_start(struct mof_parser *parser, struct arena *arena,
             struct member *member)
{
    if (!mof_qualifiers(parser, arena, &member->qualifiers,
                        &member->n_qualifiers)
        || !member_type(parser, arena, member)
        || !member_name(parser, arena, member)) {
        return false;
    }
    add_embedded(arena, member);
    return true;
}

static bool
parameter(struct mof_parser *parser, struct arena *arena)
{
    struct token at;
    struct member member;
    const struct parameter *others;
    struct parameter *parameter;

    if (!member_start(parser, arena, &member)) {
        return false;
    }
    at = parser->previous;
    if (member.type == CIM_NONE) {
        return mof_error(parser, &at, "parameter %s cannot be void",
                         member.name);
    }
    others = parser->parameters.items;
    for (size_t i = 0; i < parser->parameters.n; i++) {
        if (text_equal_fold(others[i].name, member.name)) {
            return mof_error(parser, &at, "there is a parameter %s already",
                             member.name);
        }
    }
    parameter = mof_list_add(parser, &parser->parameters,
                             sizeof(*parameter), 255);
    if (!parameter) {
        return false;
    }
    parameter->name = member.name;
    parameter->type = member.type;
    parameter->class_name = member.class_name;
    parameter->qualifiers = member.qualifiers;
    parameter->n_qualifiers = member.n_qualifiers;
    parameter->in = true;
    return mof_array_size(parser, &parameter->is_array,
                          &parameter->array_size);
}

static bool
already_there(struct mof_parser *parser, const struct member *member)
{
    struct error error;

    if (mof_name_is_new(parser, member->name)) {
        return false;
    }
    error_set(&error, ERROR_EXISTS,
              "the class has a property or method %s already", member->name);
    error_at(&error, parser->file, member->line, member->column);
    error_list_add(parser->errors, &error);
    return true;
}

static bool
method(struct mof_parser *parser, struct cim_class *cls,
       const struct member *member)
{
    struct method method = {
        .name = member->name, .type = member->type,
        .class_name = member->class_name, .origin = cls->name,
        .qualifiers = member->qualifiers,
        .n_qualifiers = member->n_qualifiers,
        .line = member->line, .column = member->column,
    };
    struct method *item;

    parser->parameters.n = 0;
    if (parser->token.type != ')') {
        do {
            if (!parameter(parser, cls->arena)) {
                return false;
            }
        } while (mof_accept(parser, ','));
    }
    if (!mof_accept(parser, ')')) {
        return mof_expected(parser, "',' or ')' after a parameter");
    }
    method.n_parameters = (uint32_t) parser->parameters.n;
    method.parameters = mof_list_take(&parser->parameters, 0,
                                      sizeof(struct parameter), cls->arena);
    item = mof_list_add(parser, &parser->methods, sizeof(method),
                        UNIT_MAX_MEMBERS);
    if (!item) {
        return false;
    }
    *item = method;
    return true;
}

/* "[n] = value" behind the name. */
static bool
property(struct mof_parser *parser, struct cim_class *cls,
         const struct member *member)
{
    struct property property = {
        .name = member->name, .type = member->type,
        .class_name = member->class_name, .origin = cls->name,
        .qualifiers = member->qualifiers,
        .n_qualifiers = member->n_qualifiers,
        .line = member->line, .column = member->column,
    };
    struct token at = parser->token;
    struct property *item;

    if (!mof_array_size(parser, &property.is_array, &property.array_size)) {
        return false;
    }
    if (member->type == CIM_NONE) {
        return mof_error(parser, &at, "property %s cannot be void",
                         member->name);
    }
    if (member->type == CIM_REFERENCE && property.is_array) {
        return mof_error(parser, &at, "property %s: only parameters can be "
                         "arrays of references", member->name);
    }
    property.initial = value_null(property.type, property.is_array);
    if (mof_accept(parser, '=')
        && !mof_constant(parser, cls->arena, property.type,
                         property.is_array, &property.initial)) {
        return false;
    }
    if (property.array_size && property.initial.n > property.array_size) {
        return mof_error(parser, &at, "property %s has %u elements, its "
                         "default %u", member->name, property.array_size,
                         property.initial.n);
    }
    item = mof_list_add(parser, &parser->properties, sizeof(property),
                        UNIT_MAX_MEMBERS);
    if (!item) {
        return false;
    }
    *item = property;
    return true;
}

static bool
member(struct mof_parser *parser, struct cim_class *cls)
{
    struct member start;
    bool ok;

    if (!member_start(parser, cls->arena, &start)) {
        return false;
    }
    /* A second one is read, for its errors, and then left out. */
    bool again = already_there(parser, &start);
    size_t n_properties = parser->properties.n;
    size_t n_methods = parser->methods.n;

    ok = mof_accept(parser, '(') ? method(parser, cls, &start)
                                 : property(parser, cls, &start);
    if (again) {
        parser->properties.n = n_properties;
        parser->methods.n = n_methods;
    }
    return ok && mof_take(parser, ';');
}

static bool
class_body(struct mof_parser *parser, struct cim_class *cls)
{
    if (!mof_take(parser, '{')) {
        return false;
    }
    parser->properties.n = 0;
    parser->methods.n = 0;
    mof_names_clear(parser);
    while (parser->token.type != '}') {
        if (mof_at_declaration(parser)) {
            return mof_error(parser, &parser->token,
                             "expected '}' at the end of class %s, which "
                             "begins in line %u", cls->name, cls->line);
        }
        if (!member(parser, cls)) {
            const char *start = parser->token.start;

            parser->values.n = 0;
            parser->qualifiers.n = 0;
            mof_recover(parser);
            if (parser->token.start == start
                && !mof_at_declaration(parser)
                && parser->token.type != '}') {
                mof_next(parser);
            }
        }
    }
    mof_next(parser);
    cls->n_properties = (uint32_t) parser->properties.n;
    cls->properties = mof_list_take(&parser->properties, 0,
                                    sizeof(struct property), cls->arena);
    cls->n_methods = (uint32_t) parser->methods.n;
    cls->methods = mof_list_take(&parser->methods, 0, sizeof(struct method),
                                 cls->arena);
    return true;
}

/* "class X as $A : Y", "class X : Y". */
static bool
class_head(struct mof_parser *parser, struct cim_class *cls)
{
    mof_next(parser);
    cls->line = parser->token.line;
    cls->column = lexer_column(&parser->lexer, &parser->token);
    cls->name = mof_name(parser, cls->arena, "the name of a class");
    if (!cls->name || !mof_alias(parser, cls->arena, &cls->alias)) {
        return false;
    }
    if (mof_accept(parser, ':')) {
        cls->super_name = mof_name(parser, cls->arena,
                                   "the name of the superclass");
        if (!cls->super_name) {
            return false;
        }
    }
    return cls->alias || mof_alias(parser, cls->arena, &cls->alias);
}

bool
mof_class(struct mof_parser *parser, struct cim_class *cls)
{
    cls->file = arena_strdup(cls->arena, parser->file);
    if (!class_head(parser, cls) || !class_body(parser, cls)) {
        class_unref(cls);
        return false;
    }
    if (!map_get(parser->class_names, cls->name)) {
        map_put(parser->class_names, cls->name, cls);
    }
    if (!unit_add_class(parser->unit, cls)) {
        return mof_error(parser, &parser->previous,
                         "there are more than %d classes", UNIT_MAX_CLASSES);
    }
    if (!mof_accept(parser, ';')) {
        mof_expected(parser, "';' after '}'");
    }
    return true;
}
