/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "unit/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/socket.h"
#include "manage/manage.h"
#include "unit/fake-service.h"

#define PATIENCE_MS 10000
#define CUT ((size_t) 64 << 20)     /* no answer of a test is longer */

static void
die(const char *what, const struct error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->text);
    abort();
}

void
talk_start(struct talk *talk, const struct manage_options *options)
{
    struct manage_options own = { 0 };
    struct error error;
    char path[80];

    memset(talk, 0, sizeof *talk);
    talk->fd = -1;
    strcpy(talk->folder, "/tmp/xvs-talk.XXXXXX");
    if (!mkdtemp(talk->folder)) {
        abort();
    }
    if (options) {
        own = *options;
    }
    snprintf(path, sizeof path, "%s/s", talk->folder);
    own.socket_path = path;
    talk->loop = loop_create(&error);
    talk->service = fake_service(talk->loop, 3);
    talk->manage = manage_create(talk->loop, talk->service, &own, &error);
    if (!talk->manage) {
        die("manage_create", &error);
    }
}

void
talk_stop(struct talk *talk)
{
    if (talk->fd >= 0) {
        close(talk->fd);
    }
    manage_destroy(talk->manage);
    service_destroy(talk->service);
    loop_destroy(talk->loop);
    rmdir(talk->folder);
}

void
talk_connect(struct talk *talk)
{
    struct error error;
    char path[80];

    if (talk->fd >= 0) {
        close(talk->fd);
    }
    snprintf(path, sizeof path, "%s/s", talk->folder);
    talk->fd = talk->tcp ? socket_connect_tcp("127.0.0.1",
                                              manage_port(talk->manage),
                                              &error)
                         : socket_connect_unix(path, SOCK_STREAM, &error);
    if (talk->fd < 0) {
        die("connect", &error);
    }
}

void
talk_run(struct talk *talk, unsigned int ms)
{
    uint64_t end_ms = loop_now_ms() + ms;

    do {
        loop_once(talk->loop, ms ? 5 : 0);
    } while (loop_now_ms() < end_ms);
}

void
talk_send(struct talk *talk, const char *data, size_t size)
{
    uint64_t end_ms = loop_now_ms() + PATIENCE_MS;

    while (size && loop_now_ms() < end_ms) {
        ssize_t n = send(talk->fd, data, size, MSG_NOSIGNAL);

        if (n > 0) {
            data += n;
            size -= (size_t) n;
        } else if (errno != EAGAIN && errno != ENOTCONN) {
            return;
        }
        loop_once(talk->loop, 0);
    }
}

static bool
is_whole(struct buffer *in)
{
    const char *text = buffer_string(in);
    const char *body = strstr(text, "\r\n\r\n");
    const char *length = body ? memmem(text, (size_t) (body - text),
                                       "Content-Length: ", 16) : NULL;
    const char *end;

    if (!body) {
        return false;
    }
    if (length) {
        return in->size - (size_t) (body + 4 - text)
               >= strtoul(length + 16, NULL, 10);
    }
    if (!memmem(text, (size_t) (body - text), "chunked", 7)) {
        return false;
    }
    /* The last chunk, and behind it an empty line. */
    end = in->size > 400 ? text + in->size - 400 : text;
    end = strstr(end, "\r\n0\r\n");
    return end && strstr(end + 3, "\r\n\r\n");
}

char *
talk_receive(struct talk *talk)
{
    struct buffer in = BUFFER_INIT;
    uint64_t end_ms = loop_now_ms() + PATIENCE_MS;
    static char piece[65536];

    while (loop_now_ms() < end_ms && in.size < CUT) {
        ssize_t n = recv(talk->fd, piece, sizeof piece, 0);

        if (n > 0) {
            buffer_put(&in, piece, (size_t) n);
            if (is_whole(&in)) {
                break;
            }
        } else if (n == 0 || errno != EAGAIN) {
            break;
        } else {
            loop_once(talk->loop, 5);
        }
    }
    return buffer_steal(&in);
}

char *
talk_post(struct talk *talk, const char *fields, const char *body)
{
    struct buffer request = BUFFER_INIT;
    char *answer;

    if (talk->fd < 0) {
        talk_connect(talk);
    }
    buffer_printf(&request, "POST /cimom HTTP/1.1\r\nHost: here\r\n"
                  "Content-Type: application/xml; charset=\"utf-8\"\r\n"
                  "%sContent-Length: %zu\r\n\r\n%s", fields, strlen(body),
                  body);
    talk_send(talk, request.data, request.size);
    buffer_free(&request);
    answer = talk_receive(talk);
    if (strstr(answer, "Connection: close")
        || (strstr(answer, "chunked") && !strstr(answer, "\r\n0\r\n"))) {
        close(talk->fd);
        talk->fd = -1;
    }
    return answer;
}

#define BEGIN "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n" \
              "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE " \
              "ID=\"17\" PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>"
#define END "</SIMPLEREQ></MESSAGE></CIM>"
#define SPACE "<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/>" \
              "<NAMESPACE NAME=\"xvs\"/></LOCALNAMESPACEPATH>"

char *
talk_call(struct talk *talk, const char *operation, const char *parameters)
{
    struct buffer body = BUFFER_INIT;
    char *answer;

    buffer_printf(&body, BEGIN "<IMETHODCALL NAME=\"%s\">" SPACE "%s"
                  "</IMETHODCALL>" END, operation, parameters);
    answer = talk_post(talk, "", buffer_string(&body));
    buffer_free(&body);
    return answer;
}

char *
talk_invoke(struct talk *talk, const char *method, const char *path,
            const char *parameters)
{
    const char *kind =
        strncmp(path, "<CLASSNAME", 10) == 0 ? "CLASS" : "INSTANCE";
    struct buffer body = BUFFER_INIT;
    char *answer;

    buffer_printf(&body, BEGIN "<METHODCALL NAME=\"%s\"><LOCAL%sPATH>" SPACE
                  "%s</LOCAL%sPATH>%s</METHODCALL>" END, method, kind, path,
                  kind, parameters);
    answer = talk_post(talk, "", buffer_string(&body));
    buffer_free(&body);
    return answer;
}
