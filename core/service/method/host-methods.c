/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The methods of XVS_Host: several settings at once, and the configuration
 * as a text.
 */

#include <config.h>

#include "service/method/host-methods.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "schema/class.h"
#include "service/change/change.h"
#include "service/quarantine/quarantine.h"

/* ---- Parameters --------------------------------------------------------- */

const struct value *
host_value(const struct host_call *call, const struct value *in, size_t n_in,
           const char *name)
{
    for (uint32_t i = 0; i < call->method->n_parameters && i < n_in; i++) {
        if (text_equal_fold(call->method->parameters[i].name, name)) {
            return in[i].is_null ? NULL : &in[i];
        }
    }
    return NULL;
}

const char *
host_text(const struct host_call *call, const struct value *in, size_t n_in,
          const char *name)
{
    const struct value *value = host_value(call, in, n_in, name);

    return value && !value->is_array ? value->s : NULL;
}

static bool
host_truth(const struct host_call *call, const struct value *in, size_t n_in,
           const char *name)
{
    const struct value *value = host_value(call, in, n_in, name);

    return value && value->u;
}

/* Which of the names the parameter has; -1: none. */
static int
find_name(const char *const *names, const struct parameter *parameter)
{
    for (int i = 0; names[i]; i++) {
        if (parameter->out && text_equal_fold(names[i], parameter->name)) {
            return i;
        }
    }
    return -1;
}

void
host_answer_all(const struct host_call *call, uint32_t number,
                const char *const *names, struct value *values)
{
    const struct method *method = call->method;
    struct value *out = mem_array(method->n_parameters + 1, sizeof *out);
    struct value result = value_u64(CIM_UINT32, number);

    for (uint32_t i = 0; i < method->n_parameters; i++) {
        const struct parameter *one = &method->parameters[i];
        int index = find_name(names, one);

        out[i] = index < 0 ? value_null(one->type, one->is_array)
            : values[index];
    }
    call->done(call->arg, NULL, &result, out, method->n_parameters);
    free(out);
    for (size_t i = 0; names[i]; i++) {
        value_clear(&values[i]);
    }
}

void
host_answer(const struct host_call *call, uint32_t number, const char *name,
            struct value *value)
{
    const char *const names[] = { name, NULL };

    host_answer_all(call, number, names, value);
}

void
host_refuse(const struct host_call *call, const struct error *error)
{
    call->done(call->arg, error, NULL, NULL, 0);
}

/* ---- Settings ----------------------------------------------------------- */

static void
settings_answered(void *arg, const struct error *error,
                  const char *const *ids, size_t n)
{
    struct host_call *call = arg;
    struct value value;

    if (error) {
        host_refuse(call, error);
    } else {
        value = value_array(CIM_STRING, (uint32_t) n);
        for (size_t i = 0; i < n; i++) {
            value.items[i] = value_string(ids[i]);
        }
        host_answer(call, 0, "InstanceIDs", &value);
    }
    free(call);
}

static void
apply_settings(const struct host_call *call, const struct value *in,
               size_t n_in)
{
    const struct value *settings = host_value(call, in, n_in, "Settings");
    struct settings_request request = {
        .mode = SETTINGS_APPLY, .done = settings_answered,
        .validate = host_truth(call, in, n_in, "Validate"),
        .arg = mem_dup(call, sizeof *call),
    };

    if (settings) {
        request.n = settings->n;
        request.instances = mem_array(settings->n + 1,
                                      sizeof *request.instances);
    }
    for (size_t i = 0; i < request.n; i++) {
        if (settings->items[i].is_null) {
            struct error error;

            error_set(&error, ERROR_INVALID, "setting %zu is NULL", i + 1);
            while (i-- > 0) {
                instance_destroy(request.instances[i]);
            }
            free(request.instances);
            settings_answered(request.arg, &error, NULL, 0);
            return;
        }
        request.instances[i] = instance_copy(settings->items[i].object);
    }
    change_settings(call->service, &request);
}

static void
remove_settings(const struct host_call *call, const struct value *in,
                size_t n_in)
{
    const struct value *ids = host_value(call, in, n_in, "InstanceIDs");
    struct settings_request request = {
        .mode = SETTINGS_REMOVE, .done = settings_answered,
        .arg = mem_dup(call, sizeof *call),
    };

    if (ids) {
        request.n = ids->n;
        request.ids = mem_array(ids->n + 1, sizeof *request.ids);
    }
    for (size_t i = 0; i < request.n; i++) {
        const struct value *id = &ids->items[i];

        request.ids[i] = mem_strdup(id->is_null ? "" : id->s);
    }
    change_settings(call->service, &request);
}

/* ---- Configurations ----------------------------------------------------- */

static void
export_configuration(const struct host_call *call, const struct value *in,
                     size_t n_in)
{
    transfer_export(call, host_text(call, in, n_in, "SwitchName"));
}

static void
import_configuration(const struct host_call *call, const struct value *in,
                     size_t n_in)
{
    const struct value *text = host_value(call, in, n_in, "Text");

    transfer_import(call, text ? text->s : "", text ? text->n : 0,
                    host_text(call, in, n_in, "SwitchName"),
                    host_value(call, in, n_in, "Secrets"),
                    host_truth(call, in, n_in, "Check"));
}

static const struct {
    const char *name;
    void (*run)(const struct host_call *call, const struct value *in,
                size_t n_in);
} methods[] = {
    { "ApplySettings", apply_settings },
    { "RemoveSettings", remove_settings },
    { "ExportConfiguration", export_configuration },
    { "ImportConfiguration", import_configuration },
    { "ReadQuarantinedPacket", quarantine_read_packet },
};

void
host_method(const struct host_call *call, const struct value *in, size_t n_in)
{
    struct error error;

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (text_equal_fold(methods[i].name, call->method->name)) {
            methods[i].run(call, in, n_in);
            return;
        }
    }
    error_set(&error, ERROR_NO_METHOD, "%s is not offered",
              call->method->name);
    host_refuse(call, &error);
}
