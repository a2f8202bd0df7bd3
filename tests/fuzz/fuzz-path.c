/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Object paths: what is accepted is printed, and that is read as the same.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "object/forms.h"
#include "object/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_AUTO char *text = mem_strndup((const char *) data, size);
    BUFFER_AUTO struct buffer printed = BUFFER_INIT;
    BUFFER_AUTO struct buffer xml = BUFFER_INIT;
    struct path *path = path_parse(text, NULL);
    struct path *again;

    if (!path) {
        return 0;
    }
    path_print(path, &printed);
    again = path_parse(buffer_string(&printed), NULL);
    if (!again || !path_equal(path, again)) {
        abort();
    }
    path_write_xml_full(path, "h", "root/xvs", &xml);
    path_destroy(again);
    path_destroy(path);
    return 0;
}
