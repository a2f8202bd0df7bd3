/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_BLOCK_H
#define XVS_MARSHAL_BLOCK_H

/*
 * Blocks: the binary form of one object, self-described by a header.
 *
 *     +--------+----------+------------+--------------------------+
 *     | header | presence | fixed part | variable data (8-aligned)|
 *     +--------+----------+------------+--------------------------+
 *     0        48         body_offset  <-------- body_size ------->
 *
 * Offsets inside the body count from the body's start.  One validator,
 * block_check(), runs before an extension sees a block and after an
 * extension returned one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/block.h>
#include <xvs/types.h>

struct buffer;
struct cim_class;
struct error;
struct instance;
struct layout;
struct value;

#define BLOCK_MAGIC 0x42535658u     /* "XVSB" */
#define BLOCK_LIMIT (16u << 20)     /* bytes of one block */

struct block_header {
    uint32_t magic;
    uint16_t serialization;         /* XVS_SERIALIZATION_VERSION */
    uint16_t version;               /* of the class */
    uint32_t total_size;            /* whole block, multiple of 8 */
    uint32_t body_offset;           /* multiple of 8 */
    uint32_t body_size;
    uint32_t fixed_size;            /* of the fixed part */
    uint32_t n_present;             /* presence bits */
    uint32_t reserved;              /* 0 */
    struct xvs_guid uuid;           /* of the class, or zero */
};

typedef struct cim_class *(*block_lookup)(void *arg, const char *name);

/*
 * Appends the object's block to 'out' (8-aligned from its start; after an
 * error 'out' is as before).  The layout must be one of layout_of_class() or
 * layout_of_parameters(), not one that was read from bytes.
 */
bool block_encode(const struct instance *instance,
                  const struct layout *layout, struct buffer *out,
                  struct error *error);
/*
 * An object from a block that block_check() accepted: nothing is checked
 * again but the text of objects of any class, which only a schema can judge.
 * Properties that blocks do not carry (those of built-in superclasses) have
 * their defaults.
 */
struct instance *block_decode(const void *block, size_t size,
                              struct cim_class *cls,
                              const struct layout *layout,
                              block_lookup lookup, void *arg,
                              struct error *error);
/* The same for a bare list of values (method parameters). */
bool block_encode_values(const struct value *values, uint32_t n,
                         const struct layout *layout, struct buffer *out,
                         struct error *error);
bool block_decode_values(const void *block, size_t size,
                         const struct layout *layout, struct value *values,
                         uint32_t n, block_lookup lookup, void *arg,
                         struct error *error);

/*
 * The validator: header, presence, bounds, alignment, overlap, counts,
 * UTF-8, booleans, and that the block is of this layout (uuid, major
 * version).  'size' may be more than the block says it has.  Touches no
 * schema; the work is bounded by the size.
 */
bool block_check(const void *block, size_t size, const struct layout *layout,
                 struct error *error);
/* The same for a body that an extension hands back as a view. */
bool block_check_view(const struct xvs_view *view,
                      const struct layout *layout, struct error *error);

/* View of a checked block (in 8-aligned memory, if somebody is to take the
 * body for a struct), and a block from a checked view. */
void block_view(const void *block, struct xvs_view *view);
void block_from_view(const struct xvs_view *view, const struct layout *layout,
                     struct buffer *out);

#endif
