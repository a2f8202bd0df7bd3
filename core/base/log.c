/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Log lines go out with one write() each, or many with one, so that lines of
 * several processes that share standard error do not mix.
 */
#include <config.h>

#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define LINE_SIZE 1200
#define HELD_SIZE 32768u
#define REPEAT_NS 1000000000ull     /* repeats within it are counted */

static const struct {
    const char *name;       /* as users write it */
    int journal;            /* syslog priority */
} levels[] = {
    [LOG_LEVEL_ERROR] = { "error", 3 },
    [LOG_LEVEL_WARNING] = { "warning", 4 },
    [LOG_LEVEL_INFO] = { "info", 6 },
    [LOG_LEVEL_DEBUG] = { "debug", 7 },
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *program = "xvs";             /* set before threads start */
static enum log_level threshold = LOG_LEVEL_INFO;
static bool to_journal;
static char last_line[LINE_SIZE];               /* under the lock, as below */
static enum log_level last_level;
static unsigned long long last_ns;
static unsigned int n_repeats;
static char held[HELD_SIZE];                    /* lines that wait */
static size_t n_held;                           /* bytes of them */
static _Thread_local bool holds;                /* log_hold() */

/* Held lines are the parent's to write. */
static void
forget_held(void)
{
    n_held = 0;
    holds = false;
}

void
log_open(const char *name, enum log_level level)
{
    static bool opened;

    if (!opened) {
        opened = true;
        pthread_atfork(NULL, NULL, forget_held);
    }
    program = name;
    threshold = level;
    to_journal = getenv("JOURNAL_STREAM") != NULL;
}

bool
log_level_parse(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (text_equal_fold(name, levels[i].name)) {
            *level = (enum log_level) i;
            return true;
        }
    }
    return false;
}

static unsigned long long
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long) now.tv_sec * 1000000000u
           + (unsigned long long) now.tv_nsec;
}

/* Under the lock. */
static void
write_held(void)
{
    size_t size = n_held;

    n_held = 0;
    if (size && write(STDERR_FILENO, held, size) < 0) {
        /* Nobody is left to tell. */
        return;
    }
}

/* The date and time of day, which change once per second. */
static const char *
stamp_of(time_t second)
{
    static char stamp[32];
    static time_t last = -1;
    struct tm parts;

    if (second != last) {
        gmtime_r(&second, &parts);
        strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &parts);
        last = second;
    }
    return stamp;
}

/* Under the lock. */
static void
emit(enum log_level level, const char *line)
{
    char *out = held + n_held;
    size_t room = LINE_SIZE + 128;
    struct timespec now;
    int size;

    if (to_journal) {
        size = snprintf(out, room, "<%d>%s\n", levels[level].journal, line);
    } else {
        clock_gettime(CLOCK_REALTIME, &now);
        size = snprintf(out, room, "%s.%03ldZ %s: %s: %s\n",
                        stamp_of(now.tv_sec), now.tv_nsec / 1000000, program,
                        levels[level].name, line);
    }
    n_held += size > 0 ? (size_t) size : 0;
    if (!holds || level <= LOG_LEVEL_WARNING
        || n_held + room > sizeof(held)) {
        write_held();
    }
}

static void
flush_repeats(void)
{
    char line[64];

    if (n_repeats) {
        snprintf(line, sizeof(line), "last line repeated %u times",
                 n_repeats);
        emit(last_level, line);
        n_repeats = 0;
    }
}

static void
line_out(enum log_level level, const char *line)
{
    unsigned long long now = now_ns();

    pthread_mutex_lock(&lock);
    if (level == last_level && now - last_ns < REPEAT_NS
        && strcmp(line, last_line) == 0) {
        n_repeats++;
    } else {
        flush_repeats();
        emit(level, line);
        snprintf(last_line, sizeof(last_line), "%s", line);
        last_level = level;
        last_ns = now;
    }
    pthread_mutex_unlock(&lock);
}

void
log_hold(bool hold)
{
    holds = hold;
    if (!hold) {
        pthread_mutex_lock(&lock);
        write_held();
        pthread_mutex_unlock(&lock);
    }
}

void
log_line(enum log_level level, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list args;

    if (level > threshold) {
        return;
    }
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    /* One event is one line, whatever a name in it contains. */
    for (char *c = line; *c; c++) {
        if ((unsigned char) *c < ' ' || *c == 0x7f) {
            *c = ' ';
        }
    }
    line_out(level, line);
}

void
log_error_at(enum log_level level, const struct error *error)
{
    char line[LINE_SIZE];

    log_line(level, "%s", error_format(error, line, sizeof(line)));
}
