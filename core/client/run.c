/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * From a command line to its exit status.
 */

#include <config.h>

#include "client/run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/show/table.h"
#include "client/wbem/cim-client.h"

enum run_status
run_status_of(const struct error *error)
{
    switch (error->code) {
    case ERROR_NOT_FOUND:
    case ERROR_NO_CLASS:
    case ERROR_NO_METHOD:
    case ERROR_NO_NAMESPACE:
        return RUN_NOT_FOUND;
    case ERROR_REFUSED:
        return RUN_REFUSED;
    case ERROR_NO_CONSUMER:
        return RUN_NO_CONSUMER;
    case ERROR_DENIED:
        return RUN_DENIED;
    case ERROR_TIMEOUT:
        return RUN_TIMEOUT;
    case ERROR_EXISTS:
    case ERROR_IN_USE:
        return RUN_CONFLICT;
    default:
        return RUN_FAILED;
    }
}

void
run_complain(const struct error *error)
{
    char text[1024];

    error_format(error, text, sizeof text);
    fputs("xvsctl: ", stderr);
    text_put_safe(stderr, text);
    putc('\n', stderr);
}

static int
conclude(struct run *run, bool done)
{
    struct cim_client *client = run->session->client;

    if (fflush(stdout) != 0 && done) {
        done = error_set_errno(&run->error, errno, "cannot write the output");
    }
    if (done && !run->incomplete) {
        return run->session->kept_status;
    }
    run_complain(&run->error);
    if (run->usage) {
        return RUN_USAGE;
    }
    if (client && cim_client_is_unreachable(client)
        && run->error.code != ERROR_DENIED
        && run->error.code != ERROR_INVALID) {
        return RUN_UNREACHABLE;
    }
    return (int) run_status_of(&run->error);
}

/* --help and --version anywhere, or a line that names no command yet. */
static bool
is_help(struct run *run)
{
    struct args *args = &run->args;

    if (args_has(args, "version")) {
        puts("xvsctl " PACKAGE_VERSION);
        return true;
    }
    if (args_has(args, "help")) {
        command_help(args->noun, args->command);
        return true;
    }
    return false;
}

static enum run_form
chosen_form(const struct args *args)
{
    static const struct {
        const char *option;
        enum run_form form;
    } forms[] = {
        { "json", RUN_JSON }, { "names", RUN_NAMES },
        { "value", RUN_VALUE }, { "mof", RUN_MOF }, { "xml", RUN_XML },
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (args_has(args, forms[i].option)) {
            return forms[i].form;
        }
    }
    return RUN_TABLE;
}

static bool
dispatch(struct run *run)
{
    struct args *args = &run->args;

    if (!args->noun) {
        return run_usage(run, "no noun was given");
    }
    if (!args->command && args->noun->fallback) {
        args->command = command_verb(args->noun, args->noun->fallback);
    }
    if (!args->command) {
        run_usage(run, "%s needs a verb", args->noun->name);
        return error_hint(&run->error, "xvsctl %s --help lists them",
                          args->noun->name);
    }
    if (!args_check(args, &run->error)) {
        run->usage = true;
        return false;
    }
    run->form = chosen_form(args);
    return args->command->run(run);
}

int
run_line(struct session *session, const char *const *line, size_t n)
{
    struct run run = { .session = session };
    int status;

    session->kept_status = RUN_OK;      /* of this command alone */

    if (!args_parse(&run.args, line, n, &run.error)) {
        run.usage = true;
        status = conclude(&run, false);
    } else if (is_help(&run)) {
        status = conclude(&run, true);
    } else {
        status = conclude(&run, dispatch(&run));
    }
    args_clear(&run.args);
    return status;
}

void
session_end(struct session *session)
{
    cim_client_destroy(session->client);
    free(session->address);
    memset(session, 0, sizeof *session);
}

bool
run_usage(struct run *run, const char *format, ...)
{
    char text[480];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    run->usage = true;
    error_set(&run->error, ERROR_INVALID, "%s", text);
    return error_hint(&run->error, "see xvsctl %s%s--help",
                      run->args.noun ? run->args.noun->name : "",
                      run->args.noun ? " " : "");
}

const char *
run_word(const struct run *run, size_t index)
{
    return args_word(&run->args, index);
}

const char *
run_option(const struct run *run, const char *name)
{
    return args_value(&run->args, name);
}

bool
run_has(const struct run *run, const char *name)
{
    return args_has(&run->args, name);
}

void
run_say(const struct run *run, const char *format, ...)
{
    MEM_AUTO char *text = NULL;
    va_list args;

    if (run->form != RUN_TABLE) {
        return;
    }
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        abort();
    }
    va_end(args);
    text_put_safe(stdout, text);
    putchar('\n');
}
