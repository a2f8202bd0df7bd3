/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl schema add --from: classes of another host's repository, with the
 * superclasses and embedded classes that are not here yet.
 */

#include <config.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "client/noun/schema.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "client/wbem/http-client.h"
#include "schema/class.h"
#include "schema/compile.h"

#define DEPTH_LIMIT 32

/* What is copied, from where to where. */
struct transfer {
    struct run *run;
    struct cim_client *from;
    struct map *done;       /* names looked at; value: not NULL */
    struct buffer text;     /* MOF of what is missing here */
    size_t n;               /* classes in it */
    unsigned int depth;
};

static bool
is_here(struct transfer *transfer, const char *name)
{
    return cim_client_lookup(run_client(transfer->run), name) != NULL;
}

static bool
transfer_class(struct transfer *transfer, const char *name)
{
    struct cim_class *cls;

    if (map_get(transfer->done, name)) {
        return true;
    }
    map_put(transfer->done, name, transfer);
    if (is_here(transfer, name)) {
        return true;
    }
    if (++transfer->depth > DEPTH_LIMIT) {
        return error_set(&transfer->run->error, ERROR_LIMIT,
                         "classes depend on each other deeper than %d",
                         DEPTH_LIMIT);
    }
    cls = cim_client_class(transfer->from, name, &transfer->run->error);
    if (!cls
        || (cls->super_name && !transfer_class(transfer, cls->super_name))) {
        return false;
    }
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const char *part = cls->properties[i].class_name;

        if (part && !transfer_class(transfer, part)) {
            return false;
        }
    }
    transfer->depth--;
    class_write_mof(cls, &transfer->text);
    buffer_putc(&transfer->text, '\n');
    transfer->n++;
    return true;
}

static struct cim_client *
connect_to(struct run *run, const char *from)
{
    struct http_options options = { 0 };
    struct cim_client *client;
    char *host = NULL;

    if (!run_http_options(run, &options, &run->error)) {
        return NULL;
    }
    if (*from == '/') {
        options.transport.socket_path = from;
    } else if (!http_options_host(&options, from, &run->error)) {
        return NULL;
    }
    host = (char *) options.transport.host;
    client = cim_client_create(&options);
    free(host);
    return client;
}

static bool
transfer_all(struct transfer *transfer)
{
    struct run *run = transfer->run;

    for (size_t i = 0; i < run->args.n_words; i++) {
        if (!transfer_class(transfer, run_word(run, i))) {
            return false;
        }
    }
    return true;
}

bool
schema_add_from(struct run *run, const char *from)
{
    struct transfer transfer = { .run = run };
    const char *name = run_option(run, "name");
    bool done;

    if (!run_class(run, "XVS_Schema")) {
        return false;
    }
    transfer.from = connect_to(run, from);
    if (!transfer.from) {
        return false;
    }
    transfer.done = map_create(true);
    done = transfer_all(&transfer);
    if (done && !transfer.n) {
        run_say(run, "nothing to do: the classes are here already");
    } else if (done) {
        done = schema_register(run, name ? name : run_word(run, 0),
                               buffer_string(&transfer.text));
    } else {
        error_prefix(&run->error, "from %s", from);
    }
    map_destroy(transfer.done, NULL);
    buffer_free(&transfer.text);
    cim_client_destroy(transfer.from);
    return done;
}
