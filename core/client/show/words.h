/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_SHOW_WORDS_H
#define XVS_CLIENT_SHOW_WORDS_H

/*
 * Values as people write and read them: "Name=value" of the command line
 * into the type that the class declares, and back into the cells of tables.
 * Names of the Values and BitValues qualifiers stand for their numbers.
 *
 *     NULL             no value            a,b,c        an array
 *     @FILE            content of a file   "a,b"        one element
 *     \NULL \@x \\x    the text itself     (empty)      "" or {}
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "object/forms.h"

struct buffer;
struct error;
struct instance;
struct parameter;
struct property;
struct qualifier;
struct value;

/* What a value is for: a property or a parameter. */
struct target {
    const char *name;
    enum cim_type type;
    bool is_array;
    const char *class_name;     /* of an embedded object, or NULL */
    const struct qualifier *qualifiers;
    uint32_t n_qualifiers;
};

struct target words_of_property(const struct property *property);
struct target words_of_parameter(const struct parameter *parameter);

/* Reads the text behind "Name="; the value is the caller's (heap). */
bool words_read(const struct target *target, const char *text,
                class_lookup lookup, void *arg, struct value *value,
                struct error *error);
/* Writes as words_read() reads it; numbers with a name by their name. */
void words_print(const struct target *target, const struct value *value,
                 struct buffer *out);
/* True when the value is a plain number, to be aligned to the right. */
bool words_is_number(const struct target *target);
/* The name of a number, or NULL. */
const char *words_name(const struct target *target, uint64_t number);
/* Names that may be given, comma separated; nothing when there are none. */
void words_choices(const struct target *target, struct buffer *out);

/*
 * Sets properties of the instance from "Name=value" words; '*names' (may be
 * NULL) gets the n names, in one array on the heap (texts of the class).
 */
bool words_assign(struct instance *instance, const char *const *words,
                  size_t n, class_lookup lookup, void *arg,
                  const char ***names, struct error *error);

#endif
