/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See process.h.  What the main thread does is in watch.c; how a process's
 * end is put in words, in end.c.
 */

#include <config.h>

#include "stage/process/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "stage/call/call.h"
#include "stage/host.h"
#include "stage/inside/parts.h"
#include "stage/keep/keep.h"
#include "stage/lane/share.h"
#include "stage/process/end.h"
#include "stage/process/filters.h"
#include "stage/process/spawn.h"
#include "stage/process/watch.h"

struct process *
process_create(const struct process_config *config, struct share *share)
{
    struct process *process = mem_zalloc(sizeof *process);

    process->config = *config;
    process->share = share;
    share->owner = process;
    process->pidfd = process->calls = process->news = -1;
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        process->bells[i] = -1;
    }
    pthread_mutex_init(&process->lock, NULL);
    return process;
}

static void
set_hook(struct process *process, const char *hook)
{
    pthread_mutex_lock(&process->lock);
    snprintf(process->hook, sizeof process->hook, "%s", hook);
    pthread_mutex_unlock(&process->lock);
}

/* From now on this is the process; false when we are to kill it. */
static bool
adopt(struct process *process, pid_t pid, struct error *error)
{
    bool killed;

    pthread_mutex_lock(&process->lock);
    process->pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
    process->pid = pid;
    killed = process->killed;
    pthread_mutex_unlock(&process->lock);
    if (process->pidfd < 0) {
        return error_set_errno(error, errno, "cannot watch over the process"
                               " of %s", process->config.who);
    }
    __atomic_store_n(&process->share->pid, pid, __ATOMIC_RELEASE);
    return !killed || error_set(error, ERROR_TIMEOUT, "%s %s",
                                process->config.who, process->why);
}

/* The process that we have made way for another, and ends by itself. */
static void
let_go(struct process *process)
{
    int pidfd;

    pthread_mutex_lock(&process->lock);
    pidfd = process->pidfd;
    process->pidfd = -1;
    pthread_mutex_unlock(&process->lock);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close(pidfd);
}

void
process_limit(struct process *process, uint32_t milliseconds)
{
    const struct timeval limit = { milliseconds / 1000,
                                   milliseconds % 1000 * 1000 };

    process->limit_ms = milliseconds;
    setsockopt(process->calls, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* Says why a message did not come, or not as it should. */
static bool
judge_end(struct process *process, enum call_end end,
          const struct error *why, struct error *error)
{
    char text[CONTROL_TEXT / 2];

    if (end == CALL_LATE) {
        snprintf(text, sizeof text, "did not finish %s in time and was ended",
                 process->hook);
        process_kill(process, text);
    } else if (end == CALL_BAD) {
        snprintf(text, sizeof text, "was ended, because its process sent"
                 " %.180s", why->text);
        process_kill(process, text);
    }
    end_note(process, true);
    return error_set(error, end == CALL_LATE ? ERROR_TIMEOUT : ERROR_PROVIDER,
                     "%s", process->text);
}

/* Waits until the process has said something; false: it has ended without.
 * Its child has the same end of the stream, which is not closed then. */
static bool
await_word(const struct process *process)
{
    struct pollfd both[] = { { .fd = process->calls, .events = POLLIN },
                             { .fd = process->pidfd, .events = POLLIN } };
    uint64_t now;

    while ((now = loop_now_ms()) < process->until_ms) {
        int n = poll(both, 2, (int) (process->until_ms - now));

        if (n > 0) {
            /* Who has said it may end then. */
            return both[0].revents || poll(both, 1, 0) > 0;
        }
        if (n < 0 && errno != EINTR) {
            break;
        }
    }
    return true;
}

/* Waits for a message of that type, while a process starts. */
static bool
expect(struct process *process, enum call_type type, struct buffer *message,
       struct error *error)
{
    struct error why;
    enum call_end end = await_word(process)
        ? call_receive(process->calls, message, NULL, NULL,
                       process->until_ms, &why)
        : CALL_CLOSED;

    if (end == CALL_GOOD
        && ((const struct call_head *) (void *) message->data)->type
               != type) {
        error_set(&why, ERROR_INVALID, "an answer to another question");
        end = CALL_BAD;
    }
    return end == CALL_GOOD || judge_end(process, end, &why, error);
}

static bool
send_start(struct process *process, int news, struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const struct share *share = process->share;
    uint32_t n = share->size.n_workers;
    struct call_start *start =
        call_begin(&message, CALL_START, sizeof *start);
    int fds[CALL_FDS];

    start->size = share->size;
    start->n_bells = n;
    start->sockets = process->config.sockets;
    snprintf(start->switch_name, sizeof start->switch_name, "%s",
             process->config.switch_name);
    snprintf(start->path, sizeof start->path, "%s", process->config.plugin);
    fds[0] = news;
    memcpy(fds + 1, share->files, sizeof share->files);
    memcpy(fds + 1 + SHARE_FILES, process->bells, n * sizeof *fds);
    return call_send(process->calls, &message, fds, 1 + SHARE_FILES + n,
                     error);
}

/* It may have put another in its place, in a namespace of its own. */
static bool
meet_child(struct process *process, struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const struct call_child *child;
    siginfo_t info;

    if (!expect(process, CALL_CHILD, &message, error)) {
        return false;
    }
    child = call_body((void *) message.data);
    if (child->pid != process->pid) {
        if (child->pid <= 0
            || waitid(P_PID, (id_t) child->pid, &info,
                      WEXITED | WNOHANG | WNOWAIT) != 0) {
            return error_set(error, ERROR_PROVIDER, "the process of %s has"
                             " no child %d", process->config.who, child->pid);
        }
        let_go(process);
        if (!adopt(process, child->pid, error)) {
            return false;
        }
    }
    call_begin(&message, CALL_GO, 0);
    return call_send(process->calls, &message, NULL, 0, error);
}

/*
 * Code of the plugin has run before the last step into the sandbox, and may
 * have kept the process from it.  The kernel knows: both filters are there.
 */
static bool
is_closed(struct process *process, struct error *error)
{
    if (process->missing & 1u << SANDBOX_SECCOMP
        || filters_are_there(process->pid)) {
        return true;
    }
    process_kill(process, "kept its sandbox open and was ended");
    return error_set(error, ERROR_PROVIDER, "%s %s", process->config.who,
                     process->why);
}

static bool
meet_sandbox(struct process *process, struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;

    if (!expect(process, CALL_SHUT, &message, error)) {
        return false;
    }
    process->missing = ((const struct call_shut *) call_body(
        (void *) message.data))->missing;
    return true;
}

static bool
meet_plugin(struct process *process, struct error *error)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    const struct call_loaded *loaded;
    char text[CONTROL_TEXT - 64];

    if (!expect(process, CALL_LOADED, &message, error)) {
        return false;
    }
    loaded = call_body((void *) message.data);
    if (loaded->failed) {
        /* Code of the plugin may have written it. */
        host_copy_text(text, sizeof text, loaded->text);
        return error_set(error, ERROR_PROVIDER, "%s", text);
    }
    if (!guid_equal(&loaded->id, process->config.id)
        || loaded->version != process->config.version) {
        error_set(error, ERROR_VERSION, "the file of %s is another one than"
                  " when it was loaded", process->config.who);
        return error_hint(error, "load it again with xvsctl extension"
                                 " upgrade");
    }
    if (!is_closed(process, error)) {
        return false;
    }
    process->missing |= loaded->missing;
    share_find_thread(process->share);
    return true;
}

/* A stream and a way for news; the process's ends are the second ones. */
static bool
make_sockets(int stream[2], int news[2], struct error *error)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream) != 0) {
        return error_set_errno(error, errno, "cannot make a socket");
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   news) != 0) {
        close(stream[0]);
        close(stream[1]);
        return error_set_errno(error, errno, "cannot make a socket");
    }
    return true;
}

static bool
spawn(struct process *process, int *news, struct error *error)
{
    int stream[2], packets[2], number;
    pid_t pid;

    if (!make_sockets(stream, packets, error)) {
        return false;
    }
    number = spawn_stage(&pid, process->config.program,
                         process->config.program_file, process->config.who,
                         stream[1]);
    close(stream[1]);
    process->calls = stream[0];
    process->news = packets[0];
    *news = packets[1];
    if (number) {
        return error_set_errno(error, number, "cannot start %s for %s",
                               process->config.program, process->config.who);
    }
    process->group = pid;
    return adopt(process, pid, error);
}

/* One that was ended before it could tell of the child that was to take its
 * place leaves that to us: they are in a group of their own. */
static void
leave_nobody(pid_t group)
{
    siginfo_t info;
    int result;

    kill(-group, SIGKILL);
    do {
        result = waitid(P_PGID, (id_t) group, &info, WEXITED);
    } while (result == 0 || errno == EINTR);
}

bool
process_start(struct process *process, struct error *error)
{
    int news = -1;
    bool good;

    set_hook(process, "load");
    good = spawn(process, &news, error);
    if (good) {
        process->until_ms = loop_now_ms() + PROCESS_START_MS;
        good = send_start(process, news, error)
            && meet_child(process, error) && meet_sandbox(process, error)
            && meet_plugin(process, error);
    }
    if (news >= 0) {
        close(news);
    }
    share_close_files(process->share);
    set_hook(process, "");
    if (good) {
        watch_begin(process);
    } else if (process->group) {
        leave_nobody(process->group);
    }
    return good;
}

/* The process has its own by now.  They were opened one after the other, so
 * that those with nothing between them go at once. */
static void
close_sent(const int *fds, uint32_t n)
{
    for (uint32_t i = 0, next; i < n; i = next) {
        next = i + 1;
        while (next < n && fds[next] == fds[next - 1] + 1) {
            next++;
        }
        syscall(SYS_close_range, fds[i], fds[next - 1], 0);
    }
}

/* Answers what the process asks until it has a result. */
static enum call_end
converse(struct process *process, struct buffer *reply, struct error *why)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const struct process_config *config = &process->config;
    int fds[CALL_FDS];
    uint32_t n;
    bool sent;

    for (;;) {
        enum call_end end =
            call_receive(process->calls, reply, NULL, NULL,
                         process->until_ms, why);
        const struct call_head *head = (void *) reply->data;

        if (end != CALL_GOOD || head->type == CALL_RESULT) {
            return end;
        }
        n = 0;
        if (!config->nested(config->arg, process, head, &out, fds, &n, why)) {
            return CALL_BAD;
        }
        sent = call_send(process->calls, &out, fds, n, why);
        close_sent(fds, n);
        if (!sent) {
            return CALL_CLOSED;
        }
    }
}

bool
process_has_ended(struct process *process)
{
    bool ended;

    pthread_mutex_lock(&process->lock);
    ended = process->ended;
    pthread_mutex_unlock(&process->lock);
    return ended;
}

/* Nobody waits for a timer's call, so nobody else would end it. */
static uint64_t
time_limit(const struct process *process, const struct call_head *call)
{
    uint32_t limit_ms = process->limit_ms ? process->limit_ms
        : call->type == CALL_TIMER || call->type == CALL_PING
            ? PROCESS_TIMER_MS : 0;

    return limit_ms ? loop_now_ms() + limit_ms : 0;
}

bool
process_call(struct process *process, const char *hook,
             struct buffer *message, struct buffer *reply)
{
    enum call_end end = CALL_CLOSED;
    struct error why, error;

    if (process_has_ended(process)) {
        return false;
    }
    set_hook(process, hook);
    process->until_ms = time_limit(process, (void *) message->data);
    if (call_send(process->calls, message, NULL, 0, &why)) {
        end = converse(process, reply, &why);
    }
    if (end != CALL_GOOD) {
        return judge_end(process, end, &why, &error);
    }
    set_hook(process, "");
    return true;
}

void
process_kill(struct process *process, const char *why)
{
    pthread_mutex_lock(&process->lock);
    if (!process->ended && !process->killed) {
        process->killed = true;
        snprintf(process->why, sizeof process->why, "%s", why);
        if (process->pidfd >= 0) {
            syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
        }
    }
    pthread_mutex_unlock(&process->lock);
}

void
process_close(struct process *process)
{
    __atomic_store_n(&process->parted, true, __ATOMIC_RELEASE);
    process_kill(process, "was ended");
    if (process->pid) {
        end_note(process, true);
    }
    if (process->share->kept) {
        kept_leave(process->share->kept, process->share);
    }
    watch_end(process);
}
