/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classes fetched from a server: what is asked for, circles, and answers that
 * make no sense.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "client/wbem/class-cache.h"
#include "schema/class.h"

#define CLASS(name, rest) "<CLASS NAME=\"" name "\"" rest "</CLASS>"
#define EMBEDS(property, name) \
    "<PROPERTY NAME=\"" property "\" TYPE=\"string\"><QUALIFIER " \
    "NAME=\"EmbeddedInstance\" TYPE=\"string\"><VALUE>" name \
    "</VALUE></QUALIFIER></PROPERTY>"

static const struct {
    const char *name, *xml;
} server[] = {
    { "A", CLASS("A", "><PROPERTY NAME=\"a\" TYPE=\"uint8\"></PROPERTY>") },
    { "B", CLASS("B", " SUPERCLASS=\"A\">") },
    { "C", CLASS("C", " SUPERCLASS=\"B\">" EMBEDS("x", "D")) },
    { "D", CLASS("D", ">" EMBEDS("y", "E")) },
    { "E", CLASS("E", ">" EMBEDS("z", "D")) },
    { "Ref", CLASS("Ref", "><PROPERTY.REFERENCE NAME=\"r\" "
                   "REFERENCECLASS=\"Gone\"></PROPERTY.REFERENCE>") },
    { "Self", CLASS("Self", " SUPERCLASS=\"Self\">") },
    { "Ring", CLASS("Ring", " SUPERCLASS=\"Ring2\">") },
    { "Ring2", CLASS("Ring2", " SUPERCLASS=\"Ring\">") },
    { "Orphan", CLASS("Orphan", " SUPERCLASS=\"Gone\">") },
    { "Other", CLASS("A", ">") },
    { "Two", "<CIM>" CLASS("Two", ">") CLASS("Three", ">") "</CIM>" },
    { "None", "<INSTANCE CLASSNAME=\"A\"></INSTANCE>" },
    { "Bad", "<CLASS" },
};

static unsigned int asked;

static bool
fetch(void *arg, const char *name, struct buffer *xml, struct error *error)
{
    unsigned int number;

    (void) arg;
    asked++;
    /* An endless chain of superclasses. */
    if (sscanf(name, "N%u", &number) == 1) {
        buffer_printf(xml, "<CLASS NAME=\"N%u\" SUPERCLASS=\"N%u\"></CLASS>",
                      number, number + 1);
        return true;
    }
    for (size_t i = 0; i < sizeof server / sizeof *server; i++) {
        if (strcmp(server[i].name, name) == 0) {
            buffer_puts(xml, server[i].xml);
            return true;
        }
    }
    return error_set(error, ERROR_NO_CLASS, "there is no class %s", name);
}

static void
test_needs(void)
{
    struct class_cache *cache = class_cache_create(fetch, NULL);
    struct cim_class *cls = class_cache_get(cache, "C", NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(cls);
    CU_ASSERT(class_is_a(cls, "A"));
    CU_ASSERT_PTR_NOT_NULL(class_property(cls, "a"));
    CU_ASSERT_EQUAL(asked, 5);
    CU_ASSERT_PTR_EQUAL(class_cache_get(cache, "c", NULL), cls);
    CU_ASSERT_PTR_NOT_NULL(class_cache_get(cache, "E", NULL));
    CU_ASSERT_EQUAL(asked, 5);
    CU_ASSERT_PTR_NOT_NULL(class_cache_get(cache, "Ref", NULL));
    class_cache_forget(cache);
    CU_ASSERT_PTR_NOT_NULL(class_cache_get(cache, "A", NULL));
    class_cache_destroy(cache);
}

static void
test_nonsense(void)
{
    static const struct {
        const char *name;
        enum error_code code;   /* ERROR_NONE: any */
    } cases[] = {
        { "Gone", ERROR_NO_CLASS }, { "Self", ERROR_NONE },
        { "Ring", ERROR_NONE },     { "Orphan", ERROR_NONE },
        { "Other", ERROR_SYNTAX },  { "Two", ERROR_SYNTAX },
        { "None", ERROR_SYNTAX },   { "Bad", ERROR_NONE },
        { "N0", ERROR_LIMIT },
    };
    struct class_cache *cache = class_cache_create(fetch, NULL);

    asked = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = { 0 };

        CU_ASSERT_PTR_NULL(class_cache_get(cache, cases[i].name, &error));
        CU_ASSERT_NOT_EQUAL(error.code, ERROR_NONE);
        CU_ASSERT(!cases[i].code || error.code == cases[i].code);
        CU_ASSERT(error.text[0]);
    }
    CU_ASSERT(asked < 2000);
    class_cache_destroy(cache);
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failures;

    CU_initialize_registry();
    suite = CU_add_suite("class-cache", NULL, NULL);
    CU_add_test(suite, "needs", test_needs);
    CU_add_test(suite, "nonsense", test_nonsense);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
