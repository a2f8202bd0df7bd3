/*
%if filter
 * @name@: drops what is larger than an admin wants, and counts it.
%end
%if capture
 * @name@: counts packets, and changes nothing.
%end
%if service
 * @name@: does its work on a timer, and sees no packets.
%end
 *
 * An extension has a descriptor (at the end of this file) with its hooks.
 * Control hooks run one at a time on a thread of the extension's own.
%if filter capture
 * Packet hooks run on the switch's workers at the same time, so that what both
 * use is atomic.
%end
 * @name@.h is made from @name@.mof by xvs-mofc.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include <xvs/extension.h>

#include "@name@.h"

%if service
#define DEFAULT_INTERVAL 1000   /* milliseconds, as in @name@.mof */

%end
struct plugin {
    const struct xvs_host *host;
%if filter
    _Atomic uint32_t maximum;   /* bytes of a packet; 0: no limit */
    _Atomic uint64_t packets;
    _Atomic uint64_t dropped;
%end
%if capture
    _Atomic uint32_t minimum;   /* bytes of the smallest that counts */
    _Atomic uint64_t packets;
    _Atomic uint64_t bytes;
%end
%if service
    uint64_t ticks;             /* calls of the timer */
%end
};

static int
init(const struct xvs_host *host, void **self)
{
    struct plugin *plugin = calloc(1, sizeof(*plugin));

    if (!plugin) {
        return XVS_RESOURCES;
    }
    plugin->host = host;
    *self = plugin;
%if service
    host->timer(host, DEFAULT_INTERVAL);
%end
    return XVS_SUCCESS;
}

static void
fini(void *self)
{
    free(self);
}

/* An admin changes the settings, or (XVS_VALIDATE) asks whether he could. */
static int
setting(void *self, const struct xvs_setting *setting,
        struct xvs_answer *answer)
{
    struct plugin *plugin = self;
    const struct @prefix@_settings *values;

    if (setting->op == XVS_DELETE) {
%if filter
        plugin->maximum = 0;
%end
%if capture
        plugin->minimum = 0;
%end
%if service
        plugin->host->timer(plugin->host, DEFAULT_INTERVAL);
%end
        return XVS_SUCCESS;
    }
    values = @prefix@_settings_get(setting);
    if (!values) {
        return XVS_NOT_SUPPORTED;
    }
%if filter
    if (values->maximum_size > 0 && values->maximum_size < 60) {
        return plugin->host->refuse(answer, XVS_NOT_ACCEPTED,
                                    "MaximumSize: no packet is smaller than"
                                    " 60 bytes, so none would pass");
    }
%end
%if capture service
    (void) answer;              /* see xvs_host.refuse() */
%end
    if (setting->op != XVS_VALIDATE) {
%if filter
        plugin->maximum = values->maximum_size;
%end
%if capture
        plugin->minimum = values->minimum_size;
%end
%if service
        plugin->host->timer(plugin->host, values->interval);
%end
    }
    return XVS_SUCCESS;
}

/* Somebody wants to know how we do. */
static int
status(void *self, const struct xvs_query *query, struct xvs_answer *answer)
{
    struct plugin *plugin = self;
    struct @prefix@_status_writer writer;
    struct @prefix@_status *values, memory;

    if (!@prefix@_status_is(query)) {
        return XVS_NOT_SUPPORTED;
    }
    values = @prefix@_status_start(&writer, &memory, sizeof(memory));
    if (!values) {
        return XVS_RESOURCES;
    }
%if filter
    values->packets = plugin->packets;
    values->dropped = plugin->dropped;
%end
%if capture
    values->packets = plugin->packets;
    values->bytes = plugin->bytes;
%end
%if service
    values->ticks = plugin->ticks;
%end
    return @prefix@_status_answer(&writer, plugin->host, answer,
                                  &query->uuid);
}

%if service
static void
timer(void *self)
{
    struct plugin *plugin = self;

    plugin->ticks++;
}

%end
%if filter
/* Packets that came from a port, up to 256 at once.  They are the switch's
 * again when this returns. */
static void
ingress(void *self, struct xvs_burst *burst)
{
    struct plugin *plugin = self;
    uint32_t maximum = plugin->maximum;

    for (uint32_t i = 0; i < burst->n; i++) {
        struct xvs_packet *packet = burst->packets[i];

        if (maximum && packet->total > maximum) {
            xvs_drop(packet, 1);        /* reasons[1] */
            plugin->dropped++;
        }
    }
    plugin->packets += burst->n;
}

%end
%if capture
/* Packets that came from a port, up to 256 at once.  They are the switch's
 * again when this returns. */
static void
ingress(void *self, struct xvs_burst *burst)
{
    struct plugin *plugin = self;
    uint32_t minimum = plugin->minimum;

    for (uint32_t i = 0; i < burst->n; i++) {
        const struct xvs_packet *packet = burst->packets[i];

        if (packet->total >= minimum) {
            plugin->packets++;
            plugin->bytes += packet->total;
        }
    }
}

%end
%if filter
/* What the numbers given to xvs_drop() mean. */
static const char *const reasons[] = { NULL, "too large" };

%end
static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = @id_c@,
%if filter
    .extension_class = XVS_CLASS_FILTER,
%end
%if capture
    .extension_class = XVS_CLASS_CAPTURE,
%end
%if service
    .extension_class = XVS_CLASS_SERVICE,
%end
    .on_failure = XVS_FAIL_OPEN,
    .name = "@name@",
    .vendor = "@vendor@",
%if filter
    .description = "Drops packets that are too large.",
%end
%if capture
    .description = "Counts packets.",
%end
%if service
    .description = "Does its work on a timer.",
%end
    .features = features,
    .n_features = sizeof(features) / sizeof(features[0]),
    .init = init,
    .fini = fini,
    .setting = setting,
    .status = status,
%if service
    .timer = timer,
%end
%if filter capture
    .ingress = ingress,
%end
%if filter
    .reasons = reasons,
    .n_reasons = sizeof(reasons) / sizeof(reasons[0]),
%end
};
