/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_H
#define XVS_SERVICE_H

/*
 * Services: extensions without packets that talk to others over sockets.
 *
 * Such an extension has XVS_TRAIT_SOCKETS and runs in a process of its own,
 * which can make no socket.  It gets those that an admin has granted: the
 * value of a property with the qualifier Grant, of a setting in force, says
 * where a socket leads to, and the host opens it.
 *
 *     [Grant("udp-connect"), Write, MaxLen(64)] string Collector;
 *
 * An instance may open sockets from XVS_ACTIVATE until XVS_PAUSE.  The one
 * that stands by gets XVS_ACTIVATE only when it takes over.  The host keeps
 * what listens: who takes over opens the same socket, and those who wait there
 * are served.  When the setting goes (setting() says so), or another value
 * takes the place of an address, what listens there is shut down (by UDP:
 * receives and sends nothing any more); and behind that hook the host ends
 * connections by TCP and UDP that came from it, also accepted ones, which are
 * XVS_BROKEN then.  Those of unix sockets the extension closes within a
 * second, or its process is ended.  At XVS_PAUSE the instance stops to accept:
 * during an upgrade its successor does already.
 *
 * The event loop is the process's own: what is watched calls ready(), on the
 * control thread as all other hooks.  Between two hooks the host waits, so a
 * hook never waits for a socket: all are non-blocking.  A ready() that takes
 * longer than other hooks may ends the process.  An extension may have an
 * epoll of its own, and watch its descriptor.  Calls that it may make on
 * descriptors are those to read, write, accept, splice and shut down; options
 * are those of buffers, keep-alive and delay (xvs-stage refuses others with
 * EPERM).
 */

#include <xvs/extension.h>

/* Events.  XVS_BROKEN is told whether it was asked for or not. */
#define XVS_READABLE 0x01u
#define XVS_WRITABLE 0x02u
#define XVS_BROKEN 0x04u        /* hung up, or an error (SO_ERROR) */

/* Which socket: the property of the setting. */
struct xvs_grant {
    uint32_t size;              /* of this struct */
    uint32_t property;          /* as for xvs_present(): VENDOR_CLASS_NAME */
    struct xvs_guid uuid, instance; /* of the class, of the setting */
    char reason[160];           /* out: why it was not opened, or "" */
};

/* One of several sockets. */
struct xvs_opening {
    struct xvs_grant *grant;    /* as for open() */
    int fd, result;             /* out: as of open(); -1: none */
};

/* Who has come to a unix socket. */
struct xvs_visitor {
    uint32_t size;              /* of this struct */
    int32_t fd;                 /* the caller's, who closes it */
    uint32_t uid, gid;          /* his, as the host sees them */
};

/* Since version 1.4: what the host does for a service. */
struct xvs_sockets {
    uint32_t size, reserved;    /* of this struct */
    /*
     * Opens the socket that a property of a setting grants; '*fd' is the
     * caller's, who closes it.  A TCP connection is not there yet: it becomes
     * writable, and SO_ERROR says how it went.  XVS_NOT_ACCEPTED: not now
     * (before XVS_ACTIVATE, or in ready(), which calls xvs_wake() and opens it
     * in timer()).  XVS_INVALID_PARAMETER: nothing grants it.  XVS_RESOURCES:
     * it cannot be opened, try later.
     */
    int (*open)(const struct xvs_host *host, struct xvs_grant *grant,
                int *fd);
    /* Watches a descriptor: ready() is called while one of 'events' is there;
     * 0 ends that.  Close it after. */
    int (*watch)(const struct xvs_host *host, int fd, uint32_t events);
    /* Opens each as open() does, with fewer questions to xvs-switch: for who
     * needs many.  Use xvs_open_many(). */
    void (*open_many)(const struct xvs_host *host,
                      struct xvs_opening *openings, uint32_t n);
    /*
     * Accepts one of those who wait at the unix socket that a property of a
     * setting grants, and says who he is: a process of an extension, which has
     * a user namespace of its own, cannot find out (accept() is there for those
     * who do not care).  Nobody waits: XVS_SUCCESS, and the descriptor is -1.
     * Other results are those of open().  Use xvs_accept().
     */
    int (*accept)(const struct xvs_host *host, struct xvs_grant *grant,
                  struct xvs_visitor *visitor);
};

/* NULL where the host has no sockets: it is older, or this is no process of
 * the extension's own. */
static inline const struct xvs_sockets *
xvs_sockets(const struct xvs_host *host)
{
    return host->size >= offsetof(struct xvs_host, sockets)
            + sizeof(host->sockets) ? host->sockets : NULL;
}

/* On any host that has sockets. */
static inline void
xvs_open_many(const struct xvs_sockets *sockets, const struct xvs_host *host,
              struct xvs_opening *openings, uint32_t n)
{
    if (sockets->size >= offsetof(struct xvs_sockets, open_many)
                             + sizeof(sockets->open_many)) {
        sockets->open_many(host, openings, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        openings[i].result = sockets->open(host, openings[i].grant,
                                           &openings[i].fd);
    }
}

/* XVS_NOT_SUPPORTED: the host cannot say who comes. */
static inline int
xvs_accept(const struct xvs_host *host, struct xvs_grant *grant,
           struct xvs_visitor *visitor)
{
    const struct xvs_sockets *sockets = xvs_sockets(host);

    return sockets && sockets->size >= offsetof(struct xvs_sockets, accept)
            + sizeof(sockets->accept)
        ? sockets->accept(host, grant, visitor) : XVS_NOT_SUPPORTED;
}

#endif
