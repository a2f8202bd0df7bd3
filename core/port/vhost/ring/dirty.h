/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_RING_DIRTY_H
#define XVS_PORT_VHOST_RING_DIRTY_H

/*
 * The log of a migration: one bit for each page of the guest's memory that we
 * wrote to, shared with the front end, which clears the bits again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct dirty {
    uint8_t *bits;              /* NULL: there is no log */
    uint64_t n_pages;           /* that have a bit */
    void *mapping;              /* whole pages around 'bits' */
    size_t mapped;              /* their size */
};

/* Maps 'size' bytes from 'offset' of the file, which stays the caller's. */
bool dirty_open(struct dirty *dirty, int fd, uint64_t offset, uint64_t size,
                int notify, struct error *error);
void dirty_close(struct dirty *dirty);  /* also one that was not opened */

/* Any thread: 'size' bytes at the guest's 'address' were written.  Pages
 * behind the end of the log are left out. */
void dirty_mark(const struct dirty *dirty, uint64_t address, uint32_t size);

#endif
