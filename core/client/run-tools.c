/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What many commands need: the connection, classes, paths, files, results.
 */

#include <config.h>

#include "client/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/show/json-out.h"
#include "client/show/table.h"
#include "client/wbem/cim-client.h"
#include "client/wbem/http-client.h"
#include "object/path.h"

#define FILE_LIMIT (64u << 20)
#define TIMEOUT_S 60u

static const char *
default_socket(void)
{
    const char *path = getenv("XVS_SOCKET");

    return path && *path ? path : XVS_RUNDIR "/xvsd.sock";
}

/* The first line of the file; read once, kept for the process's life. */
static const char *
read_password(const char *file, struct error *error)
{
    static char *password;
    BUFFER_AUTO struct buffer data = BUFFER_INIT;

    if (!durable_read(AT_FDCWD, file, 4096, &data, error)) {
        return NULL;
    }
    buffer_string(&data);
    data.data[strcspn(data.data, "\r\n")] = '\0';
    free(password);
    password = mem_strdup(data.data);
    return password;
}

bool
run_http_options(struct run *run, struct http_options *options,
                 struct error *error)
{
    const char *socket = run_option(run, "socket");
    const char *password = run_option(run, "password-file");
    unsigned long long seconds;

    if (!args_number(&run->args, "timeout", 86400, TIMEOUT_S, &seconds,
                     error)) {
        return false;
    }
    options->transport.timeout_ms = (unsigned int) seconds * 1000;
    options->transport.socket_path = socket ? socket : default_socket();
    options->transport.ca = run_option(run, "cacert");
    options->transport.certificate = run_option(run, "cert");
    options->transport.key = run_option(run, "key");
    options->user = run_option(run, "user");
    if (password) {
        options->password = read_password(password, error);
    }
    return !password || options->password;
}

/* What the connection depends on, as one text. */
static char *
address_of(struct run *run)
{
    static const char *const names[] = { "socket", "host", "cacert", "cert",
                                         "key", "user", "password-file",
                                         "timeout" };
    struct buffer out = BUFFER_INIT;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = run_option(run, names[i]);

        buffer_printf(&out, "%s\n", text ? text : "");
    }
    return buffer_steal(&out);
}

bool
run_server(struct run *run, struct http_options *options)
{
    const char *host = run_option(run, "host");

    if (host && run_option(run, "socket")) {
        return run_usage(run, "--host and --socket exclude each other");
    }
    if (!run_http_options(run, options, &run->error)
        || (host && !http_options_host(options, host, &run->error))) {
        run->usage = run->error.code == ERROR_INVALID;
        return false;
    }
    return true;
}

struct cim_client *
run_client(struct run *run)
{
    struct session *session = run->session;
    struct http_options options = { 0 };
    char *address = address_of(run);

    if (session->client && strcmp(session->address, address) == 0) {
        free(address);
        return session->client;
    }
    cim_client_destroy(session->client);
    free(session->address);
    session->client = NULL;
    session->address = address;
    if (!run_server(run, &options)) {
        return NULL;
    }
    session->client = cim_client_create(&options);
    free((char *) options.transport.host);
    return session->client;
}

/* Candidates for "did you mean". */
struct candidates {
    const char **names;
    size_t n, capacity;
};

static bool
add_candidate(void *arg, const char *name, struct error *error)
{
    struct candidates *list = arg;

    (void) error;
    mem_grow(&list->names, &list->capacity, list->n, sizeof *list->names);
    list->names[list->n++] = mem_strdup(name);
    return true;
}

/* Adds the nearest class name to an error about an unknown class. */
static void
suggest_class(struct run *run, const char *name)
{
    struct candidates list = { NULL, 0, 0 };
    struct error ignored;

    if (cim_client_class_names(run->session->client, NULL, add_candidate,
                               &list, &ignored)) {
        const char *near;

        mem_grow(&list.names, &list.capacity, list.n, sizeof *list.names);
        list.names[list.n] = NULL;
        near = text_nearest(name, list.names);
        if (near) {
            error_hint(&run->error, "did you mean %s?", near);
        }
    }
    for (size_t i = 0; i < list.n; i++) {
        free((char *) list.names[i]);
    }
    free(list.names);
}

struct cim_class *
run_class(struct run *run, const char *name)
{
    struct cim_client *client = run_client(run);
    struct cim_class *cls = client ? cim_client_class(client, name,
                                                      &run->error) : NULL;

    if (client && !cls && !run->error.hint[0]
        && !strstr(run->error.text, "did you mean")
        && (run->error.code == ERROR_NO_CLASS
            || run->error.code == ERROR_NOT_FOUND)) {
        suggest_class(run, name);
    }
    return cls;
}

void
run_path_add(struct path *path, const char *key, const char *text)
{
    path->keys = mem_realloc(path->keys,
                             (path->n_keys + 1) * sizeof *path->keys);
    path->keys[path->n_keys++] = (struct path_key) {
        .name = mem_strdup(key), .text = mem_strdup(text), .is_text = true,
    };
}

struct path *
run_path(const char *class_name, const char *key, const char *text)
{
    struct path *path = mem_zalloc(sizeof *path);

    path->class_name = mem_strdup(class_name);
    run_path_add(path, key, text);
    return path;
}

struct path *
run_path_pair(const char *class_name, const char *first,
              const char *first_text, const char *second,
              const char *second_text)
{
    struct path *path = run_path(class_name, first, first_text);

    run_path_add(path, second, second_text);
    return path;
}

static bool
read_stream(int fd, struct buffer *out, struct error *error)
{
    for (;;) {
        ssize_t n;

        buffer_reserve(out, 65536);
        n = read(fd, out->data + out->size, 65536);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return error_set_errno(error, errno, "cannot read standard "
                                   "input");
        }
        if (n == 0) {
            return true;
        }
        out->size += (size_t) n;
        if (out->size > FILE_LIMIT) {
            return error_set(error, ERROR_LIMIT,
                             "standard input is larger than %u MiB",
                             FILE_LIMIT >> 20);
        }
    }
}

bool
run_read_file(struct run *run, const char *name, struct buffer *out)
{
    bool done = strcmp(name, "-") == 0
        ? read_stream(STDIN_FILENO, out, &run->error)
        : durable_read(AT_FDCWD, name, FILE_LIMIT, out, &run->error);

    if (!done) {
        /* "Not found" is said of the server's objects. */
        run->error.code = ERROR_IO;
        return false;
    }
    buffer_string(out);
    return true;
}

void
run_result(const struct run *run, const char *name, const char *format, ...)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    va_list args;

    switch (run->form) {
    case RUN_NAMES:
        text_put_safe(stdout, name);
        putchar('\n');
        return;
    case RUN_JSON:
        buffer_puts(&out, "{\"name\": ");
        json_out_text(name, &out);
        buffer_putc(&out, '}');
        puts(buffer_string(&out));
        return;
    default:
        break;
    }
    va_start(args, format);
    buffer_vprintf(&out, format, args);
    va_end(args);
    text_put_safe(stdout, buffer_string(&out));
    putchar('\n');
}
