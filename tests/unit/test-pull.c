/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Open enumerations: read piece by piece, abandoned, waited for.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "manage/manage.h"
#include "unit/fake-service.h"
#include "unit/talk.h"
#include "unit/unit.h"

#define VALUE(name, text) \
    "<IPARAMVALUE NAME=\"" name "\"><VALUE>" text "</VALUE></IPARAMVALUE>"
#define CLASS(text) \
    "<IPARAMVALUE NAME=\"ClassName\"><CLASSNAME NAME=\"" text "\"/>" \
    "</IPARAMVALUE>"
#define OBJECT(name) \
    "<IPARAMVALUE NAME=\"" name "\"><INSTANCENAME CLASSNAME=\"Test_Item\">" \
    "<KEYBINDING NAME=\"Id\"><KEYVALUE>1</KEYVALUE></KEYBINDING>" \
    "</INSTANCENAME></IPARAMVALUE>"

static bool
has(const char *answer, const char *text)
{
    return strstr(answer, text) != NULL;
}

static size_t
count(const char *text, const char *what)
{
    const char *end = text + strlen(text);
    size_t n = 0;

    while ((text = memmem(text, (size_t) (end - text), what, strlen(what)))) {
        n++;
        text++;
    }
    return n;
}

/* The context of an answer, or "". */
static void
context_of(const char *answer, char out[64])
{
    const char *at = strstr(answer, "NAME=\"EnumerationContext\"");

    out[0] = '\0';
    at = at ? strstr(at, "<VALUE>") : NULL;
    if (at) {
        snprintf(out, 33, "%s", at + 7);
    }
}

static char *
pull(struct talk *talk, const char *operation, const char *context,
     unsigned int n)
{
    char parameters[300];

    snprintf(parameters, sizeof parameters,
             VALUE("EnumerationContext", "%s") VALUE("MaxObjectCount", "%u"),
             context, n);
    return talk_call(talk, operation, parameters);
}

static void
test_pieces(void)
{
    static const struct {
        const char *open, *parameters, *pull, *element;
        size_t n;
    } cases[] = {
        { "OpenEnumerateInstances", CLASS("Test_Item"),
          "PullInstancesWithPath", "<VALUE.INSTANCEWITHPATH>", 3 },
        { "OpenEnumerateInstances", CLASS("Test_Item")
          VALUE("FilterQueryLanguage", "WQL")
          VALUE("FilterQuery", "SELECT * FROM Test_Item WHERE Id = 2"),
          "PullInstancesWithPath", "<VALUE.INSTANCEWITHPATH>", 1 },
        { "OpenEnumerateInstancePaths", CLASS("Test_Item"),
          "PullInstancePaths", "<INSTANCEPATH>", 3 },
        { "OpenAssociatorInstances", OBJECT("InstanceName"),
          "PullInstancesWithPath", "<VALUE.INSTANCEWITHPATH>", 2 },
        { "OpenAssociatorInstancePaths", OBJECT("InstanceName"),
          "PullInstancePaths", "<INSTANCEPATH>", 2 },
        { "OpenReferenceInstances", OBJECT("InstanceName"),
          "PullInstancesWithPath", "<VALUE.INSTANCEWITHPATH>", 2 },
        { "OpenReferenceInstancePaths", OBJECT("InstanceName"),
          "PullInstancePaths", "<INSTANCEPATH>", 2 },
        { "OpenQueryInstances", VALUE("FilterQueryLanguage", "WQL")
          VALUE("FilterQuery", "SELECT * FROM Test_Slow"), "PullInstances",
          "<INSTANCE ", 3 },
    };
    struct talk talk;

    talk_start(&talk, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *answer = talk_call(&talk, cases[i].open, cases[i].parameters);
        char context[64];
        size_t n = 0;
        int rounds = 0;

        context_of(answer, context);
        CU_ASSERT(has(answer, "<IRETURNVALUE></IRETURNVALUE>"));
        while (*context && rounds++ < 10) {
            free(answer);
            answer = pull(&talk, cases[i].pull, context, 1);
            CU_ASSERT(count(answer, cases[i].element) <= 1);
            n += count(answer, cases[i].element);
            context_of(answer, context);
        }
        if (n != cases[i].n || !has(answer, "PARAMTYPE=\"boolean\"><VALUE>"
                                            "TRUE</VALUE>")) {
            fprintf(stderr, "%s: %zu objects\n%s\n", cases[i].open, n,
                    answer);
            CU_FAIL("another enumeration");
        }
        free(answer);
    }
    CU_ASSERT_EQUAL(fake_cursors(), 0);
    talk_stop(&talk);
}

static void
test_all_at_once(void)
{
    char context[64];
    struct talk talk;
    char *answer;

    fake_knobs.n_many = 5000;
    talk_start(&talk, NULL);
    answer = talk_call(&talk, "OpenEnumerateInstances", CLASS("Test_Item")
                       VALUE("MaxObjectCount", "100"));
    CU_ASSERT_EQUAL(count(answer, "<INSTANCE "), 3);
    context_of(answer, context);
    CU_ASSERT_STRING_EQUAL(context, "");
    free(answer);
    answer = talk_call(&talk, "OpenEnumerateInstances", CLASS("Test_Many")
                       VALUE("MaxObjectCount", "4000"));
    CU_ASSERT_EQUAL(count(answer, "<INSTANCE "), 4000);
    context_of(answer, context);
    CU_ASSERT_STRING_NOT_EQUAL(context, "");
    free(answer);
    /* Not with another operation, nor with a wrong name. */
    answer = pull(&talk, "PullInstancePaths", context, 1);
    CU_ASSERT(has(answer, "CODE=\"21\""));
    free(answer);
    answer = pull(&talk, "CloseEnumeration", context, 1);
    CU_ASSERT(has(answer, "CODE=\"4\""));
    free(answer);
    CU_ASSERT_EQUAL(fake_cursors(), 1);
    talk_stop(&talk);
    CU_ASSERT_EQUAL(fake_cursors(), 0);
}

/* 200 are opened and left: the next are refused, other requests are not. */
static void
test_abandoned(void)
{
    struct talk talk;
    char *answer;
    unsigned int n_open = 0, n_refused = 0;
    char context[64];

    talk_start(&talk, NULL);
    for (int i = 0; i < 200; i++) {
        answer = talk_call(&talk, "OpenEnumerateInstances",
                           CLASS("Test_Item") VALUE("OperationTimeout", "1"));
        context_of(answer, context);
        n_open += *context != '\0';
        n_refused += has(answer, "CODE=\"27\"")
                     && has(answer, "XVS-Error: limit");
        free(answer);
    }
    CU_ASSERT_EQUAL(n_open, 64);
    CU_ASSERT_EQUAL(n_refused, 136);
    answer = talk_call(&talk, "EnumerateInstances", CLASS("Test_Item"));
    CU_ASSERT(has(answer, "<INSTANCE "));
    free(answer);
    talk_run(&talk, 2300);
    CU_ASSERT_EQUAL(fake_cursors(), 0);
    answer = pull(&talk, "PullInstancesWithPath", context, 1);
    CU_ASSERT(has(answer, "CODE=\"21\""));
    free(answer);
    answer = talk_call(&talk, "OpenEnumerateInstances", CLASS("Test_Item"));
    context_of(answer, context);
    free(answer);
    answer = talk_call(&talk, "CloseEnumeration",
                       VALUE("EnumerationContext", "0"));
    CU_ASSERT(has(answer, "CODE=\"21\""));
    free(answer);
    talk_stop(&talk);
}

static void
add_event(void *arg)
{
    fake_event(arg, "late");
}

static void
test_events(void)
{
    char context[64];
    struct talk talk;
    uint64_t start_ms;
    char *answer;

    talk_start(&talk, NULL);
    fake_event(talk.service, "early");
    answer = talk_call(&talk, "OpenEnumerateInstances", CLASS("XVS_Event")
                       VALUE("OperationTimeout", "1"));
    context_of(answer, context);
    free(answer);
    answer = pull(&talk, "PullInstancesWithPath", context, 10);
    CU_ASSERT(has(answer, ">early<") && has(answer, ">FALSE<"));
    free(answer);
    loop_timer_add(talk.loop, 50, false, add_event, talk.service);
    start_ms = loop_now_ms();
    answer = pull(&talk, "PullInstancesWithPath", context, 10);
    CU_ASSERT(has(answer, ">late<") && has(answer, ">FALSE<"));
    CU_ASSERT(loop_now_ms() - start_ms < 900);
    free(answer);
    answer = pull(&talk, "PullInstancesWithPath", context, 10);
    CU_ASSERT(has(answer, "<IRETURNVALUE></IRETURNVALUE>"));
    CU_ASSERT(has(answer, ">FALSE<") && has(answer, context));
    CU_ASSERT(loop_now_ms() - start_ms >= 1000);
    free(answer);
    talk_stop(&talk);
}

static const struct unit_test tests[] = {
    { "piece by piece", test_pieces },
    { "all at once", test_all_at_once },
    { "abandoned enumerations", test_abandoned },
    { "events", test_events },
};

UNIT_MAIN("pull", tests)
