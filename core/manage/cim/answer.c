/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The message around an answer.  Elements always have an end tag, NULL out
 * parameters are left out, a failure is one ERROR element: readers exist that
 * take nothing else.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "manage/cim/operation.h"
#include "manage/http/http-parse.h"

struct buffer *
op_out(struct operation *op)
{
    return exchange_out(op->exchange);
}

static void
put(struct buffer *out, const char *text)
{
    buffer_puts(out, text);
}

static void
put_escaped(struct buffer *out, const char *text)
{
    xml_escape(out, text, strlen(text));
}

/* The fields that an answer of CIM has (DSP0200). */
static void
put_fields(struct operation *op)
{
    const struct http_parser *head = op->exchange->request;
    const char *man;

    if (op->exchange->begun) {
        return;
    }
    if (strcmp(head->method, "M-POST") != 0) {
        put(&op->exchange->fields, "CIMOperation: MethodResponse\r\n");
        return;
    }
    man = "Ext:\r\nCache-Control: no-cache\r\n"
          "Man: http://www.dmtf.org/cim/mapping/http/v1.0; ns=48\r\n"
          "48-CIMOperation: MethodResponse\r\n";
    put(&op->exchange->fields, man);
}

static void
put_head(struct operation *op)
{
    struct buffer *out = op_out(op);

    put_fields(op);
    put(out, "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n"
             "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"");
    put_escaped(out, op->request.id);
    put(out, "\" PROTOCOLVERSION=\"1.0\"><SIMPLERSP><");
    put(out, op->request.is_method ? "METHODRESPONSE NAME=\""
                                   : "IMETHODRESPONSE NAME=\"");
    put_escaped(out, op->request.name);
    put(out, "\">");
}

void
op_answer(struct operation *op)
{
    put_head(op);
    if (!op->request.is_method) {
        put(op_out(op), "<IRETURNVALUE>");
        op->has_return = true;
    }
}

void
op_close_return(struct operation *op)
{
    if (op->has_return) {
        put(op_out(op), "</IRETURNVALUE>");
        op->has_return = false;
    }
}

void
op_put_parameter(struct operation *op, const char *name, const char *type,
                 const char *text)
{
    struct buffer *out = op_out(op);

    buffer_printf(out, "<PARAMVALUE NAME=\"%s\" PARAMTYPE=\"%s\"><VALUE>",
                  name, type);
    put_escaped(out, text);
    put(out, "</VALUE></PARAMVALUE>");
}

/* Ends the message and gives the exchange back to its connection. */
static void
end(struct operation *op)
{
    struct exchange *exchange = op->exchange;

    op_close_return(op);
    put(op_out(op), op->request.is_method ? "</METHODRESPONSE>"
                                          : "</IMETHODRESPONSE>");
    put(op_out(op), "</SIMPLERSP></MESSAGE></CIM>\n");
    exchange->drop = NULL;
    op_destroy(op);
    exchange_done(exchange);
}

void
op_finish(struct operation *op)
{
    if (!op->exchange) {
        op_destroy(op);
        return;
    }
    if (!op_out(op)->size && !op->exchange->begun) {
        put_head(op);
    }
    end(op);
}

/*
 * The answer had begun: what is listed so far must not look complete.  A
 * client that takes trailers gets the status there, others a cut connection.
 */
static void
fail_late(struct operation *op, enum cim_status status,
          const struct error *error, const char *text)
{
    struct exchange *exchange = op->exchange;
    char code[16];

    if (!exchange->request->takes_trailers || !exchange->request->minor) {
        exchange->drop = NULL;
        op_destroy(op);
        exchange_abort(exchange);
        return;
    }
    snprintf(code, sizeof code, "%d", (int) status);
    exchange_field(exchange, "CIMStatusCode", code);
    exchange_field(exchange, "CIMStatusCodeDescription", text);
    exchange_field(exchange, "XVS-Error", error_code_name(error->code));
    end(op);
}

void
op_fail_status(struct operation *op, enum cim_status status,
               const struct error *error)
{
    char text[1024];
    struct buffer *out;

    if (!op->exchange) {
        op_destroy(op);
        return;
    }
    error_format(error, text, sizeof text);
    if (op->exchange->begun) {
        fail_late(op, status, error, text);
        return;
    }
    out = op_out(op);
    out->size = 0;
    op->has_return = false;
    op->exchange->fields.size = 0;
    exchange_field(op->exchange, "XVS-Error", error_code_name(error->code));
    put_head(op);
    buffer_printf(out, "<ERROR CODE=\"%d\" DESCRIPTION=\"", (int) status);
    put_escaped(out, text);
    put(out, "\"></ERROR>");
    end(op);
}

void
op_fail(struct operation *op, const struct error *error)
{
    op_fail_status(op, op->status ? op->status : status_of(error->code),
                   error);
}

void
op_fail_text(struct operation *op, enum error_code code, const char *text)
{
    struct error error;

    error_set(&error, code, "%s", text);
    op_fail(op, &error);
}

bool
op_is_bad(struct operation *op)
{
    if (op->error.code == ERROR_NONE) {
        return false;
    }
    op_fail(op, &op->error);
    return true;
}

bool
op_resume(struct operation *op, const struct error *error)
{
    op->pending = false;
    if (error) {
        op_fail(op, error);
    }
    return !error;
}

void
op_changed(void *arg, const struct error *error, const struct path *path)
{
    struct operation *op = arg;

    (void) path;
    if (op_resume(op, error)) {
        op_finish(op);
    }
}

void
op_not_supported(struct operation *op)
{
    struct error error;

    error_set(&error, ERROR_UNSUPPORTED, "the operation '%.60s' is not "
              "offered", op->request.name);
    op_fail(op, &error);
}

void
answer_refuse(struct exchange *exchange, const struct refusal *refusal)
{
    char text[1024];

    exchange_field(exchange, "CIMError", refusal->cim_error);
    exchange_field(exchange, "XVS-Error",
                   error_code_name(refusal->error.code));
    exchange_refuse(exchange, refusal->status,
                    error_format(&refusal->error, text, sizeof text));
}
