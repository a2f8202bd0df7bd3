/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "client/host/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "client/show/json-out.h"
#include "client/show/table.h"

static const char *const level_names[] = {
    [FINDING_GOOD] = "good", [FINDING_NOTE] = "note",
    [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error",
};

void
findings_add(struct findings *findings, enum finding_level level,
             const char *what, const char *hint, const char *format, ...)
{
    struct finding *finding;
    va_list args;

    mem_grow(&findings->items, &findings->capacity, findings->n,
             sizeof *findings->items);
    finding = &findings->items[findings->n++];
    *finding = (struct finding){ .level = level, .what = mem_strdup(what),
                                 .hint = hint };
    va_start(args, format);
    if (vasprintf(&finding->text, format, args) < 0) {
        abort();
    }
    va_end(args);
}

size_t
findings_count(const struct findings *findings, enum finding_level level)
{
    size_t n = 0;

    for (size_t i = 0; i < findings->n; i++) {
        n += findings->items[i].level >= level;
    }
    return n;
}

/* Few: insertion keeps their order. */
void
findings_sort(struct findings *findings)
{
    for (size_t i = 1; i < findings->n; i++) {
        struct finding one = findings->items[i];
        size_t at = i;

        while (at > 0 && findings->items[at - 1].level < one.level) {
            findings->items[at] = findings->items[at - 1];
            at--;
        }
        findings->items[at] = one;
    }
}

void
findings_print(const struct findings *findings, enum finding_level level)
{
    for (size_t i = 0; i < findings->n; i++) {
        const struct finding *finding = &findings->items[i];

        if (finding->level < level) {
            continue;
        }
        printf("%-8s ", level_names[finding->level]);
        text_put_safe(stdout, finding->what);
        fputs(": ", stdout);
        text_put_safe(stdout, finding->text);
        putchar('\n');
        if (finding->hint && finding->level != FINDING_GOOD) {
            printf("%8s %s\n", "", finding->hint);
        }
    }
}

static void
put_member(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "\"%s\": ", name);
    if (text) {
        json_out_text(text, out);
    } else {
        buffer_puts(out, "null");
    }
}

void
findings_json(const struct findings *findings, struct buffer *out)
{
    buffer_putc(out, '[');
    for (size_t i = 0; i < findings->n; i++) {
        const struct finding *finding = &findings->items[i];

        buffer_puts(out, i ? ",\n  {" : "{");
        put_member(out, "level", level_names[finding->level]);
        buffer_puts(out, ", ");
        put_member(out, "what", finding->what);
        buffer_puts(out, ", ");
        put_member(out, "text", finding->text);
        buffer_puts(out, ", ");
        put_member(out, "hint", finding->hint);
        buffer_putc(out, '}');
    }
    buffer_putc(out, ']');
}

void
findings_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->n; i++) {
        free(findings->items[i].what);
        free(findings->items[i].text);
    }
    free(findings->items);
    *findings = (struct findings){ NULL, 0, 0 };
}
