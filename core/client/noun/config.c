/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl config: configurations as files.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "base/memory.h"
#include "client/command.h"
#include "client/invocation.h"
#include "client/run.h"
#include "client/show/table.h"

/* Writes durably beside the target, so that a backup is whole or absent. */
static bool
write_file(struct run *run, const char *path, const char *text)
{
    MEM_AUTO char *folder = mem_strdup(path);
    char *slash = strrchr(folder, '/');
    bool done;
    int fd;

    if (slash) {
        slash[slash == folder] = 0;
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else {
        fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0) {
        return error_set_errno(&run->error, errno, "cannot write %s", path);
    }
    done = durable_write(fd, slash ? strrchr(path, '/') + 1 : path, NULL,
                         text, strlen(text), &run->error);
    close(fd);
    if (done) {
        run_say(run, "%s written", path);
    }
    return done;
}

/* Never in the way of the text on standard output. */
static void
say_left_out(const struct value *left_out)
{
    uint32_t n = left_out && !left_out->is_null ? left_out->n : 0;

    for (uint32_t i = 0; i < n; i++) {
        if (!left_out->items[i].is_null) {
            fputs("left out because it is secret: ", stderr);
            text_put_safe(stderr, left_out->items[i].s);
            putc('\n', stderr);
        }
    }
    if (n) {
        fputs("an import needs each of them: config import --secrets FILE\n",
              stderr);
    }
}

static bool
export(struct run *run)
{
    const char *name = run_word(run, 0);
    const char *file = run_option(run, "output");
    const struct value *text;
    struct invocation call;
    bool done;

    if (!invocation_begin_host(&call, run, "ExportConfiguration")) {
        return false;
    }
    if (name) {
        invocation_set(&call, "SwitchName", value_string(name));
    }
    done = invocation_run_host(&call);
    text = invocation_out(&call, "Text");
    say_left_out(invocation_out(&call, "LeftOut"));
    if (done && (!text || text->is_null)) {
        done = error_set(&run->error, ERROR_FAILED,
                         "the server answered no text");
    }
    if (done && file && strcmp(file, "-") != 0) {
        done = write_file(run, file, text->s);
    } else if (done) {
        fputs(text->s, stdout);
    }
    invocation_end(&call);
    return done;
}

/* Every problem on a line of its own; the error sums up. */
static bool
report(struct run *run, const char *file, const struct value *problems)
{
    uint32_t n = problems && !problems->is_null ? problems->n : 0;

    for (uint32_t i = 0; i < n; i++) {
        if (!problems->items[i].is_null) {
            text_put_safe(stderr, problems->items[i].s);
            putc('\n', stderr);
        }
    }
    if (!n) {
        return true;
    }
    error_set(&run->error, ERROR_FAILED,
              "%s cannot be applied here: %u problem%s", file,
              (unsigned int) n, n == 1 ? "" : "s");
    return error_hint(&run->error, "nothing was changed");
}

/* Lines "InstanceID.Property=value"; empty ones and comments are none. */
static bool
read_secrets(struct run *run, struct value *secrets)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *file = run_option(run, "secrets");
    char *rest;

    *secrets = value_array(CIM_STRING, 0);
    if (!file) {
        return true;
    }
    if (!run_read_file(run, file, &text)) {
        return false;
    }
    buffer_string(&text);
    for (char *line = strtok_r(text.data, "\r\n", &rest); line;
         line = strtok_r(NULL, "\r\n", &rest)) {
        if (*line != '#') {
            value_append(secrets, value_string(line));
        }
    }
    return true;
}

static bool
import_text(struct run *run, const char *file, const char *text, bool check)
{
    const char *name = run_option(run, "switch");
    struct invocation call;
    struct value secrets;
    bool done;

    if (!read_secrets(run, &secrets)
        || !invocation_begin_host(&call, run, "ImportConfiguration")) {
        value_clear(&secrets);
        return false;
    }
    invocation_set(&call, "Secrets", secrets);
    invocation_set(&call, "Text", value_string(text));
    if (name) {
        invocation_set(&call, "SwitchName", value_string(name));
    }
    invocation_set(&call, "Check", value_boolean(check));
    done = invocation_run_host(&call);
    if (!report(run, file, invocation_out(&call, "Problems"))) {
        done = false;
    } else if (!done) {
        error_prefix(&run->error, "%s", file);
    }
    invocation_end(&call);
    return done;
}

static bool
import(struct run *run, bool check)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *file = run_word(run, 0);

    if (!run_read_file(run, file, &text)
        || !import_text(run, file, buffer_string(&text), check)) {
        return false;
    }
    run_say(run, "%s %s", file, check ? "can be applied" : "applied");
    return true;
}

static bool
import_file(struct run *run)
{
    return import(run, false);
}

static bool
check_file(struct run *run)
{
    return import(run, true);
}

static const struct option export_options[] = {
    { "output", 'o', "FILE", "write there instead of standard output",
      WORD_FILE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

static const struct option import_options[] = {
    { "switch", 0, "NAME", "give the switch of the file this name",
      WORD_FREE },
    { "secrets", 0, "FILE", "what the file left out, a line "
      "InstanceID.Property=value each", WORD_FILE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command config_commands[] = {
    { "export", "[SWITCH]", "Saves the configuration, or that of a switch.",
      export_options, { WORD_SWITCH }, 0, 1, export },
    { "import", "FILE", "Applies a saved configuration, or nothing of it.",
      import_options, { WORD_FILE }, 1, 1, import_file },
    { "check", "FILE", "Says what keeps a configuration from being applied.",
      import_options, { WORD_FILE }, 1, 1, check_file },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
