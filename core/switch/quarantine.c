/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See quarantine.h.
 */

#include <config.h>

#include "switch/quarantine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "control/message.h"
#include "stage/lane/lanes.h"
#include "stage/plugin/plugin.h"
#include "stage/stage.h"
#include "switch/driver.h"
#include "switch/server.h"
#include "switch/stages.h"

struct kept_packet {
    struct kept_packet *next;           /* newer */
    struct control_quarantined what;
    uint8_t frame[];
};

static void
drop_oldest(struct quarantine *quarantine)
{
    struct kept_packet *one = quarantine->oldest;

    quarantine->oldest = one->next;
    quarantine->n--;
    quarantine->bytes -= one->what.size;
    free(one);
}

static struct kept_packet *
make(const struct stage *stage, const struct lanes_poison *packet,
     const char *why)
{
    struct kept_packet *one = mem_zalloc(sizeof *one + packet->size);
    struct control_quarantined *what = &one->what;

    what->time = packet->time;
    what->extension = stage->plugin->extension.id;
    what->switch_id = stage->switch_id;
    what->in_port = packet->in_port;
    what->ends = packet->ends;
    what->size = packet->size;
    what->gso_size = packet->gso_size;
    what->gso_type = packet->gso_type;
    what->offload = packet->offload;
    what->egress = packet->egress;
    server_put_text(what->why, sizeof what->why, why);
    memcpy(one->frame, packet->frame, packet->size);
    return one;
}

static void
append(struct quarantine *quarantine, struct kept_packet *one)
{
    struct kept_packet **at = &quarantine->oldest;

    while (*at) {
        at = &(*at)->next;
    }
    *at = one;
    one->what.number = ++quarantine->last;
    quarantine->n++;
    quarantine->bytes += one->what.size;
    while (quarantine->n > QUARANTINE_KEPT
           || (quarantine->bytes > QUARANTINE_BYTES && quarantine->n > 1)) {
        drop_oldest(quarantine);
        quarantine->missed++;
    }
}

/* Of the frame it says the addresses and the type: what comes behind them is
 * nobody's business who may only read events. */
static void
tell(struct driver *driver, const struct stage *stage,
     const struct lanes_poison *packet)
{
    char text[CONTROL_TEXT], head[2 * 14 + 1] = "", ends[24] = "a process";

    for (uint32_t i = 0; i < 14 && i < packet->size; i++) {
        snprintf(head + 2 * i, 3, "%02x", packet->frame[i]);
    }
    if (packet->ends > 1) {
        snprintf(ends, sizeof ends, "%u %s", packet->ends,
                 stage->partition == PARTITION_DOMAIN ? "instances"
                                                      : "processes");
    }
    snprintf(text, sizeof text, "%s: %s ended over a frame of %u bytes from"
             " port number %u, which was dropped; it begins with %s",
             stage_name(stage), ends, packet->size, packet->in_port, head);
    stages_owner.event(driver, (struct stage *) (uintptr_t) stage,
                       EVENT_POISON, XVS_LOG_WARNING, text);
}

void
quarantine_keep(struct driver *driver, const struct stage *stage,
                const struct lanes_poison *packet, const char *why)
{
    append(&driver->quarantine, make(stage, packet, why));
    tell(driver, stage, packet);
}

void
quarantine_read(struct driver *driver, struct request *request,
                const struct control_header *message)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    const struct control_quarantine *wanted = control_body(message);
    struct quarantine *quarantine = &driver->quarantine;
    struct control_quarantined none = { 0 };

    while (quarantine->oldest
           && quarantine->oldest->what.number <= wanted->taken) {
        drop_oldest(quarantine);
    }
    request_start(request, &out, 0);
    if (quarantine->oldest) {
        struct kept_packet *one = quarantine->oldest;

        one->what.missed += quarantine->missed;
        quarantine->missed = 0;
        buffer_put(&out, &one->what, sizeof one->what);
        buffer_put(&out, one->frame, one->what.size);
        buffer_align(&out, 8);
    } else {
        buffer_put(&out, &none, sizeof none);
    }
    request_send(request, &out);
}

void
quarantine_free(struct driver *driver)
{
    while (driver->quarantine.oldest) {
        drop_oldest(&driver->quarantine);
    }
}
