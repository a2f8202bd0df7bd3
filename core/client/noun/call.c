/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl call: methods that schemas declare.
 */

#include <config.h>

#include <stdio.h>

#include "base/buffer.h"
#include "client/command.h"
#include "client/invocation.h"
#include "client/run.h"
#include "client/show/json-out.h"
#include "client/show/table.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "object/forms.h"
#include "object/path.h"
#include "schema/class.h"

static void
put_json(struct buffer *out, const char *name, const struct value *value)
{
    buffer_puts(out, out->size > 1 ? ", " : "");
    json_out_text(name, out);
    buffer_puts(out, ": ");
    if (value->is_null) {
        buffer_puts(out, "null");
    } else {
        value_write_json(value, out);
    }
}

/* {"ReturnValue": ..., "Out": ...} */
static void
print_json(const struct invocation *call)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const struct method *method = call->method;

    buffer_putc(&out, '{');
    if (method->type != CIM_NONE) {
        put_json(&out, "ReturnValue", &call->result);
    }
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        if (method->parameters[i].out) {
            put_json(&out, method->parameters[i].name, &call->out[i]);
        }
    }
    buffer_putc(&out, '}');
    puts(buffer_string(&out));
}

static void
print_line(const struct target *target, const struct value *value)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    buffer_printf(&out, "%s = ", target->name);
    words_print(target, value, &out);
    text_put_safe(stdout, buffer_string(&out));
    putchar('\n');
}

static void
print_answer(const struct run *run, const struct invocation *call)
{
    const struct method *method = call->method;
    struct target result = { .name = "ReturnValue", .type = method->type,
                             .qualifiers = method->qualifiers,
                             .n_qualifiers = method->n_qualifiers };

    if (run->form == RUN_JSON) {
        print_json(call);
        return;
    }
    if (method->type != CIM_NONE) {
        print_line(&result, &call->result);
    }
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        struct target target = words_of_parameter(&method->parameters[i]);

        if (method->parameters[i].out) {
            print_line(&target, &call->out[i]);
        }
    }
}

/* The only object of the class, when a path has no keys. */
struct only {
    struct path *path;
    size_t n;
};

static bool
take_path(void *arg, const struct path *path, struct error *error)
{
    struct only *only = arg;

    (void) error;
    if (only->n++ == 0) {
        only->path = path_copy(path);
    }
    return true;
}

static bool
is_static(const struct method *method)
{
    return qualifier_true(qualifier_find(method->qualifiers,
                                         method->n_qualifiers, "Static"));
}

/* A class without keys means its one object, if it has exactly one. */
static void
complete_path(struct run *run, struct path **path)
{
    struct only only = { NULL, 0 };
    struct error ignored;

    if (cim_client_paths(run_client(run), (*path)->class_name, take_path,
                         &only, &ignored)
        && only.n == 1) {
        path_destroy(*path);
        *path = only.path;
    } else {
        path_destroy(only.path);
    }
}

static bool
call_path(struct run *run, struct path **path)
{
    struct cim_class *cls = run_class(run, (*path)->class_name);
    struct invocation call;
    bool done;

    if (!cls || !invocation_begin(&call, run, cls, run_word(run, 1))) {
        return false;
    }
    done = true;
    for (size_t i = 2; i < run->args.n_words && done; i++) {
        done = invocation_assign(&call, run_word(run, i));
    }
    if (done && !(*path)->n_keys && !is_static(call.method)) {
        complete_path(run, path);
    }
    done = done && invocation_run(&call, *path);
    if (done) {
        print_answer(run, &call);
    }
    invocation_end(&call);
    return done;
}

static bool
call_method(struct run *run)
{
    struct path *path = path_parse(run_word(run, 0), &run->error);
    bool done = path && call_path(run, &path);

    path_destroy(path);
    return done;
}

const struct command call_commands[] = {
    { "", "CLASS|PATH METHOD [Name=value...]",
      "Calls a method and shows what it answers.", NULL,
      { WORD_CLASS, WORD_METHOD, WORD_ASSIGNMENT }, 2, ANY_NUMBER,
      call_method },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
