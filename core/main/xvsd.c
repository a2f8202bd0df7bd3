/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsd: the object manager.  Gives up every right that it has before it
 * reads anything from outside, opens its state, and serves the management
 * interface until it is told to end.
 */

#include <config.h>

#include <cap-ng.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "control/names.h"
#include "main/keeper.h"
#include "main/privilege.h"
#include "main/xvsd-options.h"
#include "manage/manage.h"
#include "object/instance.h"
#include "service/service.h"

#define DEFAULT_USER "xvs"

/* What runs, from start to end. */
struct daemon {
    struct xvsd_options options;
    struct loop *loop;
    struct service *service;
    struct manage *manage;
    struct cursor *events;      /* for the status line */
    char host_name[256];
};

/* ---- Rights ------------------------------------------------------------- */

/* Makes a folder and gives it to the user that we will be. */
static bool
prepare_folder(const char *path, uid_t uid, gid_t gid, struct error *error)
{
    struct stat status;

    if (stat(path, &status) == 0) {
        return true;
    }
    if (!durable_mkdir(path, error)) {
        return false;
    }
    return chown(path, uid, gid) == 0
        || error_set_errno(error, errno, "cannot give %s to user %u", path,
                           (unsigned int) uid);
}

static bool
prepare_folders(const struct xvsd_options *options, uid_t uid, gid_t gid,
                struct error *error)
{
    MEM_AUTO char *run = mem_strdup(options->socket);
    char *slash = strrchr(run, '/');

    if (slash && slash != run) {
        *slash = 0;
        if (!prepare_folder(run, uid, gid, error)) {
            return false;
        }
    }
    if (options->quarantine
        && !prepare_folder(options->quarantine, uid, gid, error)) {
        return false;
    }
    return prepare_folder(options->state_dir, uid, gid, error);
}

/* No capability, now or ever again. */
static bool
drop_rights(uid_t uid, gid_t gid, struct error *error)
{
    int result = 0;

    if (geteuid() == 0) {
        capng_clear(CAPNG_SELECT_BOTH);
        result = uid == 0 ? capng_apply(CAPNG_SELECT_BOTH)
            : capng_change_id((int) uid, (int) gid,
                              CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
    }
    if (result != 0) {
        return error_set(error, ERROR_IO, "cannot become user %u without "
                         "capabilities (libcap-ng says %d)",
                         (unsigned int) uid, result);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return error_set_errno(error, errno,
                               "cannot give up gaining privileges");
    }
    return true;
}

static bool
start_keeper(const struct xvsd_options *options, const char *user,
             struct error *error)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    if (n < 0) {
        return error_set_errno(error, errno, "cannot find my own program");
    }
    program[n] = 0;
    return keeper_start(program, options->control, user,
                        options->plugin_dirs, error);
}

static bool
prepare_process(const struct xvsd_options *options, struct error *error)
{
    bool root = geteuid() == 0;
    const char *user = options->user ? options->user
        : root ? DEFAULT_USER : NULL;
    uid_t uid = geteuid();
    gid_t gid = getegid();

    if (user && !privilege_user(user, &uid, &gid, error)) {
        return error_hint(error, "choose one with --user");
    }
    if (!root && uid != geteuid()) {
        return error_set(error, ERROR_DENIED, "only root can become user "
                         "'%s'", user);
    }
    if (!prepare_folders(options, uid, gid, error)) {
        return false;
    }
    if ((options->spawn_switch == 1 || (options->spawn_switch < 0 && root))
        && !start_keeper(options, root ? user : NULL, error)) {
        return false;
    }
    return drop_rights(uid, gid, error);
}

/* ---- Running ------------------------------------------------------------ */

static void
on_end(void *arg)
{
    struct daemon *daemon = arg;

    loop_stop(daemon->loop);
}

static void
on_reload(void *arg)
{
    (void) arg;
    log_info("password file and groups are read at each login; certificates "
             "at the start");
}

/* Shows the newest thing that happened to the switch in the status line. */
static void
on_event(void *arg)
{
    struct daemon *daemon = arg;
    const struct instance *event;
    struct error error;

    while (cursor_next(daemon->events, &event, &error) == CURSOR_ITEM) {
        const char *kind = instance_text(event, "Kind");
        const char *text = instance_text(event, "Text");

        if (kind && text && strncmp(kind, "switch-", 7) == 0) {
            sd_notifyf(0, "STATUS=%s", text);
        }
    }
}

static bool
start_service(struct daemon *daemon)
{
    struct xvsd_options *options = &daemon->options;
    struct error_list problems = { 0 };
    struct service_options service = {
        .state_dir = options->state_dir, .control_path = options->control,
        .plugin_dir = options->n_plugin_dirs ? options->plugin_dirs[0]
            : XVS_PLUGINDIR,
        .host_name = daemon->host_name, .timeout_ms = options->timeout,
        .vendor_partition = control_partition_find(options->vendor_partition),
        .quarantine_dir = options->quarantine,
        .quarantine_files = options->quarantine_files,
    };

    daemon->service = service_create(daemon->loop, &service, &problems);
    if (!daemon->service) {
        for (size_t i = 0; i < problems.n; i++) {
            log_error_at(LOG_LEVEL_ERROR, &problems.items[i]);
        }
    } else {
        daemon->events = service_events(daemon->service, 0, on_event, daemon);
        on_event(daemon);
    }
    error_list_clear(&problems);
    return daemon->service != NULL;
}

static bool
start_manage(struct daemon *daemon, struct error *error)
{
    const struct xvsd_options *options = &daemon->options;
    struct manage_options manage = {
        .socket_path = options->socket, .listen = options->listen,
        .certificate = options->certificate, .key = options->key,
        .client_ca = options->client_ca,
        .password_file = options->password_file,
        .admin_group = options->admin_group,
        .reader_group = options->reader_group,
        .max_body = options->max_body,
        .max_connections = options->max_connections,
        .idle_timeout_s = options->idle_timeout,
        .max_contexts = options->max_contexts,
    };

    daemon->manage = manage_create(daemon->loop, daemon->service, &manage,
                                   error);
    return daemon->manage != NULL;
}

static bool
run(struct daemon *daemon, struct error *error)
{
    struct loop *loop = loop_create(error);

    daemon->loop = loop;
    signal(SIGPIPE, SIG_IGN);
    if (!loop || !loop_signal(loop, SIGTERM, on_end, daemon, error)
        || !loop_signal(loop, SIGINT, on_end, daemon, error)
        || !loop_signal(loop, SIGHUP, on_reload, daemon, error)) {
        return false;
    }
    if (!start_service(daemon)) {
        return error_set(error, ERROR_IO, "the state in %s cannot be used",
                         daemon->options.state_dir);
    }
    if (!start_manage(daemon, error)) {
        return false;
    }
    keeper_go();
    log_info("ready; management socket %s", daemon->options.socket);
    sd_notify(0, "READY=1");
    loop_run(loop);
    sd_notify(0, "STOPPING=1\nSTATUS=writing what is confirmed");
    return true;
}

static void
end(struct daemon *daemon)
{
    manage_destroy(daemon->manage);
    cursor_destroy(daemon->events);
    service_destroy(daemon->service);
    if (daemon->loop) {
        /* What was deferred while ending: connections free themselves so. */
        loop_once(daemon->loop, 0);
    }
    loop_destroy(daemon->loop);
    xvsd_options_free(&daemon->options);
}

int
main(int argc, char **argv)
{
    struct daemon daemon = { .loop = NULL };
    struct error error;
    int status = xvsd_options_read(&daemon.options, argc, argv);

    if (status >= 0) {
        xvsd_options_free(&daemon.options);
        return status;
    }
    log_open("xvsd", daemon.options.log_level);
    mem_give_back();    /* answers may be large */
    umask(027);
    if (gethostname(daemon.host_name, sizeof daemon.host_name - 1) != 0) {
        strcpy(daemon.host_name, "localhost");
    }
    if (daemon.options.host_name) {
        snprintf(daemon.host_name, sizeof daemon.host_name, "%s",
                 daemon.options.host_name);
    }
    status = prepare_process(&daemon.options, &error) && run(&daemon, &error)
        ? 0 : 1;
    if (status) {
        log_error_at(LOG_LEVEL_ERROR, &error);
    }
    end(&daemon);
    return status;
}
