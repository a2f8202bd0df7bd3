/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The part of switch-client that knows schemas: layouts, settings as blocks,
 * and blocks shown as objects, as xvsd would do it.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text.h"
#include "control/link.h"
#include "control/message.h"
#include "control/names.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/forms.h"
#include "object/instance.h"
#include "schema/class.h"
#include "schema/compile.h"
#include "schema/feature.h"
#include "switch/client.h"

static struct map *classes;

static void
die(const char *what, const struct error *error)
{
    fprintf(stderr, "switch-client: %s: %s\n", what,
            error ? error->text : "unknown");
    exit(2);
}

struct cim_class *
client_look_up(void *arg, const char *name)
{
    struct cim_class *cls = classes ? map_get(classes, name) : NULL;

    (void) arg;
    return cls ? cls : prelude_lookup(name);
}

static const struct qualifier_type *
look_up_qualifier(void *arg, const char *name)
{
    (void) arg;
    return prelude_qualifier(name);
}

bool
client_read_schema(const char *path)
{
    struct schema_options options = { .lookup = client_look_up,
                                      .lookup_qualifier = look_up_qualifier };
    struct schema_unit unit = { 0 };
    struct error_list errors = { 0 };

    if (!schema_compile_file(path, &options, &unit, &errors)
        || !schema_resolve(&unit, &options, &errors)) {
        die(path, &errors.items[0]);
    }
    if (!classes) {
        classes = map_create(true);
    }
    for (size_t i = 0; i < unit.n_classes; i++) {
        map_put(classes, unit.classes[i]->name, class_ref(unit.classes[i]));
    }
    schema_unit_clear(&unit);
    error_list_clear(&errors);
    return true;
}

static void
release(void *cls)
{
    class_unref(cls);
}

void
client_forget_schemas(void)
{
    map_destroy(classes, release);
    classes = NULL;
}

struct cim_class *
client_class(const char *name, struct feature *feature)
{
    struct cim_class *cls = client_look_up(NULL, name);
    struct error error = { 0 };

    if (!cls || !feature_of_class(cls, feature, &error)) {
        die(name, &error);
    }
    return cls;
}

static const struct layout *
need_layout(struct cim_class *cls)
{
    struct error error;
    const struct layout *layout =
        layout_of_class(cls, client_look_up, NULL, &error);

    if (!layout) {
        die(cls->name, &error);
    }
    return layout;
}

/* Appends the block of an object with the values "Name=value"; returns its
 * size. */
static uint32_t
put_block(struct cim_class *cls, char **values, int n, struct buffer *out)
{
    struct instance *instance = instance_create(cls);
    struct buffer block = BUFFER_INIT;
    struct error error;
    uint32_t size;

    for (int i = 0; i < n; i++) {
        char *equals = strchr(values[i], '=');

        if (!equals) {
            die(values[i], NULL);
        }
        *equals = 0;
        if (!instance_set_text(instance, values[i], equals + 1, &error)) {
            die(values[i], &error);
        }
        *equals = '=';
    }
    if (!block_encode(instance, need_layout(cls), &block, &error)) {
        die(cls->name, &error);
    }
    size = (uint32_t) block.size;
    buffer_put(out, block.data, block.size);
    buffer_align(out, 8);
    buffer_free(&block);
    instance_destroy(instance);
    return size;
}

bool
client_build_layout(char **words, int n, struct buffer *out)
{
    struct buffer wire = BUFFER_INIT;
    struct control_layout head = { 0 };
    struct feature feature;
    struct cim_class *cls;

    if (n != 2) {
        return false;
    }
    cls = client_class(words[1], &feature);
    head.extension = feature.extension;
    head.uuid = feature.uuid;
    head.scope = feature.scope;
    head.kind = feature.kind;
    message_start(out, CONTROL_LAYOUT_SET, sizeof head);
    layout_write(need_layout(cls), &wire);
    head.layout_size = (uint32_t) wire.size;
    buffer_put(out, wire.data, wire.size);
    buffer_align(out, 8);
    head.default_size = put_block(cls, NULL, 0, out);
    memcpy(out->data + sizeof(struct control_header), &head, sizeof head);
    buffer_free(&wire);
    return true;
}

/* Words up to the next ",". */
static int
item_length(char **words, int n)
{
    int i = 0;

    while (i < n && strcmp(words[i], ",") != 0) {
        i++;
    }
    return i;
}

static uint32_t
parse_op(const char *word)
{
    static const char *const names[] = { "validate", "add", "update",
                                         "delete" };

    for (uint32_t i = 0; i < 4; i++) {
        if (strcmp(word, names[i]) == 0) {
            return i + 1;
        }
    }
    die(word, NULL);
    return 0;
}

/* OP SWITCH PORT CLASS INSTANCE [NAME=VALUE]... */
static bool
put_item(char **words, int n, struct buffer *out)
{
    struct control_setting head = { 0 };
    struct feature feature;
    struct cim_class *cls;
    size_t at = out->size;

    if (n < 5) {
        return false;
    }
    cls = client_class(words[3], &feature);
    head.op = parse_op(words[0]);
    head.switch_id = (uint32_t) strtoul(words[1], NULL, 0);
    head.port_id = strcmp(words[2], "-") == 0
        ? XVS_PORT_NONE : (uint32_t) strtoul(words[2], NULL, 0);
    head.scope = head.port_id == XVS_PORT_NONE ? XVS_SCOPE_SWITCH
                                               : XVS_SCOPE_PORT;
    head.extension = feature.extension;
    head.uuid = feature.uuid;
    head.version = feature.version;
    head.instance.a = (uint32_t) strtoul(words[4], NULL, 0);
    buffer_extend(out, sizeof head);
    if (head.op != XVS_DELETE) {
        head.block_size = put_block(cls, words + 5, n - 5, out);
    }
    memcpy(out->data + at, &head, sizeof head);
    return true;
}

/* Items separated by ","; returns how many, or UINT32_MAX. */
static uint32_t
put_items(char **words, int n, struct buffer *out)
{
    uint32_t count = 0;

    while (n > 0) {
        int length = item_length(words, n);

        if (!put_item(words, length, out)) {
            return UINT32_MAX;
        }
        count++;
        words += length + 1;
        n -= length + 1;
    }
    return count;
}

bool
client_build_set(char **words, int n, struct buffer *out)
{
    struct control_settings head = { 0 };

    message_start(out, CONTROL_SETTINGS, sizeof head);
    head.timeout_ms = client_timeout_ms;
    head.n = put_items(words + 1, n - 1, out);
    memcpy(out->data + sizeof(struct control_header), &head, sizeof head);
    return head.n != UINT32_MAX;
}

/* The extension that a class names, or a GUID. */
static struct xvs_guid
parse_extension(const char *word)
{
    struct feature feature;
    struct xvs_guid guid;

    if (guid_parse(word, &guid)) {
        return guid;
    }
    client_class(word, &feature);
    return feature.extension;
}

bool
client_build_enable(char **words, int n, struct buffer *out)
{
    struct control_enable head = { .position = client_position,
                                   .partition = client_partition };

    if (n < 3) {
        return false;
    }
    message_start(out, CONTROL_EXT_ENABLE, sizeof head);
    head.extension = parse_extension(words[1]);
    head.switch_id = (uint32_t) strtoul(words[2], NULL, 0);
    head.timeout_ms = client_timeout_ms;
    head.n = put_items(words + 3, n - 3, out);
    memcpy(out->data + sizeof(struct control_header), &head, sizeof head);
    return head.n != UINT32_MAX;
}

bool
client_build_partition(char **words, int n, struct buffer *out)
{
    struct control_partition *head;

    if (n != 4) {
        return false;
    }
    head = message_start(out, CONTROL_EXT_PARTITION, sizeof *head);
    head->extension = parse_extension(words[1]);
    head->switch_id = (uint32_t) strtoul(words[2], NULL, 0);
    head->partition = control_partition_find(words[3]);
    return true;
}

bool
client_build_reference(char **words, int n, struct buffer *out)
{
    struct control_extension_ref *head;

    if (n < 2) {
        return false;
    }
    head = message_start(out, strcmp(words[0], "unload") == 0
                         ? CONTROL_EXT_UNLOAD : CONTROL_EXT_DISABLE,
                         sizeof *head);
    head->extension = parse_extension(words[1]);
    head->switch_id = n > 2 ? (uint32_t) strtoul(words[2], NULL, 0) : 0;
    return true;
}

bool
client_build_status(char **words, int n, struct buffer *out)
{
    struct control_status *head;
    struct feature feature;

    if (n != 4) {
        return false;
    }
    client_class(words[3], &feature);
    head = message_start(out, CONTROL_STATUS, sizeof *head);
    head->extension = feature.extension;
    head->uuid = feature.uuid;
    head->version = feature.version;
    head->switch_id = (uint32_t) strtoul(words[1], NULL, 0);
    head->port_id = strcmp(words[2], "-") == 0
        ? XVS_PORT_NONE : (uint32_t) strtoul(words[2], NULL, 0);
    head->timeout_ms = client_timeout_ms;
    return true;
}

void
client_print_block(const void *block, uint32_t size)
{
    const struct block_header *head = block;
    struct buffer text = BUFFER_INIT;
    size_t at = 0;
    const char *name;
    void *cls;

    while (classes && size && map_next(classes, &at, &name, &cls)) {
        struct feature feature;
        struct instance *instance;
        struct error error;

        if (!feature_of_class(cls, &feature, &error)
            || !guid_equal(&feature.uuid, &head->uuid)) {
            continue;
        }
        instance = block_decode(block, size, cls, need_layout(cls),
                                client_look_up, NULL, &error);
        if (!instance) {
            die(name, &error);
        }
        instance_write_json(instance, true, &text);
        printf(" %s", buffer_string(&text));
        instance_destroy(instance);
    }
    buffer_free(&text);
}
