/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The check that every control message passes before anyone looks inside.
 *
 * One cursor walks the body piece by piece (take), so that no size of the
 * peer is ever added to another before it was compared with what is left.
 * A table says per type how the body of a request and of an answer is made;
 * what follows a fixed part is walked by a function of its own.
 */

#include <config.h>

#include "control/message.h"

#include <string.h>

#include "base/error.h"
#include "control/names.h"

struct cursor {
    const char *at;
    size_t left;
    const char *name;           /* of the message's type */
    struct error *error;
};

typedef bool (*walk)(struct cursor *cursor);

/* The next 'size' bytes; steps over the padding behind them. */
static const void *
take(struct cursor *cursor, size_t size, const char *what)
{
    const void *piece = cursor->at;

    if (size > cursor->left || CONTROL_ALIGN(size) > cursor->left) {
        error_set(cursor->error, ERROR_SYNTAX,
                  "control message %s is too short for its %s (%zu bytes"
                  " left, %zu needed)",
                  cursor->name, what, cursor->left, size);
        return NULL;
    }
    cursor->at += CONTROL_ALIGN(size);
    cursor->left -= CONTROL_ALIGN(size);
    return piece;
}

static bool
invalid(struct cursor *cursor, const char *what)
{
    return error_set(cursor->error, ERROR_INVALID, "control message %s: %s",
                     cursor->name, what);
}

static bool
terminated(struct cursor *cursor, const char *text, size_t size,
           const char *what)
{
    if (!memchr(text, 0, size)) {
        return error_set(cursor->error, ERROR_INVALID,
                         "control message %s: the %s is not terminated",
                         cursor->name, what);
    }
    return true;
}

/* A terminated text with at least one character and no control characters. */
static bool
named(struct cursor *cursor, const char *text, size_t size, const char *what)
{
    if (!terminated(cursor, text, size, what)) {
        return false;
    }
    for (size_t i = 0; i == 0 || text[i]; i++) {
        if ((unsigned char) text[i] < 0x20 || text[i] == 0x7f) {
            return error_set(cursor->error, ERROR_INVALID,
                             "control message %s: the %s is empty or has"
                             " control characters", cursor->name, what);
        }
    }
    return true;
}

static bool
plain_file(struct cursor *cursor, const char *text, size_t size)
{
    if (!named(cursor, text, size, "file name")) {
        return false;
    }
    if (strchr(text, '/') || text[0] == '.') {
        return invalid(cursor, "the file name must be plain: no '/', no dot"
                               " in front");
    }
    return true;
}

static bool
nothing(struct cursor *cursor)
{
    (void) cursor;
    return true;
}

static bool
walk_hello(struct cursor *cursor)
{
    const struct control_hello *hello = take(cursor, sizeof *hello, "body");

    if (!hello
        || !terminated(cursor, hello->version, sizeof hello->version,
                       "version")) {
        return false;
    }
    return hello->reserved == 0 || invalid(cursor, "reserved field not zero");
}

static bool
walk_switch(struct cursor *cursor)
{
    const struct control_switch *one = take(cursor, sizeof *one, "body");

    if (!one || !named(cursor, one->name, sizeof one->name, "switch name")) {
        return false;
    }
    if (one->switch_id == 0) {
        return invalid(cursor, "switch number 0 is not allowed");
    }
    return one->reserved == 0 || invalid(cursor, "reserved field not zero");
}

/* A switch named by its number alone. */
static bool
walk_switch_id(struct cursor *cursor)
{
    const struct control_switch *one = take(cursor, sizeof *one, "body");

    return one && terminated(cursor, one->name, sizeof one->name, "name");
}

static bool
walk_port(struct cursor *cursor)
{
    const struct control_port *port = take(cursor, sizeof *port, "body");

    if (!port || !named(cursor, port->name, sizeof port->name, "port name")
        || !named(cursor, port->device, sizeof port->device, "device")) {
        return false;
    }
    if (port->port_id == 0 || port->port_id == XVS_PORT_NONE
        || port->switch_id == 0) {
        return invalid(cursor, "port or switch number out of range");
    }
    if (!control_driver_name(port->driver)) {
        return invalid(cursor, "unknown port driver");
    }
    if (!control_driver_has_mode(port->driver, port->mode)) {
        return invalid(cursor, "the port driver has no such mode");
    }
    if (control_driver_has_interface(port->driver)
        && strchr(port->device, '/')) {
        return invalid(cursor, "the device is not an interface name");
    }
    if (port->queues > CONTROL_QUEUES) {
        return invalid(cursor, "too many queues");
    }
    return (port->reserved == 0 && port->disabled <= 1)
        || invalid(cursor, "reserved field not zero");
}

static bool
walk_port_id(struct cursor *cursor)
{
    const struct control_port *port = take(cursor, sizeof *port, "body");

    return port && terminated(cursor, port->name, sizeof port->name, "name")
        && terminated(cursor, port->device, sizeof port->device, "device");
}

static bool
walk_load(struct cursor *cursor)
{
    const struct control_load *load = take(cursor, sizeof *load, "body");

    return load && plain_file(cursor, load->file, sizeof load->file);
}

static bool
walk_reference(struct cursor *cursor)
{
    return take(cursor, sizeof(struct control_extension_ref), "body") != NULL;
}

static bool
walk_signatures(struct cursor *cursor, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct control_signature *one =
            take(cursor, sizeof *one, "method");

        if (!one || !named(cursor, one->name, sizeof one->name, "method")
            || !terminated(cursor, one->signature, sizeof one->signature,
                           "signature")) {
            return false;
        }
    }
    return true;
}

static bool
walk_reasons(struct cursor *cursor, uint32_t n)
{
    if (n > XVS_REASONS) {
        return invalid(cursor, "too many drop reasons");
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct control_reason *one = take(cursor, sizeof *one, "reason");

        if (!one
            || !terminated(cursor, one->name, sizeof one->name, "reason")) {
            return false;
        }
    }
    return true;
}

static bool
walk_extension(struct cursor *cursor)
{
    const struct control_extension *one = take(cursor, sizeof *one, "body");

    if (!one || !named(cursor, one->name, sizeof one->name, "name")
        || !terminated(cursor, one->vendor, sizeof one->vendor, "vendor")
        || !terminated(cursor, one->description, sizeof one->description,
                       "description")
        || !terminated(cursor, one->before, sizeof one->before, "order")
        || !terminated(cursor, one->after, sizeof one->after, "order")
        || !plain_file(cursor, one->file, sizeof one->file)) {
        return false;
    }
    if (one->extension_class < XVS_CLASS_CAPTURE
        || one->extension_class > XVS_CLASS_SERVICE
        || one->on_failure < XVS_FAIL_OPEN
        || one->on_failure > XVS_FAIL_HOLD) {
        return invalid(cursor, "unknown class or behaviour on failure");
    }
    if (one->reserved != 0) {
        return invalid(cursor, "reserved field not zero");
    }
    for (uint32_t i = 0; i < one->n_features; i++) {
        if (!take(cursor, sizeof(struct xvs_feature), "feature")) {
            return false;
        }
    }
    return walk_signatures(cursor, one->n_methods)
        && walk_reasons(cursor, one->n_reasons);
}

static bool
valid_scope(uint32_t scope)
{
    return scope == XVS_SCOPE_PORT || scope == XVS_SCOPE_SWITCH;
}

static bool
walk_layout(struct cursor *cursor)
{
    const struct control_layout *layout = take(cursor, sizeof *layout, "body");

    if (!layout) {
        return false;
    }
    if (!valid_scope(layout->scope) || layout->kind < 1 || layout->kind > 2) {
        return invalid(cursor, "unknown scope or kind of feature");
    }
    return take(cursor, layout->layout_size, "layout")
        && take(cursor, layout->default_size, "default object");
}

static bool
walk_layout_id(struct cursor *cursor)
{
    return take(cursor, sizeof(struct control_layout), "body") != NULL;
}

static bool
walk_setting(struct cursor *cursor)
{
    const struct control_setting *one = take(cursor, sizeof *one, "setting");

    if (!one) {
        return false;
    }
    if (one->op < XVS_VALIDATE || one->op > XVS_DELETE
        || !valid_scope(one->scope)) {
        return invalid(cursor, "unknown operation or scope of a setting");
    }
    if ((one->scope == XVS_SCOPE_SWITCH) != (one->port_id == XVS_PORT_NONE)) {
        return invalid(cursor, "scope and port of a setting disagree");
    }
    if (one->reserved != 0) {
        return invalid(cursor, "reserved field not zero");
    }
    return take(cursor, one->block_size, "block") != NULL;
}

static bool
walk_settings_list(struct cursor *cursor, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!walk_setting(cursor)) {
            return false;
        }
    }
    return true;
}

static bool
walk_settings(struct cursor *cursor)
{
    const struct control_settings *list = take(cursor, sizeof *list, "body");

    return list && walk_settings_list(cursor, list->n);
}

static bool
walk_enable(struct cursor *cursor)
{
    const struct control_enable *enable = take(cursor, sizeof *enable, "body");

    return enable && walk_settings_list(cursor, enable->n);
}

static bool
walk_status(struct cursor *cursor)
{
    const struct control_status *status = take(cursor, sizeof *status, "body");

    return status
        && (status->reserved == 0
            || invalid(cursor, "reserved field not zero"));
}

static bool
walk_method(struct cursor *cursor)
{
    const struct control_method *call = take(cursor, sizeof *call, "body");

    return call && named(cursor, call->name, sizeof call->name, "method")
        && take(cursor, call->block_size, "parameters")
        && take(cursor, call->in_layout_size, "layout of the in parameters")
        && take(cursor, call->out_layout_size,
                "layout of the out parameters");
}

static bool
walk_event(struct cursor *cursor)
{
    const struct control_event *event = take(cursor, sizeof *event, "body");

    if (!event
        || !terminated(cursor, event->text, sizeof event->text, "text")) {
        return false;
    }
    if (event->kind < EVENT_EXTENSION || event->kind >= EVENT_END
        || event->severity > XVS_LOG_INFO) {
        return invalid(cursor, "unknown kind or severity of event");
    }
    return true;
}

static bool
walk_results(struct cursor *cursor)
{
    uint32_t n = (uint32_t) (cursor->left / sizeof(uint32_t));
    const uint32_t *results = take(cursor, cursor->left, "results");

    for (uint32_t i = 0; results && i < n; i++) {
        if (results[i] > XVS_PROVIDER_FAILED) {
            return invalid(cursor, "unknown result");
        }
    }
    return results != NULL;
}

/* What follows the control_result of these answers begins with a count. */
struct count {
    uint32_t n;
    uint32_t m;
};

static bool
walk_objects(struct cursor *cursor)
{
    const struct count *count = take(cursor, sizeof *count, "body");

    for (uint32_t i = 0; count && i < count->n; i++) {
        const struct control_object *one =
            take(cursor, sizeof *one, "object");

        if (!one || !take(cursor, one->block_size, "block")) {
            return false;
        }
    }
    return count && (count->m == 0
                     || invalid(cursor, "reserved field not zero"));
}

static bool
walk_counters(struct cursor *cursor)
{
    const struct control_counters *head;
    const struct count *count =
        take(cursor, sizeof *head - sizeof head->result, "body");

    if (!count) {
        return false;
    }
    for (uint32_t i = 0; i < count->n; i++) {
        const struct control_port_counters *port =
            take(cursor, sizeof *port, "port");

        if (!port || !terminated(cursor, port->text, sizeof port->text,
                                 "state of a port")) {
            return false;
        }
    }
    for (uint32_t i = 0; i < count->m; i++) {
        if (!take(cursor, sizeof(struct control_stage_counters), "stage")) {
            return false;
        }
    }
    return true;
}

static bool
walk_place(struct cursor *cursor)
{
    return take(cursor, sizeof(struct control_place), "body") != NULL;
}

static bool
walk_enabled(struct cursor *cursor)
{
    return walk_place(cursor) && walk_results(cursor);
}

static bool
walk_upgrade(struct cursor *cursor)
{
    const struct control_upgrade *upgrade =
        take(cursor, sizeof *upgrade, "body");

    return upgrade
        && plain_file(cursor, upgrade->file, sizeof upgrade->file)
        && (upgrade->reserved == 0
            || invalid(cursor, "reserved field not zero"));
}

static bool
walk_capture(struct cursor *cursor)
{
    const struct control_capture *capture =
        take(cursor, sizeof *capture, "body");

    if (!capture) {
        return false;
    }
    if (capture->flags & ~CAPTURE_FOLLOW) {
        return invalid(cursor, "unknown flags of a capture");
    }
    if (capture->n_points > CAPTURE_POINTS
        || capture->n_instructions > CAPTURE_PROGRAM) {
        return invalid(cursor, "too many points, or a filter too long");
    }
    for (uint32_t i = 0; i < capture->n_points; i++) {
        const struct control_point *one = take(cursor, sizeof *one, "point");

        if (!one) {
            return false;
        }
        if (one->mask == 0 || one->mask >> TAP_POINTS || one->reserved) {
            return invalid(cursor, "unknown point of a capture");
        }
    }
    return take(cursor, capture->n_instructions
                        * sizeof(struct control_instruction), "filter");
}

static bool
walk_session(struct cursor *cursor)
{
    const struct control_session *one = take(cursor, sizeof *one, "body");

    return one && (one->session != 0
                   || invalid(cursor, "session number 0 is not allowed"));
}

static bool
walk_tap(struct cursor *cursor)
{
    const struct control_tap *one = take(cursor, sizeof *one, "record");

    if (!one) {
        return false;
    }
    if (one->point >= TAP_POINTS || one->fate >= FATE_END || one->reserved) {
        return invalid(cursor, "unknown point or fate of a packet");
    }
    if (one->size > one->length) {
        return invalid(cursor, "a record has more bytes than its packet");
    }
    return take(cursor, one->size, "frame") != NULL;
}

static bool
walk_captured(struct cursor *cursor)
{
    const struct control_captured *captured =
        take(cursor, sizeof *captured, "body");

    if (!captured) {
        return false;
    }
    if (captured->ended > 1 || captured->size != cursor->left) {
        return invalid(cursor, "the records' size is wrong");
    }
    while (cursor->left) {
        if (!walk_tap(cursor)) {
            return false;
        }
    }
    return true;
}

static const walk record_walks[] = {
    [RECORD_SWITCH] = walk_switch,
    [RECORD_PORT] = walk_port,
    [RECORD_EXTENSION] = walk_extension,
    [RECORD_ENABLED] = walk_reference,
    [RECORD_SETTING] = walk_setting,
    [RECORD_LAYOUT] = walk_layout,
};

static bool
walk_record(struct cursor *cursor)
{
    const struct control_record *record =
        take(cursor, sizeof *record, "record");
    struct cursor inside = *cursor;

    if (!record) {
        return false;
    }
    if (record->type < RECORD_SWITCH || record->type > RECORD_LAYOUT) {
        return invalid(cursor, "unknown type of record");
    }
    if (!take(cursor, record->size, "record")) {
        return false;
    }
    inside.left = CONTROL_ALIGN(record->size);
    if (!record_walks[record->type](&inside)) {
        return false;
    }
    return inside.left == 0 || invalid(cursor, "a record is too long");
}

static bool
walk_snapshot(struct cursor *cursor)
{
    const struct count *count = take(cursor, sizeof *count, "body");

    for (uint32_t i = 0; count && i < count->n; i++) {
        if (!walk_record(cursor)) {
            return false;
        }
    }
    return count && (count->m == 0
                     || invalid(cursor, "reserved field not zero"));
}

/* How the body of each message is made; an answer's after its result. */
static const struct {
    const char *name;
    walk request;
    walk answer;
} types[] = {
    [CONTROL_HELLO] = { "HELLO", walk_hello, walk_hello },
    [CONTROL_SNAPSHOT] = { "SNAPSHOT", nothing, walk_snapshot },
    [CONTROL_SWITCH_CREATE] = { "SWITCH_CREATE", walk_switch, nothing },
    [CONTROL_SWITCH_DELETE] = { "SWITCH_DELETE", walk_switch_id, nothing },
    [CONTROL_PORT_CREATE] = { "PORT_CREATE", walk_port, nothing },
    [CONTROL_PORT_DELETE] = { "PORT_DELETE", walk_port_id, nothing },
    [CONTROL_EXT_LOAD] = { "EXT_LOAD", walk_load, walk_extension },
    [CONTROL_EXT_UNLOAD] = { "EXT_UNLOAD", walk_reference, nothing },
    [CONTROL_LAYOUT_SET] = { "LAYOUT_SET", walk_layout, nothing },
    [CONTROL_LAYOUT_DROP] = { "LAYOUT_DROP", walk_layout_id, nothing },
    [CONTROL_EXT_ENABLE] = { "EXT_ENABLE", walk_enable, walk_enabled },
    [CONTROL_EXT_DISABLE] = { "EXT_DISABLE", walk_reference, nothing },
    [CONTROL_SETTINGS] = { "SETTINGS", walk_settings, nothing },
    [CONTROL_STATUS] = { "STATUS", walk_status, walk_objects },
    [CONTROL_METHOD] = { "METHOD", walk_method, walk_objects },
    [CONTROL_COUNTERS] = { "COUNTERS", walk_switch_id, walk_counters },
    [CONTROL_PORT_UPDATE] = { "PORT_UPDATE", walk_port, nothing },
    [CONTROL_EVENT] = { "EVENT", walk_event, NULL },
    [CONTROL_EXT_MOVE] = { "EXT_MOVE", walk_place, walk_place },
    [CONTROL_EXT_UPGRADE] = { "EXT_UPGRADE", walk_upgrade, walk_extension },
    [CONTROL_CAPTURE_START] = { "CAPTURE_START", walk_capture, walk_session },
    [CONTROL_CAPTURE_READ] = { "CAPTURE_READ", walk_session, walk_captured },
    [CONTROL_CAPTURE_STOP] = { "CAPTURE_STOP", walk_session, walk_captured },
};

#define N_TYPES (sizeof types / sizeof types[0])

size_t
control_first(const void *packet, size_t size)
{
    const struct control_header *header = packet;

    return size >= sizeof *header && header->size >= sizeof *header
        && header->size < size && header->size % 8 == 0 ? header->size : size;
}

const char *
control_type_name(unsigned int type)
{
    type &= ~CONTROL_ANSWER;
    return type > 0 && type < N_TYPES ? types[type].name : "unknown";
}

static bool
check_header(const struct control_header *header, size_t size,
             struct error *error)
{
    unsigned int type;

    if (size < sizeof *header || header->magic != CONTROL_MAGIC) {
        return error_set(error, ERROR_SYNTAX,
                         "not a control message (%zu bytes)", size);
    }
    if (header->version != CONTROL_VERSION) {
        return error_set(error, ERROR_VERSION,
                         "the peer speaks version %u of the control protocol,"
                         " this program version %u", header->version,
                         CONTROL_VERSION);
    }
    type = header->type & ~CONTROL_ANSWER;
    if (type == 0 || type >= N_TYPES) {
        return error_set(error, ERROR_UNSUPPORTED,
                         "unknown control message type %u", type);
    }
    if (header->size != size || size % 8 != 0 || size > CONTROL_LIMIT
        || header->reserved != 0) {
        return error_set(error, ERROR_SYNTAX,
                         "control message %s says %u bytes and has %zu",
                         types[type].name, header->size, size);
    }
    return true;
}

/* The number is 0 in events only, the result only in answers. */
static bool
check_numbers(const struct control_header *header, struct cursor *cursor)
{
    bool answer = header->type & CONTROL_ANSWER;
    bool event = header->type == CONTROL_EVENT;

    if ((header->number == 0) != event) {
        return invalid(cursor, "wrong request number");
    }
    if (answer ? header->result > XVS_PROVIDER_FAILED : header->result != 0) {
        return invalid(cursor, "wrong result field");
    }
    return true;
}

static bool
check_result(struct cursor *cursor)
{
    const struct control_result *result =
        take(cursor, sizeof *result, "result");

    if (!result
        || !terminated(cursor, result->extension, sizeof result->extension,
                       "extension")
        || !terminated(cursor, result->text, sizeof result->text, "text")) {
        return false;
    }
    return result->code <= ERROR_IO || invalid(cursor, "unknown error code");
}

static bool
check_answer(const struct control_header *header, struct cursor *cursor)
{
    walk inside = types[header->type & ~CONTROL_ANSWER].answer;

    if (!inside) {
        return invalid(cursor, "an event has no answer");
    }
    if (!check_result(cursor)) {
        return false;
    }
    /* A refusal may end here. */
    if (header->result != XVS_SUCCESS && cursor->left == 0) {
        return true;
    }
    return inside(cursor);
}

bool
control_check(const void *message, size_t size, struct error *error)
{
    const struct control_header *header = message;
    struct cursor cursor = { .error = error };
    bool good;

    if (!check_header(header, size, error)) {
        return false;
    }
    cursor.at = (const char *) message + sizeof *header;
    cursor.left = size - sizeof *header;
    cursor.name = control_type_name(header->type);
    if (!check_numbers(header, &cursor)) {
        return false;
    }
    if (header->type & CONTROL_ANSWER) {
        good = check_answer(header, &cursor);
    } else {
        good = types[header->type].request(&cursor);
    }
    if (good && cursor.left != 0) {
        return error_set(error, ERROR_SYNTAX,
                         "control message %s has %zu bytes too many",
                         cursor.name, cursor.left);
    }
    return good;
}
