/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Command lines by the table of commands, and the table itself.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "client/args.h"

struct line {
    const char *text;
    const char *noun, *verb;    /* found, or NULL */
    size_t n_words;
    const char *error;          /* part of its text or hint, or NULL */
};

static const struct line lines[] = {
    { "", NULL, NULL, 0, NULL },
    { "port", "port", NULL, 0, NULL },
    { "port list", "port", "list", 0, NULL },
    { "port list lan --json", "port", "list", 1, NULL },
    { "--json port -n list lan", "port", "list", 1, NULL },
    { "query X lan/a -p A,B", "query", "", 2, NULL },
    { "query -pA --watch=3 X", "query", "", 1, NULL },
    { "query --watch X", "query", "", 1, NULL },
    { "event --since 4", "event", "list", 0, NULL },
    { "event follow --since=4", "event", "follow", 0, NULL },
    { "feature add X lan a=1 -- -b=2", "feature", "add", 4, NULL },
    { "feature apply -f -", "feature", "apply", 0, NULL },
    { "prot list", NULL, NULL, 0, "did you mean 'port'" },
    { "port lits", "port", NULL, 0, "did you mean 'list'" },
    { "port list --jsno", "port", "list", 0, "did you mean 'json'" },
    { "port list -x", "port", "list", 0, "-x" },
    { "port list --json=1", "port", "list", 0, "takes no argument" },
    { "port add lan a --mtu", "port", "add", 2, "needs BYTES" },
    { "switch --mtu 3 add", "switch", NULL, 0, "--mtu" },
};

static void
test_lines(void)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct line *line = &lines[i];
        struct args args;
        struct error error = { 0 };
        char **words;
        char text[1024];
        size_t n;
        bool done;

        CU_ASSERT(args_split(line->text, &words, &n, &error));
        done = args_parse(&args, (const char *const *) words, n, &error);
        error_format(&error, text, sizeof text);
        CU_ASSERT_EQUAL(done, line->error == NULL);
        if (line->error && !done) {
            CU_ASSERT_PTR_NOT_NULL(strstr(text, line->error));
        }
        CU_ASSERT_EQUAL(args.noun != NULL, line->noun != NULL);
        if (args.noun && line->noun) {
            CU_ASSERT_STRING_EQUAL(args.noun->name, line->noun);
        }
        CU_ASSERT_EQUAL(args.command != NULL, line->verb != NULL);
        if (args.command && line->verb) {
            CU_ASSERT_STRING_EQUAL(args.command->verb, line->verb);
        }
        CU_ASSERT_EQUAL(args.n_words, line->n_words);
        args_clear(&args);
        for (size_t j = 0; j < n; j++) {
            free(words[j]);
        }
        free(words);
    }
}

static void
test_options(void)
{
    static const char *const line[] = { "port", "add", "lan", "a", "--mtu",
                                        "1400", "--mtu=9000", "--timeout",
                                        "x" };
    unsigned long long number;
    struct args args;
    struct error error;

    CU_ASSERT(args_parse(&args, line, 9, &error));
    CU_ASSERT_STRING_EQUAL(args_value(&args, "mtu"), "9000");
    CU_ASSERT(args_number(&args, "mtu", 9000, 0, &number, &error));
    CU_ASSERT_EQUAL(number, 9000);
    CU_ASSERT(!args_number(&args, "mtu", 8999, 0, &number, &error));
    CU_ASSERT(!args_number(&args, "timeout", 9, 0, &number, &error));
    CU_ASSERT(args_number(&args, "driver", 9, 7, &number, &error));
    CU_ASSERT_EQUAL(number, 7);
    CU_ASSERT(!args_has(&args, "json"));
    CU_ASSERT_PTR_NULL(args_word(&args, 2));
    CU_ASSERT(args_check(&args, &error));
    args_clear(&args);
    CU_ASSERT(args_parse(&args, line, 3, &error));
    CU_ASSERT(!args_check(&args, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.hint, "port add SWITCH PORT"));
    args_clear(&args);
}

static void
test_split(void)
{
    static const struct {
        const char *line;
        const char *joined;     /* words with '|' between; NULL: refused */
    } cases[] = {
        { "  a  b\tc ", "a|b|c" },   { "'a b' \"c d\"", "a b|c d" },
        { "a\\ b", "a b" },          { "x='1 2'", "x=1 2" },
        { "\"a\\\"b\" '\\'", "a\"b|\\" }, { "a # rest", "a" },
        { "a#b", "a#b" },            { "''", "" },
        { "'open", NULL },           { "# all", "" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char joined[64] = "";
        char **words;
        struct error error;
        size_t n;
        bool done = args_split(cases[i].line, &words, &n, &error);

        CU_ASSERT_EQUAL(done, cases[i].joined != NULL);
        for (size_t j = 0; j < n; j++) {
            strcat(joined, j ? "|" : "");
            strcat(joined, words[j]);
            free(words[j]);
        }
        free(words);
        if (cases[i].joined) {
            CU_ASSERT_STRING_EQUAL(joined, cases[i].joined);
        }
    }
}

/* Every command runs something, and its options do not hide global ones. */
static void
test_table(void)
{
    for (const struct noun *noun = command_nouns; noun->name; noun++) {
        for (const struct command *c = noun->commands; c->verb; c++) {
            CU_ASSERT_PTR_NOT_NULL(c->run);
            CU_ASSERT(c->n_min <= c->n_max);
            for (const struct option *o = c->options; o && o->name; o++) {
                CU_ASSERT_PTR_NULL(option_by_name(command_global_options,
                                                  o->name));
                CU_ASSERT(!o->letter
                          || !option_by_letter(command_global_options,
                                               o->letter));
            }
        }
        CU_ASSERT(!noun->fallback || command_verb(noun, noun->fallback));
    }
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failures;

    CU_initialize_registry();
    suite = CU_add_suite("args", NULL, NULL);
    CU_add_test(suite, "lines", test_lines);
    CU_add_test(suite, "options", test_options);
    CU_add_test(suite, "split", test_split);
    CU_add_test(suite, "table", test_table);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
