/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl support-bundle: what somebody needs who is asked for help, as one
 * file.  Its parts are what other commands print, so that nothing is in it
 * that its reader could not see; values that are Secret are in none of them.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "client/command.h"
#include "client/run.h"
#include "client/wbem/http-client.h"
#include "client/wbem/transport.h"

#define FOLDER "xvs-support"
#define MOST_WORDS 4

extern char **environ;

static const struct part {
    const char *file;
    const char *about;              /* in the list of contents */
    const char *words[MOST_WORDS];  /* of the command; none: metrics */
} parts[] = {
    { "version.txt", "versions of command and server", { "version" } },
    { "status.json", "what is not well; switches, extensions, stages",
      { "status", "--json" } },
    { "doctor.json", "what the host has and lacks", { "doctor", "--json" } },
    { "events.json", "what happened", { "event", "list", "--json" } },
    { "ports.json", "ports and their counters", { "port", "list", "--json" } },
    { "stages.json", "extensions on switches, their cost",
      { "stage", "list", "--json" } },
    { "answers.json", "what extensions answer",
      { "instance", "list", "XVS_FeatureStatus", "--json" } },
    { "schemas.json", "schemas of extensions",
      { "instance", "list", "XVS_Schema", "--json" } },
    { "config.txt", "the configuration, without secrets",
      { "config", "export" } },
    { "metrics.txt", "counters and gauges", { NULL } },
};
#define N_PARTS (sizeof parts / sizeof *parts)

struct bundle {
    struct run *run;
    char folder[64];        /* temporary; holds FOLDER, which holds parts */
    char path[160];         /* of the part at work */
    const char *line[40];   /* of the command at work */
    char *prefix[32];       /* of it: options of the connection, heap */
    size_t n_prefix;
};

static const char *
path_of(struct bundle *bundle, const char *file)
{
    snprintf(bundle->path, sizeof bundle->path, "%s/" FOLDER "/%s",
             bundle->folder, file);
    return bundle->path;
}

/* The part's file takes the place of a stream; returns the stream's own. */
static int
divert(FILE *stream, const char *path, int flags)
{
    int own = fcntl(fileno(stream), F_DUPFD_CLOEXEC, 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);

    fflush(stream);
    if (fd >= 0) {
        dup2(fd, fileno(stream));
        close(fd);
    }
    return own;
}

static void
restore(FILE *stream, int own)
{
    fflush(stream);
    if (own >= 0) {
        dup2(own, fileno(stream));
        close(own);
    }
}

/* Runs the command with our connection; what it complains about is kept. */
static void
run_part(struct bundle *bundle, const struct part *part)
{
    size_t n = bundle->n_prefix;
    int out, err;

    for (size_t i = 0; i < MOST_WORDS && part->words[i]; i++) {
        bundle->line[n++] = part->words[i];
    }
    out = divert(stdout, path_of(bundle, part->file), O_TRUNC);
    err = divert(stderr, path_of(bundle, "complaints.txt"), O_APPEND);
    run_line(bundle->run->session, bundle->line, n);
    restore(stdout, out);
    restore(stderr, err);
}

/* ---- Metrics ------------------------------------------------------------ */

static void
put_request(struct buffer *out, const struct http_options *options)
{
    buffer_puts(out, "GET /metrics HTTP/1.0\r\n");
    if (options->user) {
        MEM_AUTO char *pair = mem_printf("%s:%s", options->user,
                                         options->password
                                             ? options->password : "");

        buffer_puts(out, "Authorization: Basic ");
        base64_put(out, pair, strlen(pair));
        buffer_puts(out, "\r\n");
    }
    buffer_puts(out, "\r\n");
}

static bool
fetch(struct transport *transport, const struct http_options *options,
      struct buffer *out, struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    char piece[16384];
    ssize_t n;

    put_request(&request, options);
    if (!transport_write(transport, request.data, request.size, error)) {
        return false;
    }
    while ((n = transport_read(transport, piece, sizeof piece, error)) > 0) {
        buffer_put(out, piece, (size_t) n);
    }
    return n == 0;
}

static void
write_metrics(struct bundle *bundle, const char *file)
{
    BUFFER_AUTO struct buffer answer = BUFFER_INIT;
    struct http_options options = { 0 };
    const char *host = run_option(bundle->run, "host");
    struct transport *transport = NULL;
    struct error error;
    FILE *out;

    if (run_http_options(bundle->run, &options, &error)
        && (!host || http_options_host(&options, host, &error))) {
        transport = transport_open(&options.transport, &error);
    }
    if (!transport || !fetch(transport, &options, &answer, &error)) {
        buffer_printf(&answer, "\r\n\r\n# %s\n", error.text);
    }
    transport_close(transport);
    free((char *) options.transport.host);
    out = fopen(path_of(bundle, file), "we");
    if (out) {
        const char *text = buffer_string(&answer);
        const char *body = strstr(text, "\r\n\r\n");

        fputs(body ? body + 4 : text, out);
        fclose(out);
    }
}

/* ---- The file ----------------------------------------------------------- */

static void
write_contents(struct bundle *bundle)
{
    FILE *out = fopen(path_of(bundle, "CONTENTS"), "we");
    char when[32];
    time_t now = time(NULL);
    struct tm tm;

    if (!out) {
        return;
    }
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", gmtime_r(&now, &tm));
    fprintf(out, "Made by xvsctl " PACKAGE_VERSION " at %s UTC.\n\n", when);
    for (size_t i = 0; i < N_PARTS; i++) {
        fprintf(out, "%-16s %s\n", parts[i].file, parts[i].about);
    }
    fprintf(out, "%-16s what went wrong while it was made\n",
            "complaints.txt");
    fclose(out);
}

/* Runs tar, which every system has. */
static bool
pack(struct bundle *bundle, const char *file)
{
    const char *arguments[] = { "tar", "-czf", file, "-C",
                                bundle->folder, FOLDER, NULL };
    struct error *error = &bundle->run->error;
    mode_t mask = umask(077);
    int status = 0;
    pid_t pid;
    int result = posix_spawnp(&pid, "tar", NULL, NULL,
                              (char *const *) arguments, environ);

    umask(mask);
    if (result != 0) {
        return error_set_errno(error, result, "cannot run tar");
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) {
        return error_set(error, ERROR_IO, "cannot write %s: tar failed",
                         file);
    }
    return true;
}

static void
clean_up(struct bundle *bundle)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        unlink(path_of(bundle, parts[i].file));
    }
    unlink(path_of(bundle, "complaints.txt"));
    unlink(path_of(bundle, "CONTENTS"));
    rmdir(path_of(bundle, ""));
    rmdir(bundle->folder);
    for (size_t i = 0; i < bundle->n_prefix; i++) {
        free(bundle->prefix[i]);
    }
}

static void
keep_prefix(struct bundle *bundle, const struct args *args)
{
    size_t most = sizeof bundle->prefix / sizeof *bundle->prefix;

    for (size_t i = 0; i < args->n_given && bundle->n_prefix < most; i++) {
        const struct given *given = &args->given[i];

        if (given->option->argument
            && option_by_name(command_global_options, given->option->name)) {
            bundle->prefix[bundle->n_prefix] =
                mem_printf("--%s=%s", given->option->name, given->text);
            bundle->line[bundle->n_prefix] = bundle->prefix[bundle->n_prefix];
            bundle->n_prefix++;
        }
    }
}

static bool
support_bundle(struct run *run)
{
    const char *file = run_option(run, "output");
    const char *temporary = getenv("TMPDIR");
    struct bundle bundle = { .run = run };
    bool done;

    if (!file) {
        return run_usage(run, "support-bundle needs -o FILE.tar.gz");
    }
    snprintf(bundle.folder, sizeof bundle.folder, "%.40s/xvs.XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(bundle.folder) || mkdir(path_of(&bundle, ""), 0700) != 0) {
        return error_set_errno(&run->error, errno, "cannot make %s",
                               bundle.folder);
    }
    keep_prefix(&bundle, &run->args);
    for (size_t i = 0; i < N_PARTS; i++) {
        if (parts[i].words[0]) {
            run_part(&bundle, &parts[i]);
        } else {
            write_metrics(&bundle, parts[i].file);
        }
    }
    write_contents(&bundle);
    done = pack(&bundle, file);
    clean_up(&bundle);
    run->session->kept_status = RUN_OK;
    if (done) {
        for (size_t i = 0; i < N_PARTS; i++) {
            run_say(run, "%-16s %s", parts[i].file, parts[i].about);
        }
        run_result(run, file, "%s written; names, addresses and settings of "
                   "this host are in it, no secrets", file);
    }
    return done;
}

static const struct option options[] = {
    { "output", 'o', "FILE", "where to write it (.tar.gz)", WORD_FILE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command support_commands[] = {
    { "", "-o FILE", "Writes what somebody needs who is asked for help.",
      options, { WORD_NONE }, 0, 0, support_bundle },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
