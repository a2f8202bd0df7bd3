/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Control messages as a hostile peer sends them: what passes the check can be
 * walked, and layouts and blocks inside meet their own checks.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk_settings(const void *at, uint32_t n, const struct layout *layout)
{
    struct error error;

    for (uint32_t i = 0; i < n; i++) {
        const struct control_setting *head = at;
        const void *block = control_after(head, sizeof *head);

        if (layout) {
            block_check(block, head->block_size, layout, &error);
        }
        at = control_after(block, head->block_size);
    }
}

static void
walk_layout(const struct control_layout *head)
{
    const void *wire = control_after(head, sizeof *head);
    struct error error;
    struct layout *layout = layout_read(wire, head->layout_size, &error);

    if (layout) {
        block_check(control_after(wire, head->layout_size),
                    head->default_size, layout, &error);
        layout_destroy(layout);
    }
}

static void
walk(const struct control_header *message)
{
    const void *body = control_body(message);

    switch (message->type) {
    case CONTROL_SETTINGS:
        walk_settings(control_after(body, sizeof(struct control_settings)),
                      ((const struct control_settings *) body)->n, NULL);
        break;
    case CONTROL_EXT_ENABLE:
        walk_settings(control_after(body, sizeof(struct control_enable)),
                      ((const struct control_enable *) body)->n, NULL);
        break;
    case CONTROL_LAYOUT_SET:
        walk_layout(body);
        break;
    default:
        break;
    }
}

/* The bytes as several messages. */
static void
try_packet(const uint8_t *data, size_t size)
{
    char *packet = malloc(size), *at = packet;

    memcpy(packet, data, size);
    while (size) {
        size_t first = control_first(at, size);
        struct error error;

        if (first == 0 || first > size) {
            abort();
        }
        if (control_check(at, first, &error)) {
            walk((void *) at);
        }
        at += first;
        size -= first;
    }
    free(packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_header *copy;
    struct error error;

    if (size < sizeof *copy) {
        return control_check(data, size, &error);
    }
    /* Aligned, of exactly the size, and with a frame that fits, so that the
     * inside is what is tried. */
    copy = malloc(size);
    memcpy(copy, data, size);
    copy->magic = CONTROL_MAGIC;
    copy->version = CONTROL_VERSION;
    copy->size = (uint32_t) size;
    copy->reserved = 0;
    if (control_check(copy, size, &error)) {
        walk(copy);
    }
    try_packet(data, size);
    free(copy);
    return 0;
}
