/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Messages of a hostile process of a stage, and its news.  What passes the
 * check can be answered or taken as a result, and what was taken as objects
 * passes their check.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/call-stage.h"
#include "../unit/marshal-schema.h"
#include "base/buffer.h"
#include "base/error.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "stage/call/call.h"
#include "stage/call/nested.h"
#include "stage/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct layout *
layout_once(void)
{
    static struct test_schema schema;
    static const struct layout *layout;

    if (!layout) {
        test_schema_open(&schema, "class T { uint32 a; string b;"
                                  " [Max(3)] uint16 c[]; };");
        test_class(&schema, "T", &layout);
    }
    return layout;
}

/* Every object that was taken is one of the class. */
static void
check_objects(const struct xvs_answer *answer, const struct layout *layout)
{
    const char *at = answer->objects.data;
    struct error error;

    for (uint32_t i = 0; i < answer->n; i++) {
        const struct control_object *object = (const void *) at;
        const void *block = control_after(object, sizeof *object);

        if (!block_check(block, object->block_size, layout, &error)) {
            abort();
        }
        at = control_after(block, object->block_size);
    }
    if (answer->n && at != answer->objects.data + answer->objects.size) {
        abort();
    }
}

static void
take(const struct call_result *result)
{
    static const struct xvs_guid instance = { .a = 1 };
    struct outcome outcome = { 0 };
    struct xvs_answer answer = { .stage = call_stage(), .outcome = &outcome,
                                 .layout = layout_once() };

    nested_take_result(result, &answer);
    check_objects(&answer, answer.layout);
    answer.objects.size = 0;
    answer.n = 0;
    nested_take_method(result, &instance, answer.layout, &answer);
    check_objects(&answer, answer.layout);
    buffer_free(&answer.objects);
}

/* All that is asked for is there. */
static void
open_sockets(const struct call_open *question)
{
    struct call_grant grants[CALL_OPENS];
    uint32_t sum = 0;

    memcpy(grants, question + 1, question->n * sizeof *grants);
    for (uint32_t i = 0; i < question->n; i++) {
        sum += grants[i].property;
    }
    __asm__ volatile("" : : "r"(sum));
}

static void
try_message(const struct call_head *message, size_t size)
{
    struct buffer out = BUFFER_INIT;
    struct error error;

    if (!call_check_message(message, size, &error)) {
        return;
    }
    if (message->type == CALL_RESULT) {
        take(call_body(message));
    } else if (message->type == CALL_OPEN) {
        open_sockets(call_body(message));
    } else if (nested_answer(call_stage(), message, &out, &error)) {
        ((struct call_head *) (void *) out.data)->size = (uint32_t) out.size;
        if (!call_check_message(out.data, out.size, &error)) {
            abort();
        }
    }
    buffer_free(&out);
}

static void
try_news(const uint8_t *data, size_t size)
{
    struct call_news news;

    memcpy(&news, data, size < sizeof news ? size : sizeof news);
    if (call_check_news(&news, size)) {
        char text[CONTROL_TEXT];

        host_copy_text(text, sizeof text, news.text);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t whole = size / 8 * 8;
    struct call_head *copy;

    try_news(data, size);
    if (whole < sizeof *copy) {
        return 0;
    }
    /* Of exactly that size, as it says, so that the inside is tried. */
    copy = malloc(whole);
    memcpy(copy, data, whole);
    copy->size = (uint32_t) whole;
    try_message(copy, whole);
    free(copy);
    return 0;
}
