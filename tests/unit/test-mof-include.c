/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Files that name other files, in a folder of their own.
 */

#include <config.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "mof.h"
#include "schema/source.h"
#include "unit.h"

static char folder[] = "/tmp/xvs-mof.XXXXXX";

static char *
path_of(const char *name)
{
    return mem_printf("%s/%s", folder, name);
}

static void
write_file(const char *name, const char *text)
{
    char *path = path_of(name);
    FILE *file = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

/* Compiles and resolves the file; a second folder is on the include path. */
static void
run_file(struct mof_run *run, const char *name)
{
    char *path = path_of(name);
    char *more = path_of("more");
    const char *dirs[] = { more };
    struct source source;
    struct error error;

    run->options.include_dirs = dirs;
    run->options.n_include_dirs = 1;
    CU_ASSERT_FATAL(source_open(path, &source, &error));
    run->ok = mof_compile(path, source.text, source.size, &run->options,
                          &run->unit, &run->errors)
              && schema_resolve(&run->unit, &run->options, &run->errors);
    run->said = mof_said(&run->errors);
    source_close(&source);
    free(path);
    free(more);
}

static void
test_found(void)
{
    struct mof_run run = { .ok = true };

    write_file("main.mof", "#pragma include (\"sub\\\\a.mof\")\n"
               "#pragma include(\"b.mof\")\n#pragma include(\"b.mof\")\n"
               "class Main : B { };\n");
    write_file("sub/a.mof", "#pragma include(\"c.mof\")\nclass A : C { };");
    write_file("sub/c.mof", "class C { };");
    write_file("more/b.mof", "class B : A { };");
    run_file(&run, "main.mof");
    CU_ASSERT_STRING_EQUAL(run.said, "");
    CU_ASSERT_EQUAL(run.unit.n_classes, 4);
    mof_run_clear(&run);
}

/* <Class>.mof is looked for where nothing else declares the class. */
static void
test_searched(void)
{
    struct mof_run run = { .ok = true };

    write_file("needs.mof", "class Needs : Parent { Part p; };");
    write_file("Parent.mof", "class Parent : Grand { };");
    write_file("more/Grand.mof", "class Grand { };");
    write_file("more/Part.mof", "class Part { uint8 x; };");
    run_file(&run, "needs.mof");
    CU_ASSERT_STRING_EQUAL(run.said, "");
    CU_ASSERT_EQUAL(run.unit.n_classes, 4);
    CU_ASSERT_STRING_EQUAL(run.unit.classes[0]->name, "Grand");
    mof_run_clear(&run);
}

/* Naming a file that the search has found already is no mistake. */
static void
test_named_twice(void)
{
    struct mof_run run = { .ok = true };

    write_file("child.mof", "class Child : Above { };");
    write_file("Above.mof", "class Above { };");
    run_file(&run, "child.mof");
    CU_ASSERT(run.ok);
    free(run.said);
    run_file(&run, "Above.mof");
    CU_ASSERT_STRING_EQUAL(run.said, "");
    CU_ASSERT_EQUAL(run.unit.n_classes, 2);
    mof_run_clear(&run);
}

static void
test_missing(void)
{
    struct mof_run run = { .ok = true };

    write_file("bad.mof", "class X { };\n  #pragma include(\"no.mof\")\n");
    run_file(&run, "bad.mof");
    CU_ASSERT_PTR_NOT_NULL(strstr(run.said, "error 2:19 cannot find 'no.mof' "
                                  "to include"));
    mof_run_clear(&run);
}

static void
test_circles(void)
{
    struct mof_run run = { .ok = true };

    write_file("one.mof", "#pragma include(\"two.mof\")\nclass One { };");
    write_file("two.mof", "#pragma include(\"one.mof\")\nclass Two { };");
    run_file(&run, "one.mof");
    CU_ASSERT_PTR_NOT_NULL(strstr(run.said, "error 1:17 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(run.said, "one.mof includes itself"));
    CU_ASSERT_EQUAL(run.unit.n_classes, 2);
    mof_run_clear(&run);
}

static void
test_depth(void)
{
    struct mof_run run = { .ok = true };

    for (int i = 0; i < 40; i++) {
        char *name = mem_printf("d%d.mof", i);
        char *text = mem_printf("#pragma include(\"d%d.mof\")\n", i + 1);

        write_file(name, i == 39 ? "class Deep { };" : text);
        free(name);
        free(text);
    }
    run_file(&run, "d0.mof");
    CU_ASSERT_PTR_NOT_NULL(strstr(run.said, "nested deeper than 32"));
    CU_ASSERT_EQUAL(run.unit.n_classes, 0);
    mof_run_clear(&run);
    run_file(&run, "d7.mof");
    CU_ASSERT(run.ok);
    mof_run_clear(&run);
}

static void
test_unreadable(void)
{
    struct source source;
    struct error error;
    char *folder_path = path_of("sub");

    CU_ASSERT_FALSE(source_open("/nonexistent/x.mof", &source, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "/nonexistent/x.mof"));
    CU_ASSERT_FALSE(source_open(folder_path, &source, &error));
    CU_ASSERT_FALSE(source_open("/dev/zero", &source, &error));
    free(folder_path);
}

/* #define and its like, switched on by an option. */
static void
test_preprocessing(void)
{
    static const char text[] =
        "#define N 3\n#define NAME Test_X\n#define BIG \\\n  (N + 1)\n"
        "#if BIG == 4 && defined(NAME) /* yes */\nclass NAME {\n#else\n"
        "class Bad {\n#endif\n#ifdef NOPE\n junk\n# if 1\n x\n# else\n y\n"
        "# endif\n#elif !defined(NOPE)\n uint8 A = N; // N\n"
        " string S = \"N\"; /* N\n N */ uint8 B = N;\n#endif\n};\noops\n";
    static const struct mof_case bad[] = {
        { "#if 1\nclass A { };", "error 1:1 this #if has no #endif" },
        { "#endif\n", "error 1:1 #endif without #if" },
        { "#else\n", "error 1:1 #else without #if" },
        { "#if 1\n#else\n#else\n#endif\n", "error 3:1 there was an #else" },
        { "#if (\n#endif\n", "error 1:1 expected numbers, names" },
        { "#if 1 / 0\n#endif\n", "error 1:1 expected numbers, names" },
        { "#define A A + A\n#if A\n#endif\n", "error 2:1 expected numbers" },
        { "#define f(x) x\n", "error 1:1 #define with parameters" },
        { "#define 1\n", "error 1:1 expected a name after #define" },
    };
    struct mof_run run = { .options.preprocess = true };
    const struct cim_class *cls;

    mof_run_text(&run, text, MOF_PARSE);
    CU_ASSERT(strncmp(run.said, "error 23:1 expected a declaration", 33)
              == 0);
    CU_ASSERT_EQUAL_FATAL(run.unit.n_classes, 1);
    cls = run.unit.classes[0];
    CU_ASSERT_STRING_EQUAL(cls->name, "Test_X");
    CU_ASSERT_EQUAL_FATAL(cls->n_properties, 3);
    CU_ASSERT_EQUAL(cls->properties[0].initial.u, 3);
    CU_ASSERT_STRING_EQUAL(cls->properties[1].initial.s, "N");
    mof_run_clear(&run);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        run.options.preprocess = true;
        mof_run_text(&run, bad[i].text, MOF_PARSE);
        CU_ASSERT_EQUAL(strncmp(run.said, bad[i].says, strlen(bad[i].says)),
                        0);
        mof_run_clear(&run);
    }
}

static const struct unit_test tests[] = {
    { "found", test_found }, { "searched", test_searched },
    { "named twice", test_named_twice }, { "missing", test_missing }, { "circles", test_circles },
    { "depth", test_depth }, { "unreadable", test_unreadable },
    { "preprocessing", test_preprocessing },
};

int
main(void)
{
    char *remove;
    int status;

    if (!mkdtemp(folder)) {
        return 99;
    }
    for (const char *const *name = (const char *const[]){ "sub", "more",
                                                          NULL };
         *name; name++) {
        char *path = path_of(*name);

        mkdir(path, 0700);
        free(path);
    }
    status = unit_main("mof-include", tests, sizeof(tests)
                                                 / sizeof(tests[0]));
    remove = mem_printf("rm -rf '%s'", folder);
    if (system(remove) != 0) {
        status = 1;
    }
    free(remove);
    return status;
}
