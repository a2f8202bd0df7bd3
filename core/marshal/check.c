/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Blocks and views: is this a block of that class, and the way from one form
 * to the other.  What is inside a body is the business of checker.c.  Knows
 * no schema.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <xvs/oid.h>

#include "base/buffer.h"
#include "base/error.h"
#include "marshal/block.h"
#include "marshal/checker.h"
#include "marshal/layout.h"
#include "marshal/member.h"

/* What can be said of a header without the layout. */
static bool
check_header(const struct block_header *header, size_t size,
             struct error *error)
{
    uint64_t bits_end = sizeof *header
                        + ((uint64_t) header->n_present + 7) / 8;

    if (header->magic != BLOCK_MAGIC
        || header->serialization != XVS_SERIALIZATION_VERSION) {
        return error_set(error, ERROR_VERSION,
                         "block: not of serialization version %d",
                         XVS_SERIALIZATION_VERSION);
    }
    if (header->total_size > size || header->total_size > BLOCK_LIMIT
        || header->reserved != 0
        || header->body_offset != member_align(bits_end, 8)
        || header->total_size != member_align((uint64_t) header->body_offset
                                              + header->body_size, 8)
        || header->fixed_size > header->body_size) {
        return error_set(error, ERROR_INVALID,
                         "block: the sizes in its header contradict each "
                         "other or its %zu bytes", size);
    }
    return true;
}

/* Is it of this class, with a fixed part as this or another version's? */
static bool
check_identity(const struct block_header *header, const struct layout *layout,
               struct error *error)
{
    const struct layout_part *part = &layout->parts[0];
    const struct layout_field *fields = layout->fields + part->first_field;
    uint32_t n = header->n_present;
    bool fits = header->fixed_size == part->size;

    if (memcmp(&header->uuid, &layout->uuid, sizeof layout->uuid) != 0) {
        return error_set(error, ERROR_TYPE,
                         "block: of another class (its UUID differs)");
    }
    if (header->version >> 8 != layout->version >> 8) {
        return error_set(error, ERROR_VERSION,
                         "block: of major version %d, expected %d",
                         header->version >> 8, layout->version >> 8);
    }
    if (layout->n_parts == 1 && n > part->n_fields) {
        fits = header->fixed_size >= part->size;
    } else if (layout->n_parts == 1 && n < part->n_fields) {
        fits = n > 0 && header->fixed_size <= part->size
               && header->fixed_size >= member_end(layout, &fields[n - 1]);
    } else if (n < part->n_bits) {
        fits = false;
    }
    if (!fits) {
        return error_set(error, ERROR_VERSION,
                         "block: fixed part of %" PRIu32 " bytes with %"
                         PRIu32 " presence bits, expected %" PRIu32
                         " and %" PRIu32, header->fixed_size, n, part->size,
                         part->n_bits);
    }
    return true;
}

bool
block_check(const void *block, size_t size, const struct layout *layout,
            struct error *error)
{
    const uint8_t *bytes = block;
    const struct layout_part *part = &layout->parts[0];
    struct checker checker = { .layout = layout, .error = error };
    struct block_header header;
    uint64_t pad;

    if (size < sizeof header) {
        return error_set(error, ERROR_SYNTAX,
                         "block: %zu bytes are fewer than its header", size);
    }
    memcpy(&header, bytes, sizeof header);
    if (!check_header(&header, size, error)
        || !check_identity(&header, layout, error)) {
        return false;
    }
    checker.body = bytes + header.body_offset;
    checker.size = header.body_size;
    checker.fixed = header.fixed_size;
    checker.present = bytes + sizeof header;
    checker.n_present = header.n_present;
    checker.exact = layout->n_parts > 1;
    pad = (uint64_t) (header.body_offset - sizeof header) * 8;
    if (!checker_bits_zero(&checker, header.n_present,
                           pad - header.n_present)) {
        return error_set(error, ERROR_INVALID,
                         "block: unused presence bits are not 0");
    }
    return checker_run(&checker, header.n_present < part->n_fields
                                    ? header.n_present : part->n_fields)
           || error_prefix(error, "block");
}

/* 'made' may be NULL; takes the presence bits of an all-present view. */
static bool
check_view(const struct xvs_view *view, const struct layout *layout,
           struct buffer *made, uint64_t *n_bits, struct error *error)
{
    const struct layout_part *part = &layout->parts[0];
    struct checker checker = {
        .layout = layout,
        .body = view->body,
        .size = view->size,
        .fixed = part->size,
        .present = view->present,
        .n_present = view->n_present,
        .exact = view->n_present != 0,
        .made = made,
        .error = error,
    };

    if (view->size < part->size || view->size > BLOCK_LIMIT
        || (view->size && !view->body)) {
        return error_set(error, ERROR_INVALID,
                         "object: body of %" PRIu32 " bytes, its class needs "
                         "%" PRIu32 " at least", view->size, part->size);
    }
    if (view->n_present
        && (view->n_present < part->n_bits || !view->present
            || ((uint64_t) view->n_present + 7) / 8 > BLOCK_LIMIT)) {
        return error_set(error, ERROR_INVALID,
                         "object: %" PRIu32 " presence bits, its class needs "
                         "%" PRIu32, view->n_present, part->n_bits);
    }
    if (!checker_run(&checker, part->n_fields)) {
        return error_prefix(error, "object");
    }
    *n_bits = checker.n_bits;
    return true;
}

bool
block_check_view(const struct xvs_view *view, const struct layout *layout,
                 struct error *error)
{
    uint64_t n_bits;

    return check_view(view, layout, NULL, &n_bits, error);
}

void
block_view(const void *block, struct xvs_view *view)
{
    const uint8_t *bytes = block;
    struct block_header header;

    memcpy(&header, bytes, sizeof header);
    view->body = bytes + header.body_offset;
    view->size = header.body_size;
    view->n_present = header.n_present;
    view->present = bytes + sizeof header;
}

/* The presence bytes of the view, as a block must have them. */
static void
put_present(const struct xvs_view *view, const struct layout *layout,
            uint32_t *n_present, struct buffer *out)
{
    BUFFER_AUTO struct buffer made = BUFFER_INIT;
    uint64_t n_bits = view->n_present;

    if (view->n_present) {
        size_t size = ((size_t) view->n_present + 7) / 8;
        size_t start = out->size;

        buffer_put(out, view->present, size);
        if (view->n_present % 8) {
            out->data[start + size - 1] =
                (char) (out->data[start + size - 1]
                        & ((1 << view->n_present % 8) - 1));
        }
    } else {
        check_view(view, layout, &made, &n_bits, NULL);
        buffer_put(out, made.data, made.size);
        buffer_extend(out, (size_t) ((n_bits + 7) / 8 - made.size));
    }
    *n_present = (uint32_t) n_bits;
}

void
block_from_view(const struct xvs_view *view, const struct layout *layout,
                struct buffer *out)
{
    struct block_header header = {
        .magic = BLOCK_MAGIC,
        .serialization = XVS_SERIALIZATION_VERSION,
        .version = layout->version,
        .body_size = view->size,
        .fixed_size = layout->parts[0].size,
        .uuid = layout->uuid,
    };
    size_t start;

    buffer_align(out, 8);
    start = out->size;
    buffer_extend(out, sizeof header);
    put_present(view, layout, &header.n_present, out);
    buffer_align(out, 8);
    header.body_offset = (uint32_t) (out->size - start);
    buffer_put(out, view->body, view->size);
    buffer_align(out, 8);
    header.total_size = (uint32_t) (out->size - start);
    memcpy(out->data + start, &header, sizeof header);
}
