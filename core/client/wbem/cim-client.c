/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Each operation writes a request, posts it and reads the answer element by
 * element.  cim-objects.c has the operations on instances.
 */

#include <config.h>

#include "client/wbem/cim-client.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "client/wbem/cim-call.h"
#include "client/wbem/class-cache.h"
#include "client/wbem/http-client.h"

struct cim_client {
    struct http_client *http;
    struct http_client *aside;      /* for calls during a callback, or NULL */
    struct class_cache *classes;
};

static bool
fetch_class(void *arg, const char *name, struct buffer *xml,
            struct error *error)
{
    return cim_client_class_xml(arg, name, true, xml, error);
}

struct cim_client *
cim_client_create(const struct http_options *options)
{
    struct cim_client *client = mem_zalloc(sizeof *client);

    client->http = http_client_create(options);
    client->classes = class_cache_create(fetch_class, client);
    return client;
}

void
cim_client_destroy(struct cim_client *client)
{
    if (client) {
        class_cache_destroy(client->classes);
        http_client_destroy(client->http);
        http_client_destroy(client->aside);
        free(client);
    }
}

bool
cim_client_is_unreachable(const struct cim_client *client)
{
    return http_client_is_unreachable(client->http);
}

static ssize_t
read_http(void *arg, void *data, size_t size, struct error *error)
{
    return http_client_read(arg, data, size, error);
}

/* The exact kind of failure, when the server is an xvsd that says it. */
static void
refine_error(const struct http_client *http, struct error *error)
{
    const char *name = http_client_field(http, "XVS-Error");

    for (int code = ERROR_FAILED; name && code <= ERROR_IO; code++) {
        if (strcmp(name, error_code_name((enum error_code) code)) == 0) {
            error->code = (enum error_code) code;
            return;
        }
    }
}

/* Reads what is left, so that trailers are there. */
static void
drain(struct http_client *http)
{
    char rest[4096];
    struct error ignored;

    for (int i = 0; i < 16; i++) {
        if (http_client_read(http, rest, sizeof rest, &ignored) <= 0) {
            break;
        }
    }
}

bool
cim_call(struct cim_client *client, const char *operation,
         const char *object, const struct buffer *request, cim_item item,
         void *arg, struct error *error)
{
    struct http_client *http = client->http;
    struct cim_reply reply = { .source = read_http, .item = item,
                               .item_arg = arg };
    struct error local = { 0 };
    bool done;

    error = error ? error : &local;
    if (http_client_is_busy(http)) {
        if (!client->aside) {
            client->aside = http_client_create(
                http_client_options(http));
        }
        http = client->aside;
    }
    if (!http_client_post(http, operation, object, request->data,
                          request->size, error)) {
        return false;
    }
    reply.source_arg = http;
    done = cim_reply_read(&reply, error);
    drain(http);
    if (!done && reply.status) {
        refine_error(http, error);
    }
    http_client_abandon(http);
    return done;
}

bool
cim_ignore(void *arg, const struct xml_node *node, struct error *error)
{
    (void) arg;
    (void) node;
    (void) error;
    return true;
}

struct cim_class *
cim_client_class(struct cim_client *client, const char *name,
                 struct error *error)
{
    return class_cache_get(client->classes, name, error);
}

struct cim_class *
cim_client_lookup(void *client, const char *name)
{
    return cim_client_class(client, name, NULL);
}

void
cim_client_forget_classes(struct cim_client *client)
{
    class_cache_forget(client->classes);
}

static bool
take_class(void *arg, const struct xml_node *node, struct error *error)
{
    (void) error;
    xml_put_node(arg, node);
    return true;
}

bool
cim_client_class_xml(struct cim_client *client, const char *name,
                     bool local_only, struct buffer *xml,
                     struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;

    cim_request_begin(&request, "GetClass");
    cim_request_class(&request, "ClassName", name);
    cim_request_boolean(&request, "LocalOnly", local_only);
    cim_request_boolean(&request, "IncludeQualifiers", true);
    cim_request_boolean(&request, "IncludeClassOrigin", false);
    cim_request_end(&request);
    return cim_call(client, "GetClass", CIM_NAMESPACE, &request, take_class,
                    xml, error);
}

/* A callback and its argument. */
struct names {
    cim_name_call call;
    void *arg;
};

static bool
take_name(void *arg, const struct xml_node *node, struct error *error)
{
    const struct names *names = arg;
    const char *name = xml_attribute(node, "NAME");

    return !name || names->call(names->arg, name, error);
}

bool
cim_client_class_names(struct cim_client *client, const char *base,
                       cim_name_call call, void *arg, struct error *error)
{
    BUFFER_AUTO struct buffer request = BUFFER_INIT;
    struct names names = { call, arg };

    cim_request_begin(&request, "EnumerateClassNames");
    if (base) {
        cim_request_class(&request, "ClassName", base);
    }
    cim_request_boolean(&request, "DeepInheritance", true);
    cim_request_end(&request);
    return cim_call(client, "EnumerateClassNames", CIM_NAMESPACE, &request,
                    take_name, &names, error);
}
