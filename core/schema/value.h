/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_VALUE_H
#define XVS_SCHEMA_VALUE_H

/*
 * A CIM value: scalar or array of one of the CIM types, or NULL.
 *
 * Values that belong to a class (defaults, qualifiers) live in the class's
 * arena and are never freed alone; values of instances are on the heap and
 * owned by the instance.  The same struct serves both: only value_clear()
 * frees, and it must not be called on a value of a class.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/types.h>

struct arena;
struct buffer;
struct error;
struct instance;

/* The numbers are those of the binary form (doc/formats.md, "Types"). */
enum cim_type {
    CIM_NONE = 0,
    CIM_BOOLEAN, CIM_UINT8, CIM_SINT8, CIM_UINT16, CIM_SINT16, CIM_UINT32,
    CIM_SINT32, CIM_UINT64, CIM_SINT64, CIM_REAL32, CIM_REAL64, CIM_CHAR16,
    CIM_STRING, CIM_DATETIME,
    CIM_REFERENCE,      /* text of an object path */
    CIM_EMBEDDED,       /* an instance of a class that is named */
    CIM_OBJECT,         /* an instance of any class (EmbeddedObject) */
};

struct value {
    enum cim_type type;
    bool is_array;
    bool is_null;       /* a NULL scalar or a NULL array */
    uint32_t n;         /* elements of an array; bytes of a string */
    union {
        uint64_t u;                 /* boolean, uint*, char16 */
        int64_t i;                  /* sint* */
        double r;                   /* real32, real64 */
        char *s;                    /* string, reference; NUL at s[n] */
        struct xvs_datetime *t;     /* datetime */
        struct instance *object;    /* embedded, object */
        struct value *items;        /* of an array: n scalars of 'type' */
    };
};

/* "uint8" ... ; "ref", "object" for the last ones.  Never NULL. */
const char *cim_type_name(enum cim_type type);
/* The type of that MOF/CIM-XML name, without case; CIM_NONE when unknown. */
enum cim_type cim_type_parse(const char *name);
bool cim_type_is_integer(enum cim_type type);   /* uint* and sint* */
bool cim_type_is_signed(enum cim_type type);
/* Smallest and largest value; of unsigned types 'low' is 0. */
void cim_type_range(enum cim_type type, int64_t *low, uint64_t *high);

void value_clear(struct value *value);      /* frees; leaves a NULL */
void value_copy(struct value *to, const struct value *from);    /* heap */
void value_copy_arena(struct value *to, const struct value *from,
                      struct arena *arena);
bool value_equal(const struct value *a, const struct value *b);

/* Heap constructors. */
struct value value_null(enum cim_type type, bool is_array);
struct value value_u64(enum cim_type type, uint64_t number);
struct value value_i64(enum cim_type type, int64_t number);
struct value value_boolean(bool truth);
struct value value_string(const char *text);
struct value value_array(enum cim_type type, uint32_t n); /* items NULL */
/* Adds the item, which is taken over, to an array of the heap. */
void value_append(struct value *array, struct value item);

/*
 * Reads the text form of a scalar ("17", "0x11", "true", "1.5e3", plain text
 * of a string, a 25-character datetime) as 'type', with range check.
 */
bool value_parse(struct value *value, enum cim_type type,
                 const char *text, struct error *error);
/* Writes a scalar as value_parse() reads it; NULL as nothing. */
void value_print(const struct value *value, struct buffer *out);
/*
 * Changes the value to 'type' when nothing is lost (an integer literal to
 * any integer type whose range holds it, an integer to a real); else an
 * error that names both.
 */
bool value_convert(struct value *value, enum cim_type type,
                   struct error *error);
/* The same for a value of a class, whose parts live in 'arena'. */
bool value_convert_arena(struct value *value, enum cim_type type,
                         struct arena *arena, struct error *error);

/* False when it is not 25 characters of a point in time or an interval. */
bool datetime_parse(const char *text, struct xvs_datetime *out);
#define DATETIME_TEXT_SIZE 26
char *datetime_format(const struct xvs_datetime *time,
                      char out[DATETIME_TEXT_SIZE]);

#endif
