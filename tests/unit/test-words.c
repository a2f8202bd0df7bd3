/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Values between words of a command line, properties, and cells of tables.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "client/show/words.h"
#include "object/instance.h"
#include "schema/class.h"
#include "schema/compile.h"

static const char mof[] =
    "class T_Part { uint8 a; };\n"
    "class T_All {\n"
    "  uint8 u8; sint16 s16; boolean b; real64 r; string s; datetime t;\n"
    "  uint16 list[]; string texts[]; uint8 bytes[];\n"
    "  [ValueMap{\"1\", \"2\", \"5..9\"}, Values{\"allow\", \"deny\", "
    "\"other\"}] uint8 action;\n"
    "  [Values{\"zero\", \"one\"}] uint8 index[];\n"
    "  [BitMap{\"0\", \"3\"}, BitValues{\"syn\", \"ack\"}] uint32 bits;\n"
    "  [ValueMap{\"tap\", \"packet\"}] string driver;\n"
    "  T_Part part; T_Part parts[];\n"
    "};\n";

static struct cim_class *part_class, *all_class;

static struct cim_class *
lookup(void *arg, const char *name)
{
    (void) arg;
    return strcmp(name, "T_Part") == 0 ? part_class
           : strcmp(name, "T_All") == 0 ? all_class : NULL;
}

static int
set_up(void)
{
    struct schema_options options = { .lookup = lookup };
    struct schema_unit unit = { 0 };
    struct error_list errors = { 0 };

    if (!mof_compile("t.mof", mof, strlen(mof), &options, &unit, &errors)
        || !schema_resolve(&unit, &options, &errors)) {
        fprintf(stderr, "%s\n", errors.n ? errors.items[0].text : "?");
        return 1;
    }
    part_class = class_ref(unit.classes[0]);
    all_class = class_ref(unit.classes[1]);
    error_list_clear(&errors);
    schema_unit_clear(&unit);
    return 0;
}

static int
tear_down(void)
{
    class_unref(all_class);
    class_unref(part_class);
    return 0;
}

/* A word, and what a table shows of the property then, or the error. */
static const struct {
    const char *word;
    const char *shown;      /* NULL: it is refused */
    const char *error;      /* part of its text or hint */
} cases[] = {
    { "u8=17", "17", NULL },
    { "U8=0x11", "17", NULL },
    { "u8=NULL", "-", NULL },
    { "u8=256", NULL, "u8" },
    { "u8=blue", NULL, "blue" },
    { "u8=", NULL, "u8" },
    { "s16=-5", "-5", NULL },
    { "b=true", "true", NULL },
    { "b=maybe", NULL, "maybe" },
    { "r=1.5", "1.5", NULL },
    { "s=hello world", "hello world", NULL },
    { "s=a=b", "a=b", NULL },
    { "s=", "", NULL },
    { "s=\\NULL", "NULL", NULL },
    { "s=\\@x", "@x", NULL },
    { "s=\\\\x", "\\x", NULL },
    { "s=C:\\x", "C:\\x", NULL },
    { "t=20260102030405.678000+000", "2026-01-02 03:04:05.678", NULL },
    { "t=yesterday", NULL, "yesterday" },
    { "list=1,2,3", "1,2,3", NULL },
    { "list={1, 2}", "1,2", NULL },
    { "list=", "", NULL },
    { "list=NULL", "-", NULL },
    { "list=1,,2", NULL, "list" },
    { "list=1,x", NULL, "x" },
    { "texts=a,\"b,c\",d\\,e", "a,\"b,c\",\"d,e\"", NULL },
    { "action=deny", "deny", NULL },
    { "action=DENY", "deny", NULL },
    { "action=2", "deny", NULL },
    { "action=7", "7", NULL },
    { "action=denny", NULL, "did you mean deny" },
    { "index=one,zero,5", "one,zero,5", NULL },
    { "bits=syn|ack", "syn|ack", NULL },
    { "bits=9", "syn|ack", NULL },
    { "bits=0", "0", NULL },
    { "bits=11", "syn|ack|2", NULL },
    { "part={\"class\":\"T_Part\",\"a\":3}", "{\"a\":3}", NULL },
    { "part=instance of T_Part { a = 4; };", "{\"a\":4}", NULL },
    { "nothing=1", NULL, "nothing" },
    { "actoin=1", NULL, "action" },
    { "u8", NULL, "Name=value" },
    { "=1", NULL, "Name=value" },
    { "s=@/does/not/exist", NULL, "/does/not/exist" },
};

static void
show(const struct instance *instance, const char *word, struct buffer *out)
{
    char name[32];
    const struct property *property;
    struct target target;

    snprintf(name, sizeof name, "%.*s", (int) strcspn(word, "="), word);
    property = class_property(instance->cls, name);
    target = words_of_property(property);
    words_print(&target, instance_get(instance, name), out);
}

static void
test_words(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instance *instance = instance_create(all_class);
        struct buffer out = BUFFER_INIT;
        struct error error = { 0 };
        const char **names = NULL;
        char text[1024];
        bool done = words_assign(instance, &cases[i].word, 1, lookup, NULL,
                                 &names, &error);

        if (done != (cases[i].shown != NULL)) {
            fprintf(stderr, "%s: %s\n", cases[i].word,
                    done ? "accepted" : error_format(&error, text,
                                                     sizeof text));
        }
        CU_ASSERT_EQUAL(done, cases[i].shown != NULL);
        if (done && cases[i].shown) {
            show(instance, cases[i].word, &out);
            CU_ASSERT_STRING_EQUAL(buffer_string(&out), cases[i].shown);
            free(names);
        } else if (!done && cases[i].error) {
            error_format(&error, text, sizeof text);
            if (!strstr(text, cases[i].error)) {
                fprintf(stderr, "%s: %s\n", cases[i].word, text);
            }
            CU_ASSERT_PTR_NOT_NULL(strstr(text, cases[i].error));
        }
        buffer_free(&out);
        instance_destroy(instance);
    }
}

static void
test_file(void)
{
    char path[] = "/tmp/xvs-words.XXXXXX";
    int fd = mkstemp(path);
    struct instance *instance = instance_create(all_class);
    char word[64];
    const char *words[] = { word };
    struct buffer out = BUFFER_INIT;
    struct error error;

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, "AB\n", 3), 3);
    close(fd);
    snprintf(word, sizeof word, "bytes=@%s", path);
    CU_ASSERT(words_assign(instance, words, 1, lookup, NULL, NULL, &error));
    show(instance, word, &out);
    CU_ASSERT_STRING_EQUAL(buffer_string(&out), "65,66,10");
    snprintf(word, sizeof word, "s=@%s", path);
    CU_ASSERT(words_assign(instance, words, 1, lookup, NULL, NULL, &error));
    CU_ASSERT_STRING_EQUAL(instance_text(instance, "s"), "AB\n");
    unlink(path);
    buffer_free(&out);
    instance_destroy(instance);
}

static void
test_choices(void)
{
    static const char *const names[] = { "action", "bits", "driver", "u8" };
    static const char *const choices[] = { "allow,deny,other", "syn,ack",
                                           "tap,packet", "" };

    for (size_t i = 0; i < 4; i++) {
        const struct property *property = class_property(all_class,
                                                         names[i]);
        struct target target = words_of_property(property);
        struct buffer out = BUFFER_INIT;

        words_choices(&target, &out);
        CU_ASSERT_STRING_EQUAL(buffer_string(&out), choices[i]);
        CU_ASSERT_EQUAL(words_is_number(&target), i == 3);
        buffer_free(&out);
    }
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failures;

    CU_initialize_registry();
    suite = CU_add_suite("words", set_up, tear_down);
    CU_add_test(suite, "words", test_words);
    CU_add_test(suite, "file", test_file);
    CU_add_test(suite, "choices", test_choices);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures()
               + CU_get_number_of_suites_failed();
    CU_cleanup_registry();
    return failures != 0;
}
