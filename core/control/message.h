/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CONTROL_MESSAGE_H
#define XVS_CONTROL_MESSAGE_H

/*
 * The control entry between xvsd and xvs-switch: fixed binary messages over a
 * unix seqpacket socket.  Normative text: doc/formats.md, "Control messages".
 * What captures are made of is in control/capture.h.
 *
 * A message is a control_header and a body; variable parts (blocks, lists)
 * follow the fixed body, each 8-aligned.  A packet has one or more whole
 * messages, one behind the other, of CONTROL_INLINE bytes in all.  A message
 * over CONTROL_INLINE bytes travels in a packet of its own, as its header
 * alone with a sealed memfd (SCM_RIGHTS) that holds the whole message.
 *
 * Requests carry a number; the answer has the same number and type with
 * CONTROL_ANSWER set.  Answers may come in any order.  The switch also sends
 * CONTROL_EVENT messages on its own (number 0).
 *
 * Both ends treat what arrives as hostile: control_check() verifies sizes,
 * counts, terminated names and reserved fields before anyone looks inside.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "control/capture.h"

struct buffer;
struct error;

#define CONTROL_MAGIC 0x43535658u       /* "XVSC" */
#define CONTROL_VERSION 1
#define CONTROL_INLINE 65536u           /* bytes that travel in the packet */
#define CONTROL_LIMIT (64u << 20)       /* bytes of one message */
#define CONTROL_ANSWER 0x8000u          /* bit of 'type' */
#define CONTROL_TEXT 512                /* bytes of a message for people */
#define CONTROL_REASONS (XVS_REASONS + 1u)  /* counters of drop reasons */
#define CONTROL_STATE 160               /* bytes of a port's state in words */
#define CONTROL_MISSING 240             /* bytes of names of protections */

/* Every piece of a message, and so the message, is a multiple of 8 bytes. */
#define CONTROL_ALIGN(size) (((size_t) (size) + 7) / 8 * 8)

enum control_type {
    CONTROL_HELLO = 1,          /* control_hello both ways */
    CONTROL_SNAPSHOT = 2,       /* -> control_snapshot + records */
    CONTROL_SWITCH_CREATE = 3,  /* control_switch */
    CONTROL_SWITCH_DELETE = 4,  /* control_switch (id only) */
    CONTROL_PORT_CREATE = 5,    /* control_port */
    CONTROL_PORT_DELETE = 6,    /* control_port (id only) */
    CONTROL_EXT_LOAD = 7,       /* control_load -> control_extension + ... */
    CONTROL_EXT_UNLOAD = 8,     /* control_extension_ref */
    CONTROL_LAYOUT_SET = 9,     /* control_layout + layout bytes */
    CONTROL_LAYOUT_DROP = 10,   /* control_layout */
    CONTROL_EXT_ENABLE = 11,    /* control_enable + settings -> result + ... */
    CONTROL_EXT_DISABLE = 12,   /* control_extension_ref */
    CONTROL_SETTINGS = 13,      /* control_settings + settings -> result */
    CONTROL_STATUS = 14,        /* control_status -> control_objects + ... */
    CONTROL_METHOD = 15,        /* control_method + block -> control_objects */
    CONTROL_COUNTERS = 16,      /* control_switch (id; 0: all,
                                 * CONTROL_NO_SWITCH: only the host's)
                                 * -> control_counters + ... */
    CONTROL_PORT_UPDATE = 17,   /* control_port: of the same driver and
                                 * device, with another MTU, address or
                                 * entry */
    CONTROL_EVENT = 18,         /* control_event, from the switch */
    CONTROL_EXT_MOVE = 19,      /* control_place -> control_place */
    CONTROL_EXT_UPGRADE = 20,   /* control_upgrade
                                 * -> control_extension + ... */
    CONTROL_CAPTURE_START = 21, /* control_capture + ... -> control_session */
    CONTROL_CAPTURE_READ = 22,  /* control_session
                                 * -> control_captured + records */
    CONTROL_CAPTURE_STOP = 23,  /* control_session -> control_captured */
    CONTROL_EXT_PARTITION = 24, /* control_partition */
    CONTROL_EXT_PARTNER = 25,   /* control_partner */
    CONTROL_QUARANTINE = 26,    /* control_quarantine
                                 * -> control_quarantined + frame */
    CONTROL_TYPES
};

/* In front of every message. */
struct control_header {
    uint32_t magic;
    uint16_t version;
    uint16_t type;
    uint32_t size;          /* of the whole message, header included */
    uint32_t number;        /* of the request; never 0 in a request */
    uint32_t result;        /* of an answer: enum xvs_result; else 0 */
    uint32_t reserved;
};

/*
 * First part of every answer's body, and the whole of most: what happened.
 * 'index' names the setting of a list that failed (UINT32_MAX: none).
 *
 * Behind it, when the header's result is XVS_SUCCESS:
 *   HELLO                 control_hello
 *   EXT_LOAD              control_extension and its lists
 *   EXT_ENABLE            control_place, as it is now; uint32_t results, one
 *                         for each setting (padded)
 *   STATUS, METHOD        the rest of control_objects
 *   COUNTERS, SNAPSHOT    the rest of control_counters, control_snapshot
 *   EXT_MOVE              control_place, as it is now
 *   EXT_UPGRADE           control_extension and its lists, as with EXT_LOAD
 *   CAPTURE_START         control_session
 *   CAPTURE_READ, _STOP   control_captured; records
 *   QUARANTINE            control_quarantined; the frame
 * A refusal is the control_result alone.
 */
struct control_result {
    uint32_t index;
    uint32_t code;          /* enum error_code, for the caller's answer */
    char extension[XVS_NAME_SIZE];  /* whose answer this is, or "" */
    char text[CONTROL_TEXT];        /* for the operator, or "" */
};

/* The answer to HELLO is a control_result and the switch's own hello. */
struct control_hello {
    uint32_t pid;
    uint32_t reserved;
    struct xvs_guid boot;       /* new with every start of xvs-switch */
    char version[32];           /* package version */
};

#define CONTROL_NO_SWITCH UINT32_MAX

struct control_switch {
    uint32_t switch_id;         /* chosen by xvsd, never 0 */
    uint32_t reserved;
    char name[XVS_NAME_SIZE];
};

enum control_driver {
    DRIVER_TAP = 1,             /* an interface that is made for the port */
    DRIVER_PACKET = 2,          /* AF_PACKET on one that exists */
    DRIVER_VHOST_USER = 3,      /* a guest's virtio card, by unix socket */
    DRIVER_XDP = 4,             /* AF_XDP on an interface that exists */
    DRIVER_PCAP = 5,            /* capture files */
    DRIVER_PIPE = 6,            /* shared memory with another process */
    DRIVER_END
};

/* How a driver goes about it; which ones it knows is its own matter. */
enum control_mode {
    MODE_DEFAULT = 0,
    MODE_SERVER = 1,            /* vhost-user, pipe: we make the socket */
    MODE_CLIENT = 2,            /* vhost-user: the other side makes it */
    MODE_ZEROCOPY = 3,          /* xdp: by the network card's driver */
    MODE_COPY = 4,              /* xdp: by the driver, with a copy */
    MODE_GENERIC = 5,           /* xdp: by the kernel, for any interface */
    MODE_REPLAY = 6,            /* pcap: the file's packets come in, once */
    MODE_LOOP = 7,              /* pcap: again and again */
    MODE_RECORD = 8,            /* pcap: what goes out is written */
    MODE_END
};

#define CONTROL_DEVICE 108      /* bytes of a device's name, with NUL */
#define CONTROL_QUEUES 16u      /* receive queues of a port, at most */

struct control_port {
    uint32_t port_id;           /* chosen by xvsd, unique on the host */
    uint32_t switch_id;
    uint32_t driver;            /* enum control_driver */
    uint32_t mtu;               /* 0: the driver's default */
    char name[XVS_NAME_SIZE];
    char device[CONTROL_DEVICE];    /* interface, socket or file */
    uint32_t mode;              /* enum control_mode */
    uint32_t queues;            /* receive queues; 0: the driver's choice */
    uint8_t mac[6];             /* zero: chosen by the driver */
    uint8_t disabled;           /* 1: carries nothing */
    uint8_t reserved;
    struct xvs_guid entry;      /* of the extension at whose stage its packets
                                 * enter the chain; zero: at the first;
                                 * control_entry_network: behind all that
                                 * are not of class forward */
};

struct control_load {
    char file[256];             /* a file name without '/' */
};

struct control_extension_ref {
    struct xvs_guid extension;
    uint32_t switch_id;         /* 0 where no switch is meant */
    uint32_t timeout_ms;        /* 0: the default */
};

/* All traits that there are. */
#define CONTROL_TRAITS \
    (XVS_TRAIT_EGRESS | XVS_TRAIT_PAYLOAD | XVS_TRAIT_WIRE \
     | XVS_TRAIT_SOCKETS | XVS_TRAIT_HEAD)

#define CONTROL_FINDING 200     /* bytes of what was found in a file */

/* What was found in a plugin's file that it cannot have in a domain. */
enum control_scan {
    SCAN_UNKNOWN = 0,           /* it could not be read */
    SCAN_CLEAN = 1,
    SCAN_FINDINGS = 2,
    SCAN_END
};

/* What a plugin says of itself; its features, methods and reasons follow. */
struct control_extension {
    struct xvs_guid id;
    uint16_t version;
    uint16_t extension_class;   /* enum xvs_class */
    uint16_t on_failure;
    uint16_t api_version;
    uint32_t n_features;        /* struct xvs_feature each */
    uint32_t n_methods;         /* struct control_signature each */
    uint32_t n_reasons;         /* struct control_reason each */
    uint32_t traits;            /* XVS_TRAIT_... */
    char name[XVS_NAME_SIZE];
    char vendor[XVS_NAME_SIZE];
    char description[256];
    char before[256];
    char after[256];
    char file[256];
    /* Of its file; what the plugin says here does not count. */
    uint32_t scan;              /* enum control_scan */
    uint32_t n_findings;
    char finding[CONTROL_FINDING];  /* the first, or why it is not known */
};

struct control_signature {
    struct xvs_guid uuid;
    char name[XVS_NAME_SIZE];
    char signature[176];
};

/* What an extension calls its drop reason of this place; "": nothing. */
struct control_reason {
    char name[48];
};

struct control_layout {
    struct xvs_guid extension;
    struct xvs_guid uuid;
    uint32_t scope;             /* enum xvs_scope */
    uint32_t kind;              /* enum feature_kind */
    uint32_t layout_size;       /* layout_write() bytes that follow */
    uint32_t default_size;      /* a block: the class's default object */
};

/* One setting in a list; its block (may be empty) follows, 8-aligned. */
struct control_setting {
    uint32_t op;                /* enum xvs_setting_op */
    uint32_t scope;
    uint32_t switch_id;
    uint32_t port_id;           /* XVS_PORT_NONE for the switch */
    struct xvs_guid extension;
    struct xvs_guid uuid;
    struct xvs_guid instance;
    uint16_t version;
    uint16_t reserved;
    uint32_t block_size;
};

/* All or nothing; VALIDATE items are judged and leave no trace. */
struct control_settings {
    uint32_t n;
    uint32_t timeout_ms;        /* per request to an extension; 0: default */
};

/* Where the hooks of a stage run. */
enum partition {
    PARTITION_DEFAULT = 0,      /* in a request: inline */
    PARTITION_INLINE = 1,       /* in xvs-switch, as functions */
    PARTITION_PROCESS = 2,      /* in a process of their own (xvs-stage) */
    PARTITION_COPY = 3,         /* the same, with copies of packets only */
    PARTITION_DOMAIN = 4,       /* in xvs-switch, where its packet hooks can
                                 * write only what is the stage's own */
    PARTITION_END
};

/* How two stages hold one place of a chain. */
enum sharing {
    SHARING_NONE = 0,           /* they do not */
    SHARING_FAILOVER = 1,       /* the second gets what the first cannot */
    SHARING_AGGREGATE = 2,      /* each gets flows of its own */
    SHARING_END
};

/* Enables on a switch and gives it its settings before packets flow.
 * The answer's control_result is followed by its control_place and by 'n'
 * uint32_t results, one for each setting: XVS_SUCCESS or why the extension
 * refused it. */
struct control_enable {
    struct xvs_guid extension;
    uint32_t switch_id;
    uint32_t timeout_ms;
    uint32_t position;          /* within its class; UINT32_MAX: last */
    uint32_t n;
    uint32_t partition;         /* enum partition */
    uint32_t time_share;        /* as in control_partition */
};

/* Where a stage is, or shall be, among those of its class.  Also the first
 * part behind the control_result of EXT_ENABLE's answer. */
struct control_place {
    struct xvs_guid extension;
    uint32_t switch_id;
    uint32_t position;          /* UINT32_MAX: last */
    uint32_t together;          /* of EXT_MOVE, 1: with the stage that it
                                 * shares its place with, if there is one; the
                                 * position is that of the first of the two,
                                 * among those that are neither */
    uint32_t reserved;
};

/* Where the hooks of a stage shall run from now on, with the same settings
 * and at the same place, and how much of a worker's time they may use.  A
 * refusal leaves it as it is. */
struct control_partition {
    struct xvs_guid extension;
    uint32_t switch_id;
    uint32_t timeout_ms;        /* per request to the extension; 0: default */
    uint32_t partition;         /* enum partition, not the default */
    uint32_t time_share;        /* percent; 0: no limit */
};

/* The stage shall hold the place of another one with it, right behind which it
 * comes then; or, with SHARING_NONE, have its own again. */
struct control_partner {
    struct xvs_guid extension;
    struct xvs_guid partner;    /* the first of the two; or zero */
    uint32_t switch_id;
    uint32_t sharing;           /* enum sharing */
};

/* Another file of an extension takes the place of the one in use. */
struct control_upgrade {
    struct xvs_guid extension;
    uint32_t timeout_ms;
    uint32_t reserved;
    char file[256];             /* a file name without '/' */
};

struct control_status {
    struct xvs_guid extension;
    struct xvs_guid uuid;
    struct xvs_guid instance;   /* zero: all */
    uint32_t switch_id;
    uint32_t port_id;           /* XVS_PORT_NONE: the switch */
    uint16_t version;
    uint16_t reserved;
    uint32_t timeout_ms;
};

/* Objects in an answer: n times { control_object, block }. */
struct control_objects {
    struct control_result result;
    uint32_t n;
    uint32_t reserved;
};

struct control_object {
    struct xvs_guid instance;
    uint32_t block_size;
    uint32_t reserved;
};

/* Answered by control_objects with one object: the out parameters' block. */
struct control_method {
    struct xvs_guid extension;
    struct xvs_guid uuid;       /* of the class that declares it */
    struct xvs_guid instance;   /* zero: the class itself */
    uint32_t switch_id;
    uint32_t port_id;
    uint32_t timeout_ms;
    uint32_t block_size;        /* of the in parameters */
    uint32_t in_layout_size;    /* layouts follow the block */
    uint32_t out_layout_size;
    char name[XVS_NAME_SIZE];
};

/* Records of a snapshot, each 8-aligned and typed by its first word. */
struct control_snapshot {
    struct control_result result;
    uint32_t n;
    uint32_t reserved;
};

enum control_record_type {
    RECORD_SWITCH = 1,          /* control_switch */
    RECORD_PORT = 2,            /* control_port */
    RECORD_EXTENSION = 3,       /* control_extension + its lists */
    RECORD_ENABLED = 4,         /* control_stage, in chain order */
    RECORD_SETTING = 5,         /* control_setting + its block */
    RECORD_LAYOUT = 6,          /* control_layout + its layout and default */
};

struct control_record {
    uint32_t type;              /* enum control_record_type */
    uint32_t size;              /* of what follows, before alignment */
};

/* A stage as it is. */
struct control_stage {
    struct xvs_guid extension;
    uint32_t switch_id;
    uint32_t partition;         /* enum partition, never the default */
    struct xvs_guid partner;    /* whose place it holds too; zero: nobody's */
    uint32_t sharing;           /* enum sharing */
    uint32_t time_share;        /* as in control_partition */
};

struct control_counters {
    struct control_result result;
    uint32_t n_ports;           /* control_port_counters each */
    uint32_t n_stages;          /* control_stage_counters each, after them */
    uint32_t n_buffers;         /* for packets, on the host */
    uint32_t buffers_used;      /* of them */
    uint64_t shortages;         /* how often there were too few of them */
};

struct control_port_counters {
    uint32_t port_id;
    uint32_t link_up;
    uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
    uint64_t rx_dropped, tx_dropped, filtered;
    uint64_t no_entry;          /* dropped: its stage was not in the chain */
    uint64_t no_buffer;         /* dropped: none was left for a copy */
    char text[CONTROL_STATE];   /* why it is not up, or how it works; or "" */
};

/* Whether a stage's process has one beside it that takes over when it ends. */
enum standby {
    STANDBY_NONE = 0,           /* the partition has none */
    STANDBY_PRESENT = 1,
    STANDBY_STARTING = 2,       /* it is being made, or will be at once */
    STANDBY_ABSENT = 3,         /* some failed, the next one comes later */
    STANDBY_END = 4,
};

/* How the process of a stage does; of one that is inline nothing but the
 * partition is set. */
struct control_health {
    uint32_t partition;         /* enum partition, never the default */
    uint32_t pid;               /* 0: there is no process */
    uint32_t standby;           /* enum standby */
    uint32_t standby_pid;       /* 0: there is none */
    uint64_t restarts;          /* processes that followed one that failed */
    uint64_t cpu_time;          /* of the process, nanoseconds */
    uint64_t memory;            /* of its own, bytes */
    uint64_t lost;              /* packets dropped by on_failure */
    uint64_t replayed;          /* packets that a second process got */
    uint64_t poison;            /* of the lost: they ended processes */
    uint64_t kept;              /* bytes; 0: none, and so the next three */
    int64_t kept_since;         /* microseconds since 1970 */
    uint64_t kept_handovers;    /* from one instance to another */
    uint64_t kept_undone;       /* writes that were taken back */
    char failure[CONTROL_TEXT]; /* the last one, or "" */
    char missing[CONTROL_MISSING];  /* protections that this host has not,
                                     * with commas between */
};

struct control_stage_counters {
    struct xvs_guid extension;
    uint32_t switch_id;
    uint32_t state;             /* 1 running, 2 stuck, 3 failed */
    uint64_t packets, bytes, requests, refusals, timeouts;
    uint64_t drops;             /* broken ones too */
    uint64_t broken;            /* dropped because the hook broke a rule */
    uint64_t bursts;            /* calls of hooks */
    uint64_t time;              /* in them, nanoseconds */
    uint64_t diverted;          /* packets that its partner got for it */
    uint64_t away;              /* 1: its partner gets its packets now */
    uint64_t over_time;         /* packets that came when no time was left */
    uint64_t reasons[CONTROL_REASONS];  /* drops by the extension's number;
                                         * the last: all higher ones */
    struct control_health health;
};

/* Asks for the oldest packet that xvs-switch keeps of those that it dropped
 * because they end processes. */
struct control_quarantine {
    uint64_t taken;             /* this and all before it are safe; 0: none */
};

#define QUARANTINE_FRAME (128u << 10)   /* bytes of a frame, at most */

/* 'size' bytes of the frame follow. */
struct control_quarantined {
    uint64_t number;            /* counts up from 1; 0: there is none */
    uint64_t missed;            /* dropped since the one before it and not
                                 * kept, because there were too many */
    uint64_t time;              /* when it was dropped: ns since 1970 */
    struct xvs_guid extension;  /* whose processes ended */
    uint32_t switch_id;
    uint32_t in_port;
    uint32_t ends;              /* processes that ended over it */
    uint32_t size;
    uint16_t gso_size;          /* of a super frame */
    uint8_t gso_type;           /* enum xvs_gso */
    uint8_t offload;            /* XVS_OFFLOAD_... */
    uint8_t egress;             /* 1: it met the egress hook */
    uint8_t reserved[3];
    char why[CONTROL_TEXT];     /* how the last of them ended */
};

enum control_event_kind {
    EVENT_EXTENSION = 1,        /* what an extension said */
    EVENT_STUCK = 2,            /* an extension does not answer */
    EVENT_RECOVERED = 3,        /* it answered after all */
    EVENT_PORT_UP = 4,
    EVENT_PORT_DOWN = 5,
    EVENT_PORT_GONE = 6,        /* the interface vanished */
    EVENT_FAILED = 7,           /* an extension broke a rule */
    EVENT_SHORTAGE = 8,         /* something of xvs-switch is used up */
    EVENT_PORT_LOOP = 9,        /* a wire brings back what it sends */
    EVENT_PARTNER = 10,         /* packets of a stage go to its partner, or
                                 * come back */
    EVENT_POISON = 11,          /* packets that end processes were dropped:
                                 * ask with QUARANTINE */
    EVENT_END
};

struct control_event {
    uint32_t kind;
    uint32_t severity;          /* enum xvs_log_level */
    uint32_t switch_id;
    uint32_t port_id;
    struct xvs_guid extension;
    char text[CONTROL_TEXT];
};

/* Starts a message of 'type' in 'out' with 'size' zero bytes of body;
 * returns the body.  More may be appended with the buffer functions, each
 * piece 8-aligned (buffer_align); the body moves when the buffer grows. */
void *message_start(struct buffer *out, uint16_t type, size_t size);
/* Starts the answer to 'request': a control_result and 'size' zero bytes.
 * Returns the control_result, which says success. */
struct control_result *message_answer(struct buffer *out,
                                      const struct control_header *request,
                                      size_t size);

/*
 * Checks a whole message as it came from the peer: magic, version, known
 * type, sizes and counts against what is there, terminated texts, reserved
 * fields zero, enums in range.  After it, walking the message is safe; block
 * and layout contents have their own checks.
 */
bool control_check(const void *message, size_t size, struct error *error);

/* The same for a control_extension and its lists, which are all of the bytes,
 * where they did not come in a message. */
bool control_check_extension(const void *bytes, size_t size,
                             struct error *error);

/*
 * How many bytes of a packet the message at its head has, by what it says.
 * All 'size' bytes (not 0) when that cannot be: then control_check() refuses
 * them.
 */
size_t control_first(const void *packet, size_t size);

/* The name of a type, such as "EXT_LOAD". */
const char *control_type_name(unsigned int type);

/* The body of a message, behind its header. */
static inline const void *
control_body(const struct control_header *header)
{
    return header + 1;
}

/* What follows a piece of 'size' bytes of a checked message. */
static inline const void *
control_after(const void *piece, size_t size)
{
    return (const char *) piece + CONTROL_ALIGN(size);
}

#endif
