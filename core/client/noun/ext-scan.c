/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl ext scan: what xvs-switch would find in a plugin's file before it
 * lets it into a domain, found here, so that whoever builds a plugin needs no
 * switch to know.
 */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "client/noun/ext.h"
#include "client/run.h"
#include "client/show/json-out.h"
#include "client/show/table.h"
#include "stage/domain/scan.h"

#define FILE_LIMIT (256u << 20)

/* Appends what was found that stops it (or does not) as JSON texts. */
static void
put_json_list(const struct scan *scan, bool stops, struct buffer *out)
{
    const char *between = "";

    for (unsigned int i = 0; i < SCAN_KINDS; i++) {
        BUFFER_AUTO struct buffer line = BUFFER_INIT;

        if (scan->found[i].n && scan_stops((enum scan_kind) i) == stops) {
            scan_say(scan, (enum scan_kind) i, &line);
            buffer_puts(out, between);
            json_out_text(buffer_string(&line), out);
            between = ", ";
        }
    }
}

static void
put_json(const struct scan *scan, const char *file, struct buffer *out)
{
    buffer_puts(out, "{\"file\": ");
    json_out_text(file, out);
    buffer_printf(out, ", \"domain\": %s, \"stops\": [",
                  scan_passes(scan) ? "true" : "false");
    put_json_list(scan, true, out);
    buffer_puts(out, "], \"notes\": [");
    put_json_list(scan, false, out);
    buffer_putc(out, ']');
    buffer_putc(out, '}');
}

/* What is in a file must not do things to a terminal. */
static void
print_line(const char *before, const char *text, const char *behind)
{
    fputs(before, stdout);
    text_put_safe(stdout, text);
    puts(behind);
}

static void
print_text(const struct scan *scan, const char *file)
{
    print_line("", file, scan_passes(scan) ? " can run in a domain"
                                           : " cannot run in a domain:");
    for (unsigned int i = 0; i < SCAN_KINDS; i++) {
        bool stops = scan_stops((enum scan_kind) i);
        BUFFER_AUTO struct buffer line = BUFFER_INIT;

        if (scan->found[i].n) {
            scan_say(scan, (enum scan_kind) i, &line);
            print_line(stops ? "  it has " : "  (it has ",
                       buffer_string(&line), stops ? "" : ")");
        }
    }
}

static bool
scan_one(struct run *run, const char *file, bool *passes)
{
    BUFFER_AUTO struct buffer data = BUFFER_INIT;
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct scan scan;

    if (!durable_read(AT_FDCWD, file, FILE_LIMIT, &data, &run->error)) {
        run->error.code = ERROR_IO;
        return false;
    }
    if (!scan_file(data.data, data.size, file, &scan, &run->error)) {
        return false;
    }
    *passes = scan_passes(&scan);
    if (run->form == RUN_JSON) {
        put_json(&scan, file, &out);
        puts(buffer_string(&out));
    } else if (run->form != RUN_NAMES) {
        print_text(&scan, file);
    } else if (*passes) {
        print_line("", file, "");
    }
    return true;
}

bool
ext_scan(struct run *run)
{
    size_t n_bad = 0;

    for (size_t i = 0; i < run->args.n_words; i++) {
        bool passes = true;

        if (!scan_one(run, run_word(run, i), &passes)) {
            return false;
        }
        n_bad += !passes;
    }
    if (n_bad) {
        error_set(&run->error, ERROR_UNSUPPORTED, "%zu of %zu files cannot"
                  " run in a domain", n_bad, run->args.n_words);
        return error_hint(&run->error, "partition process takes them as they"
                          " are");
    }
    return true;
}
