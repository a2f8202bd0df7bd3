/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Schema files and what they include, as one text.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "client/flatten.h"

static char folder[] = "/tmp/xvs-flatten.XXXXXX";

static void
put_file(const char *name, const char *text, size_t size)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fwrite(text, 1, size, file);
    fclose(file);
}

static int
set_up(void)
{
    char path[128];

    if (!mkdtemp(folder)) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/sub", folder);
    return mkdir(path, 0700);
}

static int
tear_down(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* Flattens main.mof with this text; folders: sub. */
static bool
flatten(const char *text, size_t size, struct buffer *out,
        struct error *error)
{
    char path[128], sub[128];
    const char *folders[] = { sub };

    put_file("main.mof", text, size);
    snprintf(path, sizeof path, "%s/main.mof", folder);
    snprintf(sub, sizeof sub, "%s/sub", folder);
    out->size = 0;
    return flatten_file(path, folders, 1, out, error);
}

static const struct {
    const char *text;
    const char *flat;       /* NULL: it is refused */
    const char *error;
} cases[] = {
    { "class A {};", "class A {};\n", NULL },
    { "#pragma include(\"b.mof\")\nclass A {};",
      "class B {};\n\nclass A {};\n", NULL },
    { "#PRAGMA  include ( \"b.mof\" ) x", "class B {};\n x\n", NULL },
    { "#pragma include(\"sub\\\\c.mof\")", "class C {};\n\n", NULL },
    { "#pragma include(\"c.mof\")#pragma include(\"c.mof\")",
      "class C {};\n\n", NULL },
    { "#pragma include(\"main.mof\")x", "x\n", NULL },
    { "// #pragma include(\"no\")\n", "// #pragma include(\"no\")\n\n",
      NULL },
    { "/* #pragma include(\"no\") */", "/* #pragma include(\"no\") */\n",
      NULL },
    { "\"#pragma include(\\\"no\\\")\"",
      "\"#pragma include(\\\"no\\\")\"\n", NULL },
    { "'\"' #pragma locale(\"en\")", "'\"' #pragma locale(\"en\")\n",
      NULL },
    { "#pragma include(b.mof)", "#pragma include(b.mof)\n", NULL },
    { "#pragma included(\"no\")", "#pragma included(\"no\")\n", NULL },
    { "<CIM/>", "<CIM/>", NULL },
    { "/* open", "/* open\n", NULL },
    { "\"open\n#pragma include(\"b.mof\")", "\"open\nclass B {};\n\n",
      NULL },
    { "\n\n#pragma include(\"none.mof\")", NULL, "main.mof:3:1" },
};

static void
test_includes(void)
{
    struct buffer out = BUFFER_INIT;

    put_file("b.mof", "class B {};", 11);
    put_file("sub/c.mof", "class C {};", 11);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error;
        char text[1024];
        bool done = flatten(cases[i].text, strlen(cases[i].text), &out,
                            &error);

        CU_ASSERT_EQUAL(done, cases[i].flat != NULL);
        if (done && cases[i].flat) {
            CU_ASSERT_STRING_EQUAL(buffer_string(&out), cases[i].flat);
        } else if (!done && cases[i].error) {
            error_format(&error, text, sizeof text);
            CU_ASSERT_PTR_NOT_NULL(strstr(text, cases[i].error));
        }
    }
    buffer_free(&out);
}

/* Every coding comes out as UTF-8 without a mark. */
static void
test_codings(void)
{
    static const struct {
        const char *text;
        size_t size;
    } codings[] = {
        { "\xef\xbb\xbf\xc3\xa4", 5 },
        { "\xff\xfe\xe4\x00", 4 },
        { "\xfe\xff\x00\xe4", 4 },
        { "\xc3\xa4", 2 },
    };
    struct buffer out = BUFFER_INIT;
    struct error error;

    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        CU_ASSERT(flatten(codings[i].text, codings[i].size, &out, &error));
        CU_ASSERT_STRING_EQUAL(buffer_string(&out), "\xc3\xa4\n");
    }
    CU_ASSERT(flatten("x\0", 2, &out, &error));
    CU_ASSERT_STRING_EQUAL(buffer_string(&out), "x\n");
    CU_ASSERT(flatten("\xff\xfe\x3d\xd8\x00\xde", 6, &out, &error));
    CU_ASSERT_STRING_EQUAL(buffer_string(&out), "\xf0\x9f\x98\x80\n");
    CU_ASSERT(!flatten("xyz\0z", 5, &out, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "NUL"));
    buffer_free(&out);
}

/* Files that include each other through new names end at a limit. */
static void
test_depth(void)
{
    struct buffer out = BUFFER_INIT;
    struct error error;

    for (int i = 0; i < 40; i++) {
        char name[32], text[64];

        snprintf(name, sizeof name, "d%d.mof", i);
        snprintf(text, sizeof text, "#pragma include(\"d%d.mof\")", i + 1);
        put_file(name, text, strlen(text));
    }
    CU_ASSERT(!flatten("#pragma include(\"d0.mof\")", 25, &out, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_LIMIT);
    buffer_free(&out);
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failures;

    CU_initialize_registry();
    suite = CU_add_suite("flatten", set_up, tear_down);
    CU_add_test(suite, "includes", test_includes);
    CU_add_test(suite, "codings", test_codings);
    CU_add_test(suite, "depth", test_depth);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures()
               + CU_get_number_of_suites_failed();
    CU_cleanup_registry();
    return failures != 0;
}
