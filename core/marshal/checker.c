/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The validator's walk.  It goes over a body as the deserializer will and
 * proves that every byte which that touches is there, that no two pieces of
 * variable data share bytes (so the work is bounded by the body's size), and
 * that values are of their types.  Everything is read with memcpy: a body that
 * an extension hands over may lie anywhere.  Knows no schema.
 */

#include <config.h>

#include "marshal/checker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "marshal/layout.h"
#include "marshal/member.h"

static bool
bad(const struct checker *checker, const char *what, uint64_t number)
{
    return error_set(checker->error, ERROR_INVALID, "%s %" PRIu64, what,
                     number);
}

static bool
is_zero(const uint8_t *bytes, uint64_t size)
{
    uint8_t any = 0;

    for (uint64_t i = 0; i < size; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static inline bool
is_present(const struct checker *checker, uint64_t bit)
{
    return checker->n_present == 0
           || (checker->present[bit / 8] >> bit % 8 & 1);
}

/* All presence bits of [first, first + n) are 0. */
bool
checker_bits_zero(const struct checker *checker, uint64_t first,
                  uint64_t n)
{
    for (uint64_t i = first; i < first + n; i++) {
        if (checker->present[i / 8] >> i % 8 & 1) {
            return false;
        }
    }
    return true;
}

static bool
mark_slots(struct checker *checker, uint64_t start, uint64_t end)
{
    for (uint64_t i = start / 8; i < (end + 7) / 8; i++) {
        if (checker->slots[i / 8] >> i % 8 & 1) {
            return bad(checker, "variable data overlaps at offset", i * 8);
        }
        checker->slots[i / 8] |= (uint8_t) (1u << i % 8);
    }
    return true;
}

/* A piece of variable data that is not empty. */
static bool
check_piece(struct checker *checker, uint32_t offset, uint64_t size)
{
    uint64_t end = offset + size;

    if (offset % 8 != 0) {
        return bad(checker, "variable data is not 8-aligned: offset", offset);
    }
    if (offset < checker->fixed || end > checker->size) {
        return bad(checker, "variable data does not lie behind the fixed part "
                   "and inside the body: offset", offset);
    }
    if (checker->slots) {
        return mark_slots(checker, offset, end);
    }
    if (offset < checker->high) {
        checker->unordered = true;
        return bad(checker, "variable data is out of order: offset", offset);
    }
    checker->high = end;
    return true;
}

static bool
check_text(struct checker *checker, uint64_t offset)
{
    struct xvs_ref ref;
    const char *text;

    memcpy(&ref, checker->body + offset, sizeof ref);
    if (ref.count == 0) {
        return true;
    }
    if (!check_piece(checker, ref.offset, (uint64_t) ref.count + 1)) {
        return false;
    }
    text = (const char *) checker->body + ref.offset;
    if (text[ref.count] != 0) {
        return bad(checker, "no NUL behind a text of size", ref.count);
    }
    if (!text_is_utf8(text, ref.count)) {
        return bad(checker, "there is text that is not UTF-8 (without NUL) "
                   "at offset",
                   ref.offset);
    }
    return true;
}

static bool
check_datetime(struct checker *checker, uint64_t offset)
{
    struct xvs_datetime time;

    memcpy(&time, checker->body + offset, sizeof time);
    if (time.is_interval > 1 || time.precision > 20 || time.reserved != 0
        || (time.is_interval && time.utc_minutes != 0)
        || (time.is_interval && time.microseconds < 0)
        || time.utc_minutes < -999 || time.utc_minutes > 999) {
        return bad(checker, "there is a malformed datetime at offset", offset);
    }
    return true;
}

static bool check_struct(struct checker *checker, uint32_t index,
                         uint32_t n_known, uint64_t offset,
                         uint64_t first_bit);

static bool
check_element(struct checker *checker, const struct layout_field *field,
              uint64_t offset, uint64_t bit)
{
    if (member_is_text(field)) {
        return check_text(checker, offset);
    }
    switch (field->type) {
    case CIM_BOOLEAN:
        return checker->body[offset] <= 1
               || bad(checker, "a boolean is neither 0 nor 1 but",
                      checker->body[offset]);
    case CIM_DATETIME:
        return check_datetime(checker, offset);
    case CIM_EMBEDDED:
        return check_struct(checker, field->part,
                            checker->layout->parts[field->part].n_fields,
                            offset, bit);
    default:
        return true;
    }
}

static inline bool
needs_check(const struct layout_field *field)
{
    return member_is_text(field) || field->type == CIM_BOOLEAN
           || field->type == CIM_DATETIME || field->type == CIM_EMBEDDED;
}

/* 'n' elements of which the first is at 'offset' with bits from 'bit'. */
static bool
check_elements(struct checker *checker, const struct layout_field *field,
               uint32_t n, uint64_t offset, uint64_t bit)
{
    uint32_t size = member_size(checker->layout, field);
    uint32_t n_bits = field->type == CIM_EMBEDDED
                          ? checker->layout->parts[field->part].n_bits : 0;

    for (uint32_t i = 0; needs_check(field) && i < n; i++) {
        if (!check_element(checker, field, offset + (uint64_t) i * size,
                           bit + (uint64_t) i * n_bits)) {
            return error_prefix(checker->error, "element %" PRIu32, i);
        }
    }
    return true;
}

static bool
check_variable(struct checker *checker, const struct layout_field *field,
               uint64_t offset)
{
    const struct layout *layout = checker->layout;
    uint64_t bit = checker->n_bits;
    struct xvs_ref ref;

    memcpy(&ref, checker->body + offset, sizeof ref);
    if (ref.count == 0) {
        return true;
    }
    if (!check_piece(checker, ref.offset,
                     (uint64_t) ref.count * member_size(layout, field))) {
        return false;
    }
    if (field->type == CIM_EMBEDDED) {
        checker->n_bits += (uint64_t) ref.count
                           * layout->parts[field->part].n_bits;
        if (checker->n_present && checker->n_bits > checker->n_present) {
            return bad(checker, "there are too few presence bits:",
                       checker->n_present);
        }
    }
    return check_elements(checker, field, ref.count, ref.offset, bit);
}

/* 'bit' is where the bits of the inline elements begin. */
static bool
check_bounded(struct checker *checker, const struct layout_field *field,
              uint64_t offset, uint64_t bit)
{
    const struct layout *layout = checker->layout;
    uint32_t size = member_size(layout, field);
    uint64_t data = offset - field->offset + member_data(layout, field);
    uint64_t unused_bits = 0;
    uint32_t n_bits = 0;
    uint32_t n;

    memcpy(&n, checker->body + offset, sizeof n);
    if (n > field->n) {
        return bad(checker, "an array has more elements than its Max:", n);
    }
    if (field->type == CIM_EMBEDDED) {
        n_bits = layout->parts[field->part].n_bits;
        unused_bits = (uint64_t) (field->n - n) * n_bits;
    }
    if (!is_zero(checker->body + data + (uint64_t) n * size,
                 (uint64_t) (field->n - n) * size)
        || (checker->n_present
            && !checker_bits_zero(checker, bit + (uint64_t) n * n_bits,
                          unused_bits))) {
        return bad(checker, "elements are not 0 behind the used ones, of "
                   "which there are", n);
    }
    return check_elements(checker, field, n, data, bit);
}

static bool
check_present(struct checker *checker, const struct layout_field *field,
              uint64_t offset, uint64_t bit)
{
    switch (field->shape) {
    case SHAPE_SCALAR:
        return check_element(checker, field, offset, bit);
    case SHAPE_FIXED:
        return check_elements(checker, field, field->n, offset, bit);
    case SHAPE_BOUNDED:
        return check_bounded(checker, field, offset, bit);
    default:
        return check_variable(checker, field, offset);
    }
}

/* A NULL member is all 0, so that who forgets to ask finds nothing. */
static bool
check_absent(struct checker *checker, const struct layout_field *field,
             uint64_t offset, uint64_t bit)
{
    uint64_t size = member_end(checker->layout, field) - field->offset;

    if (!is_zero(checker->body + offset, size)
        || !checker_bits_zero(checker, bit,
                              member_bits(checker->layout, field))) {
        return bad(checker, "a NULL member has bytes that are not 0, at "
                   "offset", offset);
    }
    return true;
}

static void
make_bit(struct buffer *made, uint64_t bit)
{
    if (made->size <= bit / 8) {
        buffer_extend(made, (size_t) (bit / 8 + 1 - made->size));
    }
    made->data[bit / 8] = (char) (made->data[bit / 8] | 1 << bit % 8);
}

/*
 * The members of struct 'index' at 'offset', whose bits begin at
 * 'first_bit'; only the first 'n_known' are in the body.
 */
static bool
check_struct(struct checker *checker, uint32_t index, uint32_t n_known,
             uint64_t offset, uint64_t first_bit)
{
    const struct layout *layout = checker->layout;
    const struct layout_part *part = &layout->parts[index];
    const struct layout_field *fields = layout->fields + part->first_field;
    uint64_t next_bit = first_bit + part->n_fields;

    for (uint32_t i = 0; i < n_known; i++) {
        const struct layout_field *field = &fields[i];
        uint64_t at = offset + field->offset;
        bool good = is_present(checker, first_bit + i)
                        ? check_present(checker, field, at, next_bit)
                        : check_absent(checker, field, at, next_bit);

        if (!good) {
            return error_prefix(checker->error, "member %" PRIu32, i + 1);
        }
        if (checker->made) {
            make_bit(checker->made, first_bit + i);
        }
        next_bit += member_bits(layout, field);
    }
    return true;
}

/* One walk over the whole body. */
static bool
walk(struct checker *checker, uint32_t n_known)
{
    const struct layout_part *part = &checker->layout->parts[0];

    checker->high = checker->fixed;
    checker->n_bits = part->n_bits;
    if (!check_struct(checker, 0, n_known, 0, 0)) {
        return false;
    }
    return !checker->exact || checker->n_present == checker->n_bits
           || bad(checker, "the number of presence bits should be",
                  checker->n_bits);
}

bool
checker_run(struct checker *checker, uint32_t n_known)
{
    bool good = walk(checker, n_known);

    if (!good && checker->unordered) {
        checker->slots = mem_zalloc((size_t) checker->size / 64 + 1);
        good = walk(checker, n_known);
        free(checker->slots);
        checker->slots = NULL;
    }
    return good;
}

