/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Starting, ending, and sending each change to the part that knows how.
 */

#include <config.h>

#include "service/service.h"

#include <stdlib.h>
#include <string.h>

#include "base/durable.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "object/path.h"
#include "schema/repository.h"
#include "service/change/change.h"
#include "service/change/schema-watch.h"
#include "service/config/persist.h"
#include "service/internal.h"
#include "service/peer/peer.h"
#include "service/quarantine/quarantine.h"
#include "service/reconcile/switch-events.h"
#include "service/store/store.h"

struct cim_class *
service_lookup(void *repository, const char *name)
{
    return repository_class(repository, name);
}

/* ---- Starting and ending ------------------------------------------------ */

static bool
service_load(struct service *service, const struct service_options *options,
             struct error_list *problems)
{
    MEM_AUTO char *schemas = mem_printf("%s/schema", options->state_dir);
    struct error error;

    if (!durable_mkdir(options->state_dir, &error)
        || !durable_mkdir(schemas, &error)) {
        return error_list_add(problems, &error);
    }
    service->repository = repository_open(schemas, problems);
    if (!service->repository) {
        return false;
    }
    service->store = store_open(service->loop, options->state_dir, problems,
                                &error);
    if (!service->store) {
        return error_list_add(problems, &error);
    }
    persist_load(&service->state, service->store, service->repository,
                 problems);
    return true;
}

/* What was wrong with the files is an event as well. */
static void
tell_problems(struct service *service, const struct error_list *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        char text[1024];

        error_format(&problems->items[i], text, sizeof text);
        events_add(service, &(struct event) {
            .severity = problems->items[i].severity == SEVERITY_ERROR
                ? "error" : "warning",
            .kind = "state", .text = text,
        });
    }
}

static struct quarantine *
create_quarantine(struct service *service,
                  const struct service_options *options)
{
    MEM_AUTO char *folder = options->quarantine_dir
        ? mem_strdup(options->quarantine_dir)
        : mem_printf("%s/quarantine", options->state_dir);

    return quarantine_create(service, folder, options->quarantine_files);
}

struct service *
service_create(struct loop *loop, const struct service_options *options,
               struct error_list *problems)
{
    struct service *service = mem_zalloc(sizeof *service);

    service->loop = loop;
    service->host_name = mem_strdup(options->host_name);
    service->plugin_dir = options->plugin_dir
        ? mem_strdup(options->plugin_dir) : NULL;
    service->timeout_ms = options->timeout_ms;
    service->vendor_partition = options->vendor_partition
        ? options->vendor_partition : PARTITION_INLINE;
    state_init(&service->state);
    service->quarantine = create_quarantine(service, options);
    if (!service_load(service, options, problems)) {
        service_destroy(service);
        return NULL;
    }
    tell_problems(service, problems);
    schema_watch(service);
    service->peer = peer_create(loop, options->control_path, &switch_calls,
                                service);
    return service;
}

void
service_destroy(struct service *service)
{
    if (!service) {
        return;
    }
    service->closing = true;
    restore_stop(service);
    revive_stop(service);
    if (service->peer) {
        peer_close(service->peer);
    }
    store_close(service->store);
    peer_destroy(service->peer);
    quarantine_destroy(service->quarantine);
    repository_close(service->repository);
    state_free(&service->state);
    events_free(&service->events);
    free(service->host_name);
    free(service->plugin_dir);
    free(service);
}

struct repository *
service_repository(struct service *service)
{
    return service->repository;
}

/* ---- Changes ------------------------------------------------------------ */

typedef void (*changer)(struct service *service, struct wish *wish);

static const struct {
    const char *class_name;
    changer change;
} changers[] = {
    { "XVS_Switch", change_switch },
    { "XVS_Port", change_port },
    { "XVS_Extension", change_extension },
    { "XVS_Stage", change_stage },
    { "XVS_Schema", change_schema },
    { "XVS_QuarantinedPacket", quarantine_change },
};

static void
dispatch(struct service *service, const struct cim_class *cls,
         struct wish *wish)
{
    struct error error;

    for (size_t i = 0; i < sizeof changers / sizeof *changers; i++) {
        if (text_equal_fold(cls->name, changers[i].class_name)) {
            changers[i].change(service, wish);
            return;
        }
    }
    if (class_is_a(cls, "XVS_FeatureSettings")) {
        change_setting(service, wish);
        return;
    }
    error_set(&error, ERROR_UNSUPPORTED, "objects of class %s cannot be made, "
              "changed or removed from outside", cls->name);
    wish_finish(wish, &error, NULL);
}

void
service_create_instance(struct service *service, struct instance *instance,
                        service_done done, void *arg)
{
    struct wish wish = { .instance = instance, .done = done, .arg = arg };

    dispatch(service, instance->cls, &wish);
}

static void
dispatch_path(struct service *service, struct wish *wish)
{
    struct cim_class *cls = repository_class(service->repository,
                                             wish->path->class_name);
    struct error error;

    if (!cls) {
        error_set(&error, ERROR_NO_CLASS, "there is no class %s",
                  wish->path->class_name);
        wish_finish(wish, &error, NULL);
        return;
    }
    dispatch(service, cls, wish);
}

void
service_modify_instance(struct service *service, const struct path *path,
                        struct instance *instance, const char *const *names,
                        size_t n_names, service_done done, void *arg)
{
    struct wish wish = {
        .instance = instance, .path = path_copy(path), .done = done,
        .arg = arg,
    };

    if (names) {
        wish.names = mem_array(n_names + 1, sizeof *wish.names);
        wish.n_names = n_names;
        for (size_t i = 0; i < n_names; i++) {
            wish.names[i] = mem_strdup(names[i]);
        }
    }
    dispatch_path(service, &wish);
}

void
service_delete_instance(struct service *service, const struct path *path,
                        service_done done, void *arg)
{
    struct wish wish = { .path = path_copy(path), .done = done, .arg = arg };

    dispatch_path(service, &wish);
}
