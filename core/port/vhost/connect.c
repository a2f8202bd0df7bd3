/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How a front end and a port find each other.  In mode server (the usual one)
 * we make the socket, and QEMU connects and comes again by itself; in mode
 * client QEMU makes it, and it is our turn to come again.  One front end at a
 * time.
 *
 * A hypervisor that loses the connection takes its guest's link down, and
 * tries to connect (or waits for us) until it has one again: so a port that
 * is disabled has none, and refuses them.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/socket.h"
#include "port/vhost/front.h"
#include "port/vhost/vhost.h"

#define RETRY_FIRST_MS 200u     /* between two attempts to connect */
#define RETRY_MAX_MS 1000u
#define SOCKET_MODE 0660

/* ---- A front end -------------------------------------------------------- */

static void
on_accept(void *arg, int listener, unsigned int events)
{
    struct vhost *vhost = arg;
    int fd;

    (void) events;
    if (vhost->front && front_is_going(vhost->front)) {
        /* The next one waits until all of it has gone. */
        loop_watch_set(vhost->listener_watch, 0);
        return;
    }
    fd = socket_accept(listener);
    if (fd >= 0 && vhost->front) {
        log_warning("%s: a second front end wants to connect; it is refused"
                    " while the first one is there",
                    vhost->port->config.device);
        close(fd);
    } else if (fd >= 0) {
        log_info("%s: a front end has connected", vhost->port->config.device);
        vhost->front = front_create(vhost, fd);
    }
}

static void try_again(void *arg);

static void
try_later(struct vhost *vhost)
{
    vhost->retry = loop_timer_add(vhost->port->owner.loop, vhost->retry_ms,
                                  false, try_again, vhost);
    vhost->retry_ms *= 2;
    if (vhost->retry_ms > RETRY_MAX_MS) {
        vhost->retry_ms = RETRY_MAX_MS;
    }
}

/* Says once why the socket cannot be used; that nobody listens yet is no
 * mistake. */
static void
say_refusal(struct vhost *vhost, int code)
{
    char text[160];

    if (code == 0 || code == ENOENT || code == ECONNREFUSED
        || code == vhost->refusal) {
        return;
    }
    vhost->refusal = code;
    snprintf(text, sizeof text, "is down: cannot connect: %s%s",
             strerror(code), code != EACCES ? "" : "; the socket must be"
             " writable for the user that xvs-switch runs as");
    vhost_news(vhost, PORT_DOWN, text);
}

/* Returns 0, or why not; it is tried again then. */
static int
connect_front_end(struct vhost *vhost)
{
    struct error error;
    int fd = socket_connect_unix(vhost->port->config.device, SOCK_STREAM,
                                 &error);

    if (fd < 0) {
        int code = errno;

        try_later(vhost);
        return code;
    }
    log_info("%s: connected to the front end", vhost->port->config.device);
    vhost->retry_ms = RETRY_FIRST_MS;
    vhost->refusal = 0;
    vhost->front = front_create(vhost, fd);
    return 0;
}

void
connect_parted(struct vhost *vhost)
{
    vhost->front = NULL;
    if (vhost->disabled) {
        port_describe(vhost->port, "the port is disabled");
        return;
    }
    port_describe(vhost->port, "waits for a guest");
    if (vhost->port->config.mode == MODE_CLIENT) {
        try_later(vhost);
    } else if (vhost->listener >= 0) {
        loop_watch_set(vhost->listener_watch, LOOP_READ);
    }
}

/* ---- Opening ------------------------------------------------------------ */

/* The folder of the socket; "/" at least. */
static void
folder_of(const char *path, char folder[CONTROL_DEVICE])
{
    char *slash;

    snprintf(folder, CONTROL_DEVICE, "%s", path);
    slash = strrchr(folder, '/');
    slash[slash == folder] = 0;
}

static bool
check_path(const char *path, struct error *error)
{
    char folder[CONTROL_DEVICE];
    struct stat status;

    if (path[0] != '/') {
        error_set(error, ERROR_INVALID, "'%s' is not the path of a socket",
                  path);
        return error_hint(error, "it begins with '/'");
    }
    folder_of(path, folder);
    if (stat(folder, &status) != 0) {
        return error_set_errno(error, errno, "%s", folder);
    }
    if (!S_ISDIR(status.st_mode)) {
        return error_set(error, ERROR_INVALID, "%s is not a folder", folder);
    }
    if (stat(path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
        return error_set(error, ERROR_EXISTS,
                         "%s is there and is not a socket", path);
    }
    return true;
}

static bool
open_server(struct vhost *vhost, struct error *error)
{
    const char *path = vhost->port->config.device;
    char folder[CONTROL_DEVICE];
    struct stat status;

    folder_of(path, folder);
    if (access(folder, W_OK | X_OK) != 0) {
        error_set_errno(error, errno, "cannot make a socket in %s", folder);
        return error_hint(error, "xvs-switch runs as user %u: the folder must"
                          " be writable for it", (unsigned int) geteuid());
    }
    vhost->listener = socket_listen_unix(path, SOCK_STREAM, SOCKET_MODE,
                                         error);
    if (vhost->listener < 0) {
        return false;
    }
    vhost->inode = stat(path, &status) == 0 ? status.st_ino : 0;
    vhost->listener_watch = loop_watch_add(vhost->port->owner.loop,
                                           vhost->listener, LOOP_READ,
                                           on_accept, vhost);
    return true;
}

/* Nobody can connect any more; the socket's file stays. */
static void
close_server(struct vhost *vhost)
{
    if (vhost->listener >= 0) {
        loop_watch_remove(vhost->listener_watch);
        vhost->listener_watch = NULL;
        close(vhost->listener);
        vhost->listener = -1;
    }
}

/* After the port was disabled.  The folder may have changed meanwhile. */
static void
listen_again(struct vhost *vhost)
{
    struct error error;
    char text[CONTROL_STATE];

    if (!open_server(vhost, &error)) {
        snprintf(text, sizeof text, "is down: %.140s", error.text);
        vhost_news(vhost, PORT_DOWN, text);
        try_later(vhost);
    }
}

static void
try_again(void *arg)
{
    struct vhost *vhost = arg;

    vhost->retry = NULL;
    if (vhost->port->config.mode == MODE_CLIENT) {
        say_refusal(vhost, connect_front_end(vhost));
    } else {
        listen_again(vhost);
    }
}

/* That nobody listens yet is no mistake; that we may not connect is one. */
static bool
open_client(struct vhost *vhost, struct error *error)
{
    const char *path = vhost->port->config.device;

    if (access(path, W_OK) != 0 && errno != ENOENT) {
        error_set_errno(error, errno, "cannot connect to %s", path);
        return error_hint(error, "xvs-switch runs as user %u: the socket must"
                          " be writable for it", (unsigned int) geteuid());
    }
    if (!vhost->disabled) {
        connect_front_end(vhost);
    }
    return true;
}

bool
connect_open(struct vhost *vhost, struct error *error)
{
    vhost->retry_ms = RETRY_FIRST_MS;
    port_describe(vhost->port, vhost->disabled ? "the port is disabled"
                                               : "waits for a guest");
    if (!check_path(vhost->port->config.device, error)) {
        return false;
    }
    if (vhost->port->config.mode == MODE_CLIENT) {
        return open_client(vhost, error);
    }
    if (!open_server(vhost, error)) {
        return false;
    }
    if (vhost->disabled) {
        close_server(vhost);
    }
    return true;
}

/* Removes the socket unless somebody else's is there now. */
static void
remove_socket(const struct vhost *vhost)
{
    const char *path = vhost->port->config.device;
    struct stat status;

    if (vhost->inode && stat(path, &status) == 0
        && status.st_ino == vhost->inode) {
        unlink(path);
    }
}

void
connect_close(struct vhost *vhost)
{
    loop_timer_remove(vhost->retry);
    close_server(vhost);
    remove_socket(vhost);
}

void
connect_allow(struct vhost *vhost, bool allow)
{
    struct port *port = vhost->port;

    if (vhost->disabled == !allow) {
        return;
    }
    vhost->disabled = !allow;
    loop_timer_remove(vhost->retry);
    vhost->retry = NULL;
    vhost->retry_ms = RETRY_FIRST_MS;
    if (!allow) {
        close_server(vhost);
        port_describe(port, "the port is disabled");
        if (vhost->front) {
            front_dismiss(vhost->front);
        }
        return;
    }
    port_describe(port, "waits for a guest");
    if (port->config.mode != MODE_CLIENT) {
        listen_again(vhost);
    } else if (!vhost->front) {
        say_refusal(vhost, connect_front_end(vhost));
    }
}
