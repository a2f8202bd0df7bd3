/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_LETTERS_H
#define XVS_MARSHAL_LETTERS_H

/*
 * The letters of method signatures (doc/formats.md, "Methods").  Internal to
 * core/marshal.
 */

#include <stddef.h>
#include "schema/value.h"

/* Text and times come back through pointers only: nobody would own them. */
#define LETTERS_NOT_RETURNED "az"

/* The lower case letter of a type; 0: no argument of a function. */
static inline char
letter_of_type(unsigned int type)
{
    static const char letters[] = {
        [CIM_BOOLEAN] = 'b', [CIM_UINT8] = 'c', [CIM_SINT8] = 'd',
        [CIM_UINT16] = 's', [CIM_SINT16] = 't', [CIM_UINT32] = 'i',
        [CIM_SINT32] = 'j', [CIM_UINT64] = 'l', [CIM_SINT64] = 'm',
        [CIM_REAL32] = 'f', [CIM_REAL64] = 'g', [CIM_CHAR16] = 'w',
        [CIM_STRING] = 'a', [CIM_DATETIME] = 'z', [CIM_REFERENCE] = 'a',
    };

    return type < sizeof letters ? letters[type] : 0;
}

#endif
