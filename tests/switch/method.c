/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * switch-client's calls of methods: METHOD of CLASS, with no in parameter
 * given.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "control/link.h"
#include "control/message.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "schema/class.h"
#include "schema/feature.h"
#include "schema/value.h"
#include "switch/client.h"

static void
put_layout(struct buffer *out, const struct layout *layout, uint32_t *size)
{
    size_t start = out->size;

    layout_write(layout, out);
    *size = (uint32_t) (out->size - start);
    buffer_align(out, 8);
}

/* All in parameters without a value. */
static bool
put_nothing(struct buffer *out, const struct method *method,
            const struct layout *in, uint32_t *size)
{
    struct value *values = calloc(method->n_parameters + 1, sizeof *values);
    size_t start = out->size;
    struct error error;
    uint32_t n = 0;
    bool good;

    for (uint32_t i = 0; i < method->n_parameters; i++) {
        if (method->parameters[i].in) {
            values[n++] = value_null(method->parameters[i].type,
                                     method->parameters[i].is_array);
        }
    }
    good = block_encode_values(values, n, in, out, &error);
    *size = (uint32_t) (out->size - start);
    buffer_align(out, 8);
    free(values);
    return good;
}

bool
client_build_method(char **words, int n, struct buffer *out)
{
    struct control_method head = { .timeout_ms = client_timeout_ms };
    const struct method *method;
    struct layout *in, *answer;
    struct feature feature;
    struct cim_class *cls;
    struct error error;
    bool good;

    if (n != 5) {
        return false;
    }
    cls = client_class(words[3], &feature);
    method = class_method(cls, words[4]);
    if (!method) {
        return false;
    }
    head.extension = feature.extension;
    head.uuid = feature.uuid;
    head.switch_id = (uint32_t) strtoul(words[1], NULL, 0);
    head.port_id = strcmp(words[2], "-") == 0
        ? XVS_PORT_NONE : (uint32_t) strtoul(words[2], NULL, 0);
    snprintf(head.name, sizeof head.name, "%s", words[4]);
    in = layout_of_parameters(method, false, client_look_up, NULL, &error);
    answer = layout_of_parameters(method, true, client_look_up, NULL, &error);
    message_start(out, CONTROL_METHOD, sizeof head);
    good = put_nothing(out, method, in, &head.block_size);
    put_layout(out, in, &head.in_layout_size);
    put_layout(out, answer, &head.out_layout_size);
    memcpy(out->data + sizeof(struct control_header), &head, sizeof head);
    layout_destroy(in);
    layout_destroy(answer);
    return good;
}
