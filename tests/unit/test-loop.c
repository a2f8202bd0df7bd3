/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The event loop: order of timers, posts from threads, and everything that
 * may be removed inside of a callback.
 */
#include <config.h>

#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/socket.h"
#include "unit.h"

static struct loop *loop;       /* of the test that runs */
static char trace[64];          /* what was called, a letter each */

static void
note(void *arg)
{
    strncat(trace, arg, sizeof(trace) - strlen(trace) - 1);
}

/* An argument for note(). */
static void *
letter(char c)
{
    static char letters[128][2];

    letters[(unsigned char) c & 127][0] = c;
    return letters[(unsigned char) c & 127];
}

static void
stop(void *arg)
{
    (void) arg;
    loop_stop(loop);
}

static void
begin(void)
{
    struct error error;

    trace[0] = 0;
    loop = loop_create(&error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(loop);
}

static void
end(void)
{
    loop_destroy(loop);
}

static void
test_timers(void)
{
    begin();
    loop_timer_add(loop, 30, false, stop, NULL);
    loop_timer_add(loop, 20, false, note, letter('c'));
    loop_timer_add(loop, 10, false, note, letter('a'));
    loop_timer_add(loop, 10, false, note, letter('b'));
    struct loop_timer *removed = loop_timer_add(loop, 15, false, note, letter('x'));

    loop_timer_remove(removed);
    loop_timer_remove(NULL);
    uint64_t start = loop_now_ms();

    loop_run(loop);
    CU_ASSERT_STRING_EQUAL(trace, "abc");
    CU_ASSERT(loop_now_ms() - start >= 29);
    end();
}

/* Many timers, every other one removed: the heap stays in order. */
static void
test_many_timers(void)
{
    struct loop_timer *timers[52];

    /* Far enough apart for a machine that stops while they are added. */
    begin();
    for (int i = 0; i < 52; i++) {
        int place = i * 11 % 52;

        timers[place] = loop_timer_add(loop, (uint64_t) place * 10 + 1,
                                       false, note,
                                       letter((char) ('a' + place / 2)));
    }
    for (int i = 1; i < 52; i += 2) {
        loop_timer_remove(timers[i]);
    }
    loop_timer_add(loop, 700, false, stop, NULL);
    loop_run(loop);
    CU_ASSERT_STRING_EQUAL(trace, "abcdefghijklmnopqrstuvwxyz");
    end();
}

static struct loop_timer *beat;
static int n_beats;

static void
count_beat(void *arg)
{
    (void) arg;
    if (++n_beats == 3) {
        loop_timer_remove(beat);
        loop_timer_add(loop, 20, false, stop, NULL);
    }
}

static void
test_repeat_removed_inside(void)
{
    begin();
    n_beats = 0;
    beat = loop_timer_add(loop, 3, true, count_beat, NULL);
    loop_run(loop);
    CU_ASSERT_EQUAL(n_beats, 3);
    end();
}

static void
defer_more(void *arg)
{
    note(arg);
    loop_defer(loop, note, letter('2'));
}

static void
test_defer(void)
{
    begin();
    loop_defer(loop, defer_more, letter('1'));
    loop_once(loop, -1);
    CU_ASSERT_STRING_EQUAL(trace, "1");
    loop_once(loop, -1);
    CU_ASSERT_STRING_EQUAL(trace, "12");
    loop_once(loop, 0);
    CU_ASSERT_STRING_EQUAL(trace, "12");
    end();
}

enum { N_POSTS = 2000, N_POSTERS = 3 };
static int n_posted;

static void
count_post(void *arg)
{
    (void) arg;
    if (++n_posted == N_POSTS * N_POSTERS) {
        loop_stop(loop);
    }
}

static void *
poster(void *arg)
{
    for (int i = 0; i < N_POSTS; i++) {
        loop_post(loop, count_post, arg);
    }
    return NULL;
}

static void
test_post(void)
{
    pthread_t threads[N_POSTERS];

    begin();
    n_posted = 0;
    for (int i = 0; i < N_POSTERS; i++) {
        pthread_create(&threads[i], NULL, poster, NULL);
    }
    loop_run(loop);
    for (int i = 0; i < N_POSTERS; i++) {
        pthread_join(threads[i], NULL);
    }
    CU_ASSERT_EQUAL(n_posted, N_POSTS * N_POSTERS);
    end();
}

static struct loop_watch *watches[2];

/* Both are ready; whichever is called first removes both. */
static void
remove_both(void *arg, int fd, unsigned int events)
{
    (void) fd;
    CU_ASSERT_EQUAL(events, LOOP_READ);
    note(arg);
    loop_watch_remove(watches[0]);
    loop_watch_remove(watches[1]);
}

static void
test_watch_removed_inside(void)
{
    int pipes[2][2];

    begin();
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(pipe(pipes[i]), 0);
        CU_ASSERT_EQUAL(write(pipes[i][1], "x", 1), 1);
        watches[i] = loop_watch_add(loop, pipes[i][0], LOOP_READ,
                                    remove_both, letter('w'));
    }
    loop_once(loop, 0);
    loop_once(loop, 0);
    CU_ASSERT_STRING_EQUAL(trace, "w");
    for (int i = 0; i < 2; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
    end();
}

static unsigned int seen;

static void
see(void *arg, int fd, unsigned int events)
{
    (void) arg;
    (void) fd;
    seen = events;
}

static void
test_events(void)
{
    int pair[2];

    begin();
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct loop_watch *watch = loop_watch_add(loop, pair[0], LOOP_READ, see,
                                              NULL);

    seen = 0;
    loop_once(loop, 0);
    CU_ASSERT_EQUAL(seen, 0);
    loop_watch_set(watch, LOOP_READ | LOOP_WRITE);
    loop_once(loop, 0);
    CU_ASSERT_EQUAL(seen, LOOP_WRITE);
    loop_watch_set(watch, 0);
    close(pair[1]);
    loop_once(loop, 0);
    CU_ASSERT_EQUAL(seen, LOOP_CLOSED);
    loop_watch_remove(watch);
    close(pair[0]);
    int file = open("/proc/self/stat", O_RDONLY);

    CU_ASSERT_PTR_NULL(loop_watch_add(loop, file, LOOP_READ, see, NULL));
    CU_ASSERT_EQUAL(errno, EPERM);
    close(file);
    end();
}

static void
test_signal(void)
{
    struct error error;

    begin();
    CU_ASSERT(loop_signal(loop, SIGUSR1, note, letter('s'), &error));
    CU_ASSERT(loop_signal(loop, SIGUSR2, stop, NULL, &error));
    kill(getpid(), SIGUSR1);
    loop_once(loop, -1);
    kill(getpid(), SIGUSR2);
    loop_run(loop);
    CU_ASSERT_STRING_EQUAL(trace, "s");
    end();
}

static void
test_sockets(void)
{
    struct error error;
    int listener = socket_listen_tcp("127.0.0.1:0", &error);

    CU_ASSERT_FATAL(listener >= 0);
    CU_ASSERT_EQUAL(socket_accept(listener), -1);
    int client = socket_connect_tcp("127.0.0.1", socket_port(listener),
                                    &error);

    CU_ASSERT_FATAL(client >= 0);
    usleep(1000);
    int peer = socket_accept(listener);

    CU_ASSERT(peer >= 0);
    close(peer);
    close(client);
    close(listener);
    CU_ASSERT_EQUAL(socket_listen_tcp("nonsense", &error), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "[v6]:port"));
    listener = socket_listen_tcp(":0", &error);
    CU_ASSERT(listener >= 0);
    close(listener);
}

static void
test_unix_sockets(void)
{
    char path[] = "/tmp/xvs-loop-XXXXXX";
    struct error error;
    uid_t uid = 0;

    close(mkstemp(path));
    CU_ASSERT_EQUAL(socket_listen_unix(path, SOCK_STREAM, 0600, &error), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "not a socket"));
    unlink(path);
    int listener = socket_listen_unix(path, SOCK_SEQPACKET, 0600, &error);

    CU_ASSERT_FATAL(listener >= 0);
    CU_ASSERT_EQUAL(socket_listen_unix(path, SOCK_SEQPACKET, 0600, &error),
                    -1);
    CU_ASSERT_EQUAL(error.code, ERROR_EXISTS);
    int client = socket_connect_unix(path, SOCK_SEQPACKET, &error);

    CU_ASSERT(client >= 0);
    CU_ASSERT(socket_peer(client, &uid, NULL, NULL));
    CU_ASSERT_EQUAL(uid, getuid());
    close(client);
    close(listener);
    CU_ASSERT_EQUAL(socket_connect_unix(path, SOCK_SEQPACKET, &error), -1);
    CU_ASSERT_STRING_EQUAL(error.hint, "is the daemon running?");
    listener = socket_listen_unix(path, SOCK_SEQPACKET, 0600, &error);
    CU_ASSERT(listener >= 0);
    close(listener);
    unlink(path);
}

static const struct unit_test tests[] = {
    { "timers in order", test_timers },
    { "many timers", test_many_timers },
    { "repeat, removed inside", test_repeat_removed_inside },
    { "deferred calls", test_defer },
    { "posts from threads", test_post },
    { "watches removed inside", test_watch_removed_inside },
    { "kinds of events", test_events },
    { "signals", test_signal },
    { "TCP sockets", test_sockets },
    { "unix sockets", test_unix_sockets },
};

UNIT_MAIN("loop", tests)
