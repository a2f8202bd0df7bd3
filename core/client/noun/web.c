/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl web: the page of a server for a browser on this host, without any
 * set-up: a port of the loopback interface for as long as the command runs,
 * and an address with a token that only the one who sees it can use.  What
 * passes is decided by client/web/gate.h.
 */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/memory.h"
#include "base/socket.h"
#include "client/command.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "client/wbem/http-client.h"
#include "client/web/gate.h"
#include "client/web/relay.h"

#define CONNECTIONS 64      /* at once; a browser has about six */

/* A process per connection ends with its request, or with us. */
static void
serve(const struct gate *gate, int listener, int fd)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    close(listener);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    relay_serve(gate, fd);
    close(fd);
    _exit(0);
}

/* Takes connections until somebody stops us. */
static bool
serve_all(struct run *run, const struct gate *gate, int listener)
{
    struct pollfd ready = { .fd = listener, .events = POLLIN };
    unsigned int n = 0;

    for (;;) {
        int fd;

        while (n && waitpid(-1, NULL, n == CONNECTIONS ? 0 : WNOHANG) > 0) {
            n--;
        }
        if (poll(&ready, 1, n ? 1000 : -1) < 0 && errno != EINTR) {
            return error_set_errno(&run->error, errno, "cannot wait for "
                                   "browsers");
        }
        fd = socket_accept(listener);
        if (fd < 0) {
            continue;
        }
        pid_t pid = fork();

        if (pid == 0) {
            serve(gate, listener, fd);
        }
        n += pid > 0;
        close(fd);
    }
}

/* The server is asked once, so that what is wrong is said here. */
static bool
is_there(struct run *run)
{
    struct cim_client *client = run_client(run);

    return client && cim_client_class(client, "XVS_Host", &run->error);
}

static int
listen_here(struct run *run, struct gate *gate)
{
    unsigned long long port;
    char address[32];
    int fd;

    if (!args_number(&run->args, "port", 65535, 0, &port, &run->error)) {
        run->usage = true;
        return -1;
    }
    snprintf(address, sizeof address, "127.0.0.1:%llu", port);
    fd = socket_listen_tcp(address, &run->error);
    gate->port = fd >= 0 ? socket_port(fd) : 0;
    return fd;
}

static void
tell(struct run *run, const struct gate *gate)
{
    MEM_AUTO char *address = mem_printf("http://127.0.0.1:%u/#token=%s",
                                        gate->port, gate->token);

    run_result(run, address, "%s", address);
    run_say(run, "Open it in a browser on this host.  Whoever has it can do "
            "what you can, until this command ends (Ctrl-C).");
    fflush(stdout);
}

static bool
web(struct run *run)
{
    struct http_options options = { 0 };
    struct gate gate = { .server = &options };
    bool done;
    int fd;

    if (!is_there(run) || !run_server(run, &options)) {
        return false;
    }
    if (!gate_make_token(&gate)) {
        free((char *) options.transport.host);
        return error_set(&run->error, ERROR_FAILED,
                         "the kernel gives no random numbers");
    }
    fd = listen_here(run, &gate);
    done = fd >= 0;
    if (done) {
        tell(run, &gate);
        done = serve_all(run, &gate, fd);
        close(fd);
    }
    free((char *) options.transport.host);
    return done;
}

static const struct option web_options[] = {
    { "port", 0, "NUMBER", "port of 127.0.0.1 to use (a free one)",
      WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command web_commands[] = {
    { "", "", "Serves the web page to a browser on this host.", web_options,
      { WORD_NONE }, 0, 0, web },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
