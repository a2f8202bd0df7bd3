/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Descriptions of plugins as a process writes them that runs a stranger's
 * code: what is read can be used, to the last text.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "control/message.h"
#include "stage/plugin/description.h"

#define FILE_NAME "full.so"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text that must be there. */
static void
use(const char *text, size_t size)
{
    if (strlen(text) >= size) {
        abort();
    }
}

static void
use_all(const struct description *description)
{
    const struct xvs_extension *one = &description->extension;

    use(one->name, XVS_NAME_SIZE);
    use(one->vendor ? one->vendor : "", XVS_NAME_SIZE);
    use(one->description ? one->description : "", 256);
    use(one->before ? one->before : "", 256);
    use(one->after ? one->after : "", 256);
    for (uint32_t i = 0; i < one->n_features; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (memcmp(&one->features[i].uuid, &one->features[j].uuid,
                       sizeof one->features[i].uuid) == 0) {
                abort();
            }
        }
    }
    for (uint32_t i = 0; i < one->n_methods; i++) {
        use(one->methods[i].name, XVS_NAME_SIZE);
        use(one->methods[i].signature, 65);
    }
    for (uint32_t i = 0; i < one->n_reasons; i++) {
        use(one->reasons[i] ? one->reasons[i] : "",
            sizeof(struct control_reason));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct description description;
    struct description_head *copy = malloc(size + !size);
    struct control_extension *body = (void *) (copy + 1);
    struct error error;

    memcpy(copy, data, size);
    /* A frame that fits, so that the inside is what is tried. */
    if (size >= sizeof *copy + sizeof *body) {
        copy->magic = DESCRIPTION_MAGIC;
        copy->size = (uint32_t) size & ~7u;
        copy->reserved = 0;
        strcpy(body->file, FILE_NAME);
    }
    if (description_read(&description, copy, size, FILE_NAME, &error)) {
        use_all(&description);
        description_free(&description);
    }
    free(copy);
    return 0;
}
