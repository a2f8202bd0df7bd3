/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_TRANSFORM_HOST_H
#define XVS_TESTS_TRANSFORM_HOST_H

/*
 * Runs an extension that changes whole frames through its descriptor, as the
 * core does: settings as binary bodies, frames placed and parsed as the core
 * does it.
 */

#include <stdint.h>

#include <xvs/extension.h>
#include <xvs/headers.h>

extern const struct xvs_extension xvs_extension_v1;

/* What was refused last, the last event; or "". */
extern char transform_refusal[256], transform_event[256];

void *transform_begin(void);
/* After it has ended nothing is left that was retired. */
void transform_end(void *self);

/* A setting; 'number' makes the instance GUID.  NULL: it is deleted. */
int transform_put(void *self, enum xvs_setting_op op,
                  const struct xvs_guid *uuid, uint16_t version,
                  uint32_t number, const struct xvs_view *view);
/* The object of a status class, which has 'size' bytes. */
void transform_status(void *self, const struct xvs_guid *uuid,
                      uint16_t version, void *out, uint32_t size);

/* A frame as the core places it. */
struct transform_frame {
    uint8_t memory[XVS_HEADROOM + XVS_FRAME] __attribute__((aligned(128)));
    struct xvs_packet packet;
};

void transform_make(struct transform_frame *frame, const void *bytes,
                    uint32_t size);
/* Through one hook; the verdict's reason, 0 when it passes.  Ends the program
 * when the frame leaves its memory, and parses one that passes. */
uint32_t transform_run(void *self,
                       void (*hook)(void *self, struct xvs_burst *burst),
                       struct transform_frame *frame);

#endif
