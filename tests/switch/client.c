/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Drives xvs-switch over its control socket, for tests that want no xvsd:
 *
 *     switch-client SOCKET COMMAND ARGUMENT... [: COMMAND ARGUMENT...]...
 *
 * Each command is one request (build.c), but for these: "schema FILE" reads a
 * MOF file, "timeout MS", "position N" and "partition N" are for what follows,
 * "wait MS" lets events arrive, "async COMMAND" does not wait for the answer.
 * An answer is
 * printed as "ok ..." or as "RESULT INDEX EXTENSION: TEXT".  The exit status
 * is that of the last one.  All commands use one connection.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "switch/client.h"

static const char *const results[] = {
    "SUCCESS", "PENDING", "NOT_SUPPORTED", "NOT_ACCEPTED", "RESOURCES",
    "INVALID_LENGTH", "INVALID_PARAMETER", "NO_CONSUMER", "TIMED_OUT",
    "PROVIDER_FAILED",
};

static const char *const kinds[] = {
    "", "EXTENSION", "STUCK", "RECOVERED", "PORT_UP", "PORT_DOWN",
    "PORT_GONE", "FAILED",
};

static struct loop *loop;
static struct link *connection;
static bool waiting;            /* for the answer to the last command */
static unsigned int n_open;     /* requests without an answer */
static int status;
uint32_t client_timeout_ms;
uint32_t client_position = UINT32_MAX;
uint32_t client_partition;

static void
on_event(void *arg, struct link *from, const struct control_header *message)
{
    const struct control_event *event = control_body(message);

    (void) arg;
    (void) from;
    if (message->type == CONTROL_EVENT) {
        printf("event %s: %s\n", kinds[event->kind], event->text);
        fflush(stdout);
    }
}

static void
on_closed(void *arg, const struct error *error)
{
    (void) arg;
    printf("closed: %s\n", error->text);
    exit(3);
}

static void
print_bytes(const uint8_t *bytes, uint32_t size)
{
    putchar(' ');
    for (uint32_t i = 0; i < size; i++) {
        printf("%02x", bytes[i]);
    }
}

/* 'with_bytes': values of no class, which cannot be shown as an object. */
static void
print_objects(const struct control_objects *objects, bool with_bytes)
{
    const char *at = (const char *) (objects + 1);

    printf(" %u", objects->n);
    for (uint32_t i = 0; i < objects->n; i++) {
        const struct control_object *one = (const void *) at;

        printf(" [%u]", one->block_size);
        client_print_block(control_after(one, sizeof *one), one->block_size);
        if (with_bytes) {
            print_bytes(control_after(one, sizeof *one), one->block_size);
        }
        at = control_after(control_after(one, sizeof *one), one->block_size);
    }
}

static void
print_counters(const struct control_counters *counters)
{
    const struct control_port_counters *port = (const void *) (counters + 1);
    const struct control_stage_counters *stage;

    for (uint32_t i = 0; i < counters->n_ports; i++, port++) {
        printf("\nport %u up %u rx %lu tx %lu rxdrop %lu txdrop %lu"
               " filtered %lu", port->port_id, port->link_up,
               port->rx_packets, port->tx_packets, port->rx_dropped,
               port->tx_dropped, port->filtered);
    }
    stage = (const void *) port;
    for (uint32_t i = 0; i < counters->n_stages; i++, stage++) {
        printf("\nstage %u state %u packets %lu drops %lu requests %lu"
               " refusals %lu timeouts %lu bursts %lu", stage->switch_id,
               stage->state, stage->packets, stage->drops, stage->requests,
               stage->refusals, stage->timeouts, stage->bursts);
    }
}

static void
print_body(const struct control_header *answer)
{
    const struct control_result *result = control_body(answer);
    const void *rest = control_after(result, sizeof *result);

    switch (answer->type & ~CONTROL_ANSWER) {
    case CONTROL_STATUS:
    case CONTROL_METHOD:
        print_objects((const void *) result,
                      answer->type == (CONTROL_METHOD | CONTROL_ANSWER));
        break;
    case CONTROL_COUNTERS:
        print_counters((const void *) result);
        break;
    case CONTROL_SNAPSHOT:
        client_print_snapshot((const void *) result);
        break;
    case CONTROL_EXT_LOAD:
        printf(" %s", ((const struct control_extension *) rest)->name);
        break;
    case CONTROL_EXT_ENABLE:
        rest = control_after(rest, sizeof(struct control_place));
        for (size_t i = 0; i < (answer->size - sizeof *answer
                                - sizeof *result
                                - sizeof(struct control_place)) / 4; i++) {
            printf(" %s", results[((const uint32_t *) rest)[i]]);
        }
        break;
    default:
        break;
    }
}

static void
on_answer(void *arg, const struct control_header *answer)
{
    const struct control_result *result;

    waiting = waiting && arg != NULL;
    n_open--;
    if (!answer) {
        puts("no answer");
        status = 3;
        return;
    }
    result = control_body(answer);
    if (answer->result == XVS_SUCCESS) {
        printf("ok");
        print_body(answer);
        putchar('\n');
        status = 0;
    } else {
        printf("%s %d %s: %s\n", results[answer->result],
               (int) result->index, result->extension, result->text);
        status = 1;
    }
    fflush(stdout);
}

static void
wait_for_answer(void)
{
    while (waiting) {
        loop_once(loop, -1);
    }
}

/* Lets events arrive for a while. */
static void
linger(const char *milliseconds)
{
    uint64_t end = loop_now_ms() + strtoul(milliseconds, NULL, 10);
    uint64_t now;

    while ((now = loop_now_ms()) < end) {
        loop_once(loop, (int) (end - now));
    }
}

static void
send_command(char **words, int n)
{
    struct buffer out = BUFFER_INIT;

    if (strcmp(words[0], "wait") == 0 && n == 2) {
        linger(words[1]);
        return;
    }
    if (strcmp(words[0], "schema") == 0 && n == 2) {
        client_read_schema(words[1]);
        return;
    }
    if (strcmp(words[0], "position") == 0 && n == 2) {
        client_position = (uint32_t) strtoul(words[1], NULL, 10);
        return;
    }
    if (strcmp(words[0], "partition") == 0 && n == 2) {
        client_partition = (uint32_t) strtoul(words[1], NULL, 10);
        return;
    }
    if (strcmp(words[0], "timeout") == 0 && n == 2) {
        client_timeout_ms = (uint32_t) strtoul(words[1], NULL, 10);
        return;
    }
    if (strcmp(words[0], "async") == 0) {
        /* Sends without waiting for the answer. */
        words++;
        n--;
    } else {
        waiting = true;
    }
    if (!client_build(words, n, &out)) {
        fprintf(stderr, "switch-client: bad command '%s'\n", words[0]);
        exit(2);
    }
    n_open++;
    link_request(connection, &out, on_answer, waiting ? NULL : &n_open);
    buffer_free(&out);
    wait_for_answer();
}

int
main(int argc, char **argv)
{
    static char *hello[] = { (char *) "hello" };
    struct error error;
    int fd, start = 2;

    if (argc < 3) {
        fputs("usage: switch-client SOCKET COMMAND...\n", stderr);
        return 2;
    }
    loop = loop_create(&error);
    fd = socket_connect_unix(argv[1], SOCK_SEQPACKET, &error);
    if (fd < 0) {
        fprintf(stderr, "switch-client: %s\n", error.text);
        return 3;
    }
    connection = link_create(loop, fd, on_event, on_closed, NULL);
    send_command(hello, 1);
    for (int i = 2; i <= argc; i++) {
        if (i == argc || strcmp(argv[i], ":") == 0) {
            if (i > start) {
                send_command(argv + start, i - start);
            }
            start = i + 1;
        }
    }
    while (n_open) {
        loop_once(loop, -1);
    }
    client_forget_schemas();
    link_destroy(connection);
    loop_once(loop, 0);
    loop_destroy(loop);
    return status;
}
