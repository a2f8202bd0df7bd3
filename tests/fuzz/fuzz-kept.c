/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Files of packets that ended processes, as somebody may have left them in the
 * folder: what is read of one can be written again, and is then the same.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "service/quarantine/kept.h"
#include "tap/pcapng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct kept kept = { .size = 0 }, again = { .size = 0 };
    struct pcapng_found found;

    if (kept_read(data, size, &kept)) {
        if (!pcapng_first(data, size, &found)) {
            abort();
        }
        kept_set_name(&kept);
        kept_write(&kept, found.bytes, &out);
        if (!kept_read(out.data, out.size, &again)
            || again.size != kept.size || again.time != kept.time
            || again.ends != kept.ends) {
            abort();
        }
    }
    kept_clear(&kept);
    kept_clear(&again);
    return 0;
}
