/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See grant-setting.h.
 */

#include <config.h>

#include "unit/grant-setting.h"

#include <string.h>
#include <xvs/block.h>

static struct layout_part part = { .n_fields = 2, .size = 16, .align = 4,
                                   .n_bits = 2 };
static struct layout_field fields[] = {
    { .type = CIM_STRING, .shape = SHAPE_SCALAR, .part = ENDPOINT_UNIX_LISTEN,
      .offset = 0, .bit = 0 },
    { .type = CIM_STRING, .shape = SHAPE_SCALAR, .part = ENDPOINT_TCP_CONNECT,
      .offset = sizeof(struct xvs_ref), .bit = 1 },
};

const struct layout grant_layout = { .n_parts = 1, .n_fields = 2,
                                     .parts = &part, .fields = fields };

void
grant_setting(struct grant_setting *setting, uint32_t id, uint32_t op,
              const char *listen, const char *connect)
{
    struct xvs_writer writer;
    struct xvs_ref refs[2];

    memset(setting, 0, sizeof *setting);
    xvs_writer_start(&writer, setting->body, sizeof setting->body,
                     sizeof refs);
    refs[0] = xvs_put_string(&writer, listen ? listen : "");
    refs[1] = xvs_put_string(&writer, connect ? connect : "");
    memcpy(setting->body, refs, sizeof refs);
    setting->present[0] = (uint8_t) ((listen ? 1 : 0) | (connect ? 2 : 0));
    setting->header.body_offset =
        offsetof(struct grant_setting, body)
        - offsetof(struct grant_setting, header);
    setting->header.body_size = writer.size;
    setting->header.n_present = 2;
    setting->head.op = op;
    setting->head.uuid.a = 1;
    setting->head.instance.a = id;
}
