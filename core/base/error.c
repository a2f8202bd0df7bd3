/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors as values: texts are cut to fit, never allocated, so that reporting
 * a failure cannot fail.
 */
#include <config.h>

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define DEFAULT_LIMIT 100

static const char *const names[] = {
    [ERROR_NONE] = "none",
    [ERROR_FAILED] = "failed",
    [ERROR_SYNTAX] = "syntax",
    [ERROR_INVALID] = "invalid",
    [ERROR_TYPE] = "type",
    [ERROR_NOT_FOUND] = "not-found",
    [ERROR_NO_CLASS] = "no-class",
    [ERROR_NO_SUPERCLASS] = "no-superclass",
    [ERROR_NO_PROPERTY] = "no-property",
    [ERROR_NO_METHOD] = "no-method",
    [ERROR_NO_NAMESPACE] = "no-namespace",
    [ERROR_EXISTS] = "exists",
    [ERROR_IN_USE] = "in-use",
    [ERROR_DENIED] = "denied",
    [ERROR_REFUSED] = "refused",
    [ERROR_NO_CONSUMER] = "no-consumer",
    [ERROR_TIMEOUT] = "timeout",
    [ERROR_PROVIDER] = "provider",
    [ERROR_BUSY] = "busy",
    [ERROR_LIMIT] = "limit",
    [ERROR_UNSUPPORTED] = "unsupported",
    [ERROR_VERSION] = "version",
    [ERROR_IO] = "io",
};

/* Removes a character that was cut in the middle from the end of 'text'. */
static void
trim_utf8(char *text)
{
    size_t size = strlen(text);
    size_t lead = size;

    while (lead > 0 && ((unsigned char) text[lead - 1] & 0xc0) == 0x80) {
        lead--;
    }
    if (lead == 0 || (unsigned char) text[lead - 1] < 0xc0) {
        return;
    }
    unsigned char first = (unsigned char) text[lead - 1];
    size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    if (size - (lead - 1) < want) {
        text[lead - 1] = 0;
    }
}

__attribute__((format(printf, 3, 0)))
static void
print(char *out, size_t size, const char *format, va_list args)
{
    if (vsnprintf(out, size, format, args) >= (int) size) {
        trim_utf8(out);
    }
}

/* As print(), to the end of what is in 'out'. */
__attribute__((format(printf, 3, 4)))
static void
append(char *out, size_t size, const char *format, ...)
{
    size_t used = strlen(out);
    va_list args;

    va_start(args, format);
    print(out + used, size - used, format, args);
    va_end(args);
}

__attribute__((format(printf, 3, 0)))
static void
start(struct error *error, enum error_code code, const char *format,
      va_list args)
{
    /* The arguments may point into the error itself. */
    struct error fresh = { .code = code };

    print(fresh.text, sizeof(fresh.text), format, args);
    *error = fresh;
}

bool
error_set(struct error *error, enum error_code code, const char *format, ...)
{
    va_list args;

    if (error) {
        va_start(args, format);
        start(error, code, format, args);
        va_end(args);
    }
    return false;
}

bool
error_set_errno(struct error *error, int number, const char *format, ...)
{
    va_list args;
    char text[128];

    if (error) {
        va_start(args, format);
        start(error, ERROR_IO, format, args);
        va_end(args);
        append(error->text, sizeof(error->text), ": %s",
               strerror_r(number, text, sizeof(text)));
    }
    return false;
}

bool
error_hint(struct error *error, const char *format, ...)
{
    va_list args;
    char hint[sizeof(error->hint)];

    if (error) {
        va_start(args, format);
        print(hint, sizeof(hint), format, args);
        va_end(args);
        memcpy(error->hint, hint, sizeof(hint));
    }
    return false;
}

bool
error_prefix(struct error *error, const char *format, ...)
{
    va_list args;
    char text[sizeof(error->text)];

    if (error) {
        va_start(args, format);
        print(text, sizeof(text), format, args);
        va_end(args);
        append(text, sizeof(text), ": %s", error->text);
        memcpy(error->text, text, strlen(text) + 1);
    }
    return false;
}

bool
error_at(struct error *error, const char *file, unsigned int line,
         unsigned int column)
{
    if (error) {
        error->file[0] = 0;
        append(error->file, sizeof(error->file), "%s", file ? file : "");
        error->line = line;
        error->column = column;
    }
    return false;
}

char *
error_format(const struct error *error, char *out, size_t size)
{
    if (size == 0) {
        return out;
    }
    out[0] = 0;
    if (error->file[0]) {
        append(out, size, "%s:", error->file);
    }
    if (error->line) {
        append(out, size, "%u:", error->line);
        if (error->column) {
            append(out, size, "%u:", error->column);
        }
    }
    append(out, size, "%s%s", out[0] ? " " : "", error->text);
    if (error->hint[0]) {
        append(out, size, " (%s)", error->hint);
    }
    return out;
}

const char *
error_code_name(enum error_code code)
{
    if ((size_t) code < sizeof(names) / sizeof(names[0]) && names[code]) {
        return names[code];
    }
    return "unknown";
}

bool
error_list_add(struct error_list *list, const struct error *error)
{
    bool warning = error->severity == SEVERITY_WARNING;
    size_t limit = list->limit ? list->limit : DEFAULT_LIMIT;

    if (!warning) {
        list->n_errors++;
    }
    if (list->n >= limit) {
        list->n_dropped++;
        return warning;
    }
    mem_grow(&list->items, &list->capacity, list->n, sizeof(*list->items));
    list->items[list->n++] = *error;
    return warning;
}

void
error_list_clear(struct error_list *list)
{
    free(list->items);
    list->items = NULL;
    list->n = list->n_errors = list->capacity = list->n_dropped = 0;
}
