/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every operation with every kind of missing right, on TCP: none of them
 * gets past the gate, and nothing has changed afterwards.
 */

#include <config.h>

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/socket.h"
#include "manage/cim/operation.h"
#include "manage/manage.h"
#include "unit/fake-service.h"
#include "unit/talk.h"
#include "unit/unit.h"

#define ITEM \
    "<INSTANCENAME CLASSNAME=\"Test_Item\"><KEYBINDING NAME=\"Id\">" \
    "<KEYVALUE>1</KEYVALUE></KEYBINDING></INSTANCENAME>"

static const char *const operations[] = {
    "GetInstance", "EnumerateInstances", "EnumerateInstanceNames",
    "CreateInstance", "ModifyInstance", "DeleteInstance", "GetProperty",
    "SetProperty", "GetClass", "EnumerateClasses", "EnumerateClassNames",
    "CreateClass", "ModifyClass", "DeleteClass", "GetQualifier",
    "EnumerateQualifiers", "SetQualifier", "DeleteQualifier", "Associators",
    "AssociatorNames", "References", "ReferenceNames", "ExecQuery",
    "OpenEnumerateInstances", "OpenEnumerateInstancePaths",
    "OpenAssociatorInstances", "OpenAssociatorInstancePaths",
    "OpenReferenceInstances", "OpenReferenceInstancePaths",
    "OpenQueryInstances", "PullInstancesWithPath", "PullInstancePaths",
    "PullInstances", "CloseEnumeration", "EnumerationCount", "Nonsense",
    NULL,       /* a method */
};
#define N_OPERATIONS (sizeof operations / sizeof *operations)

static struct talk talk;
static char passwords[] = "/tmp/xvs-rights.XXXXXX";

/* The message of an operation that would do something. */
static void
put_message(struct buffer *out, const char *operation)
{
    const char *kind = operation ? "IMETHODCALL" : "METHODCALL";

    buffer_printf(out, "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE "
                  "ID=\"1\" PROTOCOLVERSION=\"1.0\"><SIMPLEREQ><%s "
                  "NAME=\"%s\">", kind, operation ? operation : "Reset");
    if (!operation) {
        buffer_puts(out, "<LOCALINSTANCEPATH>");
    }
    buffer_puts(out, "<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/>"
                "<NAMESPACE NAME=\"xvs\"/></LOCALNAMESPACEPATH>");
    if (!operation) {
        buffer_puts(out, ITEM "</LOCALINSTANCEPATH>");
    } else {
        buffer_puts(out, "<IPARAMVALUE NAME=\"InstanceName\">" ITEM
                    "</IPARAMVALUE>");
    }
    buffer_printf(out, "</%s></SIMPLEREQ></MESSAGE></CIM>", kind);
}

static void
send_operation(const char *operation, const char *field)
{
    struct buffer body = BUFFER_INIT;
    struct buffer request = BUFFER_INIT;

    put_message(&body, operation);
    buffer_printf(&request, "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: "
                  "text/xml\r\n%sContent-Length: %zu\r\n\r\n%s", field,
                  body.size, buffer_string(&body));
    talk_connect(&talk);
    talk_send(&talk, request.data, request.size);
    buffer_free(&body);
    buffer_free(&request);
}

static void
expect_status(const char *operation, const char *field, int status)
{
    char *answer = talk_receive(&talk);

    if (atoi(answer + strcspn(answer, " ")) != status) {
        fprintf(stderr, "%s with %s: not %d:\n%s\n",
                operation ? operation : "method", field, status, answer);
        CU_FAIL("another status");
    }
    CU_ASSERT(status != 401
              || strstr(answer, "WWW-Authenticate: Basic realm=\"xvs\""));
    CU_ASSERT(strstr(answer, "XVS-Error: denied") != NULL);
    free(answer);
}

static void
test_nobody(void)
{
    static const char *const fields[] = {
        "", "Authorization:\r\n", "Authorization: Basic\r\n",
        "Authorization: Basic \r\n", "Authorization: Digest a=b\r\n",
        "Authorization: Bearer cm9iOnNlY3JldA==\r\n",
        "Authorization: Basic !!!!\r\n", "Authorization: Basic cm9i\r\n",
    };

    for (size_t i = 0; i < N_OPERATIONS; i++) {
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
            send_operation(operations[i], fields[k]);
            expect_status(operations[i], fields[k], 401);
        }
    }
}

/* Refusals come late, so all are asked at once. */
static void
test_wrong_password(void)
{
    static const char field[] =
        "Authorization: Basic YW5uOndyb25n\r\n";    /* ann:wrong */
    int fds[N_OPERATIONS];

    for (size_t i = 0; i < N_OPERATIONS; i++) {
        send_operation(operations[i], field);
        talk_run(&talk, 5);
        fds[i] = talk.fd;
        talk.fd = -1;
    }
    for (size_t i = 0; i < N_OPERATIONS; i++) {
        talk.fd = fds[i];
        expect_status(operations[i], field, 401);
        close(fds[i]);
        talk.fd = -1;
    }
}

/* A user with a password and without a role; a reader who wants changes. */
static void
test_without_right(void)
{
    static const char none[] =
        "Authorization: Basic bmVkOnNlY3JldA==\r\n";    /* ned:secret */
    static const char reader[] =
        "Authorization: Basic cm9iOnNlY3JldA==\r\n";    /* rob:secret */

    for (size_t i = 0; i < N_OPERATIONS; i++) {
        const struct operation_kind *kind =
            operations[i] ? operation_find(operations[i]) : NULL;

        send_operation(operations[i], none);
        expect_status(operations[i], none, 403);
        if (!operations[i] || (kind && kind->right == RIGHT_CHANGE)) {
            send_operation(operations[i], reader);
            expect_status(operations[i], reader, 403);
        }
    }
}

/* The same messages from somebody who may: this is what was prevented. */
static void
test_with_right(void)
{
    static const char admin[] =
        "Authorization: Basic YW5uOnNlY3JldA==\r\n";    /* ann:secret */
    char *answer;

    send_operation("GetInstance", admin);
    answer = talk_receive(&talk);
    CU_ASSERT(strstr(answer, "<INSTANCE ") != NULL);
    free(answer);
    send_operation(NULL, admin);
    answer = talk_receive(&talk);
    CU_ASSERT(strstr(answer, "<RETURNVALUE") != NULL);
    free(answer);
    /* What was verified does not hold for another password. */
    answer = talk_post(&talk, "Authorization: Basic YW5uOndyb25n\r\n", "x");
    CU_ASSERT(strstr(answer, "HTTP/1.1 401") != NULL);
    free(answer);
}

static const struct unit_test tests[] = {
    { "nobody", test_nobody },
    { "without the right", test_without_right },
    { "with a wrong password", test_wrong_password },
    { "with the right", test_with_right },
};

int
main(void)
{
    struct manage_options options = { .listen = "127.0.0.1:0",
                                      .password_file = passwords };
    struct crypt_data *scratch = calloc(1, sizeof *scratch);
    int fd = mkstemp(passwords);
    const char *hash = crypt_r("secret", "$1$saltsalt$", scratch);
    int status;

    dprintf(fd, "ann:admin:%s\nrob:reader:%s\nned:boss:%s\n", hash, hash,
            hash);
    close(fd);
    free(scratch);
    log_open("test-rights", LOG_LEVEL_ERROR);
    talk_start(&talk, &options);
    talk.tcp = true;
    status = unit_main("rights", tests, sizeof tests / sizeof *tests);
    talk_stop(&talk);
    unlink(passwords);
    return status;
}
