/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The text of a setting that grants a socket: the first byte is its kind.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct endpoint endpoint;
    struct error error;
    char *text;

    if (size == 0) {
        return 0;
    }
    text = calloc(1, size);
    if (!text) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    if (endpoint_parse(
            (enum endpoint_kind) (1 + data[0] % (ENDPOINT_KINDS - 1)), text,
            &endpoint, &error)
        && (endpoint.size == 0
            || endpoint.size > sizeof endpoint.address
            || !endpoint_equal(&endpoint, &endpoint))) {
        abort();
    }
    free(text);
    return 0;
}
