/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See watch.h.  A process that never stops talking is heard for a little
 * while ten times a second; what does not fit into its socket is lost.
 */

#include <config.h>

#include "stage/process/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"
#include "stage/call/call.h"
#include "stage/lane/share.h"
#include "stage/process/end.h"
#include "stage/process/process.h"

#define NEWS_AT_ONCE 64
#define PAUSE_MS 100

static bool
is_parted(const struct process *process)
{
    return __atomic_load_n(&process->parted, __ATOMIC_ACQUIRE);
}

static void
forget_news(struct process *process)
{
    loop_timer_remove(process->pause);
    process->pause = NULL;
    loop_watch_remove(process->news_watch);
    process->news_watch = NULL;
}

static void
listen_again(void *arg)
{
    struct process *process = arg;

    process->pause = NULL;
    if (process->news_watch) {
        loop_watch_set(process->news_watch, LOOP_READ);
    }
}

/* News that are there; false: there will be none. */
static bool
hear(struct process *process)
{
    for (int i = 0; i < NEWS_AT_ONCE; i++) {
        struct call_news news;
        ssize_t size = recv(process->news, &news, sizeof news, MSG_DONTWAIT);

        if (size <= 0) {
            return size < 0 && (errno == EAGAIN || errno == EINTR);
        }
        if (call_check_news(&news, (size_t) size) && !is_parted(process)) {
            process->config.on_news(process->config.arg, process, &news);
        }
    }
    if (!process->pause) {
        loop_watch_set(process->news_watch, 0);
        process->pause = loop_timer_add(process->config.loop, PAUSE_MS, false,
                                        listen_again, process);
    }
    return true;
}

static void
on_news(void *arg, int fd, unsigned int events)
{
    struct process *process = arg;

    (void) fd;
    if (!hear(process) || events == LOOP_CLOSED) {
        forget_news(process);
    }
}

static void
on_end(void *arg, int fd, unsigned int events)
{
    struct process *process = arg;

    (void) fd;
    (void) events;
    if (!end_note(process, false)) {
        return;
    }
    loop_watch_remove(process->end_watch);
    process->end_watch = NULL;
    if (process->news_watch && !process->pause) {
        hear(process);
    }
    forget_news(process);
    if (!is_parted(process)) {
        process->config.on_end(process->config.arg, process);
    }
    pthread_mutex_lock(&process->lock);
    process->told = true;
    pthread_mutex_unlock(&process->lock);
}

static void
begin(void *arg)
{
    struct process *process = arg;

    process->end_watch = loop_watch_add(process->config.loop, process->pidfd,
                                        LOOP_READ, on_end, process);
    process->news_watch = loop_watch_add(process->config.loop, process->news,
                                         LOOP_READ, on_news, process);
}

void
watch_begin(struct process *process)
{
    loop_post(process->config.loop, begin, process);
}

static void
close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

/* Posted after begin(), and the last that there is. */
static void
end(void *arg)
{
    struct process *process = arg;

    loop_watch_remove(process->end_watch);
    forget_news(process);
    close_fd(process->pidfd);
    close_fd(process->calls);
    close_fd(process->news);
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        close_fd(process->bells[i]);
    }
    share_destroy(process->share);
    pthread_mutex_destroy(&process->lock);
    free(process);
}

void
watch_end(struct process *process)
{
    loop_post(process->config.loop, end, process);
}
