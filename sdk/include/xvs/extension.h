/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTENSION_H
#define XVS_EXTENSION_H

/*
 * The contract between an extension and the core.
 *
 * A plugin is one .so with one exported symbol, made by XVS_EXTENSION(): a
 * struct xvs_extension that says who it is and which hooks it has.  A hook
 * that is NULL passes through.  The host's services arrive as a table, so
 * that the same .so runs in every partition and under the test host.
 *
 * Life of one instance (an extension enabled on one switch):
 *   1. init()      nothing else is called before it returned
 *   2. port()      once for every port that exists (created, connected)
 *   3. setting()   once for every setting in force (XVS_ADD)
 *   4. state()     XVS_ACTIVATE; packets flow from now on
 *   5. port(), setting(), status(), methods, timer() as things happen
 *   6. state()     XVS_PAUSE; no packet hook runs after it was called
 *   7. fini()      nothing is called after it; 'self' is forgotten
 * During an upgrade of the plugin the new version's instance goes through 1
 * to 4 while the old one's still works; then the old one gets 6 and 7.
 *
 * Threads: all hooks but the packet hooks are called one at a time, on one
 * control thread of the extension.  Packet hooks run on the switch's worker
 * threads, at the same time as control hooks: publish data to them with
 * xvs_publish(), read it with xvs_read(), and give old data to
 * host->retire(), which frees it when no worker can still see it.  A packet
 * hook that has something for the control thread puts it into memory that
 * both share without a lock, and calls xvs_wake().
 *
 * Time: a control hook that takes longer than the admin's limit (2 s unless
 * set) fails the request, and the operator is told the extension's name.
 */

#include <xvs/block.h>
#include <xvs/oid.h>
#include <xvs/packet.h>

#define XVS_API_VERSION 0x0104      /* 1.4 */
#define XVS_REASONS 15  /* drop reasons that are counted apart */
#define XVS_SYMBOL xvs_extension_v1
#define XVS_SYMBOL_NAME "xvs_extension_v1"

enum xvs_class {
    XVS_CLASS_CAPTURE = 1,      /* sees packets */
    XVS_CLASS_FILTER = 2,       /* may change and drop them */
    XVS_CLASS_FORWARD = 3,      /* chooses where they go; one per switch */
    XVS_CLASS_SERVICE = 4       /* no packets at all */
};

/* What happens to packets when the extension has failed; no default. */
enum xvs_on_failure {
    XVS_FAIL_OPEN = 1,          /* as if it were not there */
    XVS_FAIL_CLOSED = 2,        /* dropped and counted */
    XVS_FAIL_HOLD = 3           /* kept until a successor runs, bounded */
};

enum xvs_log_level { XVS_LOG_ERROR, XVS_LOG_WARNING, XVS_LOG_INFO };

/* Bits of xvs_extension.mandatory: hooks that the host must know. */
enum {
    XVS_HOOK_PACKETS = 0x01, XVS_HOOK_SETTING = 0x02, XVS_HOOK_STATUS = 0x04,
    XVS_HOOK_PORT = 0x08, XVS_HOOK_STATE = 0x10, XVS_HOOK_OID = 0x20,
    XVS_HOOK_TIMER = 0x40, XVS_HOOK_METHODS = 0x80,
    XVS_HOOK_TRAITS = 0x100,    /* since version 1.3; goes with traits */
    XVS_HOOK_READY = 0x200      /* since version 1.4 */
};

/* Bits of xvs_extension.traits: what packet hooks of a filter or a forwarder,
 * or a service, do that most do not. */
enum {
    XVS_TRAIT_EGRESS = 0x01,    /* egress() changes frames, as ingress() may */
    XVS_TRAIT_PAYLOAD = 0x02,   /* they change bytes behind the first 128 */
    XVS_TRAIT_WIRE = 0x04,      /* ingress() takes frames as a wire has them
                                 * only: super frames are cut and checksums
                                 * finished before the first stage */
    XVS_TRAIT_SOCKETS = 0x08,   /* a service: it opens sockets, see
                                 * xvs/service.h; since version 1.4 */
    XVS_TRAIT_HEAD = 0x10       /* they never change a byte behind the first
                                 * 128: less is kept of a packet while it is
                                 * in a process; since version 1.4 */
};

/* A class this plugin was compiled against; written by xvs-mofc header. */
struct xvs_feature {
    struct xvs_guid uuid;
    uint64_t hash;              /* of names, types and layout */
    uint32_t size;              /* of the fixed part */
    uint16_t version, reserved; /* major << 8 | minor */
};

/* A method of such a class; written by xvs-mofc header. */
struct xvs_method {
    struct xvs_guid uuid;
    const char *name;
    const char *signature;      /* doc/formats.md, "Methods" */
    void (*function)(void);
};

/* The host's side of one request; only handed back to the host. */
struct xvs_answer;
struct xvs_keep;
struct xvs_sockets;
struct xvs_switching;

enum xvs_setting_op { XVS_VALIDATE = 1, XVS_ADD, XVS_UPDATE, XVS_DELETE };

/* A setting to take over (or, with XVS_VALIDATE, only to judge). */
struct xvs_setting {
    uint32_t size;              /* of this struct */
    uint32_t op;                /* enum xvs_setting_op */
    uint32_t scope;             /* enum xvs_scope */
    uint32_t port_id;           /* XVS_PORT_NONE for the switch */
    struct xvs_guid uuid, instance; /* of the class, of the setting */
    uint16_t version, reserved;
    uint32_t reserved2;
    struct xvs_view view;       /* empty with XVS_DELETE */
};

/* A question about run-time state.  Where one instance is asked for, others
 * need not be answered, and would be left out; none is no error. */
struct xvs_query {
    uint32_t size, scope, port_id;
    uint16_t version, reserved;
    struct xvs_guid uuid, instance; /* of the class; zero: all of it */
    struct xvs_view empty;      /* the class's default object */
};

/*
 * Whether the query asks for this object: for the one, or for all objects of the
 * class.  1: it does.
 */
static inline int
xvs_asks_for(const struct xvs_query *query, const struct xvs_guid *instance)
{
    static const struct xvs_guid all = { 0, 0, 0, { 0 } };

    return memcmp(&query->instance, instance, sizeof(*instance)) == 0
           || memcmp(&query->instance, &all, sizeof(all)) == 0;
}

/* What a method's function gets as second argument, after 'self'. */
struct xvs_call {
    uint32_t size, scope, port_id, reserved;
    struct xvs_answer *answer;
};

#define XVS_TEXT_SIZE 4096

/* A string out argument of a method. */
struct xvs_text {
    uint32_t length;            /* bytes, at most XVS_TEXT_SIZE - 1 */
    char text[XVS_TEXT_SIZE];
};

enum xvs_port_event {
    XVS_PORT_CREATED = 1, XVS_PORT_CONNECTED, XVS_PORT_UPDATED,
    XVS_PORT_DISCONNECTED, XVS_PORT_DELETED
};

struct xvs_port {
    uint32_t size, id;
    char name[XVS_NAME_SIZE];
    uint8_t mac[6];
    uint16_t is_validation;     /* 1: judge only, reserve nothing */
    uint32_t mtu;
};

enum xvs_state { XVS_ACTIVATE = 1, XVS_PAUSE };

/* The host's services.  Valid from init() until fini() returned. */
struct xvs_host {
    uint32_t size;
    uint16_t api_version, reserved;
    const char *switch_name;
    void *context;              /* the host's own */
    /* Writes a line into the host's log, with the extension's name. */
    void (*log)(const struct xvs_host *host, enum xvs_log_level level,
                const char *text);
    /* Says why, in one sentence for the operator.  Returns 'result'. */
    int (*refuse)(struct xvs_answer *answer, int result, const char *text);
    /* Adds one status object to the answer (any number of times). */
    int (*answer)(struct xvs_answer *answer, const struct xvs_guid *instance,
                  const struct xvs_view *view);
    /* Tells the operators, as an event with this severity. */
    void (*event)(const struct xvs_host *host, enum xvs_log_level level,
                  const char *text);
    /* Asks the switch: PARAMETERS, PORT_ARRAY, NIC_ARRAY, PROPERTY_ENUM. */
    int (*request)(const struct xvs_host *host, struct xvs_oid *oid);
    /* Calls 'release' on 'data' when no packet hook can still use it. */
    void (*retire)(const struct xvs_host *host, void *data,
                   void (*release)(void *data));
    /* Calls timer() every 'milliseconds'; 0 ends it. */
    void (*timer)(const struct xvs_host *host, uint32_t milliseconds);
    /* Tells the time in nanoseconds, monotonic, as packet->time. */
    uint64_t (*now)(const struct xvs_host *host);
    const struct xvs_switching *switching;  /* see xvs/switch.h */
    /* Since version 1.2: calls timer() once, soon.  Use xvs_wake(). */
    void (*wake)(const struct xvs_host *host);
    /* Since version 1.4: memory that outlives the instance.  Use xvs_keep()
     * of xvs/keep.h, in init(). */
    int (*keep)(const struct xvs_host *host, struct xvs_keep *keep);
    /* Since version 1.4; use xvs_sockets() of xvs/service.h. */
    const struct xvs_sockets *sockets;
};

/*
 * Calls timer() once, soon, whether or not host->timer() has set a period.
 * For any thread, packet hooks included: it waits for nothing.  Calls until
 * timer() begins are one; what was written before one of them is seen there.
 * Returns 0 when the host is older and cannot do it.
 */
static inline int
xvs_wake(const struct xvs_host *host)
{
    if (host->size < offsetof(struct xvs_host, wake) + sizeof(host->wake)) {
        return 0;
    }
    host->wake(host);
    return 1;
}

/*
 * Append-only.  'size' and 'api_version' come first; the loader copies what
 * both sides know into zeroed memory and refuses unknown mandatory hooks.
 */
struct xvs_extension {
    uint32_t size;
    uint16_t api_version;
    uint16_t version;           /* major << 8 | minor */
    uint64_t mandatory;         /* XVS_HOOK_... */
    struct xvs_guid id;         /* = ExtensionId of its schemas */
    uint16_t extension_class;   /* enum xvs_class */
    uint16_t on_failure;        /* enum xvs_on_failure */
    uint32_t n_features;
    const char *name, *vendor, *description;
    const char *before, *after; /* names, comma separated, or NULL */
    const struct xvs_feature *features;
    const struct xvs_method *methods;
    uint32_t n_methods, reserved;
    /*
     * Makes an instance.  Keep 'host', which is there until fini() returned.
     * '*self' is what all other hooks get; it may stay NULL.  Without
     * XVS_SUCCESS the extension is not enabled, and fini() is not called.
     */
    int (*init)(const struct xvs_host *host, void **self);
    /* Ends an instance: frees what init() and the other hooks have made.  No
     * hook runs any more, and none is called again. */
    void (*fini)(void *self);
    /*
     * Tells what happens to a port of the switch.  Only XVS_PORT_CREATED can
     * be refused: by any result but XVS_SUCCESS and XVS_NOT_SUPPORTED, and
     * the port is not made then.  When is_validation is set it is only asked
     * whether it would be.
     */
    int (*port)(void *self, enum xvs_port_event event,
                const struct xvs_port *port);
    /*
     * Begins the work (XVS_ACTIVATE) when all ports and settings are known,
     * and ends it (XVS_PAUSE).  Packet hooks run in between only.  A result
     * but XVS_SUCCESS of XVS_ACTIVATE is a refusal; that of XVS_PAUSE counts
     * for nothing.
     */
    int (*state)(void *self, enum xvs_state state);
    /*
     * Takes over a setting, or only judges it (XVS_VALIDATE, which changes
     * nothing).  What it accepts with XVS_SUCCESS is stored, and given to it
     * again after a restart.  Its refusal with host->refuse() is what the
     * admin reads.  XVS_RESOURCES is tried again, four times in all.  When
     * another part of the same change is refused, the opposite operation
     * takes this one back.
     */
    int (*setting)(void *self, const struct xvs_setting *setting,
                   struct xvs_answer *answer);
    /*
     * Answers a question about run-time state: host->answer() for each
     * object.  XVS_NOT_SUPPORTED says that the class is not its own.
     */
    int (*status)(void *self, const struct xvs_query *query,
                  struct xvs_answer *answer);
    /*
     * Sees each OID request as it is (xvs/oid.h), before the hooks port(),
     * setting() and status() get it unpacked; these are called only when it
     * returns XVS_NOT_SUPPORTED.  Few extensions need it.
     */
    int (*oid)(void *self, struct xvs_oid *oid);
    /* Comes each time that the period of host->timer() is over, and once,
     * soon, after xvs_wake(). */
    void (*timer)(void *self);
    /*
     * Sees packets that came from ports, in the order of the chain.  A packet
     * hook: it runs on worker threads, several at the same time, beside
     * control hooks; it must not wait, and packets are the switch's again
     * when it returns.  What it may do depends on the class: a filter may
     * change and xvs_drop() them, a forwarder also sets out_port.
     */
    void (*ingress)(void *self, struct xvs_burst *burst);
    /*
     * Sees packets on their way to a port (out_port), in the reverse order of
     * the chain; otherwise as ingress().  It may drop, but changes frames only
     * with XVS_TRAIT_EGRESS.
     */
    void (*egress)(void *self, struct xvs_burst *burst);
    /* Since version 1.1: what the numbers given to xvs_drop() mean, for
     * people, such as "no rule"; reasons[i] is number i, NULL: no name. */
    const char *const *reasons;
    uint32_t n_reasons;         /* at most XVS_REASONS */
    uint32_t traits;            /* since version 1.3; XVS_TRAIT_... */
    /* Since version 1.4: a descriptor that is watched is ready; 'events' are
     * XVS_READABLE, ... of xvs/service.h. */
    void (*ready)(void *self, int fd, uint32_t events);
};

#define XVS_EXPORT __attribute__((visibility("default")))
#ifdef __cplusplus
#define XVS_LINKAGE extern "C"
#else
#define XVS_LINKAGE extern
#endif

/* XVS_EXTENSION = { XVS_EXTENSION_HEAD, .id = ..., .name = ... }; */
#define XVS_EXTENSION \
    XVS_LINKAGE XVS_EXPORT const struct xvs_extension XVS_SYMBOL; \
    const struct xvs_extension XVS_SYMBOL
#define XVS_EXTENSION_HEAD \
    .size = sizeof(struct xvs_extension), .api_version = XVS_API_VERSION

/* Pointers that packet hooks read while control hooks replace them. */
#define xvs_read(pointer) __atomic_load_n(&(pointer), __ATOMIC_ACQUIRE)
#define xvs_publish(pointer, value) \
    __atomic_exchange_n(&(pointer), (value), __ATOMIC_ACQ_REL)

#endif
