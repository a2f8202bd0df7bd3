/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The CIM fields of a request's head repeat what the body says, so that
 * something between could filter by them: then they have to be true.
 */

#include <config.h>

#include "manage/cim/request.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "manage/http/http-parse.h"
#include "object/path.h"

/* The number of "Man: http://www.dmtf.org/cim/mapping/http/v1.0; ns=73". */
static const char *
man_number(const struct http_parser *head, size_t *size)
{
    const char *man = http_field(head, "Man");
    const char *number = man ? strstr(man, "ns=") : NULL;

    if (!number || !strstr(man, "http://www.dmtf.org/cim/mapping/http/v1")) {
        return NULL;
    }
    *size = strspn(number + 3, "0123456789");
    return *size && *size <= 4 ? number + 3 : NULL;
}

const char *
request_head_field(const struct http_parser *head, const char *name)
{
    char numbered[64];
    size_t size = 0;
    const char *number;

    if (strcmp(head->method, "M-POST") != 0) {
        return http_field(head, name);
    }
    number = man_number(head, &size);
    if (!number) {
        return NULL;
    }
    snprintf(numbered, sizeof numbered, "%.*s-%s", (int) size, number, name);
    return http_field(head, numbered);
}

static int
hex(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int) ((found - digits) % 16) : -1;
}

/* Undoes "%2F"; what is not an escape is taken as it is. */
static void
decode(const char *text, struct buffer *out)
{
    while (*text) {
        if (*text == '%' && hex(text[1]) >= 0 && hex(text[2]) >= 0) {
            buffer_putc(out, (char) (hex(text[1]) * 16 + hex(text[2])));
            text += 3;
        } else {
            buffer_putc(out, *text++);
        }
    }
}

/* Namespace, and of a method also the class, as the body has them. */
static bool
object_matches(const struct request *request, const char *object)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *class_name = request->path ? request->path->class_name : "";
    size_t space = strlen(request->name_space);
    char *at, *colon;

    decode(object, &text);
    at = buffer_string(&text);
    if (strncmp(at, "//", 2) == 0) {        /* a host in front */
        at = strchr(at + 2, '/');
        at = at ? at + 1 : text.data + text.size;
    }
    at += strspn(at, "/");
    colon = strchr(at, ':');
    if ((size_t) (colon ? colon - at : (ptrdiff_t) strlen(at)) != space
        || strncasecmp(at, request->name_space, space) != 0) {
        return false;
    }
    return !request->is_method
           || (colon && strcspn(colon + 1, ".=") == strlen(class_name)
               && strncasecmp(colon + 1, class_name, strlen(class_name))
                      == 0);
}

bool
request_head_matches(const struct request *request,
                     const struct http_parser *head, struct refusal *refusal)
{
    const char *method = request_head_field(head, "CIMMethod");
    const char *object = request_head_field(head, "CIMObject");
    BUFFER_AUTO struct buffer name = BUFFER_INIT;

    refusal->status = 400;
    refusal->cim_error = "header-mismatch";
    if (method) {
        decode(method, &name);
    }
    if (method && !text_equal_fold(buffer_string(&name), request->name)) {
        return error_set(&refusal->error, ERROR_SYNTAX, "the CIMMethod "
                         "field is not the method of the message");
    }
    if (object && !object_matches(request, object)) {
        return error_set(&refusal->error, ERROR_SYNTAX, "the CIMObject "
                         "field is not the object of the message");
    }
    return true;
}
