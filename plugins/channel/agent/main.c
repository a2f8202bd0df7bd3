/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-agent: opens what it needs, gives up all rights, moves bytes.
 */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

struct options options;

static void
print(const char *format, va_list args)
{
    char text[512];

    vsnprintf(text, sizeof(text), format, args);
    fprintf(stderr, "xvs-agent: %s\n", text);
}

void
say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print(format, args);
    va_end(args);
}

void
die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print(format, args);
    va_end(args);
    exit(1);
}

/* As many descriptors as we may have. */
static void
raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void
give_up_rights(void)
{
    const char *name = options.user[0] ? options.user : "nobody";
    const struct passwd *user;

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (geteuid() != 0) {
        return;
    }
    user = getpwnam(name);
    if (!user) {
        die("there is no user %s (--user)", name);
    }
    if (user->pw_uid != 0
        && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0
            || setuid(user->pw_uid) != 0 || setuid(0) == 0)) {
        die("cannot become user %s: %s", name, strerror(errno));
    }
}

static time_t
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

int
main(int argc, char **argv)
{
    time_t last = 0, now;

    options_read(&options, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    raise_limit();
    loop_start();
    link_open_all();
    offer_open_all();
    give_up_rights();
    for (;;) {
        loop_turn();
        link_flush_all();
        now = seconds();
        if (now != last) {
            link_tick();
            offer_tick();
            link_flush_all();
            last = now;
        }
    }
}
