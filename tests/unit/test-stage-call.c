/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What xvs-switch and the process of a stage say to each other: framing over
 * a socket, what is refused, questions, results, and how an end is put.
 */

#include <config.h>

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xvs/switch.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "call-stage.h"
#include "marshal-schema.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"
#include "stage/call/call.h"
#include "stage/call/nested.h"
#include "stage/host.h"
#include "stage/inside/parts.h"
#include "stage/lane/share.h"
#include "stage/process/end.h"
#include "unit.h"

/* ---- Framing ------------------------------------------------------------ */

static void
test_frame(void)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT, in = BUFFER_INIT;
    const struct call_head *head;
    struct call_port *port = call_begin(&out, CALL_PORT, sizeof *port);
    int ends[2], fds[CALL_FDS];
    struct error error;
    uint32_t n;

    CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    port->event = 7;
    CU_ASSERT_TRUE(call_send(ends[0], &out, ends, 2, &error));
    CU_ASSERT_TRUE(call_send(ends[0], &out, NULL, 0, &error));
    CU_ASSERT_EQUAL(call_receive(ends[1], &in, fds, &n, 0, &error), CALL_GOOD);
    CU_ASSERT_EQUAL(n, 2);
    close(fds[0]);
    close(fds[1]);
    head = (void *) in.data;
    CU_ASSERT_EQUAL(head->size, out.size);
    CU_ASSERT_EQUAL(((const struct call_port *) call_body(head))->event, 7);
    CU_ASSERT_EQUAL(call_receive(ends[1], &in, fds, &n, 0, &error), CALL_GOOD);
    CU_ASSERT_EQUAL(n, 0);
    close(ends[0]);
    CU_ASSERT_EQUAL(call_receive(ends[1], &in, NULL, NULL, 0, &error),
                    CALL_CLOSED);
    close(ends[1]);
}

/* What call_receive() says of these bytes, before the other end is closed. */
static enum call_end
receive(const void *bytes, size_t size, struct error *error)
{
    BUFFER_AUTO struct buffer in = BUFFER_INIT;
    enum call_end end;
    int ends[2];

    CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    CU_ASSERT_EQUAL(send(ends[0], bytes, size, 0), (ssize_t) size);
    close(ends[0]);
    end = call_receive(ends[1], &in, NULL, NULL, 0, error);
    close(ends[1]);
    return end;
}

static void
test_bad_frames(void)
{
    struct call_head heads[2] = { { .size = 8, .type = CALL_TIMER } };
    struct error error;

    CU_ASSERT_EQUAL(receive(heads, 8, &error), CALL_GOOD);
    CU_ASSERT_EQUAL(receive(heads, 5, &error), CALL_CLOSED);
    heads[0].size = 16;
    CU_ASSERT_EQUAL(receive(heads, 12, &error), CALL_CLOSED);
    CU_ASSERT_EQUAL(receive(heads, 16, &error), CALL_BAD);
    CU_ASSERT_STRING_EQUAL(error.text, "a message with bytes behind it");
    heads[0].size = 4;
    CU_ASSERT_EQUAL(receive(heads, 8, &error), CALL_BAD);
    heads[0].size = CONTROL_LIMIT + 8;
    CU_ASSERT_EQUAL(receive(heads, 8, &error), CALL_BAD);
    CU_ASSERT_STRING_EQUAL(error.text, "a message of 67108872 bytes");
    heads[0] = (struct call_head) { .size = 8, .type = CALL_TYPES };
    CU_ASSERT_EQUAL(receive(heads, 8, &error), CALL_BAD);
    /* A size that is promised and never comes costs no memory. */
    heads[0] = (struct call_head) { CONTROL_LIMIT, CALL_RESULT };
    CU_ASSERT_EQUAL(receive(heads, 16, &error), CALL_CLOSED);
}

/* Bytes that come one by one do not put off the end. */
static void
test_late(void)
{
    const struct call_head head = { .size = 8, .type = CALL_TIMER };
    BUFFER_AUTO struct buffer in = BUFFER_INIT;
    uint64_t until = loop_now_ms() + 30;
    struct error error;
    int ends[2];

    CU_ASSERT_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    CU_ASSERT_EQUAL(send(ends[0], &head, 7, 0), 7);
    CU_ASSERT_EQUAL(call_receive(ends[1], &in, NULL, NULL, until, &error),
                    CALL_LATE);
    CU_ASSERT_TRUE(loop_now_ms() >= until);
    CU_ASSERT_EQUAL(send(ends[0], &head, 8, 0), 8);
    CU_ASSERT_EQUAL(call_receive(ends[1], &in, NULL, NULL, until, &error),
                    CALL_GOOD);
    close(ends[0]);
    close(ends[1]);
}

/* ---- Questions ---------------------------------------------------------- */

/* Checks it as it would have come, and answers. */
static const struct call_answer *
answer(struct buffer *message, struct buffer *out, struct error *error)
{
    struct call_head *head = (void *) message->data;

    head->size = (uint32_t) message->size;
    return call_check_message(head, message->size, error)
        && nested_answer(call_stage(), head, out, error)
        ? call_body((void *) out->data) : NULL;
}

static void
test_request(void)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT, out = BUFFER_INIT;
    struct call_request *request =
        call_begin(&message, CALL_REQUEST, sizeof *request);
    const struct call_answer *got;
    struct error error;

    request->length = 3;
    request->capacity = 20;
    call_put(&message, "abc", 3);
    got = answer(&message, &out, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_EQUAL(got->result, XVS_INVALID_LENGTH);
    CU_ASSERT_EQUAL(got->written, 20);
    CU_ASSERT_EQUAL(got->size, 20);
    CU_ASSERT_EQUAL(got->needed, 21);
    request = (void *) (message.data + sizeof(struct call_head));
    request->length = 21;
    CU_ASSERT_PTR_NULL(answer(&message, &out, &error));
    request->length = 3;
    request->capacity = CALL_OID_LIMIT + 1;
    CU_ASSERT_PTR_NULL(answer(&message, &out, &error));
    CU_ASSERT_STRING_EQUAL(error.text,
                           "an OID request of an impossible size");
}

/* Whether a question for 'n' sockets is taken that names 'named'. */
static bool
is_open(uint32_t n, uint32_t named, struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const struct call_grant grant = { .property = 1 };
    struct call_open *open = call_begin(&message, CALL_OPEN, sizeof *open);

    open->n = n;
    for (uint32_t i = 0; i < named; i++) {
        call_put(&message, &grant, sizeof grant);
    }
    ((struct call_head *) (void *) message.data)->size =
        (uint32_t) message.size;
    return call_check_message(message.data, message.size, error);
}

static void
test_open(void)
{
    struct error error;

    CU_ASSERT_TRUE(is_open(2, 2, &error));
    CU_ASSERT_TRUE(is_open(CALL_OPENS, CALL_OPENS, &error));
    CU_ASSERT_FALSE(is_open(3, 2, &error));
    CU_ASSERT_STRING_EQUAL(error.text, "a message is too short for its"
                                       " sockets");
    CU_ASSERT_FALSE(is_open(1, 2, &error));
    CU_ASSERT_FALSE(is_open(CALL_OPENS + 1, CALL_OPENS + 1, &error));
    CU_ASSERT_STRING_EQUAL(error.text, "too many sockets at once");
}

/* A call of a function with 'size' bytes. */
static const struct call_answer *
ask(const struct call_switching *call, size_t size, struct buffer *out)
{
    static const char zeros[2048];
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct error error;

    call_begin(&message, CALL_SWITCHING, 0);
    call_put(&message, call, sizeof *call);
    call_put(&message, zeros, size);
    return answer(&message, out, &error);
}

static void
test_switching(void)
{
    struct call_switching call = { .function = CALL_PORT_POLICY, .given = 1,
                                   .size = sizeof(struct xvs_port_policy) };
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const struct call_answer *got;

    memset(&call_asked, 0, sizeof call_asked);
    CU_ASSERT_PTR_NOT_NULL(ask(&call, call.size, &out));
    CU_ASSERT_PTR_NULL(ask(&call, call.size - 8, &out));
    call.size -= 8;
    CU_ASSERT_PTR_NULL(ask(&call, call.size, &out));
    CU_ASSERT_EQUAL(call_asked.port_policies, 1);
    call = (struct call_switching) { .function = CALL_GROUP, .given = 1,
                                     .n = 3, .size = 12 };
    CU_ASSERT_PTR_NOT_NULL(ask(&call, 12, &out));
    call.n = XVS_GROUP_PORTS + 1;
    CU_ASSERT_PTR_NULL(ask(&call, 12, &out));
    CU_ASSERT_EQUAL(call_asked.groups, 1);
    call = (struct call_switching) { .function = CALL_LIST, .n = 5 };
    got = ask(&call, 0, &out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_EQUAL(got->n, 5);
    CU_ASSERT_EQUAL(got->position, 5);
    CU_ASSERT_EQUAL(got->size, 5 * sizeof(struct xvs_address));
    call.n = CALL_ADDRESSES + 1;
    CU_ASSERT_PTR_NULL(ask(&call, 0, &out));
    call = (struct call_switching) { .function = CALL_PORT_QUEUES };
    got = ask(&call, 0, &out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_EQUAL(got->size, sizeof(struct xvs_queue_states));
    CU_ASSERT_EQUAL(call_asked.queues, 1);
    call = (struct call_switching) { .function = CALL_FUNCTIONS };
    CU_ASSERT_PTR_NULL(ask(&call, 0, &out));
}

static void
test_flows(void)
{
    struct call_switching call = { .function = CALL_FLOWS, .given = 1,
                                   .size = sizeof(struct xvs_flow_wish) };
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const struct call_answer *got;

    memset(&call_asked, 0, sizeof call_asked);
    CU_ASSERT_PTR_NOT_NULL(ask(&call, call.size, &out));
    CU_ASSERT_EQUAL(call_asked.flows, 1);
    call = (struct call_switching) { .function = CALL_TAKE_FLOWS, .n = 4 };
    got = ask(&call, 0, &out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_EQUAL(got->n, 4);
    CU_ASSERT_EQUAL(got->size, 4 * sizeof(struct xvs_flow)
                                   + sizeof(struct xvs_flow_counts));
    call.function = CALL_TAKE_SAMPLES;
    got = ask(&call, 0, &out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_EQUAL(got->size, 4 * sizeof(struct xvs_sample));
    call.n = CALL_ADDRESSES + 1;
    CU_ASSERT_PTR_NULL(ask(&call, 0, &out));
    call = (struct call_switching) { .function = CALL_PORT_COUNTERS };
    got = ask(&call, 0, &out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_EQUAL(got->size, sizeof(struct xvs_port_counters));
    CU_ASSERT_EQUAL(call_asked.counters, 1);
}

/* ---- Results ------------------------------------------------------------ */

struct result {
    struct test_schema schema;
    const struct layout *layout;
    struct buffer message;
    struct outcome outcome;
    struct xvs_answer answer;
};

/* A RESULT with one good object. */
static void
result_open(struct result *result)
{
    BUFFER_AUTO struct buffer block = BUFFER_INIT;
    struct control_object object = { .instance.a = 5 };
    struct call_result head = { .n = 1, .refusal = 3, .text = "why\nnot" };
    struct instance *instance;
    struct error error;

    memset(result, 0, sizeof *result);
    test_schema_open(&result->schema, "class T { uint32 a; string b; };");
    test_class(&result->schema, "T", &result->layout);
    instance = test_instance(&result->schema,
                             "instance of T { a = 7; b = \"text\"; };");
    CU_ASSERT_TRUE(block_encode(instance, result->layout, &block, &error));
    instance_destroy(instance);
    object.block_size = (uint32_t) block.size;
    call_begin(&result->message, CALL_RESULT, 0);
    call_put(&result->message, &head, sizeof head);
    call_put(&result->message, &object, sizeof object);
    call_put(&result->message, block.data, block.size);
    result->answer = (struct xvs_answer) {
        .stage = call_stage(), .outcome = &result->outcome,
        .layout = result->layout };
}

static void
result_close(struct result *result)
{
    buffer_free(&result->message);
    buffer_free(&result->answer.objects);
    test_schema_close(&result->schema);
}

static struct call_result *
result_head(struct result *result)
{
    return (void *) (result->message.data + sizeof(struct call_head));
}

static void
test_result(void)
{
    struct result result;

    result_open(&result);
    CU_ASSERT_EQUAL(nested_take_result(result_head(&result), &result.answer),
                    XVS_SUCCESS);
    CU_ASSERT_FALSE(result.answer.broken);
    CU_ASSERT_EQUAL(result.answer.n, 1);
    CU_ASSERT_EQUAL(result.answer.refusal, 3);
    CU_ASSERT_STRING_EQUAL(result.outcome.text, "why?not");
    CU_ASSERT_EQUAL(memcmp(result.answer.objects.data,
                           result.message.data + sizeof(struct call_head)
                               + sizeof(struct call_result),
                           result.answer.objects.size), 0);
    result_close(&result);
}

/* Each byte of the block broken in turn is refused, or still an object. */
static void
test_bad_objects(void)
{
    struct result result;
    size_t first = sizeof(struct call_head) + sizeof(struct call_result)
        + sizeof(struct control_object);

    result_open(&result);
    for (size_t at = first; at < result.message.size; at++) {
        result.message.data[at] ^= 0x81;
        result.answer.broken = false;
        result.answer.n = 0;
        result.answer.objects.size = 0;
        nested_take_result(result_head(&result), &result.answer);
        CU_ASSERT_EQUAL(result.answer.n, !result.answer.broken);
        if (result.answer.broken) {
            CU_ASSERT_EQUAL(result.outcome.result, XVS_PROVIDER_FAILED);
            CU_ASSERT_PTR_NOT_NULL(strstr(result.outcome.text, "fake returned"
                                          " a status object that is not"));
        }
        result.message.data[at] ^= 0x81;
    }
    result_close(&result);
}

static void
test_method(void)
{
    static const struct xvs_guid ours = { .a = 9 };
    const struct control_object *object;
    struct result result;

    result_open(&result);
    nested_take_method(result_head(&result), &ours, result.layout,
                       &result.answer);
    CU_ASSERT_EQUAL(result.outcome.result, XVS_SUCCESS);
    CU_ASSERT_EQUAL(result.answer.n, 1);
    object = (void *) result.answer.objects.data;
    CU_ASSERT_EQUAL(object->instance.a, 9);
    result.answer.n = 0;
    result_head(&result)->outcome = XVS_NOT_ACCEPTED;
    nested_take_method(result_head(&result), &ours, result.layout,
                       &result.answer);
    CU_ASSERT_EQUAL(result.outcome.result, XVS_NOT_ACCEPTED);
    CU_ASSERT_EQUAL(result.answer.n, 0);
    result_head(&result)->outcome = XVS_SUCCESS;
    result_head(&result)->n = 0;
    nested_take_method(result_head(&result), &ours, result.layout,
                       &result.answer);
    CU_ASSERT_EQUAL(result.outcome.result, XVS_PROVIDER_FAILED);
    CU_ASSERT_EQUAL(result.answer.n, 0);
    result_close(&result);
}

static void
test_news(void)
{
    struct call_news news = { .type = NEWS_LOG };

    memset(news.text, 'x', sizeof news.text);
    CU_ASSERT_TRUE(call_check_news(&news, sizeof news));
    CU_ASSERT_EQUAL(strlen(news.text), sizeof news.text - 1);
    CU_ASSERT_TRUE(call_check_news(&news, 11));
    CU_ASSERT_STRING_EQUAL(news.text, "xxx");
    CU_ASSERT_TRUE(call_check_news(&news, 8));
    CU_ASSERT_FALSE(call_check_news(&news, 7));
    CU_ASSERT_FALSE(call_check_news(&news, sizeof news + 1));
    news.type = NEWS_WAKE + 1;
    CU_ASSERT_FALSE(call_check_news(&news, 8));
}

/* ---- The end ------------------------------------------------------------ */

static void
test_ends(void)
{
    static const struct {
        const char *hook;
        int code, status;
        unsigned int told;
        unsigned long address;
        const char *text;
    } ends[] = {
        { "ADD", CLD_KILLED, SIGSEGV, SIGSEGV, 0,
          "acl crashed in ADD (SIGSEGV at 0x0)" },
        { "", CLD_DUMPED, SIGBUS, SIGBUS, 0x1234,
          "acl crashed (SIGBUS at 0x1234)" },
        { "ADD", CLD_KILLED, SIGSEGV, SIGSEGV, SHARE_NOWHERE,
          "acl crashed in ADD (SIGSEGV)" },
        { "ADD", CLD_KILLED, SIGSEGV, 0, 0, "acl crashed in ADD (SIGSEGV)" },
        { "ADD", CLD_EXITED, 128 + SIGABRT, SIGABRT, 0,
          "acl crashed in ADD (SIGABRT)" },
        { "ADD", CLD_EXITED, 3, SIGABRT, 0,
          "acl ended its process in ADD (exit status 3)" },
        { "ADD", CLD_KILLED, SIGSYS, SIGSEGV, 0, "acl crashed in ADD"
          " (SIGSYS: a system call that it may not make)" },
        { "", CLD_KILLED, SIGKILL, 0, 0, "acl was killed (SIGKILL)" },
        { "ADD", CLD_KILLED, SIGILL, 4711, 0, "acl crashed in ADD (SIGILL)" },
    };
    char text[128];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        end_describe(text, sizeof text, "acl", ends[i].hook, ends[i].code,
                     ends[i].status, ends[i].told, ends[i].address);
        CU_ASSERT_STRING_EQUAL(text, ends[i].text);
    }
}

static void
test_parts(void)
{
    char names[64];

    sandbox_names(0, names, sizeof names);
    CU_ASSERT_STRING_EQUAL(names, "");
    sandbox_names(1u << SANDBOX_USER | 1u << SANDBOX_MDWE, names,
                  sizeof names);
    CU_ASSERT_STRING_EQUAL(names, "user namespace, MDWE");
    sandbox_names(~0u, names, sizeof names);
    CU_ASSERT_EQUAL(strlen(names), sizeof names - 1);
}

static const struct unit_test tests[] = {
    { "frames", test_frame },
    { "bad frames", test_bad_frames },
    { "late frames", test_late },
    { "OID requests", test_request },
    { "sockets that are asked for", test_open },
    { "functions of the switch", test_switching },
    { "flows", test_flows },
    { "results", test_result },
    { "bad objects", test_bad_objects },
    { "methods", test_method },
    { "news", test_news },
    { "ends", test_ends },
    { "parts of the sandbox", test_parts },
};

UNIT_MAIN("calls to the process of a stage", tests)
