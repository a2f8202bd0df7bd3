/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_LOG_H
#define XVS_BASE_LOG_H

/*
 * One line per event to standard error.  Under systemd (JOURNAL_STREAM set)
 * each line begins with the "<N>" level that the journal understands, else
 * with the time and the program's name.  Repeats of one line within a second
 * are counted, not printed.  Thread-safe.
 *
 * A thread that has much to tell may hold its lines: then those that are only
 * information leave together, with one system call, when it lets go.  A
 * warning or an error does not wait, nor does what was held before it.
 */

#include <stdbool.h>

struct error;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
                 LOG_LEVEL_DEBUG };

/* 'program' is kept by reference.  Lines above 'level' are not written. */
void log_open(const char *program, enum log_level level);
/* "error", "warning", "info", "debug"; false when it is none of them. */
bool log_level_parse(const char *name, enum log_level *level);
/* This thread holds lines, or lets go and writes them.  The event loop does so
 * around each of its rounds. */
void log_hold(bool hold);
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_error_at(enum log_level level, const struct error *error);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
