/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Is a message what its head says?  After it, walking the message is safe.
 */

#include <config.h>

#include <string.h>
#include <xvs/switch.h>

#include "base/error.h"
#include "stage/call/call.h"

/* What is left of a message. */
struct rest {
    const char *at;
    size_t left;
    struct error *error;
};

static bool
bad(const struct rest *rest, const char *what)
{
    return error_set(rest->error, ERROR_INVALID, "%s", what);
}

/* The next piece of that size; NULL with the error when it is not there. */
static const void *
next(struct rest *rest, size_t size, const char *what)
{
    const char *piece = rest->at;

    if (size > rest->left || CONTROL_ALIGN(size) > rest->left) {
        error_set(rest->error, ERROR_INVALID, "a message is too short for"
                  " its %s", what);
        return NULL;
    }
    rest->at += CONTROL_ALIGN(size);
    rest->left -= CONTROL_ALIGN(size);
    return piece;
}

static bool
check_text(const struct rest *rest, const char *text, size_t size)
{
    return memchr(text, 0, size) != NULL || bad(rest, "a text has no end");
}

static bool
check_start(struct rest *rest)
{
    const struct call_start *start = next(rest, sizeof *start, "start");

    return start
        && (start->n_bells <= CALL_BELLS || bad(rest, "too many bells"))
        && check_text(rest, start->switch_name, sizeof start->switch_name)
        && check_text(rest, start->path, sizeof start->path);
}

static bool
check_setting(struct rest *rest)
{
    const struct control_setting *head = next(rest, sizeof *head, "setting");

    return head && next(rest, head->block_size, "block");
}

static bool
check_status(struct rest *rest)
{
    const struct call_status *head = next(rest, sizeof *head, "query");

    return head && next(rest, head->layout_size, "layout")
        && next(rest, head->empty_size, "default object");
}

static bool
check_method(struct rest *rest)
{
    const struct control_method *head = next(rest, sizeof *head, "call");

    return head && check_text(rest, head->name, sizeof head->name)
        && next(rest, head->block_size, "block")
        && next(rest, head->in_layout_size, "layout")
        && next(rest, head->out_layout_size, "layout");
}

static bool
check_answer(struct rest *rest)
{
    const struct call_answer *head = next(rest, sizeof *head, "answer");

    return head && next(rest, head->size, "answer");
}

static bool
check_loaded(struct rest *rest)
{
    const struct call_loaded *loaded = next(rest, sizeof *loaded, "hello");

    return loaded && check_text(rest, loaded->text, sizeof loaded->text);
}

static bool
check_result(struct rest *rest)
{
    const struct call_result *head = next(rest, sizeof *head, "result");

    if (!head || !check_text(rest, head->text, sizeof head->text)) {
        return false;
    }
    if (head->outcome > XVS_PROVIDER_FAILED) {
        return bad(rest, "a result that there is not");
    }
    for (uint32_t i = 0; i < head->n; i++) {
        const struct control_object *object =
            next(rest, sizeof *object, "objects");

        if (!object || !next(rest, object->block_size, "objects")) {
            return false;
        }
    }
    return true;
}

static bool
check_request(struct rest *rest)
{
    const struct call_request *head = next(rest, sizeof *head, "request");

    if (head && (head->capacity > CALL_OID_LIMIT
                 || head->length > head->capacity)) {
        return bad(rest, "an OID request of an impossible size");
    }
    return head && next(rest, head->length, "request");
}

static bool
check_open(struct rest *rest)
{
    const struct call_open *head = next(rest, sizeof *head, "question");

    return head
        && (head->n <= CALL_OPENS || bad(rest, "too many sockets at once"))
        && next(rest, head->n * sizeof(struct call_grant), "sockets");
}

/* How many bytes the function's argument has. */
static size_t
argument_size(const struct call_switching *head)
{
    if (!head->given) {
        return 0;
    }
    switch (head->function) {
    case CALL_PORT_POLICY:
        return sizeof(struct xvs_port_policy);
    case CALL_SWITCH_POLICY:
        return sizeof(struct xvs_switch_policy);
    case CALL_FLOWS:
        return sizeof(struct xvs_flow_wish);
    case CALL_GROUP:
        return (size_t) head->n * sizeof(uint32_t);
    default:
        return 0;
    }
}

static bool
check_switching(struct rest *rest)
{
    const struct call_switching *head = next(rest, sizeof *head, "call");

    if (!head || head->function < CALL_PORT_POLICY
        || head->function >= CALL_FUNCTIONS) {
        return head && bad(rest, "a function that there is not");
    }
    if ((head->function == CALL_GROUP && head->n > XVS_GROUP_PORTS)
        || ((head->function == CALL_LIST
             || head->function == CALL_TAKE_FLOWS
             || head->function == CALL_TAKE_SAMPLES)
            && head->n > CALL_ADDRESSES)) {
        return bad(rest, "a count that is too large");
    }
    return (head->size == argument_size(head)
            || bad(rest, "an argument of another size"))
        && next(rest, head->size, "argument");
}

static bool
check_body(struct rest *rest, uint32_t type)
{
    switch (type) {
    case CALL_START:
        return check_start(rest);
    case CALL_GO:
    case CALL_INIT:
    case CALL_FINI:
    case CALL_TIMER:
    case CALL_PING:
        return true;
    case CALL_OPEN:
        return check_open(rest);
    case CALL_ACCEPT:
        return next(rest, sizeof(struct call_grant), "socket");
    case CALL_STATE:
        return next(rest, sizeof(uint64_t), "state");
    case CALL_PORT:
        return next(rest, sizeof(struct call_port), "port");
    case CALL_SETTING:
        return check_setting(rest);
    case CALL_STATUS:
        return check_status(rest);
    case CALL_METHOD:
        return check_method(rest);
    case CALL_ANSWER:
        return check_answer(rest);
    case CALL_CHILD:
        return next(rest, sizeof(struct call_child), "child");
    case CALL_SHUT:
        return next(rest, sizeof(struct call_shut), "word");
    case CALL_LOADED:
        return check_loaded(rest);
    case CALL_RESULT:
        return check_result(rest);
    case CALL_REQUEST:
        return check_request(rest);
    case CALL_SWITCHING:
        return check_switching(rest);
    case CALL_KEEP:
        return next(rest, sizeof(struct call_keep), "wish");
    case CALL_KEPT:
        return next(rest, sizeof(struct call_kept), "answer");
    default:
        return error_set(rest->error, ERROR_INVALID, "a message of type %u,"
                         " which there is not", type);
    }
}

bool
call_check_message(const void *message, size_t size, struct error *error)
{
    const struct call_head *head = message;
    struct rest rest = { .error = error };

    if (size < sizeof *head || head->size != size || size % 8) {
        return error_set(error, ERROR_INVALID, "a message of another size"
                         " than it says");
    }
    rest.at = call_body(head);
    rest.left = size - sizeof *head;
    return check_body(&rest, head->type)
        && (rest.left == 0 || bad(&rest, "a message with bytes behind it"));
}

bool
call_check_news(struct call_news *news, size_t size)
{
    if (size < offsetof(struct call_news, text) || size > sizeof *news
        || news->type < NEWS_LOG || news->type > NEWS_WAKE) {
        return false;
    }
    if (size == sizeof *news) {
        size--;
    }
    ((char *) news)[size] = 0;
    return true;
}
