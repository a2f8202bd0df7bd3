/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See transform-host.h.
 */
#include <config.h>

#include "transform-host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet/parse.h"

struct xvs_answer {
    void *out;
    uint32_t size, n;
};

char transform_refusal[256], transform_event[256];

/* ---- The host ----------------------------------------------------------- */

static void
host_event(const struct xvs_host *host, enum xvs_log_level level,
           const char *text)
{
    (void) host;
    (void) level;
    snprintf(transform_event, sizeof(transform_event), "%s", text);
}

static int
host_refuse(struct xvs_answer *answer, int result, const char *text)
{
    (void) answer;
    snprintf(transform_refusal, sizeof(transform_refusal), "%s", text);
    return result;
}

static int
host_answer(struct xvs_answer *answer, const struct xvs_guid *instance,
            const struct xvs_view *view)
{
    (void) instance;
    if (view->size < answer->size || answer->n++) {
        abort();
    }
    memcpy(answer->out, view->body, answer->size);
    return XVS_SUCCESS;
}

/* No packet hook runs while control hooks do. */
static void
host_retire(const struct xvs_host *host, void *data,
            void (*release)(void *data))
{
    (void) host;
    release(data);
}

static const struct xvs_host the_host = {
    .size = sizeof(the_host),
    .api_version = XVS_API_VERSION,
    .switch_name = "test",
    .log = host_event,
    .refuse = host_refuse,
    .answer = host_answer,
    .event = host_event,
    .retire = host_retire,
};

void *
transform_begin(void)
{
    void *self = NULL;

    if (xvs_extension_v1.init(&the_host, &self) != XVS_SUCCESS) {
        abort();
    }
    transform_refusal[0] = transform_event[0] = 0;
    return self;
}

void
transform_end(void *self)
{
    xvs_extension_v1.fini(self);
}

int
transform_put(void *self, enum xvs_setting_op op, const struct xvs_guid *uuid,
              uint16_t version, uint32_t number, const struct xvs_view *view)
{
    struct xvs_setting setting = { .size = sizeof(setting), .op = op,
                                   .uuid = *uuid, .version = version,
                                   .instance = { .a = number } };
    struct xvs_answer answer = { NULL, 0, 0 };

    if (view) {
        setting.view = *view;
    }
    return xvs_extension_v1.setting(self, &setting, &answer);
}

void
transform_status(void *self, const struct xvs_guid *uuid, uint16_t version,
                 void *out, uint32_t size)
{
    struct xvs_query query = { .size = sizeof(query), .uuid = *uuid,
                               .version = version };
    struct xvs_answer answer = { out, size, 0 };

    if (xvs_extension_v1.status(self, &query, &answer) != XVS_SUCCESS
        || answer.n != 1) {
        abort();
    }
}

/* ---- Frames ------------------------------------------------------------- */

void
transform_make(struct transform_frame *frame, const void *bytes,
               uint32_t size)
{
    struct xvs_packet *packet = &frame->packet;

    memset(packet, 0, sizeof(*packet));
    packet->data = frame->memory + XVS_HEADROOM;
    packet->length = packet->total = size;
    packet->out_port = 1;
    packet->time = 1;
    memcpy(packet->data, bytes, size);
    parse_packet(packet);
}

uint32_t
transform_run(void *self, void (*hook)(void *self, struct xvs_burst *burst),
              struct transform_frame *frame)
{
    struct xvs_packet *packet = &frame->packet;
    struct xvs_burst burst = { .n = 1, .packets = { packet } };

    packet->verdict = XVS_PASS;
    packet->drop_reason = 0;
    hook(self, &burst);
    if (packet->data < frame->memory || packet->length < 14
        || packet->data + packet->length
            > frame->memory + sizeof(frame->memory)
        || packet->total != packet->length) {
        abort();
    }
    if (packet->verdict != XVS_PASS) {
        return packet->drop_reason;
    }
    parse_packet(packet);
    return 0;
}
