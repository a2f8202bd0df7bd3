/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A state file for tests: what standard input has, behind the line that says
 * what it should be (doc/formats.md, "State files").
 */

#include <config.h>

#include <stdio.h>

#include "base/buffer.h"
#include "base/text.h"

int
main(void)
{
    BUFFER_AUTO struct buffer body = BUFFER_INIT;
    char piece[4096];
    size_t n;

    while ((n = fread(piece, 1, sizeof piece, stdin)) > 0) {
        buffer_put(&body, piece, n);
    }
    printf("# xvs 1 generation 1 crc32c %08x\n",
           crc32c(0, body.data, body.size));
    return fwrite(body.data, 1, body.size, stdout) == body.size ? 0 : 1;
}
