/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See telling.h.
 */

#include <config.h>

#include "stage/call/telling.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "marshal/layout.h"
#include "stage/call/call.h"
#include "stage/plugin/plugin.h"

void
tell_state(struct buffer *out, enum xvs_state state)
{
    uint32_t *number = call_begin(out, CALL_STATE, sizeof(uint64_t));

    *number = state;
}

void
tell_port(struct buffer *out, enum xvs_port_event event,
          const struct xvs_port *port)
{
    struct call_port *body = call_begin(out, CALL_PORT, sizeof *body);

    body->event = event;
    body->port = *port;
}

void
tell_setting(struct buffer *out, const struct control_setting *head,
             const void *block)
{
    call_begin(out, CALL_SETTING, 0);
    call_put(out, head, sizeof *head);
    call_put(out, block, head->block_size);
}

void
tell_status(struct buffer *out, const struct control_status *status,
            const struct feature_layout *layout)
{
    struct call_status *body = call_begin(out, CALL_STATUS, sizeof *body);

    body->status = *status;
    body->layout_size = (uint32_t) layout->wire.size;
    body->empty_size = (uint32_t) layout->empty.size;
    call_put(out, layout->wire.data, layout->wire.size);
    call_put(out, layout->empty.data, layout->empty.size);
}

static void
put_layout(struct buffer *out, const struct layout *layout, uint32_t *size)
{
    BUFFER_AUTO struct buffer wire = BUFFER_INIT;

    layout_write(layout, &wire);
    *size = (uint32_t) wire.size;
    call_put(out, wire.data, wire.size);
}

void
tell_method(struct buffer *out, const struct control_method *head,
            const char *name, const struct buffer *block,
            const struct layout *in, const struct layout *out_layout)
{
    struct control_method sizes = *head;
    size_t at;

    call_begin(out, CALL_METHOD, 0);
    at = call_put(out, &sizes, sizeof sizes);
    sizes.block_size = (uint32_t) block->size;
    snprintf(sizes.name, sizeof sizes.name, "%s", name);
    call_put(out, block->data, block->size);
    put_layout(out, in, &sizes.in_layout_size);
    put_layout(out, out_layout, &sizes.out_layout_size);
    memcpy(out->data + at, &sizes, sizeof sizes);
}
