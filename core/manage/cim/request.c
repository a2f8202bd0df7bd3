/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/cim/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "object/forms.h"
#include "object/path.h"

static bool
refuse(struct refusal *refusal, int status, const char *cim_error,
       const char *text)
{
    refusal->status = status;
    refusal->cim_error = cim_error;
    return error_set(&refusal->error,
                     status == 501 ? ERROR_UNSUPPORTED : ERROR_SYNTAX,
                     "%s", text);
}

static bool
loose(struct refusal *refusal, const char *text)
{
    return refuse(refusal, 400, "request-not-loosely-valid", text);
}

bool
namespace_is_known(const char *name_space)
{
    static const char *const known[] = {
        "root/xvs", "root/virtualization/v2", "root/cimv2", "root/interop",
        "interop",
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (text_equal_fold(name_space, known[i])) {
            return true;
        }
    }
    return false;
}

/* LOCALNAMESPACEPATH as "root/xvs". */
static bool
read_namespace(struct request *request, const struct xml_node *node,
               struct refusal *refusal)
{
    struct buffer text = BUFFER_INIT;

    for (const struct xml_node *at = node->children; at; at = at->next) {
        const char *name = xml_attribute(at, "NAME");

        if (!xml_is(at, "NAMESPACE") || !name) {
            buffer_free(&text);
            return loose(refusal, "LOCALNAMESPACEPATH holds NAMESPACE "
                         "elements with a NAME only");
        }
        if (text.size) {
            buffer_putc(&text, '/');
        }
        buffer_puts(&text, name);
    }
    request->name_space = buffer_steal(&text);
    return request->name_space[0]
           || loose(refusal, "LOCALNAMESPACEPATH is empty");
}

/* IPARAMVALUE or PARAMVALUE elements up to the end of the call. */
static bool
read_parameters(struct request *request, const struct xml_node *at,
                const char *element, struct refusal *refusal)
{
    for (; at; at = at->next) {
        const char *name = xml_attribute(at, "NAME");

        if (!xml_is(at, element) || !name || !*name) {
            return loose(refusal, "a call holds parameters with a NAME "
                         "only");
        }
        if (request->n_parameters == REQUEST_PARAMETERS) {
            return loose(refusal, "a call has too many parameters");
        }
        request->parameters[request->n_parameters++] =
            (struct request_parameter){ name, at->children };
    }
    return true;
}

static bool
read_intrinsic(struct request *request, const struct xml_node *call,
               struct refusal *refusal)
{
    const struct xml_node *space = call->children;

    if (!space || !xml_is(space, "LOCALNAMESPACEPATH")) {
        return loose(refusal, "IMETHODCALL has no LOCALNAMESPACEPATH");
    }
    return read_namespace(request, space, refusal)
           && read_parameters(request, space->next, "IPARAMVALUE",
                              refusal);
}

static bool
read_extrinsic(struct request *request, const struct xml_node *call,
               struct refusal *refusal)
{
    const struct xml_node *target = call->children;
    const struct xml_node *space = target ? target->children : NULL;

    if (space && xml_is(space, "NAMESPACEPATH")) {
        space = xml_child(space, "LOCALNAMESPACEPATH");
    }
    if (!space || !xml_is(space, "LOCALNAMESPACEPATH")) {
        return loose(refusal, "METHODCALL has no path of an object or "
                     "class with a namespace");
    }
    if (!read_namespace(request, space, refusal)) {
        return false;
    }
    request->path = path_read_xml(target, &refusal->error);
    if (!request->path) {
        refusal->status = 400;
        refusal->cim_error = "request-not-loosely-valid";
        return false;
    }
    return read_parameters(request, target->next, "PARAMVALUE", refusal);
}

static bool
read_call(struct request *request, const struct xml_node *simple,
          struct refusal *refusal)
{
    const struct xml_node *call = simple->children;

    while (call && xml_is(call, "CORRELATOR")) {
        call = call->next;
    }
    if (!call || call->next) {
        return loose(refusal, "SIMPLEREQ holds one call");
    }
    request->is_method = xml_is(call, "METHODCALL");
    request->name = xml_attribute(call, "NAME");
    if (!request->is_method && !xml_is(call, "IMETHODCALL")) {
        return loose(refusal, "SIMPLEREQ holds no call");
    }
    if (!request->name || !*request->name) {
        return loose(refusal, "the call has no NAME");
    }
    return request->is_method ? read_extrinsic(request, call, refusal)
                              : read_intrinsic(request, call, refusal);
}

/* "2.x" or "1.x": the first part counts. */
static bool
version_is(const char *version, char major)
{
    return version && version[0] == major && version[1] == '.';
}

static bool
read_message(struct request *request, const struct xml_node *message,
             struct refusal *refusal)
{
    const struct xml_node *simple = message->children;

    request->id = xml_attribute(message, "ID");
    if (!request->id) {
        return loose(refusal, "MESSAGE has no ID");
    }
    if (!version_is(xml_attribute(message, "PROTOCOLVERSION"), '1')) {
        return refuse(refusal, 501, "unsupported-protocol-version",
                      "the protocol version is 1.x");
    }
    if (!simple) {
        return loose(refusal, "MESSAGE is empty");
    }
    if (xml_is(simple, "MULTIREQ")) {
        return refuse(refusal, 501, "multiple-requests-unsupported",
                      "several requests in one message are not taken");
    }
    if (!xml_is(simple, "SIMPLEREQ")) {
        return refuse(refusal, 501, "unsupported-operation",
                      "the message is not a request");
    }
    return read_call(request, simple, refusal);
}

bool
request_read(struct request *request, const char *body, size_t size,
             struct refusal *refusal)
{
    const struct xml_node *cim, *message;

    request->document = xml_parse_safe("request", body, size,
                                       &refusal->error);
    if (!request->document) {
        refusal->status = 400;
        refusal->cim_error = "request-not-well-formed";
        return false;
    }
    cim = xml_root(request->document);
    if (!xml_is(cim, "CIM")) {
        return loose(refusal, "the document is not a CIM element");
    }
    if (!version_is(xml_attribute(cim, "CIMVERSION"), '2')) {
        return refuse(refusal, 501, "unsupported-cim-version",
                      "the CIM version is 2.x");
    }
    if (!version_is(xml_attribute(cim, "DTDVERSION"), '2')) {
        return refuse(refusal, 501, "unsupported-dtd-version",
                      "the DTD version is 2.x");
    }
    message = cim->children;
    if (!message || !xml_is(message, "MESSAGE")) {
        return loose(refusal, "CIM holds no MESSAGE");
    }
    return read_message(request, message, refusal);
}

void
request_clear(struct request *request)
{
    path_destroy(request->path);
    free(request->name_space);
    xml_free(request->document);
    memset(request, 0, sizeof *request);
}

const struct xml_node *
request_value(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->n_parameters; i++) {
        if (text_equal_fold(request->parameters[i].name, name)) {
            return request->parameters[i].value;
        }
    }
    return NULL;
}
