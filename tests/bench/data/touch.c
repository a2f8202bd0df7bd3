/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stage that reads both addresses of every packet and writes a byte of its
 * header (the one that is there, when the frame is ours), which is what the
 * least useful stage costs.  Built several times with another NUMBER, since an
 * extension is enabled once on a switch; number 0 does not even look.
 */
#include <string.h>

#include <xvs/extension.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

static void
ingress(void *self, struct xvs_burst *burst)
{
    (void) self;
    for (uint32_t i = 0; NUMBER > 0 && i < burst->n; i++) {
        uint8_t *header = xvs_packet_at(burst->packets[i], 0, 34);
        uint64_t one, two;

        if (!header) {
            continue;
        }
        memcpy(&one, header, sizeof(one));
        memcpy(&two, header + 6, sizeof(two));
        header[22] = (uint8_t) (header[22] + (one == two));
    }
}

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .version = 0x0100,
    .id = {0x6a1e6c0d,
           0x4a5b,
           0x4f35,
           {0x9d, 0x5e, 0x3a, 0x0b, 0x7a, 0x91, 0x6e, NUMBER}},
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "touch" TEXT(NUMBER),
    .vendor = "xvs",
    .description = "Touches every header.",
    .after = NUMBER < 2 ? NULL : "touch" TEXT(PREVIOUS),
    .ingress = ingress,
};
