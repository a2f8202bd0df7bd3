/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Control messages: good ones pass, every shortened or lengthened one and
 * every broken rule is refused with a sentence; links carry small and large
 * messages and do not fall for memory that may change under them.
 */

#include <config.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"
#include "messages.h"
#include "unit.h"

static void
test_good(void)
{
    struct buffer out = BUFFER_INIT;
    struct error error;

    for (unsigned int i = 0; i < MESSAGES; i++) {
        messages_make(i, &out);
        if (!control_check(out.data, out.size, &error)) {
            printf("\nmessage %u: %s\n", i, error.text);
            CU_FAIL("a good message was refused");
        }
    }
    buffer_free(&out);
}

/* In memory of exactly the size, so that a sanitizer sees what is read. */
static bool
check_copy(const void *data, size_t size)
{
    void *copy = malloc(size + !size);
    struct error error = { .text = "" };
    bool good;

    memcpy(copy, data, size);
    good = control_check(copy, size, &error);
    CU_ASSERT(good || error.text[0]);
    free(copy);
    return good;
}

static void
test_sizes(void)
{
    struct buffer out = BUFFER_INIT;

    for (unsigned int i = 0; i < MESSAGES; i++) {
        struct control_header *header;
        size_t whole;

        messages_make(i, &out);
        whole = out.size;
        buffer_extend(&out, 8);
        header = (void *) out.data;
        for (size_t size = 0; size <= whole + 8; size += 4) {
            header->size = (uint32_t) size;
            header->result = XVS_SUCCESS;
            CU_ASSERT_EQUAL(check_copy(out.data, size),
                            size == whole
                            /* An enable of nothing has no results, and one
                             * of two more has them. */
                            || ((header->type & ~CONTROL_ANSWER)
                                    == CONTROL_EXT_ENABLE
                                && (header->type & CONTROL_ANSWER)
                                && size % 8 == 0 && size + 8 >= whole));
        }
        header->size = (uint32_t) whole + 8;
        CU_ASSERT_FALSE(check_copy(out.data, whole));
    }
    buffer_free(&out);
}

/* One byte of message 'index' at 'offset' of the body becomes 'value'. */
static const struct {
    unsigned int type;
    size_t offset;
    int value;
    const char *says;
} broken[] = {
    { CONTROL_HELLO, offsetof(struct control_hello, reserved), 1,
      "reserved" },
    { CONTROL_SWITCH_CREATE, 0, 0, "number 0" },
    { CONTROL_SWITCH_CREATE, offsetof(struct control_switch, name), 0,
      "empty" },
    { CONTROL_SWITCH_CREATE, offsetof(struct control_switch, name), '\n',
      "control characters" },
    { CONTROL_PORT_CREATE, 0, 0, "out of range" },
    { CONTROL_PORT_CREATE, offsetof(struct control_port, driver), 7,
      "driver" },
    { CONTROL_PORT_CREATE, offsetof(struct control_port, mode), MODE_SERVER,
      "no such mode" },
    { CONTROL_PORT_CREATE, offsetof(struct control_port, queues), 17,
      "queues" },
    { CONTROL_PORT_CREATE, offsetof(struct control_port, device), '/',
      "interface" },
    { CONTROL_PORT_CREATE, offsetof(struct control_port, disabled), 2,
      "reserved" },
    { CONTROL_PORT_CREATE, offsetof(struct control_port, reserved), 1,
      "reserved" },
    { CONTROL_EXT_LOAD, 0, '/', "plain" },
    { CONTROL_EXT_LOAD, 0, '.', "plain" },
    { CONTROL_LAYOUT_SET, offsetof(struct control_layout, scope), 3,
      "scope" },
    { CONTROL_LAYOUT_SET, offsetof(struct control_layout, layout_size), 99,
      "too short" },
    { CONTROL_LAYOUT_SET, offsetof(struct control_layout, layout_size) + 3,
      255, "too short" },
    { CONTROL_SETTINGS, 0, 3, "too short" },
    { CONTROL_SETTINGS, 0, 1, "too many" },
    { CONTROL_SETTINGS, 3, 255, "too short" },
    { CONTROL_SETTINGS, 8, 5, "operation" },
    { CONTROL_SETTINGS, 8 + offsetof(struct control_setting, port_id), 3,
      "disagree" },
    { CONTROL_SETTINGS, 8 + offsetof(struct control_setting, scope), 1,
      "disagree" },
    { CONTROL_SETTINGS, 8 + offsetof(struct control_setting, reserved), 1,
      "reserved" },
    { CONTROL_EXT_ENABLE, offsetof(struct control_enable, partition),
      PARTITION_END, "partition" },
    { CONTROL_EXT_ENABLE, offsetof(struct control_enable, partition) + 3,
      1, "partition" },
    { CONTROL_EXT_ENABLE, offsetof(struct control_enable, time_share), 101,
      "time share" },
    { CONTROL_EXT_PARTITION, offsetof(struct control_partition, partition),
      PARTITION_DEFAULT, "partition" },
    { CONTROL_EXT_PARTITION, offsetof(struct control_partition, partition),
      PARTITION_END, "partition" },
    { CONTROL_EXT_PARTITION, offsetof(struct control_partition, time_share),
      101, "time share" },
    { CONTROL_EXT_PARTNER, offsetof(struct control_partner, sharing),
      SHARING_END, "sharing" },
    { CONTROL_EXT_PARTNER, offsetof(struct control_partner, sharing),
      SHARING_NONE, "partner" },
    { CONTROL_EXT_PARTNER, offsetof(struct control_partner, partner), 0,
      "partner" },
    { CONTROL_STATUS, offsetof(struct control_status, reserved), 1,
      "reserved" },
    { CONTROL_METHOD, offsetof(struct control_method, name), 0, "empty" },
    { CONTROL_METHOD, offsetof(struct control_method, block_size) + 3, 128,
      "too short" },
    { CONTROL_EVENT, 0, EVENT_END, "kind" },
    { CONTROL_EVENT, 4, 3, "severity" },
};

/* A packet that ended processes. */
static void
test_quarantined(void)
{
    struct buffer out = BUFFER_INIT;
    struct control_quarantined *packet;
    struct error error;

    messages_make(MESSAGES - 1, &out);
    packet = (void *) (out.data + sizeof(struct control_header)
                       + sizeof(struct control_result));
    CU_ASSERT_TRUE(control_check(out.data, out.size, &error));
    packet->size = QUARANTINE_FRAME + 1;
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "impossible size"));
    packet->size = 65;
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    packet->size = 60;
    packet->egress = 2;
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    packet->egress = 1;
    memset(packet->why, 'x', sizeof packet->why);
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    buffer_free(&out);
}

static void
test_broken(void)
{
    struct buffer out = BUFFER_INIT;
    struct error error;

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        messages_make(broken[i].type - 1, &out);
        /* Port 0xffffffff minus one bit is a port, too. */
        out.data[sizeof(struct control_header) + broken[i].offset] =
            (char) broken[i].value;
        if (control_check(out.data, out.size, &error)
            || !strstr(error.text, broken[i].says)) {
            printf("\n%s %zu: %s\n", control_type_name(broken[i].type),
                   broken[i].offset, error.text);
            CU_FAIL("not refused, or for another reason");
        }
    }
    buffer_free(&out);
}

/* The stage of a snapshot; its partition is never the default. */
static void
test_stage_record(void)
{
    struct buffer out = BUFFER_INIT;
    struct error error;
    struct control_record *record;
    struct control_stage *stage;

    messages_make(CONTROL_TYPES, &out);
    record = (void *) (out.data + sizeof(struct control_header)
                       + sizeof(struct control_snapshot));
    while (record->type != RECORD_ENABLED) {
        record = (void *) ((char *) (record + 1)
                           + CONTROL_ALIGN(record->size));
    }
    stage = (void *) (record + 1);
    CU_ASSERT_TRUE(control_check(out.data, out.size, &error));
    stage->partition = PARTITION_DEFAULT;
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "partition"));
    stage->partition = PARTITION_END;
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    buffer_free(&out);
}

/* The stage at the end of counters. */
static void
test_health(void)
{
    struct buffer out = BUFFER_INIT;
    struct error error;
    struct control_stage_counters *stage;

    for (unsigned int i = 0; i < MESSAGES; i++) {
        messages_make(i, &out);
        if (((struct control_header *) (void *) out.data)->type
            == (CONTROL_COUNTERS | CONTROL_ANSWER)) {
            break;
        }
    }
    stage = (void *) (out.data + out.size - sizeof *stage);
    CU_ASSERT_TRUE(control_check(out.data, out.size, &error));
    stage->health.partition = PARTITION_END;
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "partition"));
    stage->health.partition = PARTITION_INLINE;
    memset(stage->health.failure, 'x', sizeof stage->health.failure);
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "failure"));
    stage->health.failure[0] = 0;
    memset(stage->health.missing, 'x', sizeof stage->health.missing);
    CU_ASSERT_FALSE(control_check(out.data, out.size, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "protections"));
    buffer_free(&out);
}

static void
test_header(void)
{
    static const struct {
        size_t offset;
        int value;
    } bytes[] = { { 0, 0 }, { 4, 2 }, { 6, 0 }, { 6, 18 }, { 7, 1 },
                  { 12, 0 }, { 16, 1 }, { 20, 1 } };
    struct buffer out = BUFFER_INIT;

    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        messages_make(CONTROL_SNAPSHOT - 1, &out);
        out.data[bytes[i].offset] = (char) bytes[i].value;
        CU_ASSERT_FALSE(check_copy(out.data, out.size));
    }
    /* An answer with an unknown result, one to an event. */
    messages_make(CONTROL_TYPES + 1, &out);
    out.data[16] = 10;
    CU_ASSERT_FALSE(check_copy(out.data, out.size));
    messages_make(CONTROL_EVENT - 1, &out);
    out.data[7] = (char) 0x80;
    out.data[12] = 1;
    CU_ASSERT_FALSE(check_copy(out.data, out.size));
    CU_ASSERT_STRING_EQUAL(control_type_name(CONTROL_EXT_LOAD), "EXT_LOAD");
    CU_ASSERT_STRING_EQUAL(control_type_name(0x8001), "HELLO");
    CU_ASSERT_STRING_EQUAL(control_type_name(99), "unknown");
    buffer_free(&out);
}

/* Both ends of a connection. */
struct ends {
    struct loop *loop;
    struct link *client, *server;
    unsigned int n_requests, n_answers, n_lost, n_closed;
    size_t size;                /* of the last message */
    char why[480];
};

static void
on_request(void *arg, struct link *link, const struct control_header *message)
{
    struct ends *ends = arg;
    struct buffer out = BUFFER_INIT;

    ends->n_requests++;
    ends->size = message->size;
    if (message->type == CONTROL_SNAPSHOT) {
        return;
    }
    message_answer(&out, message, 0);
    link_send(link, &out);
    buffer_free(&out);
}

static void
on_answer(void *arg, const struct control_header *answer)
{
    struct ends *ends = arg;

    ends->n_answers += answer != NULL;
    ends->n_lost += answer == NULL;
}

static void
on_closed(void *arg, const struct error *error)
{
    struct ends *ends = arg;

    ends->n_closed++;
    snprintf(ends->why, sizeof ends->why, "%s", error->text);
    ends->server = NULL;
}

static void
on_client_closed(void *arg, const struct error *error)
{
    struct ends *ends = arg;

    (void) error;
    ends->client = NULL;
}

static int
ends_open(struct ends *ends)
{
    int pair[2];

    memset(ends, 0, sizeof *ends);
    ends->loop = loop_create(NULL);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK,
                                     0, pair), 0);
    ends->server = link_create(ends->loop, pair[1], on_request, on_closed,
                               ends);
    return pair[0];
}

static void
ends_close(struct ends *ends)
{
    link_destroy(ends->client);
    link_destroy(ends->server);
    loop_once(ends->loop, 0);
    loop_destroy(ends->loop);
}

static void
settle(struct ends *ends)
{
    for (int i = 0; i < 20; i++) {
        loop_once(ends->loop, 0);
    }
}

/* Settings with one block of 'size' bytes. */
static void
make_settings(struct buffer *out, uint32_t size)
{
    struct control_settings *list =
        message_start(out, CONTROL_SETTINGS, sizeof *list);
    struct control_setting setting = { .op = XVS_ADD,
                                       .scope = XVS_SCOPE_SWITCH,
                                       .port_id = XVS_PORT_NONE,
                                       .block_size = size };

    list->n = 1;
    buffer_put(out, &setting, sizeof setting);
    buffer_extend(out, size);
}

static void
test_link(void)
{
    static const uint32_t sizes[] = { 0, 1, 60000, 65440, 65441, 200000,
                                      5000000 };
    struct buffer out = BUFFER_INIT;
    struct ends ends;
    int fd = ends_open(&ends);

    ends.client = link_create(ends.loop, fd, NULL, on_client_closed, &ends);
    for (unsigned int i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        make_settings(&out, sizes[i]);
        link_request(ends.client, &out, on_answer, &ends);
        settle(&ends);
        CU_ASSERT_EQUAL(ends.n_answers, i + 1);
        CU_ASSERT_EQUAL(ends.size, CONTROL_ALIGN(24 + 8 + 72 + sizes[i]));
    }
    /* Many at once, more than a socket buffer takes. */
    for (int i = 0; i < 3000; i++) {
        make_settings(&out, 100);
        link_request(ends.client, &out, on_answer, &ends);
    }
    for (int i = 0; i < 300; i++) {
        settle(&ends);
    }
    CU_ASSERT_EQUAL(ends.n_answers, 3007);
    /* No answer: told so when the connection goes. */
    message_start(&out, CONTROL_SNAPSHOT, 0);
    link_request(ends.client, &out, on_answer, &ends);
    settle(&ends);
    CU_ASSERT_EQUAL(ends.n_lost, 0);
    link_destroy(ends.server);
    ends.server = NULL;
    settle(&ends);
    CU_ASSERT_EQUAL(ends.n_lost, 1);
    CU_ASSERT_PTR_NULL(ends.client);
    buffer_free(&out);
    ends_close(&ends);
}

/* Several messages in one packet, and one whose end is not there. */
static void
test_packed(void)
{
    struct buffer packet = BUFFER_INIT, out = BUFFER_INIT;
    struct ends ends;
    int fd = ends_open(&ends);
    char answers[8192];
    ssize_t n;

    for (uint32_t i = 1; i <= 3; i++) {
        struct control_header *header;

        make_settings(&out, 8 * i);
        header = (void *) out.data;
        header->size = (uint32_t) out.size;
        header->number = i;
        buffer_put(&packet, out.data, out.size);
        CU_ASSERT_EQUAL(control_first(out.data, out.size), out.size);
    }
    CU_ASSERT(send(fd, packet.data, packet.size, 0) > 0);
    settle(&ends);
    CU_ASSERT_EQUAL(ends.n_requests, 3);
    CU_ASSERT_EQUAL(ends.n_closed, 0);
    /* Their answers came back together. */
    n = recv(fd, answers, sizeof answers, MSG_DONTWAIT);
    CU_ASSERT_EQUAL(n, 3 * (ssize_t) (sizeof(struct control_header)
                                      + sizeof(struct control_result)));
    CU_ASSERT(recv(fd, answers, sizeof answers, MSG_DONTWAIT) < 0);
    CU_ASSERT(send(fd, packet.data, packet.size - 8, 0) > 0);
    settle(&ends);
    CU_ASSERT_EQUAL(ends.n_requests, 5);
    CU_ASSERT_EQUAL(ends.n_closed, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(ends.why, "SETTINGS says"));
    close(fd);
    buffer_free(&packet);
    buffer_free(&out);
    ends_close(&ends);
}

/* Sends a header with a memory file that holds the message. */
static void
send_large(int fd, const struct buffer *message, int seals, size_t size)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr head;
    } control = { { 0 } };
    struct iovec part = { message->data, sizeof(struct control_header) };
    struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control };
    int memory = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct cmsghdr *head = CMSG_FIRSTHDR(&packet);

    CU_ASSERT_EQUAL(write(memory, message->data, message->size),
                    (ssize_t) message->size);
    CU_ASSERT_EQUAL(ftruncate(memory, (off_t) size), 0);
    CU_ASSERT_EQUAL(fcntl(memory, F_ADD_SEALS, seals), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(head);
    if (head) {
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof memory);
        memcpy(CMSG_DATA(head), &memory, sizeof memory);
    }
    CU_ASSERT(sendmsg(fd, &packet, 0) > 0);
    close(memory);
}

static void
test_hostile_memory(void)
{
    const int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    static const struct {
        int missing;
        int extra;
        bool good;
    } cases[] = {
        { 0, 0, true },
        { F_SEAL_WRITE, 0, false },
        { F_SEAL_SHRINK, 0, false },
        { F_SEAL_SEAL, 0, false },
        { 0, 8, false },
        { 0, -8, false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out = BUFFER_INIT;
        struct control_header *header;
        struct ends ends;
        int fd = ends_open(&ends);

        make_settings(&out, 100000);
        header = (void *) out.data;
        header->size = (uint32_t) out.size;
        header->number = 1;
        send_large(fd, &out, all & ~cases[i].missing,
                   out.size + (size_t) cases[i].extra);
        settle(&ends);
        CU_ASSERT_EQUAL(ends.n_requests, cases[i].good);
        CU_ASSERT_EQUAL(ends.n_closed, !cases[i].good);
        close(fd);
        buffer_free(&out);
        ends_close(&ends);
    }
}

static void
test_stray(void)
{
    struct buffer out = BUFFER_INIT;
    struct ends ends;
    int fd = ends_open(&ends);

    /* An answer that nobody asked for. */
    messages_make(CONTROL_TYPES + 1, &out);
    CU_ASSERT(send(fd, out.data, out.size, 0) > 0);
    settle(&ends);
    CU_ASSERT_EQUAL(ends.n_closed, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(ends.why, "was not made"));
    close(fd);
    buffer_free(&out);
    ends_close(&ends);
}

static const struct unit_test tests[] = {
    { "good", test_good },
    { "sizes", test_sizes },
    { "broken", test_broken },
    { "a packet that ended processes", test_quarantined },
    { "the stage of a snapshot", test_stage_record },
    { "how a stage does", test_health },
    { "header", test_header },
    { "link", test_link },
    { "packed", test_packed },
    { "hostile memory", test_hostile_memory },
    { "stray answer", test_stray },
};

UNIT_MAIN("control", tests)
