/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_MARSHAL_SCHEMA_H
#define XVS_TESTS_MARSHAL_SCHEMA_H

/*
 * Classes and objects for the tests of core/marshal, from MOF text.
 */

#include "schema/class.h"
#include "schema/compile.h"

struct instance;
struct layout;

struct test_schema {
    struct schema_unit unit;
};

/* Compiles and resolves; prints the errors and ends when there are any. */
void test_schema_open(struct test_schema *schema, const char *mof);
void test_schema_close(struct test_schema *schema);
/* A lookup function; 'schema' is a struct test_schema. */
struct cim_class *test_lookup(void *schema, const char *name);
/* The class and its layout; ends when there is none. */
struct cim_class *test_class(struct test_schema *schema, const char *name,
                             const struct layout **layout);
/* The one object that the MOF text declares. */
struct instance *test_instance(struct test_schema *schema, const char *mof);

#endif
