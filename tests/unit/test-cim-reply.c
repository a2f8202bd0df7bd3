/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * CIM-XML answers: which elements are handed on, what is refused, and that a
 * long answer is never in memory as a whole.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "client/wbem/cim-reply.h"

/* A text, or 'repeat' times 'middle' between 'data' and 'end'. */
struct source {
    const char *data, *middle, *end;
    size_t at;              /* in the part that is being read */
    size_t repeat;
    size_t sent;
};

static ssize_t
read_source(void *arg, void *data, size_t size, struct error *error)
{
    struct source *source = arg;
    size_t left = strlen(source->data) - source->at;

    (void) error;
    if (!left) {
        if (source->repeat) {
            source->repeat--;
            source->data = source->middle;
        } else if (source->end) {
            source->data = source->end;
            source->end = NULL;
        } else {
            return 0;
        }
        source->at = 0;
        left = strlen(source->data);
    }
    left = left < size ? left : size;
    memcpy(data, source->data + source->at, left);
    source->at += left;
    source->sent += left;
    return (ssize_t) left;
}

static bool
list_names(void *arg, const struct xml_node *node, struct error *error)
{
    buffer_printf(arg, "%s ", node->name);
    if (strcmp(node->name, "STOP") == 0) {
        return error_set(error, ERROR_FAILED, "stopped");
    }
    return true;
}

#define START "<?xml version=\"1.0\"?><CIM CIMVERSION=\"2.0\">" \
    "<MESSAGE ID=\"1\"><SIMPLERSP>"
#define END "</SIMPLERSP></MESSAGE></CIM>"
#define IMETHOD(x) START "<IMETHODRESPONSE NAME=\"X\">" x \
    "</IMETHODRESPONSE>" END

struct test_case {
    const char *xml;
    const char *names;      /* of the elements handed on; NULL: refused */
    const char *error;
    enum error_code code;
};

static const struct test_case cases[] = {
    { IMETHOD(""), "", NULL, ERROR_NONE },
    { IMETHOD("<IRETURNVALUE/>"), "", NULL, ERROR_NONE },
    { IMETHOD("<IRETURNVALUE><INSTANCE><X/></INSTANCE><CLASS/>"
              "</IRETURNVALUE>"), "INSTANCE CLASS ", NULL, ERROR_NONE },
    { START "<METHODRESPONSE NAME=\"X\"><RETURNVALUE><VALUE>1</VALUE>"
      "</RETURNVALUE><PARAMVALUE NAME=\"Y\"/></METHODRESPONSE>" END,
      "RETURNVALUE PARAMVALUE ", NULL, ERROR_NONE },
    { IMETHOD("<!-- c --><IRETURNVALUE> <VALUE>1</VALUE> </IRETURNVALUE>"),
      "VALUE ", NULL, ERROR_NONE },
    { IMETHOD("<ERROR CODE=\"6\" DESCRIPTION=\"no &quot;x&quot;\"/>"), NULL,
      "no \"x\"", ERROR_NOT_FOUND },
    { IMETHOD("<IRETURNVALUE><INSTANCE/></IRETURNVALUE>"
              "<ERROR CODE=\"2\"></ERROR>"), NULL, "no reason",
      ERROR_DENIED },
    { IMETHOD("<ERROR CODE=\"x\" DESCRIPTION=\"y\"/>"), NULL, "y",
      ERROR_FAILED },
    { IMETHOD("<ERROR CODE=\"99\" DESCRIPTION=\"y\"/>"), NULL, "y",
      ERROR_FAILED },
    { IMETHOD("<IRETURNVALUE><STOP/></IRETURNVALUE>"), NULL, "stopped",
      ERROR_FAILED },
    { IMETHOD("<IRETURNVALUE><A></B></IRETURNVALUE>"), NULL,
      "does not end <A> of line 1", ERROR_SYNTAX },
    { START "<IMETHODRESPONSE NAME=\"X\"><IRETURNVALUE>", NULL,
      "ends inside an element", ERROR_SYNTAX },
    { START "<IMETHODRESPONSE NAME=\"X\"><IRETURNVALUE>\n<CLASS>", NULL,
      "ends inside <CLASS> of line 2", ERROR_SYNTAX },
    { "", NULL, "there is no element", ERROR_SYNTAX },
    { "hello", NULL, "syntax error", ERROR_SYNTAX },
    { START END, NULL, "no answer", ERROR_SYNTAX },
    { "<CIM><INSTANCE/></CIM>", NULL, "INSTANCE", ERROR_SYNTAX },
    { "<html><body/></html>", NULL, "html", ERROR_SYNTAX },
    { "<!DOCTYPE CIM [<!ENTITY a \"b\">]>" IMETHOD("&a;"), NULL,
      "document type", ERROR_SYNTAX },
    { "<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM \"file:///etc/passwd\">"
      "<x/>", NULL, "document type", ERROR_SYNTAX },
};

static void
check(const struct test_case *test)
{
    struct source source = { .data = test->xml };
    struct buffer names = BUFFER_INIT;
    struct cim_reply reply = { read_source, &source, list_names, &names, 0 };
    struct error error = { 0 };
    bool done = cim_reply_read(&reply, &error);

    CU_ASSERT_EQUAL(done, test->names != NULL);
    if (done && test->names) {
        CU_ASSERT_STRING_EQUAL(buffer_string(&names), test->names);
    } else if (!done && test->error) {
        CU_ASSERT_EQUAL(error.code, test->code);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, test->error));
    }
    buffer_free(&names);
}

static void
test_answers(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(&cases[i]);
    }
}

/* What is seen while a long answer is read. */
struct seen {
    size_t n;               /* objects */
    size_t most;            /* bytes that were allocated then */
};

static bool
count(void *arg, const struct xml_node *node, struct error *error)
{
    struct seen *seen = arg;
    size_t bytes;

    (void) node;
    (void) error;
    if (seen->n++ % 100 == 0) {
        bytes = mallinfo2().uordblks;
        seen->most = bytes > seen->most ? bytes : seen->most;
    }
    return true;
}

/* A hundred thousand objects take no more memory than a few. */
static void
test_memory(void)
{
    struct source source = {
        .data = START "<IMETHODRESPONSE NAME=\"X\"><IRETURNVALUE>",
        .middle = "<INSTANCE CLASSNAME=\"A\"><PROPERTY NAME=\"N\" "
                  "TYPE=\"uint32\"><VALUE>1</VALUE></PROPERTY></INSTANCE>",
        .end = "</IRETURNVALUE></IMETHODRESPONSE>" END,
        .repeat = 100000,
    };
    struct seen seen = { 0, 0 };
    struct cim_reply reply = { read_source, &source, count, &seen, 0 };
    struct error error;
    size_t before = mallinfo2().uordblks;

    CU_ASSERT(cim_reply_read(&reply, &error));
    CU_ASSERT_EQUAL(seen.n, 100000);
    CU_ASSERT(source.sent > 8u << 20);
    CU_ASSERT(seen.most < before + (1u << 20));
}

/* One object that never ends is refused. */
static void
test_endless(void)
{
    struct source source = {
        .data = START "<IMETHODRESPONSE NAME=\"X\"><IRETURNVALUE><INSTANCE>",
        .middle = "<PROPERTY NAME=\"A\"></PROPERTY><PROPERTY NAME=\"B\">"
                  "<VALUE>0123456789</VALUE></PROPERTY>",
        .repeat = SIZE_MAX,
    };
    struct seen seen = { 0, 0 };
    struct cim_reply reply = { read_source, &source, count, &seen, 0 };
    struct error error;

    CU_ASSERT(!cim_reply_read(&reply, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_LIMIT);
    CU_ASSERT_EQUAL(seen.n, 0);
}

static void
test_depth(void)
{
    struct source source = {
        .data = START "<IMETHODRESPONSE NAME=\"X\"><IRETURNVALUE>",
        .middle = "<A>",
        .repeat = 1000000,
    };
    struct seen seen = { 0, 0 };
    struct cim_reply reply = { read_source, &source, count, &seen, 0 };
    struct error error;

    CU_ASSERT(!cim_reply_read(&reply, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "more than 128 deep"));
    CU_ASSERT_EQUAL(seen.n, 0);
}

/* A tag that never ends is not parsed again with every piece: 16 MB of it
 * are refused in a moment. */
static void
test_long_tag(void)
{
    struct source source = {
        .data = START "<IMETHODRESPONSE NAME=\"X\"><IRETURNVALUE><X A='",
        .middle = "0123456789012345678901234567890123456789012345678901234",
        .repeat = SIZE_MAX,
    };
    struct seen seen = { 0, 0 };
    struct cim_reply reply = { read_source, &source, count, &seen, 0 };
    struct error error;
    clock_t start = clock();

    CU_ASSERT(!cim_reply_read(&reply, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_LIMIT);
    CU_ASSERT(clock() - start < 5 * CLOCKS_PER_SEC);
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failures;

    CU_initialize_registry();
    suite = CU_add_suite("cim-reply", NULL, NULL);
    CU_add_test(suite, "answers", test_answers);
    CU_add_test(suite, "memory", test_memory);
    CU_add_test(suite, "endless", test_endless);
    CU_add_test(suite, "depth", test_depth);
    CU_add_test(suite, "long tag", test_long_tag);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
