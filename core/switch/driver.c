/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Hands each request to the function that serves it.
 */

#include <config.h>

#include "switch/driver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "packet/grace.h"
#include "packet/pool.h"
#include "stage/keep/keep.h"
#include "stage/plugin/plugin.h"
#include "switch/captures.h"
#include "switch/forward/workers.h"
#include "switch/ports.h"
#include "switch/quarantine.h"
#include "switch/request/report.h"
#include "switch/request/request.h"
#include "switch/server.h"
#include "switch/stages.h"
#include "switch/vswitch.h"

#define RESCAN_MS 1000
#define END_MS 3000             /* for what is under way when we end */

typedef void (*serve)(struct driver *driver, struct request *request,
                      const struct control_header *message);

static void
serve_hello(struct driver *driver, struct request *request,
            const struct control_header *message)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct control_hello *hello;
    struct control_result *result =
        request_start(request, &out, sizeof *hello);

    (void) message;
    __atomic_store_n(&driver->place.manager, server_manager(driver->server),
                     __ATOMIC_RELAXED);
    hello = (void *) ((char *) result + sizeof *result);
    hello->pid = (uint32_t) getpid();
    hello->boot = driver->boot;
    server_put_text(hello->version, sizeof hello->version, PACKAGE_VERSION);
    request_send(request, &out);
}

static const serve serves[] = {
    [CONTROL_HELLO] = serve_hello,
    [CONTROL_SNAPSHOT] = report_snapshot,
    [CONTROL_SWITCH_CREATE] = switches_create,
    [CONTROL_SWITCH_DELETE] = switches_delete,
    [CONTROL_PORT_CREATE] = ports_create,
    [CONTROL_PORT_DELETE] = ports_delete,
    [CONTROL_PORT_UPDATE] = ports_update,
    [CONTROL_EXT_LOAD] = plugins_load,
    [CONTROL_EXT_UNLOAD] = plugins_unload,
    [CONTROL_LAYOUT_SET] = plugins_set_layout,
    [CONTROL_LAYOUT_DROP] = plugins_drop_layout,
    [CONTROL_EXT_ENABLE] = extensions_enable,
    [CONTROL_EXT_DISABLE] = extensions_disable,
    [CONTROL_SETTINGS] = settings_apply,
    [CONTROL_STATUS] = queries_status,
    [CONTROL_METHOD] = queries_method,
    [CONTROL_COUNTERS] = report_counters,
    [CONTROL_EXT_MOVE] = extensions_move,
    [CONTROL_EXT_UPGRADE] = extensions_upgrade,
    [CONTROL_CAPTURE_START] = captures_start,
    [CONTROL_CAPTURE_READ] = captures_read,
    [CONTROL_CAPTURE_STOP] = captures_stop,
    [CONTROL_EXT_PARTITION] = extensions_part,
    [CONTROL_EXT_PARTNER] = extensions_join,
    [CONTROL_QUARANTINE] = quarantine_read,
};

static void
on_request(void *arg, struct request *request,
           const struct control_header *message)
{
    struct driver *driver = arg;

    if (message->type < sizeof serves / sizeof serves[0]
        && serves[message->type]) {
        serves[message->type](driver, request, message);
    } else {
        request_answer(request, XVS_NOT_SUPPORTED, ERROR_UNSUPPORTED, NULL,
                       "this request is not known here");
    }
}

/* Says, once a second at most, that packets wait or are lost for want of
 * buffers. */
static void
watch_pool(struct driver *driver)
{
    uint64_t shortages = pool_shortages(workers_pool(driver->workers));

    if (shortages != driver->told_shortages) {
        driver->told_shortages = shortages;
        driver_event(driver, EVENT_SHORTAGE, XVS_LOG_WARNING, 0, XVS_PORT_NONE,
                     NULL, "all packet buffers are in use; start xvs-switch"
                     " with a larger --packets");
    }
}

static void
rescan(void *arg)
{
    struct driver *driver = arg;

    watch_pool(driver);

    ports_rescan(driver);
    stages_watch(driver);
    captures_watch(driver);
    plugins_reap(driver);
    workers_balance(driver->workers);
}

struct driver *
driver_create(struct loop *loop, int listener, uid_t user,
              const struct workers_config *config,
              const char *const *plugin_dirs, uid_t trusted,
              const struct partition_place *place, struct error *error)
{
    struct driver *driver = mem_zalloc(sizeof *driver);

    driver->loop = loop;
    driver->plugin_dirs = plugin_dirs;
    driver->trusted = trusted;
    guid_random(&driver->boot);
    driver->workers = workers_start(config, loop, ports_news, driver, error);
    if (!driver->workers) {
        close(listener);
        free(driver);
        return NULL;
    }
    driver->place = *place;
    driver->place.pool = workers_pool(driver->workers);
    driver->place.n_workers = workers_count(driver->workers);
    driver->place.watch_bell = workers_watch_bell;
    driver->place.arg = driver->workers;
    driver->place.keeps = keeps_create();
    driver->server = server_create(loop, listener, user, on_request, driver);
    driver->rescan = loop_timer_add(loop, RESCAN_MS, true, rescan, driver);
    return driver;
}

static bool
is_busy(const struct driver *driver)
{
    return driver->operations || driver->leaving;
}

/* Runs the loop until nothing is under way; false: it took too long. */
static bool
settle(struct driver *driver)
{
    uint64_t end = loop_now_ms() + END_MS;

    while (is_busy(driver) && loop_now_ms() < end) {
        loop_once(driver->loop, 50);
    }
    return !is_busy(driver);
}

static void
free_switches(struct driver *driver)
{
    while (driver->switches) {
        struct vswitch *vswitch = driver->switches;

        while (vswitch->ports) {
            ports_forget(driver, vswitch->ports, NULL, NULL);
        }
        driver->switches = vswitch->next;
        vswitch_retire(vswitch);
    }
}

bool
driver_destroy(struct driver *driver)
{
    captures_end(driver, NULL);
    server_destroy(driver->server);
    driver->server = NULL;
    loop_timer_remove(driver->rescan);
    if (!settle(driver)) {
        return false;
    }
    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        while (vswitch->stages) {
            extensions_remove(driver, vswitch->stages, NULL, NULL);
        }
    }
    if (!settle(driver)) {
        return false;
    }
    free_switches(driver);
    if (!workers_stop(driver->workers, END_MS)) {
        return false;
    }
    grace_drain();
    plugins_reap(driver);
    while (driver->plugins) {
        struct plugin *plugin = driver->plugins;

        driver->plugins = plugin->next;
        plugin_unload(plugin);
    }
    keeps_destroy(driver->place.keeps);
    quarantine_free(driver);
    free(driver);
    return true;
}

struct vswitch *
driver_switch(const struct driver *driver, uint32_t id)
{
    struct vswitch *vswitch = driver->switches;

    while (vswitch && vswitch->id != id) {
        vswitch = vswitch->next;
    }
    return vswitch;
}

struct vport *
driver_port(const struct driver *driver, uint32_t id)
{
    for (struct vswitch *vswitch = driver->switches; vswitch;
         vswitch = vswitch->next) {
        struct vport *port = vswitch_port(vswitch, id);

        if (port) {
            return port;
        }
    }
    return NULL;
}

struct plugin *
driver_plugin(const struct driver *driver, const struct xvs_guid *id)
{
    struct plugin *plugin = driver->plugins;

    while (plugin && !guid_equal(&plugin->extension.id, id)) {
        plugin = plugin->next;
    }
    return plugin;
}

void
driver_event(struct driver *driver, enum control_event_kind kind,
             enum xvs_log_level severity, uint32_t switch_id,
             uint32_t port_id, const struct xvs_guid *extension,
             const char *text)
{
    static const enum log_level levels[] = {
        [XVS_LOG_ERROR] = LOG_LEVEL_ERROR,
        [XVS_LOG_WARNING] = LOG_LEVEL_WARNING,
        [XVS_LOG_INFO] = LOG_LEVEL_INFO,
    };
    struct control_event event = { .kind = kind, .severity = severity,
                                   .switch_id = switch_id,
                                   .port_id = port_id };

    if (extension) {
        event.extension = *extension;
    }
    server_put_text(event.text, sizeof event.text, text);
    log_line(levels[severity], "%s", event.text);
    server_event(driver->server, &event);
}
