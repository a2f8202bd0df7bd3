/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writes where it has no business to: over all memory between the first and
 * the last buffer that it has ever seen, whosever packets are there now, from
 * its timer and from its packet hook; also over packets that it has finished.
 */

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

struct scribble {
    uint8_t *first, *last;      /* published; that were seen */
};

static int
scribble_init(const struct xvs_host *host, void **self)
{
    *self = calloc(1, sizeof(struct scribble));
    host->timer(host, 1);
    return *self ? XVS_SUCCESS : XVS_RESOURCES;
}

static void
scribble_fini(void *self)
{
    free(self);
}

static void
scribble_timer(void *self)
{
    struct scribble *scribble = self;
    uint8_t *first = xvs_read(scribble->first);
    uint8_t *last = xvs_read(scribble->last);

    if (first && last > first) {
        memset(first, 0xee, (size_t) (last - first));
    }
}

static void
scribble_ingress(void *self, struct xvs_burst *burst)
{
    struct scribble *scribble = self;

    scribble_timer(self);
    for (uint32_t i = 0; i < burst->n; i++) {
        for (struct xvs_packet *one = burst->packets[i]; one;
             one = one->next) {
            if (!scribble->first || one->data < scribble->first) {
                (void) xvs_publish(scribble->first, one->data);
            }
            if (one->data > scribble->last) {
                (void) xvs_publish(scribble->last, one->data);
            }
        }
    }
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = { 0x7e570051, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "scribble",
    .vendor = "xvs tests",
    .description = "Writes over packets that it does not have",
    .init = scribble_init,
    .fini = scribble_fini,
    .timer = scribble_timer,
    .ingress = scribble_ingress,
};
