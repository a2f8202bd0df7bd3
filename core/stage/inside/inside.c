/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See inside.h.
 */

#include <config.h>

#include "stage/inside/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "stage/inside/crash.h"
#include "stage/inside/sandbox.h"
#include "stage/lane/serve.h"
#include "stage/lane/share.h"
#include "stage/plugin/plugin.h"

/* A message of xvs-switch, or the end: without it there is nothing to do. */
static const struct call_head *
next_call(struct inside *inside, int *fds, uint32_t *n)
{
    struct error error;

    if (call_receive(inside->calls, &inside->message, fds, n, 0, &error)
        != CALL_GOOD) {
        _exit(0);
    }
    return (void *) inside->message.data;
}

static void
reply(struct inside *inside, struct buffer *message)
{
    struct error error;

    if (!call_send(inside->calls, message, NULL, 0, &error)) {
        _exit(0);
    }
}

/* What the stage is made of, and the files of its memory. */
static bool
take_start(struct inside *inside, int files[SHARE_FILES])
{
    int fds[CALL_FDS];
    uint32_t n;
    const struct call_head *call = next_call(inside, fds, &n);

    if (call->type != CALL_START) {
        return false;
    }
    inside->start = *(const struct call_start *) call_body(call);
    if (n != 1 + SHARE_FILES + inside->start.n_bells
        || inside->start.n_bells != inside->start.size.n_workers) {
        return false;
    }
    inside->news = fds[0];
    memcpy(files, fds + 1, SHARE_FILES * sizeof *files);
    memcpy(inside->bells, fds + 1 + SHARE_FILES,
           inside->start.n_bells * sizeof *fds);
    return true;
}

/*
 * Goes on in the namespaces.  That of processes holds for children only: a
 * child that is xvs-switch's as we are takes our place, and we end.
 */
static void
move_in(struct inside *inside)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct call_child *child =
        call_begin(&message, CALL_CHILD, sizeof *child);
    long pid = 0;

    inside->missing = sandbox_leave();
    child->pid = getpid();
    if (!(inside->missing & 1u << SANDBOX_PID)) {
        pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (pid < 0) {
            inside->missing |= 1u << SANDBOX_PID;
        } else if (pid > 0) {
            child->pid = (int32_t) pid;
        }
    }
    if (pid > 0) {
        reply(inside, &message);
        _exit(0);
    }
    if (inside->missing & 1u << SANDBOX_PID) {
        reply(inside, &message);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (next_call(inside, NULL, NULL)->type != CALL_GO) {
        _exit(1);
    }
}

/* Nobody's descriptors but ours are open. */
static void
close_others(const struct inside *inside, uint32_t n)
{
    int last = inside->calls > inside->news ? inside->calls : inside->news;

    for (uint32_t i = 0; i < n; i++) {
        last = inside->bells[i] > last ? inside->bells[i] : last;
    }
    syscall(SYS_close_range, (unsigned int) last + 1, ~0u, 0);
}

static void
tell_shut(struct inside *inside)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct call_shut *shut = call_begin(&message, CALL_SHUT, sizeof *shut);

    shut->missing = inside->missing;
    reply(inside, &message);
}

static bool
load(struct inside *inside, struct error *error)
{
    char path[PATH_MAX], folder[PATH_MAX];
    char *slash;

    if (!realpath(inside->start.path, path)) {
        return error_set_errno(error, errno, "%s", inside->start.path);
    }
    memcpy(folder, path, sizeof folder);
    slash = strrchr(folder, '/');
    slash[slash == folder] = 0;
    inside->missing |= sandbox_enclose(folder, inside->start.sockets);
    inside->serve = serve_create(inside->share, inside->bells, error);
    if (!inside->serve) {
        return false;
    }
    if (!inside_sockets(inside)) {
        return error_set_errno(error, errno, "cannot watch descriptors");
    }
    inside->missing |= sandbox_load(inside->start.sockets);
    tell_shut(inside);
    inside->plugin = plugin_load(path, error);
    if (!inside->plugin) {
        return false;
    }
    inside->stage.plugin = inside->plugin;
    inside->stage.hooks = &inside->plugin->extension;
    inside->missing |= sandbox_close(inside->start.sockets);
    return true;
}

static void
tell_loaded(struct inside *inside, const struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct call_loaded *loaded =
        call_begin(&message, CALL_LOADED, sizeof *loaded);

    loaded->missing = inside->missing;
    if (error) {
        loaded->failed = 1;
        snprintf(loaded->text, sizeof loaded->text, "%s", error->text);
    } else {
        loaded->id = inside->plugin->extension.id;
        loaded->version = inside->plugin->extension.version;
        loaded->api_version = inside->plugin->extension.api_version;
    }
    reply(inside, &message);
}

static bool
begin(struct inside *inside)
{
    int files[SHARE_FILES];
    struct error error;
    bool good;

    inside->calls = CALL_FD;
    inside->main = pthread_self();
    pthread_mutex_init(&inside->lock, NULL);
    if (!take_start(inside, files)) {
        return false;
    }
    move_in(inside);
    inside->share = share_attach(&inside->start.size, files, &error);
    good = inside->share != NULL;
    if (good) {
        close_others(inside, inside->start.n_bells);
        crash_begin(inside->share->state);
        inside_host(inside);
        good = load(inside, &error);
    }
    tell_loaded(inside, good ? NULL : &error);
    return good;
}

int
inside_main(void)
{
    struct inside *inside = mem_zalloc(sizeof *inside);
    struct buffer out = BUFFER_INIT;

    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!begin(inside)) {
        _exit(1);
    }
    for (;;) {
        inside_await(inside);
        inside_do(inside, next_call(inside, NULL, NULL), &out);
        reply(inside, &out);
    }
}
