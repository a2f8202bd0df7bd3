/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl shell: lines of commands over one connection.  On a terminal with
 * editing, history and completion (libedit, which is loaded then); else a
 * script on standard input.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <editline/readline.h>

#include "base/library.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/command.h"
#include "client/complete.h"
#include "client/run.h"

#define PROMPT "xvs> "
#define HISTORY_LINES 1000

#define USED(symbol) symbol(rl_initialize) symbol(rl_completion_matches) \
    symbol(rl_line_buffer) symbol(rl_readline_name) \
    symbol(rl_attempted_completion_over) \
    symbol(rl_attempted_completion_function) \
    symbol(rl_completion_append_character) symbol(using_history) \
    symbol(stifle_history) symbol(read_history) symbol(write_history) \
    symbol(add_history) symbol(readline)

static struct {
    USED(LIBRARY_MEMBER)
} lib;

static const char *const files[] = { "libedit.so.2", "libedit.so.0", NULL };
static const char *const symbols[] = { USED(LIBRARY_NAME) NULL };
static const struct library libedit = { "libedit", "libedit2", files,
                                        symbols };

/* The shell that runs; libedit's callbacks have no argument. */
static struct shell {
    struct run *run;
    const char **prefix;        /* connection options for every line */
    size_t n_prefix;
    char **candidates;          /* of the completion in progress */
    size_t n_candidates, candidates_capacity, next;
    bool stop;                  /* "exit" was given */
    int status;                 /* of the last command */
} shell;

/* Connection options of the shell itself go in front of every line. */
static void
keep_prefix(const struct args *args)
{
    shell.prefix = mem_array(args->n_given + 1, sizeof *shell.prefix);
    for (size_t i = 0; i < args->n_given; i++) {
        const struct given *given = &args->given[i];

        if (given->option->argument
            && option_by_name(command_global_options,
                              given->option->name)) {
            shell.prefix[shell.n_prefix++] =
                mem_printf("--%s=%s", given->option->name, given->text);
        }
    }
}

/* The whole line: prefix and words. */
static const char **
with_prefix(char **words, size_t n)
{
    const char **line = mem_array(shell.n_prefix + n + 1, sizeof *line);

    for (size_t i = 0; i < shell.n_prefix; i++) {
        line[i] = shell.prefix[i];
    }
    for (size_t i = 0; i < n; i++) {
        line[shell.n_prefix + i] = words[i];
    }
    return line;
}

static void
run_exit(char **words, size_t n)
{
    uint64_t number;

    shell.stop = true;
    if (n > 1 && text_to_u64(words[1], &number) && number < 256) {
        shell.status = (int) number;
    }
}

static void
run_words(char **words, size_t n)
{
    const char **line;

    if (strcmp(words[0], "exit") == 0 || strcmp(words[0], "quit") == 0) {
        run_exit(words, n);
        return;
    }
    if (strcmp(words[0], "shell") == 0) {
        fputs("xvsctl: this is the shell already\n", stderr);
        shell.status = RUN_USAGE;
        return;
    }
    line = with_prefix(words, n);
    shell.status = run_line(shell.run->session, line, shell.n_prefix + n);
    free(line);
}

static void
run_text(const char *text)
{
    struct error error;
    char **words;
    size_t n;

    if (!args_split(text, &words, &n, &error)) {
        run_complain(&error);
        shell.status = RUN_USAGE;
    } else if (n) {
        run_words(words, n);
    }
    for (size_t i = 0; i < n; i++) {
        free(words[i]);
    }
    free(words);
}

static void
add_candidate(void *arg, const char *text)
{
    (void) arg;
    mem_grow(&shell.candidates, &shell.candidates_capacity,
             shell.n_candidates, sizeof *shell.candidates);
    shell.candidates[shell.n_candidates++] = mem_strdup(text);
}

/* Hands the candidates to libedit, which frees them. */
static char *
next_candidate(const char *text, int state)
{
    (void) text;
    (void) state;
    return shell.next < shell.n_candidates ? shell.candidates[shell.next++]
                                           : NULL;
}

/* "Name=" is to be followed by its value, not by a space. */
static bool
is_name_only(void)
{
    const char *only = shell.n_candidates == 1 ? shell.candidates[0] : "";
    size_t length = strlen(only);

    return length && only[length - 1] == '=';
}

static char **
complete(const char *text, int start, int end)
{
    MEM_AUTO char *before = mem_strndup(*lib.rl_line_buffer, (size_t) start);
    struct error ignored;
    char **words;
    const char **line;
    size_t n;

    (void) end;
    *lib.rl_attempted_completion_over = 1;
    shell.n_candidates = shell.next = 0;
    if (args_split(before, &words, &n, &ignored)) {
        line = with_prefix(words, n);
        line[shell.n_prefix + n] = text;
        complete_line(shell.run, line, shell.n_prefix + n + 1,
                      add_candidate, NULL);
        free(line);
    }
    for (size_t i = 0; i < n; i++) {
        free(words[i]);
    }
    free(words);
    if (shell.n_candidates == 1
        && strcmp(shell.candidates[0], COMPLETE_FILES) == 0) {
        free(shell.candidates[0]);
        shell.n_candidates = 0;
        *lib.rl_attempted_completion_over = 0;
        return NULL;
    }
    *lib.rl_completion_append_character = is_name_only() ? '\0' : ' ';
    return lib.rl_completion_matches(text, next_candidate);
}

static char *
history_file(void)
{
    const char *file = getenv("XVS_HISTORY");
    const char *home = getenv("HOME");

    if (file) {
        return mem_strdup(file);
    }
    return home ? mem_printf("%s/.xvsctl_history", home) : NULL;
}

static void
interact(void)
{
    MEM_AUTO char *file = history_file();
    char *line;

    *lib.rl_readline_name = mem_strdup("xvsctl");
    lib.rl_initialize();
    lib.using_history();
    lib.stifle_history(HISTORY_LINES);
    if (file && *file) {
        lib.read_history(file);
    }
    *lib.rl_attempted_completion_function = complete;
    while (!shell.stop && (line = lib.readline(PROMPT)) != NULL) {
        if (line[strspn(line, " \t")]) {
            lib.add_history(line);
        }
        run_text(line);
        free(line);
    }
    if (file && *file) {
        mode_t mask = umask(077);

        lib.write_history(file);
        umask(mask);
    }
}

static void
run_script(bool until_failure)
{
    char *line = NULL;
    size_t size = 0;

    while (!shell.stop && getline(&line, &size, stdin) >= 0) {
        run_text(line);
        if (until_failure && shell.status != RUN_OK) {
            break;
        }
    }
    free(line);
}

static bool
run_shell(struct run *run)
{
    bool was_shell = run->session->is_shell, loaded = true;

    memset(&shell, 0, sizeof shell);
    shell.run = run;
    run->session->is_shell = true;
    keep_prefix(&run->args);
    if (!isatty(STDIN_FILENO)) {
        run_script(run_has(run, "stop"));
    } else if (library_load(&libedit, &lib, &run->error)) {
        interact();
    } else {
        loaded = false;
    }
    for (size_t i = 0; i < shell.n_prefix; i++) {
        free((char *) shell.prefix[i]);
    }
    free(shell.prefix);
    free(shell.candidates);
    run->session->is_shell = was_shell;
    run->session->kept_status = shell.status;
    return loaded;
}

static const struct option shell_options[] = {
    { "stop", 'e', NULL, "a script ends at its first failure", WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command shell_commands[] = {
    { "", "", "Runs commands line by line; exit [STATUS] ends.",
      shell_options, { WORD_NONE }, 0, 0, run_shell },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
