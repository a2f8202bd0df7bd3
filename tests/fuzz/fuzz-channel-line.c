/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * SOCKS5, names in TLS, and the line of hybrid vsock; the first byte says
 * which.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "link/hybrid.h"
#include "client/sni.h"
#include "client/socks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run_socks(const uint8_t *bytes, size_t size)
{
    struct socks socks = { .stage = SOCKS_METHODS };
    enum socks_step step = SOCKS_SAY;
    size_t used;

    while (step == SOCKS_SAY) {
        step = socks_read(&socks, bytes, size, &used);
        if (used > size || socks.say_size > SOCKS_SAY_SIZE
            || (step == SOCKS_MORE && used)) {
            abort();
        }
        bytes += used;
        size -= used;
        if (step == SOCKS_LOGIN) {
            step = socks_login(&socks, strcmp(socks.token, "secret") == 0);
        }
    }
    if (step == SOCKS_WANT && (!*socks.name || !socks.port)) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[SNI_NAME_SIZE];
    uint8_t *bytes;
    size_t used = 0;

    if (size < 1) {
        return 0;
    }
    bytes = malloc(size);       /* that end where they end */
    if (!bytes) {
        abort();
    }
    memcpy(bytes, data + 1, size - 1);
    if (data[0] == 's') {
        run_socks(bytes, size - 1);
    } else if (data[0] == 't') {
        if (sni_read(bytes, size - 1, name) == SNI_FOUND
            && (!*name || strlen(name) >= sizeof name)) {
            abort();
        }
    } else if (hybrid_answer((char *) bytes, size - 1, &used) == HYBRID_OK
               && (used > size - 1 || bytes[used - 1] != '\n')) {
        abort();
    }
    free(bytes);
    return 0;
}
