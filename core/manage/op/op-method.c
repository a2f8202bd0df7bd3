/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Methods that a class declares.  What a parameter is, the class says:
 * senders may leave types out.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "object/forms.h"
#include "object/path.h"
#include "schema/class.h"
#include "schema/repository.h"
#include "service/service.h"

static const struct method *
find_method(struct operation *op, struct cim_class **cls)
{
    const struct path *path = op->request.path;
    const struct method *method;

    *cls = repository_class(op_repository(op), path->class_name);
    if (!*cls) {
        op_bad(op, ERROR_NO_CLASS, "there is no class '%.100s'",
               path->class_name);
        return NULL;
    }
    method = class_method(*cls, op->request.name);
    if (!method) {
        op_bad(op, ERROR_NO_METHOD, "the class %.100s has no method '%.100s'",
               (*cls)->name, op->request.name);
    }
    return method;
}

static int
parameter_index(const struct method *method, const char *name)
{
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        if (text_equal_fold(method->parameters[i].name, name)) {
            return (int) i;
        }
    }
    return -1;
}

static void
read_argument(struct operation *op, const struct method *method,
              const struct request_parameter *sent)
{
    int i = parameter_index(method, sent->name);
    const struct parameter *parameter = i >= 0 ? &method->parameters[i]
                                               : NULL;

    if (!parameter || !parameter->in) {
        op_bad(op, ERROR_INVALID, "the method %.100s has no in parameter "
               "'%.100s'", method->name, sent->name);
        return;
    }
    if (!sent->value) {
        return;
    }
    value_clear(&op->arguments[i]);
    if (!value_read_xml(sent->value, parameter->type, parameter->is_array,
                        class_find, op_repository(op), &op->arguments[i],
                        &op->error)) {
        error_prefix(&op->error, "parameter %.60s", parameter->name);
    }
}

static void
read_arguments(struct operation *op, const struct method *method)
{
    op->n_arguments = method->n_parameters;
    op->arguments = mem_array(method->n_parameters, sizeof *op->arguments);
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        op->arguments[i] = value_null(method->parameters[i].type,
                                      method->parameters[i].is_array);
    }
    for (size_t i = 0;
         i < op->request.n_parameters && op->error.code == ERROR_NONE; i++) {
        read_argument(op, method, &op->request.parameters[i]);
    }
}

static void
put_type(struct buffer *out, enum cim_type type)
{
    switch (type) {
    case CIM_EMBEDDED:
        buffer_puts(out, " PARAMTYPE=\"string\" EmbeddedObject=\"instance\"");
        return;
    case CIM_OBJECT:
        buffer_puts(out, " PARAMTYPE=\"string\" EmbeddedObject=\"object\"");
        return;
    case CIM_REFERENCE:
        buffer_puts(out, " PARAMTYPE=\"reference\"");
        return;
    default:
        xml_put_attribute(out, "PARAMTYPE", cim_type_name(type));
    }
}

/* A void method answers 0: readers want a RETURNVALUE before parameters. */
static void
put_result(struct buffer *out, const struct value *result)
{
    bool is_void = !result || result->type == CIM_NONE;

    buffer_puts(out, "<RETURNVALUE");
    put_type(out, is_void ? CIM_UINT32 : result->type);
    buffer_putc(out, '>');
    if (is_void) {
        buffer_puts(out, "<VALUE>0</VALUE>");
    } else {
        value_write_xml(result, out);
    }
    buffer_puts(out, "</RETURNVALUE>");
}

static void
put_outputs(struct operation *op, const struct value *out, size_t n_out)
{
    const struct method *method = op->method;

    for (uint32_t i = 0; i < method->n_parameters && i < n_out; i++) {
        if (!method->parameters[i].out || out[i].is_null) {
            continue;
        }
        buffer_puts(op_out(op), "<PARAMVALUE");
        xml_put_attribute(op_out(op), "NAME", method->parameters[i].name);
        put_type(op_out(op), method->parameters[i].type);
        buffer_putc(op_out(op), '>');
        value_write_xml(&out[i], op_out(op));
        buffer_puts(op_out(op), "</PARAMVALUE>");
    }
}

static void
invoked(void *arg, const struct error *error, const struct value *result,
        const struct value *out, size_t n_out)
{
    struct operation *op = arg;

    if (!op_resume(op, error)) {
        return;
    }
    if (op->exchange) {
        op_answer(op);
        put_result(op_out(op), result);
        put_outputs(op, out, n_out);
    }
    op_finish(op);
}

void
op_invoke(struct operation *op)
{
    struct cim_class *cls;
    const struct method *method = find_method(op, &cls);

    if (method) {
        op->method = method;
        op->method_class = class_ref(cls);
        read_arguments(op, method);
    }
    if (op_is_bad(op)) {
        return;
    }
    op->pending = true;
    service_invoke(op->manage->service, op->request.path, method->name,
                   op->arguments, op->n_arguments, invoked, op);
}
