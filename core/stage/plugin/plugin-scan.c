/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Whether a plugin could run in a domain, told when it is installed, so that
 * nobody has to try.  What counts is the scan of the bytes that are loaded
 * (domain/image.h); the file may be another one by then.
 */

#include <config.h>

#include "stage/plugin/plugin.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "stage/domain/scan.h"

#define FILE_LIMIT (16u << 20)  /* bytes, which are scanned while others wait */

/* As a line of plain characters: names in a file can be anything. */
static void
say(struct plugin_scan *scan, const char *text)
{
    snprintf(scan->text, sizeof scan->text, "%.*s",
             (int) sizeof scan->text - 1, text);
    for (char *at = scan->text; *at; at++) {
        if (*at < ' ' || *at > '~') {
            *at = '?';
        }
    }
}

static void
count(struct plugin_scan *scan, const struct scan *found)
{
    BUFFER_AUTO struct buffer line = BUFFER_INIT;
    uint64_t n = 0;

    for (unsigned int i = 0; i < SCAN_KINDS; i++) {
        if (!found->found[i].n || !scan_stops((enum scan_kind) i)) {
            continue;
        }
        if (n == 0) {
            scan_say(found, (enum scan_kind) i, &line);
            say(scan, buffer_string(&line));
        }
        n += found->found[i].n;
    }
    scan->n = n < UINT32_MAX ? (uint32_t) n : UINT32_MAX;
    scan->result = n ? SCAN_FINDINGS : SCAN_CLEAN;
}

void
plugin_scan(const char *path, struct plugin_scan *scan)
{
    BUFFER_AUTO struct buffer data = BUFFER_INIT;
    struct scan found;
    struct error error;

    memset(scan, 0, sizeof *scan);
    if (durable_read(AT_FDCWD, path, FILE_LIMIT, &data, &error)
        && scan_file(data.data, data.size, path, &found, &error)) {
        count(scan, &found);
    } else {
        scan->result = SCAN_UNKNOWN;
        say(scan, error.text);
    }
}
