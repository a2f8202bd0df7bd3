/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See kept.h.
 */

#include <config.h>

#include "service/quarantine/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "tap/pcapng.h"

#define SECOND 1000000000u      /* nanoseconds */

void
kept_set_name(struct kept *kept)
{
    time_t seconds = (time_t) (kept->time / SECOND);
    struct tm parts;
    char when[32];

    gmtime_r(&seconds, &parts);
    strftime(when, sizeof when, "%Y%m%dT%H%M%S", &parts);
    snprintf(kept->name, sizeof kept->name, "%s.%09uZ.pcapng", when,
             (unsigned int) (kept->time % SECOND));
}

bool
kept_is_name(const char *name)
{
    static const char form[] = "00000000T000000.000000000Z.pcapng";

    for (size_t i = 0; i < sizeof form; i++) {
        bool good = form[i] == '0' ? name[i] >= '0' && name[i] <= '9'
            : name[i] == form[i];

        if (!good) {
            return false;
        }
    }
    return true;
}

/* ---- The comment ---------------------------------------------------------- */

/* Its lines: where the text of each is in the struct. */
static const struct {
    const char *name;
    size_t text;
} lines[] = {
    { "extension", offsetof(struct kept, extension_name) },
    { "switch", offsetof(struct kept, switch_name) },
    { "port", offsetof(struct kept, port_name) },
    { "hook", offsetof(struct kept, direction) },
    { "reason", offsetof(struct kept, reason) },
    { "offload", offsetof(struct kept, offload) },
};
#define LINES (sizeof lines / sizeof *lines)
#define ENDS "processes ended"

static char **
text_of(struct kept *kept, size_t line)
{
    return (char **) (void *) ((char *) kept + lines[line].text);
}

/* On one line, whatever is in it. */
static void
put_line(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "%s: ", name);
    for (; *text; text++) {
        char c = (unsigned char) *text < ' ' ? '?' : *text;

        buffer_put(out, &c, 1);
    }
    buffer_puts(out, "\n");
}

static void
put_comment(const struct kept *kept, struct buffer *out)
{
    buffer_puts(out, "dropped by xvs because it ended processes\n");
    for (size_t i = 0; i < LINES; i++) {
        const char *text = *text_of((struct kept *) (uintptr_t) kept, i);

        if (text) {
            put_line(out, lines[i].name, text);
        }
    }
    buffer_printf(out, ENDS ": %u\n", kept->ends);
}

static void
read_line(struct kept *kept, char *line)
{
    char *text = strstr(line, ": ");
    uint64_t number;

    if (!text) {
        return;
    }
    *text = 0;
    text += 2;
    if (strcmp(line, ENDS) == 0 && text_to_u64(text, &number)) {
        kept->ends = (uint32_t) number;
    }
    for (size_t i = 0; i < LINES; i++) {
        if (strcmp(line, lines[i].name) == 0 && !*text_of(kept, i)) {
            *text_of(kept, i) = mem_strdup(text);
        }
    }
}

static void
read_comment(struct kept *kept, const char *comment, size_t size)
{
    MEM_AUTO char *copy = mem_strndup(comment, size);
    char *rest = NULL;

    for (char *line = strtok_r(copy, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        read_line(kept, line);
    }
}

/* ---- The file ------------------------------------------------------------- */

static void
write_file(const struct kept *kept, const void *frame, FILE *file)
{
    BUFFER_AUTO struct buffer comment = BUFFER_INIT, name = BUFFER_INIT;
    struct pcapng *pcapng = pcapng_create(file, "xvsd " PACKAGE_VERSION);
    struct pcapng_packet packet = {
        .time = kept->time, .serial = 1, .direction = PCAPNG_IN,
        .bytes = frame, .size = kept->size, .length = kept->size };

    if (kept->direction && strcmp(kept->direction, "egress") == 0) {
        packet.direction = PCAPNG_OUT;
    }
    buffer_printf(&name, "%s/%s", kept->switch_name ? kept->switch_name : "?",
                  kept->port_name ? kept->port_name : "?");
    put_comment(kept, &comment);
    packet.comment = buffer_string(&comment);
    packet.interface = pcapng_interface(pcapng, buffer_string(&name), NULL,
                                        0);
    pcapng_packet(pcapng, &packet);
    pcapng_end(pcapng, 0, kept->time);
}

void
kept_write(const struct kept *kept, const void *frame, struct buffer *out)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);

    if (!file) {
        abort();
    }
    write_file(kept, frame, file);
    fclose(file);
    buffer_put(out, bytes, size);
    free(bytes);
}

bool
kept_read(const void *bytes, size_t size, struct kept *kept)
{
    struct pcapng_found found;

    if (!pcapng_first(bytes, size, &found) || !found.comment) {
        return false;
    }
    kept->time = found.time;
    kept->size = found.size;
    read_comment(kept, found.comment, found.comment_size);
    return kept->extension_name != NULL;
}

void
kept_clear(struct kept *kept)
{
    for (size_t i = 0; i < LINES; i++) {
        free(*text_of(kept, i));
        *text_of(kept, i) = NULL;
    }
}
