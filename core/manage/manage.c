/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/manage.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/socket.h"
#include "manage/auth/auth.h"
#include "manage/cim/operation.h"
#include "manage/entry.h"
#include "manage/get/get.h"
#include "manage/http/http-parse.h"
#include "manage/http/http-server.h"
#include "manage/http/resource.h"
#include "manage/list/context.h"

static bool
accept_head(void *arg, struct exchange *exchange)
{
    (void) arg;
    return resource_is_read(exchange) ? resource_accept(exchange)
                                      : entry_accept(exchange);
}

static void
handle(void *arg, struct exchange *exchange)
{
    if (resource_is_read(exchange)) {
        get_answer(arg, exchange);
        return;
    }
    /* Nobody without any right gets as far as the parser of XML. */
    if (!auth_allows(exchange->principal, RIGHT_READ)) {
        exchange_field(exchange, "XVS-Error", "denied");
        exchange_refuse(exchange, 403, "This user may not do anything.");
    } else if (strcmp(exchange->request->method, "OPTIONS") == 0) {
        entry_options(exchange);
    } else {
        operation_begin(arg, exchange);
    }
}

struct manage *
manage_create(struct loop *loop, struct service *service,
              const struct manage_options *options, struct error *error)
{
    struct manage *manage = mem_zalloc(sizeof *manage);

    manage->loop = loop;
    manage->service = service;
    manage->contexts = contexts_create(loop, options->max_contexts);
    manage->auth = auth_create(loop, options, error);
    if (manage->auth) {
        manage->server =
            http_server_create(loop, manage->auth, options, accept_head,
                               handle, manage, error);
    }
    if (!manage->server) {
        manage_destroy(manage);
        return NULL;
    }
    return manage;
}

void
manage_destroy(struct manage *manage)
{
    if (!manage) {
        return;
    }
    /* Connections first: their operations use the rest. */
    http_server_destroy(manage->server);
    contexts_destroy(manage->contexts);
    auth_destroy(manage->auth);
    free(manage);
}

uint16_t
manage_port(const struct manage *manage)
{
    return manage->server->tcp_listener.fd >= 0
               ? socket_port(manage->server->tcp_listener.fd) : 0;
}
