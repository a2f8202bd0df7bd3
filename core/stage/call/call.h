/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_CALL_CALL_H
#define XVS_STAGE_CALL_CALL_H

/*
 * What xvs-switch and one process of a stage say to each other.
 *
 * Calls go over a stream and are strictly one after the other.  Until a call
 * has its result the process may ask things itself, each of which is answered
 * before anything else is said:
 *
 *     xvs-switch                         process
 *       START (with descriptors)  ---->
 *                                 <----  CHILD   its process id
 *       GO                        ---->
 *                                 <----  SHUT    in; now the plugin is loaded
 *                                 <----  LOADED  or why not
 *       INIT, SETTING, ...        ---->
 *                                 <----  REQUEST, SWITCHING, KEEP, OPEN,
 *                                        ACCEPT
 *       ANSWER, KEPT              ---->
 *                                 <----  RESULT
 *
 * News go one way over a socket of their own, one packet each, at any time.
 * They may be lost when there are too many.
 *
 * Nothing that a process says once it has code of a plugin is believed:
 * call_check_message() looks at sizes, counts and texts; who takes a status
 * object checks it with the layout again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "control/message.h"
#include "stage/lane/share.h"

struct buffer;
struct error;

#define CALL_FD 3               /* the stream, in a new process */
#define CALL_PROGRAM_FD 4       /* what it was started from, if anything */
#define CALL_BELLS 16u          /* workers at most */
#define CALL_OPENS 64u          /* sockets of one question */
#define CALL_FDS 64u            /* with one message */
#define CALL_PATH 4096u         /* bytes of a path, with NUL */
#define CALL_OID_LIMIT (16u << 20)  /* bytes of an OID request's buffer */
#define CALL_ADDRESSES 4096u    /* asked for at once */

enum call_type {
    CALL_START = 1,             /* call_start; news, files, bells */
    CALL_GO,
    CALL_INIT,
    CALL_FINI,
    CALL_STATE,                 /* uint32_t enum xvs_state (padded) */
    CALL_PORT,                  /* call_port */
    CALL_SETTING,               /* control_setting, block */
    CALL_STATUS,                /* call_status, layout, default object */
    CALL_METHOD,                /* control_method, block, both layouts */
    CALL_TIMER,
    CALL_ANSWER,                /* call_answer, bytes */
    CALL_PING,                  /* does its loop still turn? */
    /* From the process. */
    CALL_CHILD,                 /* call_child */
    CALL_SHUT,                  /* call_shut */
    CALL_LOADED,                /* call_loaded */
    CALL_RESULT,                /* call_result, objects */
    CALL_REQUEST,               /* call_request, bytes */
    CALL_SWITCHING,             /* call_switching, bytes */
    CALL_KEEP,                  /* call_keep, from the process in INIT ... */
    CALL_KEPT,                  /* ... call_kept, and files */
    CALL_OPEN,                  /* call_open, n of call_grant; ANSWER has n of
                                 * call_opened, and descriptors */
    CALL_ACCEPT,                /* call_grant; ANSWER has call_opened,
                                 * call_visitor, and who has come */
    CALL_TYPES
};

/* In front of every message; all pieces are multiples of 8 bytes. */
struct call_head {
    uint32_t size;              /* of the message, with this */
    uint32_t type;              /* enum call_type */
};

struct call_start {
    struct share_size size;
    uint32_t n_bells;
    uint32_t sockets;           /* bits of enum call_sockets */
    char switch_name[XVS_NAME_SIZE];
    char path[CALL_PATH];       /* of the plugin */
};

/* What a process may do with sockets. */
enum call_sockets {
    CALL_SOCKETS = 1,           /* have some (XVS_TRAIT_SOCKETS) */
    CALL_SOCKETS_ANYWHERE = 2   /* send to addresses of its choice: it may
                                 * be granted udp-listen, where it answers */
};

struct call_child {
    int32_t pid;                /* as xvs-switch sees it */
    uint32_t reserved;
};

/* No code of the plugin has run yet. */
struct call_shut {
    uint32_t missing;           /* bits of enum sandbox_part, until now */
    uint32_t reserved;
};

struct call_loaded {
    struct xvs_guid id;         /* of the extension */
    uint16_t version;
    uint16_t api_version;
    uint32_t failed;            /* 1: 'text' says why */
    uint32_t missing;           /* bits of enum sandbox_part */
    uint32_t reserved;
    char text[CONTROL_TEXT];
};

struct call_port {
    uint32_t event;             /* enum xvs_port_event */
    uint32_t reserved;
    struct xvs_port port;
};

struct call_status {
    struct control_status status;
    uint32_t layout_size;       /* layout_write() bytes that follow */
    uint32_t empty_size;        /* and the block behind them */
};

struct call_result {
    int32_t result;             /* what the hook returned */
    int32_t refusal;            /* of host->refuse(); 0: none */
    uint32_t broken;            /* 1: 'text' says what was not valid */
    uint32_t n;                 /* objects: control_object, block */
    uint32_t outcome;           /* of a method: enum xvs_result */
    uint32_t reserved;
    char text[CONTROL_TEXT];    /* for the operator, or "" */
};

/* A struct xvs_oid; 'length' bytes follow. */
struct call_request {
    uint32_t code, kind, port_id;
    uint32_t length, capacity;
    uint32_t reserved;
};

enum call_function {
    CALL_PORT_POLICY = 1,       /* bytes: struct xvs_port_policy or none */
    CALL_SWITCH_POLICY,         /* bytes: struct xvs_switch_policy or none */
    CALL_ADDRESS,
    CALL_GROUP,                 /* bytes: n port ids */
    CALL_LIST,                  /* of addresses: n from position on */
    CALL_PORT_DROPS,
    CALL_PORT_QUEUES,
    CALL_FLOWS,                 /* bytes: struct xvs_flow_wish or none */
    CALL_TAKE_FLOWS,            /* n at most */
    CALL_TAKE_SAMPLES,          /* the same */
    CALL_PORT_COUNTERS,
    CALL_FUNCTIONS
};

/* A function of struct xvs_switching; 'size' bytes follow. */
struct call_switching {
    uint32_t function;          /* enum call_function */
    uint32_t port_id;
    uint32_t parts;
    uint32_t n;
    uint32_t given;             /* 1: the pointer was not NULL */
    uint32_t size;
    uint64_t position;
    uint8_t mac[6];
    uint16_t vlan;
};

/* Sockets that settings grant: a struct call_grant for each. */
struct call_open {
    uint32_t n;
    uint32_t reserved;
};

struct call_grant {
    struct xvs_guid uuid, instance;
    uint32_t property;
    uint32_t reserved;
};

/* What became of each.  Descriptors are in the order of those that have one. */
struct call_opened {
    int32_t result;             /* enum xvs_result */
    uint32_t has_fd;
    char reason[160];           /* why not, or "" */
};

/* Who was accepted; without a descriptor and with XVS_SUCCESS nobody waits. */
struct call_visitor {
    uint32_t uid, gid;
};

/* What a request or function returned; 'size' bytes follow. */
struct call_answer {
    int32_t result;
    uint32_t n;                 /* addresses */
    uint32_t written, needed;   /* of an OID request */
    uint64_t position;
    uint32_t size;
    uint32_t reserved;
};

/* What of kept memory is wanted (xvs/keep.h). */
struct call_keep {
    uint64_t n;                 /* bytes */
    uint32_t version;
    uint32_t reserved;
};

#define CALL_KEPT_FILES 2u      /* of the memory, and of what was before */

struct call_kept {
    int32_t result;             /* enum xvs_result */
    uint32_t n_files;           /* that come with it */
    uint64_t before_size;
    uint32_t before_version;
    uint32_t instance;          /* 1: the process owns it from now on */
};

enum news_type {
    NEWS_LOG = 1,               /* value: enum xvs_log_level; text */
    NEWS_EVENT,                 /* the same */
    NEWS_TIMER,                 /* value: milliseconds */
    NEWS_WAKE
};

/* The text ends with the packet, which may be shorter than this. */
struct call_news {
    uint32_t type;              /* enum news_type */
    uint32_t value;
    char text[CONTROL_TEXT];
};

/* Starts a message in 'out' with 'size' zero bytes behind the head, and
 * returns these. */
void *call_begin(struct buffer *out, enum call_type type, size_t size);
/* Appends a piece, with zeros behind it; returns where it is. */
size_t call_put(struct buffer *out, const void *piece, size_t size);
/* Behind the head. */
static inline const void *
call_body(const struct call_head *message)
{
    return message + 1;
}

/* The first whole message of a stream; sends 'n' descriptors with it. */
bool call_send(int fd, struct buffer *message, const int *fds, uint32_t n,
               struct error *error);

enum call_end { CALL_GOOD, CALL_CLOSED, CALL_LATE, CALL_BAD };

/*
 * Waits for a message, which has passed call_check_message() then.  Up to
 * CALL_FDS descriptors are taken when 'fds' is not NULL, and 'n' says how many
 * there were; else there can be none.  CALL_LATE when the message is not there,
 * whole, at 'until_ms' (loop_now_ms(); 0: there is no hurry).
 */
enum call_end call_receive(int fd, struct buffer *message, int *fds,
                           uint32_t *n, uint64_t until_ms,
                           struct error *error);

/* Sizes, counts, texts of a whole message. */
bool call_check_message(const void *message, size_t size, struct error *error);

/* News as they came; true when they can be used.  Terminates the text. */
bool call_check_news(struct call_news *news, size_t size);

#endif
