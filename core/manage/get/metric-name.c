/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Names and units.  They are part of what an operator's dashboards depend on:
 * the same schema gives the same names for ever.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "manage/get/metric.h"
#include "schema/class.h"

static const struct metric_unit none = { NULL, "", 1, 0 };

/* Names of DSP0004, of Units and of PUnit. */
static const struct metric_unit units[] = {
    { "Packets", "packets", 1, 0 }, { "packet", "packets", 1, 0 },
    { "Bytes", "bytes", 1, 0 }, { "byte", "bytes", 1, 0 },
    { "KiloBytes", "bytes", 1024, 0 }, { "byte * 2^10", "bytes", 1024, 0 },
    { "MegaBytes", "bytes", 1048576, 0 },
    { "byte * 2^20", "bytes", 1048576, 0 },
    { "Bits", "bytes", 125, 3 }, { "bit", "bytes", 125, 3 },
    { "Bits per Second", "bytes_per_second", 125, 3 },
    { "bit / second", "bytes_per_second", 125, 3 },
    { "Bytes per Second", "bytes_per_second", 1, 0 },
    { "byte / second", "bytes_per_second", 1, 0 },
    { "Packets per Second", "packets_per_second", 1, 0 },
    { "packet / second", "packets_per_second", 1, 0 },
    { "Seconds", "seconds", 1, 0 }, { "second", "seconds", 1, 0 },
    { "MilliSeconds", "seconds", 1, 3 },
    { "second * 10^-3", "seconds", 1, 3 },
    { "MicroSeconds", "seconds", 1, 6 },
    { "second * 10^-6", "seconds", 1, 6 },
    { "NanoSeconds", "seconds", 1, 9 },
    { "second * 10^-9", "seconds", 1, 9 },
    { "Minutes", "seconds", 60, 0 }, { "minute", "seconds", 60, 0 },
    { "Hours", "seconds", 3600, 0 }, { "hour", "seconds", 3600, 0 },
    { "Percent", "ratio", 1, 2 }, { "percent", "ratio", 1, 2 },
    { NULL, NULL, 0, 0 },
};

const struct metric_unit *
metric_unit_of(const struct property *property)
{
    const char *text = qualifier_text(property_qualifier(property, "PUnit"));

    if (!text) {
        text = qualifier_text(property_qualifier(property, "Units"));
    }
    for (size_t i = 0; text && units[i].from; i++) {
        if (text_equal_fold(units[i].from, text)) {
            return &units[i];
        }
    }
    return &none;
}

/* A capital begins a word behind a small letter, or before one. */
static bool
begins_word(const char *at, const char *name)
{
    return at > name && isupper((unsigned char) *at) && at[-1] != '_'
           && (!isupper((unsigned char) at[-1])
               || islower((unsigned char) at[1]));
}

void
metric_put_snake(struct buffer *out, const char *name)
{
    for (const char *at = name; *at; at++) {
        unsigned char c = (unsigned char) *at;

        if (begins_word(at, name)) {
            buffer_putc(out, '_');
        }
        /* Letters beyond ASCII are allowed in schemas, not in metrics. */
        buffer_putc(out, isalnum(c) && c < 128 ? (char) tolower(c) : '_');
    }
}

/* Adds a property's words but those that are the unit, which comes last. */
static void
put_words(struct buffer *out, char *words, const char *unit)
{
    char *rest;
    char *word = strtok_r(words, "_", &rest);

    for (; word; word = strtok_r(NULL, "_", &rest)) {
        if (strcmp(word, unit) != 0) {
            buffer_printf(out, "_%s", word);
        }
    }
    if (*unit) {
        buffer_printf(out, "_%s", unit);
    }
}

static void
cut_end(struct buffer *text, const char *end)
{
    size_t size = strlen(end);

    if (text->size > size
        && memcmp(text->data + text->size - size, end, size) == 0) {
        text->size -= size;
    }
}

char *
metric_name(const struct cim_class *cls, const struct property *property)
{
    BUFFER_AUTO struct buffer words = BUFFER_INIT;
    struct buffer name = BUFFER_INIT;
    bool is_ours = strncasecmp(cls->name, "XVS_", 4) == 0;

    buffer_puts(&name, "xvs_");
    metric_put_snake(&name, cls->name + (is_ours ? 4 : 0));
    cut_end(&name, "_status");
    metric_put_snake(&words, property->name);
    /* Endings with a meaning of their own: PortCount is how many ports. */
    if (words.size > 6) {
        size_t before = words.size;

        cut_end(&words, "_count");
        if (words.size != before) {
            buffer_putc(&words, 's');
        }
    }
    cut_end(&words, "_total");
    put_words(&name, buffer_string(&words), metric_unit_of(property)->name);
    return buffer_steal(&name);
}

void
metric_put_number(struct buffer *out, const struct metric_unit *unit,
                  uint64_t number)
{
    uint64_t scale = 1, whole, rest;
    char digits[24];
    int n;

    if (unit->times > 1 && number > UINT64_MAX / unit->times) {
        number = UINT64_MAX / unit->times;
    }
    number *= unit->times;
    for (uint32_t i = 0; i < unit->digits; i++) {
        scale *= 10;
    }
    whole = number / scale;
    rest = number % scale;
    buffer_put_u64(out, whole);
    if (!rest) {
        return;
    }
    n = snprintf(digits, sizeof digits, "%0*" PRIu64, (int) unit->digits,
                 rest);
    while (n > 0 && digits[n - 1] == '0') {
        n--;
    }
    buffer_putc(out, '.');
    buffer_put(out, digits, (size_t) n);
}

void
metric_put_escaped(struct buffer *out, const char *text, bool quotes)
{
    for (; *text; text++) {
        if (*text == '\n') {
            buffer_puts(out, "\\n");
        } else if (*text == '\\' || (quotes && *text == '"')) {
            buffer_putc(out, '\\');
            buffer_putc(out, *text);
        } else {
            buffer_putc(out, *text);
        }
    }
}
