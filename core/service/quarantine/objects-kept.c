/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets that ended processes as objects of class XVS_QuarantinedPacket, and
 * the method that reads one.  Whoever may read objects sees that there is one;
 * its bytes are for whoever may change things.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "object/instance.h"
#include "object/path.h"
#include "service/change/change.h"
#include "service/internal.h"
#include "service/method/host-methods.h"
#include "service/quarantine/quarantine.h"
#include "service/quarantine/vault.h"
#include "service/view/cursor.h"
#include "service/view/objects.h"

static void
put_text(struct instance *object, const char *name, const char *text)
{
    if (text) {
        instance_set_string(object, name, text);
    }
}

static struct instance *
object_of(struct cursor *cursor, const struct kept *kept)
{
    struct vault *vault = quarantine_vault(cursor->service->quarantine);
    struct instance *object = object_create(cursor->service,
                                            "XVS_QuarantinedPacket");
    MEM_AUTO char *path = mem_printf("%s/%s", vault_folder(vault),
                                     kept->name);
    struct value time = { .type = CIM_DATETIME };

    time.t = mem_zalloc(sizeof *time.t);
    time.t->microseconds = (int64_t) (kept->time / 1000);
    instance_set_string(object, "Name", kept->name);
    instance_set(object, "Time", time, NULL);
    put_text(object, "SwitchName", kept->switch_name);
    put_text(object, "PortName", kept->port_name);
    put_text(object, "ExtensionName", kept->extension_name);
    put_text(object, "Hook", kept->direction);
    instance_set_u64(object, "Length", kept->size);
    instance_set_u64(object, "ProcessesEnded", kept->ends);
    put_text(object, "Reason", kept->reason);
    put_text(object, "Offload", kept->offload);
    instance_set_string(object, "File", path);
    return object;
}

struct instance *
quarantine_next(struct cursor *cursor)
{
    struct position *position = &cursor->position;
    const struct kept *kept =
        vault_next(quarantine_vault(cursor->service->quarantine),
                   position->first);

    if (!kept) {
        return NULL;
    }
    snprintf(position->first, sizeof position->first, "%s", kept->name);
    return object_of(cursor, kept);
}

struct instance *
quarantine_get(struct cursor *cursor, const struct path *path)
{
    const char *name = path_key(path, "Name");
    const struct kept *kept = name
        ? vault_find(quarantine_vault(cursor->service->quarantine), name)
        : NULL;

    return kept ? object_of(cursor, kept) : NULL;
}

void
quarantine_change(struct service *service, struct wish *wish)
{
    const char *name = wish->path ? path_key(wish->path, "Name") : NULL;
    struct error error;
    bool done;

    if (wish->instance || !name) {
        done = error_set(&error, ERROR_UNSUPPORTED, "packets that ended"
                         " processes can be removed, not made or changed");
    } else {
        done = vault_remove(quarantine_vault(service->quarantine), name,
                            &error);
    }
    if (done) {
        change_tell(service, "removed", NULL, NULL, NULL,
                    "quarantined packet %s", name);
    }
    wish_finish(wish, done ? NULL : &error, NULL);
}

void
quarantine_read_packet(const struct host_call *call, const struct value *in,
                       size_t n_in)
{
    BUFFER_AUTO struct buffer bytes = BUFFER_INIT, text = BUFFER_INIT;
    const char *name = host_text(call, in, n_in, "Name");
    struct error error;
    struct value file;

    if (!vault_read(quarantine_vault(call->service->quarantine),
                    name ? name : "", &bytes, &error)) {
        host_refuse(call, &error);
        return;
    }
    base64_put(&text, bytes.data, bytes.size);
    file = value_string(buffer_string(&text));
    host_answer(call, 0, "File", &file);
}
