/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The operations on instances and methods.
 */

#include <config.h>

#include "client/wbem/cim-client.h"

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "client/wbem/cim-call.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"

static bool
is_path(const struct xml_node *node)
{
    return xml_is(node, "INSTANCENAME") || xml_is(node, "INSTANCEPATH")
           || xml_is(node, "LOCALINSTANCEPATH");
}

bool
cim_take_instance(void *arg, const struct xml_node *node, struct error *error)
{
    const struct cim_objects *objects = arg;
    const struct xml_node *found = xml_is(node, "INSTANCE") ? node : NULL;
    struct path *path = NULL;
    struct instance *instance;
    bool done = true;

    for (const struct xml_node *at = node->children; !found && at;
         at = at->next) {
        if (is_path(at) && !path) {
            path = path_read_xml(at, error);
            done = path != NULL;
        } else if (xml_is(at, "INSTANCE")) {
            found = at;
        }
    }
    if (done && found) {
        instance = instance_read_xml(found, cim_client_lookup,
                                     objects->client, error);
        done = instance
               && objects->call(objects->arg, instance, path, error);
    }
    path_destroy(path);
    return done;
}

bool
cim_client_enumerate(struct cim_client *client, const char *class_name,
                     const char *const *names, size_t n,
                     cim_instance_call call, void *arg, struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct cim_objects objects = { client, call, arg };

    if (!cim_client_class(client, class_name, error)) {
        return false;
    }
    cim_request_begin(&request, "EnumerateInstances");
    cim_request_class(&request, "ClassName", class_name);
    cim_request_boolean(&request, "LocalOnly", false);
    cim_request_boolean(&request, "DeepInheritance", true);
    cim_request_boolean(&request, "IncludeQualifiers", false);
    cim_request_boolean(&request, "IncludeClassOrigin", false);
    cim_request_list(&request, "PropertyList", names, n);
    cim_request_end(&request);
    return cim_call(client, "EnumerateInstances", CIM_NAMESPACE, &request,
                    cim_take_instance, &objects, error);
}

/* A callback for paths and its argument. */
struct paths {
    cim_path_call call;
    void *arg;
};

static bool
take_path(void *arg, const struct xml_node *node, struct error *error)
{
    const struct paths *paths = arg;
    struct path *path;
    bool done;

    if (!is_path(node)) {
        return true;
    }
    path = path_read_xml(node, error);
    done = path && paths->call(paths->arg, path, error);
    path_destroy(path);
    return done;
}

bool
cim_client_paths(struct cim_client *client, const char *class_name,
                 cim_path_call call, void *arg, struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct paths paths = { call, arg };

    cim_request_begin(&request, "EnumerateInstanceNames");
    cim_request_class(&request, "ClassName", class_name);
    cim_request_end(&request);
    return cim_call(client, "EnumerateInstanceNames", CIM_NAMESPACE,
                    &request, take_path, &paths, error);
}

bool
cim_client_query(struct cim_client *client, const char *wql,
                 cim_instance_call call, void *arg, struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct cim_objects objects = { client, call, arg };

    cim_request_begin(&request, "ExecQuery");
    cim_request_text(&request, "QueryLanguage", "WQL");
    cim_request_text(&request, "Query", wql);
    cim_request_end(&request);
    return cim_call(client, "ExecQuery", CIM_NAMESPACE, &request,
                    cim_take_instance, &objects, error);
}

static bool
keep_instance(void *arg, struct instance *instance, const struct path *path,
              struct error *error)
{
    struct instance **kept = arg;

    (void) path;
    (void) error;
    instance_destroy(*kept);
    *kept = instance;
    return true;
}

struct instance *
cim_client_get(struct cim_client *client, const struct path *path,
               struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct instance *instance = NULL;
    struct cim_objects objects = { client, keep_instance, &instance };

    cim_request_begin(&request, "GetInstance");
    cim_request_path(&request, "InstanceName", path);
    cim_request_boolean(&request, "LocalOnly", false);
    cim_request_end(&request);
    if (!cim_call(client, "GetInstance", CIM_NAMESPACE, &request,
                  cim_take_instance, &objects, error)) {
        instance_destroy(instance);
        return NULL;
    }
    if (!instance) {
        error_set(error, ERROR_NOT_FOUND, "the server answered no object");
    }
    return instance;
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
cim_client_create_instance(struct cim_client *client,
                           const struct instance *instance,
                           struct path **path, struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct path *made = NULL;
    struct paths paths = { keep_path, &made };
    bool done;

    cim_request_begin(&request, "CreateInstance");
    cim_request_instance(&request, "NewInstance", instance);
    cim_request_end(&request);
    done = cim_call(client, "CreateInstance", CIM_NAMESPACE, &request,
                    take_path, &paths, error);
    if (done && path) {
        *path = made;
    } else {
        path_destroy(made);
    }
    return done;
}

bool
cim_client_modify(struct cim_client *client, const struct path *path,
                  const struct instance *instance, const char *const *names,
                  size_t n, struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;

    cim_request_begin(&request, "ModifyInstance");
    cim_request_modified(&request, path, instance, names, n);
    cim_request_list(&request, "PropertyList", names, n);
    cim_request_end(&request);
    return cim_call(client, "ModifyInstance", CIM_NAMESPACE, &request,
                    cim_ignore, NULL, error);
}

bool
cim_client_delete(struct cim_client *client, const struct path *path,
                  struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;

    cim_request_begin(&request, "DeleteInstance");
    cim_request_path(&request, "InstanceName", path);
    cim_request_end(&request);
    return cim_call(client, "DeleteInstance", CIM_NAMESPACE, &request,
                    cim_ignore, NULL, error);
}

/* Where the answer of a method goes. */
struct answer {
    struct cim_client *client;
    const struct method *method;
    struct value *result;
    struct value *out;      /* one per parameter */
};

static bool
take_parameter(struct answer *answer, const struct xml_node *node,
               struct error *error)
{
    const struct method *method = answer->method;
    const struct xml_node *value = node->children;
    const char *name = xml_attribute(node, "NAME");
    bool done = true;

    for (uint32_t i = 0; name && value && i < method->n_parameters; i++) {
        const struct parameter *parameter = &method->parameters[i];

        if (text_equal_fold(parameter->name, name)) {
            value_clear(&answer->out[i]);
            done = value_read_xml(value, parameter->type,
                                  parameter->is_array, cim_client_lookup,
                                  answer->client, &answer->out[i], error);
        }
    }
    return done;
}

static bool
take_answer(void *arg, const struct xml_node *node, struct error *error)
{
    struct answer *answer = arg;
    const struct xml_node *value = node->children;

    if (xml_is(node, "PARAMVALUE")) {
        return take_parameter(answer, node, error);
    }
    if (!xml_is(node, "RETURNVALUE") || !value
        || answer->method->type == CIM_NONE) {
        return true;
    }
    value_clear(answer->result);
    return value_read_xml(value, answer->method->type, false,
                          cim_client_lookup, answer->client, answer->result,
                          error);
}

bool
cim_client_invoke(struct cim_client *client, const struct path *path,
                  const struct method *method, const struct value *in,
                  struct value *result, struct value *out,
                  struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    BUFFER_AUTO struct buffer object = BUFFER_INIT;
    struct answer answer = { client, method, result, out };
    struct path local = *path;

    *result = value_null(method->type, false);
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        out[i] = value_null(method->parameters[i].type,
                            method->parameters[i].is_array);
    }
    cim_request_method_begin(&request, method->name, path);
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        if (method->parameters[i].in) {
            cim_request_parameter(&request, &method->parameters[i], &in[i]);
        }
    }
    cim_request_method_end(&request);
    local.host = NULL;
    local.name_space = NULL;
    buffer_puts(&object, CIM_NAMESPACE ":");
    path_print(&local, &object);
    return cim_call(client, method->name, buffer_string(&object), &request,
                    take_answer, &answer, error);
}
