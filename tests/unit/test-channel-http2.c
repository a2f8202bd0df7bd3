/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * CONNECT over HTTP/2, with libnghttp2 as the client, to ports that stand for
 * a VM's.
 */

#include <config.h>

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/channel-world.h"
#include "unit/unit.h"

#define STREAMS 400

/* What the client knows of a stream, by its number. */
struct exchange {
    int status;
    char fields[1024];          /* name: value; */
    char data[4096];            /* what came first */
    size_t got;                 /* all that came */
    bool ended, closed, bad;
    uint32_t code;              /* closed: why */
    /* What is sent: 'size' bytes of 'text', or of byte_at(); then the end. */
    const char *text;
    size_t size, sent;
    bool end;
    bool deaf;                  /* gives no window back */
};

struct client {
    int fd;
    nghttp2_session *session;
    struct exchange of[2 * STREAMS];
    bool gone;                  /* the connection has an end */
};

static struct world world;
static struct listener_config listening, vm_listening;
static struct world_place place;
static uint16_t proxy_port;
static struct client client;
static int talker;              /* the VM's end that is_sent() fills */

static char
byte_at(size_t i)
{
    return (char) (i * 7 + i / 251);
}

/* ---- Client ------------------------------------------------------------- */

static int
header(nghttp2_session *session, const nghttp2_frame *frame,
       const uint8_t *name, size_t name_size, const uint8_t *value,
       size_t size, uint8_t flags, void *arg)
{
    struct exchange *of = &client.of[frame->hd.stream_id];
    size_t n = strlen(of->fields);

    (void) session;
    (void) flags;
    (void) arg;
    snprintf(of->fields + n, sizeof of->fields - n, "%.*s: %.*s;",
             (int) name_size, name, (int) size, value);
    if (strncmp((const char *) name, ":status", name_size) == 0) {
        of->status = atoi((const char *) value);
    }
    return 0;
}

static int
frame_came(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    (void) session;
    (void) arg;
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM
        && (frame->hd.type == NGHTTP2_DATA
            || frame->hd.type == NGHTTP2_HEADERS)) {
        client.of[frame->hd.stream_id].ended = true;
    }
    return 0;
}

static int
data_came(nghttp2_session *session, uint8_t flags, int32_t id,
          const uint8_t *bytes, size_t size, void *arg)
{
    struct exchange *of = &client.of[id];

    (void) flags;
    (void) arg;
    for (size_t i = 0; i < size; i++) {
        if (of->got + i + 1 < sizeof of->data) {
            of->data[of->got + i] = (char) bytes[i];
        }
        of->bad |= (char) bytes[i] != byte_at(of->got + i);
    }
    of->got += size;
    nghttp2_session_consume_connection(session, size);
    if (!of->deaf) {
        nghttp2_session_consume_stream(session, id, size);
    }
    return 0;
}

static int
is_closed(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
    (void) session;
    (void) arg;
    client.of[id].closed = true;
    client.of[id].code = code;
    return 0;
}

static ssize_t
give_data(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t size,
          uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    struct exchange *of = source->ptr;
    size_t n = of->size - of->sent < size ? of->size - of->sent : size;

    (void) session;
    (void) id;
    (void) arg;
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t) (of->text ? of->text[of->sent + i]
                                       : byte_at(of->sent + i));
    }
    of->sent += n;
    if (of->sent == of->size && of->end) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (!n) {
        return NGHTTP2_ERR_DEFERRED;
    }
    return (ssize_t) n;
}

static void
begin(void)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *options;
    struct link *link;

    world_begin(&world);
    memset(&place, 0, sizeof place);
    memset(&client, 0, sizeof client);
    listening = (struct listener_config) { .fd = -1 };
    proxy_port = world_listen(&listening);
    place.port = world_listen(&vm_listening);
    link = link_fixed(&world.links);
    link_fixed_port(link, 22, &place);
    link_fixed_port(link, 9, &place);
    world_vm(&world, "vm1", link);
    CU_ASSERT_PTR_NOT_NULL_FATAL(listener_create(world.proxy, &listening));
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
                                                         frame_came);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              data_came);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
                                                           is_closed);
    nghttp2_option_new(&options);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_option_set_peer_max_concurrent_streams(options, 1000);
    nghttp2_session_client_new2(&client.session, callbacks, NULL, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(client.session, 0, NULL, 0);
    client.fd = world_connect(proxy_port);
}

static void
end(void)
{
    nghttp2_session_del(client.session);
    close(client.fd);
    world_end(&world);
    CU_ASSERT_EQUAL(world.permits, 0);
    close(listening.fd);
    close(vm_listening.fd);
}

/* Moves what there is between the client and its socket. */
static void
exchange(void)
{
    static uint8_t bytes[16384];
    const uint8_t *out;
    ssize_t n;

    while ((n = recv(client.fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        nghttp2_session_mem_recv(client.session, bytes, (size_t) n);
    }
    client.gone |= n == 0 || (n < 0 && errno != EAGAIN && errno != ENOTCONN);
    while (!client.gone
           && (n = nghttp2_session_mem_send(client.session, &out)) > 0) {
        while (n > 0) {
            ssize_t sent = send(client.fd, out, (size_t) n, MSG_NOSIGNAL);

            loop_run(world.loop);
            if (sent < 0 && errno != EAGAIN && errno != ENOTCONN) {
                client.gone = true;
                return;
            }
            out += sent > 0 ? sent : 0;
            n -= sent > 0 ? sent : 0;
        }
    }
}

/* ---- Waiting ------------------------------------------------------------ */

struct wait {
    int32_t id;
    int status;                 /* comes; or 0 */
    size_t bytes;               /* so many have come */
    bool ended, closed, gone;
};

static bool
is_so(void *arg)
{
    const struct wait *wait = arg;
    const struct exchange *of = &client.of[wait->id];

    exchange();
    return (!wait->status || of->status == wait->status)
        && of->got >= wait->bytes && (!wait->ended || of->ended)
        && (!wait->closed || of->closed) && (!wait->gone || client.gone);
}

#define WAIT(...) \
    CU_ASSERT(world_run(&world, is_so, &(struct wait) { __VA_ARGS__ }))

static nghttp2_nv
field(const char *name, const char *value)
{
    return (nghttp2_nv) { (uint8_t *) (uintptr_t) name,
                          (uint8_t *) (uintptr_t) value, strlen(name),
                          strlen(value), NGHTTP2_NV_FLAG_NONE };
}

/* A stream that sends what its exchange says. */
static int32_t
ask(const char *target, const char *name, const char *value)
{
    const nghttp2_nv fields[] = { field(":method", "CONNECT"),
                                  field(":authority", target),
                                  field(name, value) };
    int32_t id = nghttp2_session_get_next_stream_id(client.session);
    const nghttp2_data_provider data = { .source.ptr = &client.of[id],
                                         .read_callback = give_data };

    CU_ASSERT_EQUAL(nghttp2_submit_request(client.session, NULL, fields, 3,
                                           &data, NULL), id);
    return id;
}

static bool
somebody_came(void *arg)
{
    int *fd = arg;

    exchange();
    *fd = accept4(vm_listening.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return *fd >= 0;
}

static int
vm_accepts(void)
{
    int fd = -1;

    CU_ASSERT(world_run(&world, somebody_came, &fd));
    return fd;
}

/* What the VM's end of a stream hears. */
struct hearing {
    int fd;
    size_t got, wanted;
    char bytes[4096];
    bool ended, bad;
    int error;
};

static bool
is_heard(void *arg)
{
    struct hearing *in = arg;
    char bytes[8192];
    ssize_t n;

    exchange();
    while ((n = recv(in->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            in->bad |= bytes[i] != byte_at(in->got + (size_t) i);
            if (in->got + (size_t) i + 1 < sizeof in->bytes) {
                in->bytes[in->got + (size_t) i] = bytes[i];
            }
        }
        in->got += (size_t) n;
    }
    in->ended = n == 0 || errno != EAGAIN;
    in->error = n == 0 ? 0 : errno;
    return in->ended || (in->wanted && in->got >= in->wanted);
}

static void
more(int32_t id, const char *text, bool ended)
{
    struct exchange *of = &client.of[id];

    of->text = text;
    of->size = strlen(text);
    of->sent = 0;
    of->end = ended;
    nghttp2_session_resume_data(client.session, id);
}

/* ---- Tests -------------------------------------------------------------- */

static void
test_halves(void)
{
    struct hearing in = { .wanted = 5 };
    int32_t id;

    begin();
    client.of[1].text = "early";
    client.of[1].size = 5;
    id = ask("vm1.vm.internal:22", "proxy-authorization", "Bearer secret");
    in.fd = vm_accepts();
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT_STRING_EQUAL(in.bytes, "early");
    WAIT(.id = id, .status = 200);
    CU_ASSERT_STRING_EQUAL(client.of[id].fields, ":status: 200;");
    CU_ASSERT_STRING_EQUAL(world_find(&world, 200)->who, "admin");
    more(id, "bye", true);
    in.wanted = 0;
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT_STRING_EQUAL(in.bytes, "earlybye");
    CU_ASSERT(in.ended && !in.error);
    CU_ASSERT_EQUAL(send(in.fd, "late", 4, MSG_NOSIGNAL), 4);
    WAIT(.id = id, .bytes = 4);
    CU_ASSERT(!client.of[id].ended);
    close(in.fd);
    WAIT(.id = id, .ended = true, .closed = true);
    CU_ASSERT_EQUAL(client.of[id].code, NGHTTP2_NO_ERROR);
    CU_ASSERT_STRING_EQUAL(client.of[id].data, "late");
    /* The VM's end first. */
    id = ask("vm1:22", "x", "y");
    in = (struct hearing) { .fd = vm_accepts() };
    shutdown(in.fd, SHUT_WR);
    WAIT(.id = id, .status = 200, .ended = true);
    more(id, "still", true);
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT_STRING_EQUAL(in.bytes, "still");
    WAIT(.id = id, .closed = true);
    close(in.fd);
    end();
}

static void
test_resets(void)
{
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };
    struct hearing in = { .fd = -1 };
    int32_t id;

    begin();
    id = ask("vm1:22", "x", "y");
    in.fd = vm_accepts();
    WAIT(.id = id, .status = 200);
    setsockopt(in.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(in.fd);
    WAIT(.id = id, .closed = true);
    CU_ASSERT_EQUAL(client.of[id].code, NGHTTP2_CONNECT_ERROR);
    id = ask("vm1:22", "x", "y");
    in.fd = vm_accepts();
    WAIT(.id = id, .status = 200);
    nghttp2_submit_rst_stream(client.session, 0, id, NGHTTP2_CANCEL);
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT_EQUAL(in.error, ECONNRESET);
    close(in.fd);
    /* The connection takes its streams along. */
    id = ask("vm1:22", "x", "y");
    in.fd = vm_accepts();
    WAIT(.id = id, .status = 200);
    shutdown(client.fd, SHUT_RDWR);
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT_EQUAL(in.error, ECONNRESET);
    close(in.fd);
    end();
}

static bool
refuses(const char *target, const char *name, const char *value, int status)
{
    int32_t id = ask(target, name, value);

    WAIT(.id = id, .status = status, .ended = true, .closed = true);
    if (strstr(client.of[id].fields, "proxy-status: h1.vm.internal; error=")
        && client.of[id].code == NGHTTP2_NO_ERROR) {
        return true;
    }
    printf("\n%s: %s code %u\n", target, client.of[id].fields,
           client.of[id].code);
    return false;
}

static void
test_refusals(void)
{
    static char huge[9000];
    const nghttp2_nv get[] = {
        field(":method", "GET"), field(":authority", "vm1:22"),
        field(":scheme", "http"), field(":path", "/") };
    const nghttp2_nv bad[] = {
        field(":method", "CONNECT"), field(":authority", "vm1:22"),
        field(":scheme", "http"), field(":path", "/") };
    int32_t id;

    begin();
    CU_ASSERT(refuses("vm9:22", "x", "y", 404));
    CU_ASSERT(refuses("vm1:0", "x", "y", 400));
    CU_ASSERT(refuses("a@vm1:22", "x", "y", 400));
    CU_ASSERT(refuses("vm1:22", "content-length", "0", 400));
    CU_ASSERT(refuses("vm1:22", "via", "1.1 h1.vm.internal", 508));
    CU_ASSERT(refuses("vm1:22", "xvs-client", "a b", 400));
    CU_ASSERT(refuses("vm1:22", "xvs-client", "admin", 403));
    CU_ASSERT(refuses("vm1:9", "x", "y", 407));
    CU_ASSERT(refuses("vm9:9", "x", "y", 407));
    CU_ASSERT(refuses("vm1:9", "proxy-authorization", "Bearer secret", 403));
    CU_ASSERT(refuses("vm1:9", "proxy-authorization", "Bearer no", 407));
    CU_ASSERT(refuses("vm1:7", "x", "y", 502));
    memset(huge, 'x', sizeof huge - 1);
    CU_ASSERT(refuses("vm1:22", "x", huge, 431));
    id = nghttp2_submit_request(client.session, NULL, get, 4, NULL, NULL);
    WAIT(.id = id, .status = 405, .closed = true);
    CU_ASSERT_PTR_NOT_NULL(strstr(client.of[id].fields, "allow: CONNECT"));
    id = nghttp2_submit_request(client.session, NULL, bad, 4, NULL, NULL);
    WAIT(.id = id, .closed = true);
    CU_ASSERT_EQUAL(client.of[id].status, 0);
    end();
}

#define BULK (3u << 20)

static bool
is_sent(void *arg)
{
    size_t *sent = arg;
    char bytes[8192];

    exchange();
    while (*sent < BULK) {
        size_t size = BULK - *sent < sizeof bytes ? BULK - *sent
                                                  : sizeof bytes;
        ssize_t n;

        for (size_t i = 0; i < size; i++) {
            bytes[i] = byte_at(*sent + i);
        }
        n = send(talker, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) {
            return false;
        }
        *sent += (size_t) n;
    }
    return true;
}

/* One stream that nobody reads, in either direction, does not stop others. */
static void
test_flow(void)
{
    struct hearing in = { .wanted = BULK };
    size_t sent = 0;
    int deaf;
    int32_t id;

    begin();
    client.of[1].deaf = true;
    client.of[1].size = 64 * BULK;
    id = ask("vm1:22", "x", "y");
    deaf = vm_accepts();
    WAIT(.id = id, .status = 200);
    client.of[3].size = BULK;
    id = ask("vm1:22", "x", "y");
    in.fd = vm_accepts();
    WAIT(.id = id, .status = 200);
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT(in.got == BULK && !in.bad);
    talker = in.fd;
    CU_ASSERT(world_run(&world, is_sent, &sent));
    WAIT(.id = id, .bytes = BULK);
    CU_ASSERT(!client.of[id].bad);
    CU_ASSERT(client.of[1].sent < 64 * BULK);
    close(in.fd);
    close(deaf);
    end();
}

static void
test_many(void)
{
    uint32_t n_refused = 0, n_open = 0;
    int fds[128];

    begin();
    WAIT(.id = 0);
    for (int i = 0; i < 140; i++) {
        ask("vm1:22", "x", "y");
    }
    for (int i = 0; i < 128; i++) {
        fds[i] = vm_accepts();
    }
    WAIT(.id = 255, .status = 200);
    /* Who does not heed the limit is refused; who does, waits. */
    for (int id = 1; id < 280; id += 2) {
        n_refused += client.of[id].closed
            && client.of[id].code == NGHTTP2_REFUSED_STREAM;
        n_open += client.of[id].status == 200;
    }
    CU_ASSERT_EQUAL(n_open, 128);
    CU_ASSERT(n_refused <= 12);
    CU_ASSERT_EQUAL(world.permits, 128);
    proxy_destroy(world.proxy);
    world.proxy = NULL;
    CU_ASSERT_EQUAL(world.permits, 0);
    for (int i = 0; i < 128; i++) {
        close(fds[i]);
    }
    end();
}

static void
test_garbage(void)
{
    static const char junk[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                               "this is no frame of HTTP/2, and much too long";

    begin();
    CU_ASSERT_EQUAL(send(client.fd, junk, sizeof junk - 1, MSG_NOSIGNAL),
                    sizeof junk - 1);
    nghttp2_session_terminate_session(client.session, 0);
    WAIT(.gone = true);
    end();
}

static const struct unit_test tests[] = {
    { "halves", test_halves },
    { "resets", test_resets },
    { "refusals", test_refusals },
    { "flow", test_flow },
    { "many", test_many },
    { "garbage", test_garbage },
};

UNIT_MAIN("channel http2", tests)
