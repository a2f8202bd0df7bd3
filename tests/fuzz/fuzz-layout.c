/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Layouts from the wire.  One that is accepted must write the same bytes, and
 * a block that consists of zeroes must be checkable with it.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "marshal/block.h"
#include "marshal/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An object with nothing in it, as the layout says. */
static void
check_empty(const struct layout *layout)
{
    const struct layout_part *part = &layout->parts[0];
    struct xvs_view view = { 0 };
    void *body, *bits;

    if (part->size > 1u << 20 || part->n_bits > 1u << 20) {
        return;
    }
    body = calloc(1, (size_t) part->size + 1);
    bits = calloc(1, (size_t) part->n_bits / 8 + 1);
    view.body = body;
    view.size = part->size;
    view.n_present = part->n_bits;
    view.present = bits;
    if (!block_check_view(&view, layout, NULL)) {
        abort();
    }
    free(body);
    free(bits);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct layout *layout = layout_read(data, size, NULL);
    struct buffer out = BUFFER_INIT;

    if (!layout) {
        return 0;
    }
    layout_write(layout, &out);
    if (out.size != size || memcmp(out.data, data, size) != 0) {
        abort();
    }
    buffer_free(&out);
    check_empty(layout);
    layout_destroy(layout);
    return 0;
}
