/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_RUN_H
#define XVS_CLIENT_RUN_H

/*
 * One run of a command: its arguments, the connection (opened by the first
 * use, kept by "xvsctl shell" for the next command), where output goes, and
 * how it ended.
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "client/args.h"
#include "schema/value.h"

struct cim_class;
struct cim_client;
struct http_options;
struct instance;
struct method;
struct path;

/* Exit statuses; xvsctl(1) documents them. */
enum run_status {
    RUN_OK = 0,
    RUN_FAILED = 1,
    RUN_USAGE = 2,
    RUN_NOT_FOUND = 3,
    RUN_REFUSED = 4,        /* by an extension, in its own words */
    RUN_NO_CONSUMER = 5,
    RUN_DENIED = 6,
    RUN_UNREACHABLE = 7,
    RUN_TIMEOUT = 8,
    RUN_CONFLICT = 9,       /* exists already, or still in use */
};

enum run_form { RUN_TABLE, RUN_JSON, RUN_NAMES, RUN_VALUE, RUN_MOF, RUN_XML };

/* What outlives one command in a shell. */
struct session {
    struct cim_client *client;      /* or NULL */
    char *address;                  /* where 'client' is, to compare */
    bool is_shell;                  /* a shell runs: no shell in it */
    int kept_status;                /* of a command that was done: what a
                                     * shell ended with, or a finding */
};

struct run {
    struct args args;
    struct session *session;
    enum run_form form;
    bool usage;                 /* the error is about the command line */
    bool incomplete;            /* not all could be printed; 'error' says why */
    struct error error;
};

/* Runs one command line (without the program's name); returns its status. */
int run_line(struct session *session, const char *const *line, size_t n);
void session_end(struct session *session);
/* Status for an error. */
enum run_status run_status_of(const struct error *error);
/* Prints "xvsctl: what (hint)" to standard error. */
void run_complain(const struct error *error);

/* The connection as the options say; NULL with run->error set. */
struct cim_client *run_client(struct run *run);
/* Reads connection options into 'options' (texts stay valid). */
bool run_http_options(struct run *run, struct http_options *options,
                      struct error *error);
/* The same with --host; the caller frees options->transport.host.  False with
 * run->error set. */
bool run_server(struct run *run, struct http_options *options);
/* Sets run->error to a mistake in the command line; returns false. */
bool run_usage(struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Shortcuts: word by index (NULL when there are fewer), option. */
const char *run_word(const struct run *run, size_t index);
const char *run_option(const struct run *run, const char *name);
bool run_has(const struct run *run, const char *name);

/* Tells a person what was done; silent with --json and --names. */
void run_say(const struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The result of a change: the name with --names, JSON with --json (key
 * "name"), else the sentence. */
void run_result(const struct run *run, const char *name,
                const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A class of the server, or NULL with run->error set and a hint. */
struct cim_class *run_class(struct run *run, const char *name);
/* The path CLASS.key="text", and the one with two keys. */
struct path *run_path(const char *class_name, const char *key,
                      const char *text);
struct path *run_path_pair(const char *class_name, const char *first,
                           const char *first_text, const char *second,
                           const char *second_text);
/* Appends a text key; takes nothing over. */
void run_path_add(struct path *path, const char *key, const char *text);

/* Reads a file, "-" being standard input, as terminated text. */
struct buffer;
bool run_read_file(struct run *run, const char *name, struct buffer *out);

#endif
