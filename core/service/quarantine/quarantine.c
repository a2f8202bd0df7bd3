/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Fetching packets from xvs-switch into files.  See quarantine.h.
 */

#include <config.h>

#include "service/quarantine/quarantine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "service/events.h"
#include "service/internal.h"
#include "service/peer/peer.h"
#include "service/peer/request.h"
#include "service/quarantine/vault.h"

#define RETRY_MS 10000u         /* after a file that could not be written */

/* A question on its way; outlives the quarantine. */
struct question {
    struct quarantine *quarantine;      /* NULL: nobody wants to know */
};

struct quarantine {
    struct service *service;
    struct vault *vault;
    struct question *question;  /* under way, or NULL */
    bool again;                 /* ask once more after it */
    uint64_t taken;             /* the last number that is safe */
    struct loop_timer *retry;
};

struct quarantine *
quarantine_create(struct service *service, const char *folder, uint32_t limit)
{
    struct quarantine *quarantine = mem_zalloc(sizeof *quarantine);

    quarantine->service = service;
    quarantine->vault = vault_create(folder, limit);
    return quarantine;
}

void
quarantine_destroy(struct quarantine *quarantine)
{
    if (!quarantine) {
        return;
    }
    if (quarantine->question) {
        quarantine->question->quarantine = NULL;
    }
    loop_timer_remove(quarantine->retry);
    vault_destroy(quarantine->vault);
    free(quarantine);
}

struct vault *
quarantine_vault(struct quarantine *quarantine)
{
    return quarantine->vault;
}

/* ---- What came ------------------------------------------------------------ */

static char *
offload_text(const struct control_quarantined *one)
{
    if (one->gso_type != XVS_GSO_NONE) {
        return mem_printf("to be cut to %u bytes of payload", one->gso_size);
    }
    return one->offload & XVS_OFFLOAD_CHECKSUM
        ? mem_strdup("checksum still to be finished") : NULL;
}

/* Names instead of numbers, as far as they are still known. */
static void
describe(const struct service *service, const struct control_quarantined *one,
         struct kept *kept)
{
    const struct state *state = &service->state;
    const struct vswitch *vswitch = state_switch_by_id(state, one->switch_id);
    const struct vport *port = state_port_by_id(state, one->in_port);
    const struct extension *extension =
        state_extension_by_id(state, &one->extension);
    char id[GUID_TEXT_SIZE];

    *kept = (struct kept) { .time = one->time, .size = one->size,
                            .ends = one->ends };
    kept_set_name(kept);
    kept->extension_name = mem_strdup(extension ? extension->name
                                      : guid_format(&one->extension, id));
    kept->switch_name = vswitch ? mem_strdup(vswitch->name)
        : mem_printf("number %u", one->switch_id);
    kept->port_name = port ? mem_strdup(port->name)
        : mem_printf("number %u", one->in_port);
    kept->direction = mem_strdup(one->egress ? "egress" : "ingress");
    kept->reason = mem_strdup(one->why);
    kept->offload = offload_text(one);
}

static void
tell(struct quarantine *quarantine, const struct kept *kept, uint64_t missed,
     const struct error *error)
{
    const char *folder = vault_folder(quarantine->vault);
    char text[1200], more[80] = "", ends[24] = "a process";

    if (missed) {
        snprintf(more, sizeof more, "; %lu before it were not kept",
                 (unsigned long) missed);
    }
    if (kept->ends > 1) {
        snprintf(ends, sizeof ends, "%u processes", kept->ends);
    }
    if (error) {
        snprintf(text, sizeof text, "a frame that ended %s cannot be kept:"
                 " %s%s", ends, error->text, more);
    } else if (vault_keeps(quarantine->vault)) {
        snprintf(text, sizeof text, "the frame of %u bytes that ended %s is"
                 " kept in %s/%s%s", kept->size, ends, folder, kept->name,
                 more);
    } else {
        return;
    }
    events_add(quarantine->service, &(struct event) {
        .severity = error ? "error" : "warning", .kind = "quarantine",
        .switch_name = kept->switch_name, .port_name = kept->port_name,
        .extension_name = kept->extension_name, .text = text });
}

static void
try_again(void *arg)
{
    struct quarantine *quarantine = arg;

    quarantine->retry = NULL;
    quarantine_fetch(quarantine);
}

/* It stays where it is. */
static void
put_off(struct quarantine *quarantine)
{
    quarantine->again = false;
    loop_timer_remove(quarantine->retry);
    quarantine->retry = loop_timer_add(quarantine->service->loop, RETRY_MS,
                                       false, try_again, quarantine);
}

static void
take(struct quarantine *quarantine, const struct control_quarantined *one)
{
    BUFFER_AUTO struct buffer bytes = BUFFER_INIT;
    struct kept kept;
    struct error error;
    bool safe;

    describe(quarantine->service, one, &kept);
    kept_write(&kept, control_after(one, sizeof *one), &bytes);
    safe = vault_put(quarantine->vault, &kept, bytes.data, bytes.size,
                     &error);
    tell(quarantine, &kept, one->missed, safe ? NULL : &error);
    kept_clear(&kept);
    if (safe) {
        quarantine->taken = one->number;
        quarantine->again = true;
    } else {
        put_off(quarantine);
    }
}

static void
on_answer(void *arg, const struct control_header *answer)
{
    struct question *question = arg;
    struct quarantine *quarantine = question->quarantine;
    const struct control_quarantined *one;
    struct error error;

    free(question);
    if (!quarantine) {
        return;
    }
    quarantine->question = NULL;
    /* One that does not know the request has none. */
    if (!answer_ok(answer, &error)) {
        return;
    }
    one = control_after(answer_result(answer), sizeof(struct control_result));
    if (one->number) {
        take(quarantine, one);
    }
    if (quarantine->again) {
        quarantine_fetch(quarantine);
    }
}

/* ---- Asking --------------------------------------------------------------- */

void
quarantine_fetch(struct quarantine *quarantine)
{
    BUFFER_AUTO struct buffer message = BUFFER_INIT;
    struct control_quarantine *body;

    quarantine->again = quarantine->question != NULL;
    if (quarantine->question || quarantine->service->closing) {
        return;
    }
    body = message_start(&message, CONTROL_QUARANTINE, sizeof *body);
    body->taken = quarantine->taken;
    quarantine->question = mem_zalloc(sizeof *quarantine->question);
    quarantine->question->quarantine = quarantine;
    peer_request(quarantine->service->peer, &message, on_answer,
                 quarantine->question);
}

void
quarantine_forget(struct quarantine *quarantine)
{
    quarantine->taken = 0;
    quarantine->again = false;
}
