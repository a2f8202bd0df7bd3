/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_IMAGE_H
#define XVS_STAGE_DOMAIN_IMAGE_H

/*
 * A plugin's code and data for one stage in a domain: a copy of the file that
 * only this stage has, so that its data can have the stage's key, and so that
 * a fault costs a copy and not the plugin.
 *
 * The copy is a file in memory, which the loader takes for a file like others.
 * It is scanned (scan.h) as it is loaded, and not before.  The copy that takes
 * the place of one that failed is of the same bytes.  What it calls of
 * malloc() and its relatives is led to the stage's heap, by the table in which
 * the loader has entered where functions are; calls that libraries of the
 * plugin make are not.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

struct buffer;
struct error;
struct plugin;

struct image {
    void *handle;               /* of dlopen() */
    int file;                   /* in memory; its number is in its name */
    uintptr_t start;            /* of what is mapped */
    size_t size;
    struct xvs_extension extension;     /* with this copy's functions */
};

/* Reads the plugin's file, which is still the one that was tried, and scans
 * it.  False with an error: it cannot run in a domain. */
bool image_read(const struct plugin *plugin, struct buffer *file,
                struct error *error);
/* Loads a copy of what was read and gives its data the key.  False with an
 * error, and there is nothing to be freed. */
bool image_load(struct image *image, const struct plugin *plugin,
                const struct buffer *file, int key, struct error *error);
/* Nobody is in it.  Runs its destructors, if it has any. */
void image_unload(struct image *image);

#endif
