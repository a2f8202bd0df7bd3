/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_OBJECT_FORMS_READ_H
#define XVS_OBJECT_FORMS_READ_H

/*
 * What the readers of the three text forms share.  Private to
 * instances_read().
 */

#include <stdbool.h>
#include <stddef.h>
#include "object/forms.h"


struct forms_reader {
    const char *file;           /* names the text in errors */
    const char *text;
    size_t size;
    class_lookup lookup;
    void *arg;                  /* of 'lookup' */
    struct error *error;
    struct instance **instances;    /* found so far */
    size_t n;
    size_t capacity;
};

/* Takes the instance over. */
void forms_add(struct forms_reader *reader, struct instance *instance);
/* 'cls' (may be NULL) is the class of objects that do not name theirs. */
bool forms_read_json(struct forms_reader *reader, struct cim_class *cls);

#endif
