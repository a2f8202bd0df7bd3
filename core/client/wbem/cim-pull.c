/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Pulled enumerations (OpenEnumerateInstances, PullInstancesWithPath).
 */

#include <config.h>

#include "client/wbem/cim-client.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/wbem/cim-call.h"
#include "object/forms.h"
#include "object/instance.h"

/* Where a piece goes: objects to the callback, parameters to 'pull'. */
struct piece {
    struct cim_objects objects;
    struct cim_pull *pull;
};

static void
take_parameter(struct cim_pull *pull, const struct xml_node *node)
{
    const char *name = xml_attribute(node, "NAME");
    const struct xml_node *value = node->children;

    if (!name || !value) {
        return;
    }
    if (strcmp(name, "EnumerationContext") == 0) {
        free(pull->context);
        pull->context = mem_strdup(value->text);
    } else if (strcmp(name, "EndOfSequence") == 0) {
        pull->at_end = text_equal_fold(value->text, "TRUE");
    }
}

static bool
take_piece(void *arg, const struct xml_node *node, struct error *error)
{
    struct piece *piece = arg;

    if (xml_is(node, "PARAMVALUE")) {
        take_parameter(piece->pull, node);
        return true;
    }
    return cim_take_instance(&piece->objects, node, error);
}

static bool
drop(void *arg, struct instance *instance, const struct path *path,
     struct error *error)
{
    (void) arg;
    (void) path;
    instance_destroy(instance);
    return error_set(error, ERROR_SYNTAX,
                     "the server answered objects that nobody asked for");
}

static bool
has_context(const struct cim_pull *pull, struct error *error)
{
    return pull->context || pull->at_end
           || error_set(error, ERROR_SYNTAX,
                        "the server opened an enumeration without a name");
}

bool
cim_pull_open(struct cim_client *client, struct cim_pull *pull,
              const char *class_name, unsigned int wait_s,
              struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct piece piece = { { client, drop, NULL }, pull };

    memset(pull, 0, sizeof *pull);
    if (!cim_client_class(client, class_name, error)) {
        return false;
    }
    cim_request_begin(&request, "OpenEnumerateInstances");
    cim_request_class(&request, "ClassName", class_name);
    cim_request_u64(&request, "OperationTimeout", wait_s);
    cim_request_u64(&request, "MaxObjectCount", 0);
    cim_request_end(&request);
    return cim_call(client, "OpenEnumerateInstances", CIM_NAMESPACE,
                    &request, take_piece, &piece, error)
           && has_context(pull, error);
}

bool
cim_pull_next(struct cim_client *client, struct cim_pull *pull,
              unsigned int most, cim_instance_call call, void *arg,
              struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct piece piece = { { client, call, arg }, pull };

    cim_request_begin(&request, "PullInstancesWithPath");
    cim_request_text(&request, "EnumerationContext", pull->context);
    cim_request_u64(&request, "MaxObjectCount", most);
    cim_request_end(&request);
    return cim_call(client, "PullInstancesWithPath", CIM_NAMESPACE, &request,
                    take_piece, &piece, error);
}

void
cim_pull_close(struct cim_client *client, struct cim_pull *pull)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct error ignored;

    if (client && pull->context && !pull->at_end) {
        cim_request_begin(&request, "CloseEnumeration");
        cim_request_text(&request, "EnumerationContext", pull->context);
        cim_request_end(&request);
        cim_call(client, "CloseEnumeration", CIM_NAMESPACE, &request,
                 cim_ignore, NULL, &ignored);
    }
    free(pull->context);
    memset(pull, 0, sizeof *pull);
}
