/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The nemesis is xvs-switch's manager as well, by the messages that xvsd
 * sends: so it hears all events itself.
 */

#include <config.h>

#include "matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "control/link.h"

#define ANSWER_MS 60000u        /* however loaded the machine is */
#define HEARD 65536u            /* bytes of events that are remembered */

const char *const stage_names[STAGES] = { "hostile", "honest", "honest-2" };

struct manager {
    struct loop *loop;
    struct link *link;
    bool waits;                 /* for an answer */
    struct buffer answer;       /* its body */
    uint32_t n_ports;
    struct xvs_guid ids[STAGES];
    char heard[HEARD];          /* texts of events, a line each */
    size_t n_heard;             /* bytes */
    char last[CONTROL_TEXT];    /* the last one */
};

static void
die(const char *what, const char *why)
{
    fprintf(stderr, "matrix: %s: %s\n", what, why);
    exit(1);
}

static void
on_message(void *arg, struct link *link, const struct control_header *message)
{
    const struct control_event *event = control_body(message);
    struct manager *manager = arg;
    size_t size;

    (void) link;
    if (message->type != CONTROL_EVENT) {
        return;
    }
    snprintf(manager->last, sizeof manager->last, "%s", event->text);
    size = strlen(manager->last);
    if (manager->n_heard + size + 2 < HEARD) {
        memcpy(manager->heard + manager->n_heard, manager->last, size);
        manager->n_heard += size;
        manager->heard[manager->n_heard++] = '\n';
        manager->heard[manager->n_heard] = 0;
    }
}

static void
on_closed(void *arg, const struct error *error)
{
    (void) arg;
    die("xvs-switch has gone", error->text);
}

static void
on_answer(void *arg, const struct control_header *answer)
{
    struct manager *manager = arg;

    manager->waits = false;
    if (!answer) {
        die("a request", "no answer");
    }
    buffer_put(&manager->answer, control_body(answer),
               answer->size - sizeof *answer);
    if (answer->result != XVS_SUCCESS) {
        die("a request", ((const struct control_result *)
                          control_body(answer))->text);
    }
}

/* Sends the request, and has its answer in manager->answer. */
static void
ask(struct manager *manager, struct buffer *message)
{
    uint64_t end = loop_now_ms() + ANSWER_MS;

    manager->answer.size = 0;
    manager->waits = true;
    link_request(manager->link, message, on_answer, manager);
    buffer_free(message);
    while (manager->waits && loop_now_ms() < end) {
        loop_once(manager->loop, 1000);
    }
    if (manager->waits) {
        die("a request", "xvs-switch does not answer");
    }
}

static void
make_switch(struct manager *manager, const char *folder, uint32_t n_ports)
{
    struct buffer message = BUFFER_INIT;
    struct control_hello *hello =
        message_start(&message, CONTROL_HELLO, sizeof *hello);
    struct control_switch *one;

    hello->pid = (uint32_t) getpid();
    ask(manager, &message);
    one = message_start(&message, CONTROL_SWITCH_CREATE, sizeof *one);
    one->switch_id = 1;
    strcpy(one->name, "lan");
    ask(manager, &message);
    for (uint32_t i = 1; i <= n_ports; i++) {
        struct control_port *port =
            message_start(&message, CONTROL_PORT_CREATE, sizeof *port);

        port->port_id = i;
        port->switch_id = 1;
        port->driver = DRIVER_PIPE;
        snprintf(port->name, sizeof port->name, "%u", i);
        snprintf(port->device, sizeof port->device, "%.80s/%u", folder, i);
        ask(manager, &message);
    }
}

static void
make_stage(struct manager *manager, uint32_t which, uint32_t partition)
{
    struct buffer message = BUFFER_INIT;
    struct control_load *load =
        message_start(&message, CONTROL_EXT_LOAD, sizeof *load);
    const struct control_extension *extension;
    struct control_enable *enable;

    snprintf(load->file, sizeof load->file, "%s.so", stage_names[which]);
    ask(manager, &message);
    extension = control_after(manager->answer.data,
                              sizeof(struct control_result));
    manager->ids[which] = extension->id;
    enable = message_start(&message, CONTROL_EXT_ENABLE, sizeof *enable);
    enable->extension = manager->ids[which];
    enable->switch_id = 1;
    enable->position = UINT32_MAX;
    enable->partition = partition;
    enable->timeout_ms = ANSWER_MS;
    ask(manager, &message);
}

struct manager *
manager_open(const char *socket, const char *folder, uint32_t n_ports,
             uint32_t partition)
{
    struct manager *manager = mem_zalloc(sizeof *manager);
    struct error error;
    int fd;

    manager->loop = loop_create(&error);
    fd = socket_connect_unix(socket, SOCK_SEQPACKET, &error);
    if (fd < 0) {
        die(socket, error.text);
    }
    manager->link = link_create(manager->loop, fd, on_message, on_closed,
                                manager);
    manager->n_ports = n_ports;
    make_switch(manager, folder, n_ports);
    for (uint32_t i = 0; i < STAGES; i++) {
        make_stage(manager, i, partition);
    }
    return manager;
}

void
manager_close(struct manager *manager)
{
    link_destroy(manager->link);
    loop_once(manager->loop, 0);
    loop_destroy(manager->loop);
    buffer_free(&manager->answer);
    free(manager);
}

void
manager_partition(struct manager *manager, uint32_t partition)
{
    for (uint32_t i = 0; i < STAGES; i++) {
        struct buffer message = BUFFER_INIT;
        struct control_partition *one =
            message_start(&message, CONTROL_EXT_PARTITION, sizeof *one);

        one->extension = manager->ids[i];
        one->switch_id = 1;
        one->partition = partition;
        one->timeout_ms = ANSWER_MS;
        ask(manager, &message);
    }
}

void
manager_move(struct manager *manager, uint32_t position)
{
    struct buffer message = BUFFER_INIT;
    struct control_place *place =
        message_start(&message, CONTROL_EXT_MOVE, sizeof *place);

    place->extension = manager->ids[HOSTILE];
    place->switch_id = 1;
    place->position = position;
    ask(manager, &message);
}

void
manager_count(struct manager *manager, struct counts *counts)
{
    struct buffer message = BUFFER_INIT;
    const struct control_counters *head;
    const struct control_port_counters *port;
    const struct control_stage_counters *stage;

    message_start(&message, CONTROL_COUNTERS, sizeof(struct control_switch));
    ask(manager, &message);
    memset(counts, 0, sizeof *counts);
    head = (const void *) manager->answer.data;
    port = (const void *) (head + 1);
    stage = (const void *) (port + head->n_ports);
    counts->buffers_used = head->buffers_used;
    counts->shortages = head->shortages;
    for (uint32_t i = 0; i < head->n_ports; i++) {
        counts->n_up += port[i].link_up;
        counts->tx_dropped += port[i].port_id == manager->n_ports
            ? port[i].tx_dropped : 0;
    }
    for (uint32_t i = 0; i < head->n_stages; i++) {
        for (uint32_t j = 0; j < STAGES; j++) {
            if (memcmp(&stage[i].extension, &manager->ids[j],
                       sizeof manager->ids[j]) == 0) {
                counts->stages[j] = stage[i];
            }
        }
    }
}

void
manager_wait(struct manager *manager, uint32_t ms)
{
    uint64_t end = loop_now_ms() + ms, now;

    while ((now = loop_now_ms()) < end) {
        loop_once(manager->loop, (int) (end - now));
    }
}

void
manager_forget(struct manager *manager)
{
    manager->n_heard = 0;
    manager->heard[0] = manager->last[0] = 0;
}

bool
manager_heard(const struct manager *manager, const char *text)
{
    const char *other = strchr(text, '|');
    char first[CONTROL_TEXT];

    snprintf(first, sizeof first, "%.*s",
             (int) (other ? other - text : (ptrdiff_t) strlen(text)), text);
    return strstr(manager->heard, first)
        || (other && strstr(manager->heard, other + 1));
}

const char *
manager_last(const struct manager *manager)
{
    return manager->last;
}
