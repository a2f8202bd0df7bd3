/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Method calls, of any object and of the host.
 */

#include <config.h>

#include "client/invocation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/run.h"
#include "client/show/words.h"
#include "client/wbem/cim-client.h"
#include "object/path.h"
#include "schema/class.h"

#define HOST "XVS_Host"

/* Says which of the names was perhaps meant. */
static void
suggest(struct run *run, const char *word, const char **names, size_t n)
{
    const char *near;

    names[n] = NULL;
    near = text_nearest(word, names);
    if (near) {
        error_hint(&run->error, "did you mean %s?", near);
    }
}

bool
invocation_begin(struct invocation *call, struct run *run,
                 struct cim_class *cls, const char *method)
{
    const struct method *found = class_method(cls, method);

    memset(call, 0, sizeof *call);
    if (!found) {
        const char **names = mem_array(cls->n_methods + 1, sizeof *names);

        for (uint32_t i = 0; i < cls->n_methods; i++) {
            names[i] = cls->methods[i].name;
        }
        error_set(&run->error, ERROR_NO_METHOD, "%s has no method %s",
                  cls->name, method);
        suggest(run, method, names, cls->n_methods);
        free(names);
        return false;
    }
    call->run = run;
    call->method = found;
    call->in = mem_array(found->n_parameters + 1, sizeof *call->in);
    call->out = mem_array(found->n_parameters + 1, sizeof *call->out);
    for (uint32_t i = 0; i < found->n_parameters; i++) {
        call->in[i] = value_null(found->parameters[i].type,
                                 found->parameters[i].is_array);
        call->out[i] = call->in[i];
    }
    return true;
}

static int
find(const struct invocation *call, const char *name, size_t length)
{
    for (uint32_t i = 0; i < call->method->n_parameters; i++) {
        const char *have = call->method->parameters[i].name;

        if (strlen(have) == length && strncasecmp(have, name, length) == 0) {
            return (int) i;
        }
    }
    return -1;
}

void
invocation_set(struct invocation *call, const char *name, struct value value)
{
    int index = find(call, name, strlen(name));

    assert(index >= 0);
    value_clear(&call->in[index]);
    call->in[index] = value;
}

static bool
unknown_parameter(struct invocation *call, const char *word, size_t length)
{
    const struct method *method = call->method;
    MEM_AUTO char *name = mem_strndup(word, length);
    const char **names = mem_array(method->n_parameters + 1, sizeof *names);
    size_t n = 0;

    for (uint32_t i = 0; i < method->n_parameters; i++) {
        if (method->parameters[i].in) {
            names[n++] = method->parameters[i].name;
        }
    }
    error_set(&call->run->error, ERROR_INVALID,
              "method %s has no parameter %s", method->name, name);
    suggest(call->run, name, names, n);
    free(names);
    return false;
}

bool
invocation_assign(struct invocation *call, const char *word)
{
    size_t length = strcspn(word, "=");
    int index = find(call, word, length);
    struct target target;

    if (!word[length]) {
        return error_set(&call->run->error, ERROR_INVALID,
                         "'%s' is not of the form Name=value", word);
    }
    if (index < 0 || !call->method->parameters[index].in) {
        return unknown_parameter(call, word, length);
    }
    target = words_of_parameter(&call->method->parameters[index]);
    value_clear(&call->in[index]);
    return words_read(&target, word + length + 1, cim_client_lookup,
                      run_client(call->run), &call->in[index],
                      &call->run->error);
}

bool
invocation_run(struct invocation *call, const struct path *path)
{
    struct cim_client *client = run_client(call->run);

    return client
           && cim_client_invoke(client, path, call->method, call->in,
                                &call->result, call->out,
                                &call->run->error);
}

const struct value *
invocation_out(const struct invocation *call, const char *name)
{
    int index = find(call, name, strlen(name));

    return index < 0 ? NULL : &call->out[index];
}

void
invocation_end(struct invocation *call)
{
    for (uint32_t i = 0; call->method && i < call->method->n_parameters;
         i++) {
        value_clear(&call->in[i]);
        value_clear(&call->out[i]);
    }
    value_clear(&call->result);
    free(call->in);
    free(call->out);
    memset(call, 0, sizeof *call);
}

bool
invocation_begin_host(struct invocation *call, struct run *run,
                      const char *method)
{
    struct cim_class *cls = run_class(run, HOST);

    memset(call, 0, sizeof *call);
    return cls && invocation_begin(call, run, cls, method);
}

static bool
keep_path(void *arg, const struct path *path, struct error *error)
{
    struct path **kept = arg;

    (void) error;
    path_destroy(*kept);
    *kept = path_copy(path);
    return true;
}

bool
invocation_run_host(struct invocation *call)
{
    struct run *run = call->run;
    struct path *host = NULL;
    bool done = cim_client_paths(run_client(run), HOST, keep_path, &host,
                                 &run->error);

    if (done && !host) {
        done = error_set(&run->error, ERROR_NOT_FOUND,
                         "the server has no object of class %s", HOST);
    }
    done = done && invocation_run(call, host);
    path_destroy(host);
    if (done && !call->result.is_null && call->result.u) {
        return error_set(&run->error, ERROR_FAILED, "%s answered %llu",
                         call->method->name,
                         (unsigned long long) call->result.u);
    }
    return done;
}
