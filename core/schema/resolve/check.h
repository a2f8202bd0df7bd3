/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_CHECK_H
#define XVS_SCHEMA_CHECK_H

/*
 * What the two files of schema_check_class() share.
 */

#include <stdbool.h>
#include "base/error.h"
#include "schema/compile.h"

struct check {
    const struct cim_class *cls;
    bool strict;                /* warnings are errors */
    bool is_feature;            /* else some rules are only advice */
    struct error_list *errors;
};

/* Reports about the class, or about a property of it. */
bool check_report(struct check *check, enum error_severity severity,
                  const struct property *property, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Qualifiers that limit values make sense, and the default keeps to them. */
void check_values(struct check *check, const struct property *property);

#endif
