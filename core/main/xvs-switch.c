/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-switch: the switch driver and the data path.  Opens what only root may
 * open, gives up its privileges, and serves the control socket until it is
 * told to end.  It never parses text that comes from the manager.
 */

#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/socket.h"
#include "main/privilege.h"
#include "port/tap.h"
#include "stage/domain/support.h"
#include "stage/partition.h"
#include "stage/plugin/probe.h"
#include "stage/process/spawn.h"
#include "switch/driver.h"
#include "switch/forward/workers.h"

#define TAP_RESERVE 64

struct options {
    const char *control;        /* path of the control socket */
    const char **plugin_dirs;   /* ends with NULL */
    size_t n_plugin_dirs;
    size_t capacity;            /* of plugin_dirs */
    const char *user;           /* or NULL: stay who we are */
    struct partition_place place;   /* of extensions in processes */
    enum log_level level;
    struct workers_config workers;
};

static const char usage[] =
    "usage: xvs-switch [OPTION]...\n"
    "\n"
    "  -c, --control=PATH      control socket (" XVS_RUNDIR "/control)\n"
    "  -p, --plugin-dir=DIR    folder with plugins; may be repeated\n"
    "                          (" XVS_PLUGINDIR ")\n"
    "  -u, --user=NAME         user to become, and to accept as manager\n"
    "  -w, --workers=N         packet workers (1)\n"
    "      --cpus=LIST         processors for them, such as 2,3 (any)\n"
    "      --packets=N         packet buffers, 2 KiB each (16384)\n"
    "      --stage-memory=MIB  memory of one extension in a process (1024)\n"
    "      --stage-program=PATH\n"
    "                          what runs extensions in processes\n"
    "                          (" XVS_STAGEPROGRAM ")\n"
    "      --restarts=N        ends of an extension's processes in a row that\n"
    "                          are mended at once (20)\n"
    "  -l, --log-level=LEVEL   error, warning, info or debug (info)\n"
    "  -f, --foreground        stay in the foreground (always)\n"
    "  -h, --help              this text\n"
    "  -V, --version           the version\n";

enum { OPTION_CPUS = 256, OPTION_PACKETS, OPTION_STAGE_PROGRAM,
       OPTION_STAGE_MEMORY, OPTION_RESTARTS };

static const struct option long_options[] = {
    { "control", required_argument, NULL, 'c' },
    { "plugin-dir", required_argument, NULL, 'p' },
    { "user", required_argument, NULL, 'u' },
    { "workers", required_argument, NULL, 'w' },
    { "cpus", required_argument, NULL, OPTION_CPUS },
    { "packets", required_argument, NULL, OPTION_PACKETS },
    { "stage-memory", required_argument, NULL, OPTION_STAGE_MEMORY },
    { "stage-program", required_argument, NULL, OPTION_STAGE_PROGRAM },
    { "restarts", required_argument, NULL, OPTION_RESTARTS },
    { "log-level", required_argument, NULL, 'l' },
    { "foreground", no_argument, NULL, 'f' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 },
};

static void
bad_usage(const char *what, const char *value)
{
    fprintf(stderr, "xvs-switch: %s '%s'; see xvs-switch --help\n", what,
            value);
    exit(2);
}

static void
add_plugin_dir(struct options *options, const char *dir)
{
    mem_grow(&options->plugin_dirs, &options->capacity,
             options->n_plugin_dirs + 1, sizeof *options->plugin_dirs);
    options->plugin_dirs[options->n_plugin_dirs++] = dir;
    options->plugin_dirs[options->n_plugin_dirs] = NULL;
}

/* A number of an option's argument, which ends at '*end'. */
static uint32_t
parse_number(const char *text, char **end, uint32_t low, uint32_t high,
             const char *what)
{
    unsigned long number;

    errno = 0;
    number = strtoul(text, end, 10);
    if (*end == text || errno || number < low || number > high) {
        bad_usage(what, text);
    }
    return (uint32_t) number;
}

static uint32_t
parse_whole(const char *text, uint32_t low, uint32_t high, const char *what)
{
    char *end;
    uint32_t number = parse_number(text, &end, low, high, what);

    if (*end) {
        bad_usage(what, text);
    }
    return number;
}

static void
parse_cpus(struct workers_config *config, const char *list)
{
    static const char what[] = "--cpus takes at most 16 numbers of"
                               " processors with commas between, not";
    char *end = (char *) list;

    config->n_cpus = 0;
    do {
        if (config->n_cpus == WORKERS_MAX) {
            bad_usage(what, list);
        }
        config->cpus[config->n_cpus++] =
            (int) parse_number(end, &end, 0, CPU_SETSIZE - 1, what);
    } while (*end++ == ',');
    if (end[-1]) {
        bad_usage(what, list);
    }
}

static void
parse_option(struct options *options, int option)
{
    switch (option) {
    case 'c':
        options->control = optarg;
        break;
    case 'p':
        add_plugin_dir(options, optarg);
        break;
    case 'u':
        options->user = optarg;
        break;
    case 'w':
        options->workers.n =
            parse_whole(optarg, 1, WORKERS_MAX,
                        "there can be 1 to 16 workers, not");
        break;
    case OPTION_CPUS:
        parse_cpus(&options->workers, optarg);
        break;
    case OPTION_PACKETS:
        options->workers.n_packets =
            parse_whole(optarg, 1024, 1 << 22,
                        "there can be 1024 to 4194304 packets, not");
        break;
    case OPTION_STAGE_PROGRAM:
        options->place.program = optarg;
        break;
    case OPTION_STAGE_MEMORY:
        options->place.memory_limit = (uint64_t) parse_whole(
            optarg, 0, 1 << 22, "there can be 0 (no limit) to 4194304 MiB"
            " for a process, not") << 20;
        break;
    case OPTION_RESTARTS:
        options->place.n_restarts =
            parse_whole(optarg, 0, 1000000,
                        "there can be 0 to 1000000 restarts, not");
        break;
    case 'l':
        if (!log_level_parse(optarg, &options->level)) {
            bad_usage("no log level is called", optarg);
        }
        break;
    case 'f':
        break;
    case 'h':
        fputs(usage, stdout);
        exit(0);
    case 'V':
        puts("xvs-switch " PACKAGE_VERSION);
        exit(0);
    default:
        fputs("See xvs-switch --help.\n", stderr);
        exit(2);
    }
}

static void
parse_options(struct options *options, int argc, char **argv)
{
    int option;

    while ((option = getopt_long(argc, argv, "c:p:u:w:l:fhV", long_options,
                                 NULL)) != -1) {
        parse_option(options, option);
    }
    if (optind < argc) {
        bad_usage("unexpected argument", argv[optind]);
    }
    if (options->n_plugin_dirs == 0) {
        add_plugin_dir(options, XVS_PLUGINDIR);
    }
}

/* The control socket, for us and the user, before we become it. */
static int
listen_control(const char *path, uid_t uid, gid_t gid, struct error *error)
{
    int fd = socket_listen_unix(path, SOCK_SEQPACKET, 0660, error);

    if (fd >= 0 && uid != geteuid() && chown(path, uid, gid) != 0) {
        error_set_errno(error, errno, "%s: cannot give it to user %u", path,
                        (unsigned int) uid);
        close(fd);
        return -1;
    }
    return fd;
}

/* Where only root may open taps, opens some while we still are. */
static void
reserve_taps(uid_t uid)
{
    struct stat status;

    if (geteuid() == 0 && uid != 0 && stat(TAP_DEVICE, &status) == 0
        && (status.st_mode & 06) != 06) {
        log_info("%s is for root only: opened it for %u ports ahead",
                 TAP_DEVICE, tap_reserve(TAP_RESERVE));
    }
}

static void
stop(void *arg)
{
    loop_stop(arg);
}

/* A port has two or three descriptors, and there may be a thousand. */
static void
raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool
catch_signals(struct loop *loop, struct error *error)
{
    signal(SIGPIPE, SIG_IGN);
    return loop_signal(loop, SIGTERM, stop, loop, error)
        && loop_signal(loop, SIGINT, stop, loop, error);
}

static bool
run(const struct options *options, struct error *error)
{
    uid_t uid = geteuid(), before = uid;
    gid_t gid = getegid();
    struct driver *driver;
    struct loop *loop;
    int listener;

    if (options->user && !privilege_user(options->user, &uid, &gid, error)) {
        return false;
    }
    if (before != 0 && uid != before) {
        return error_set(error, ERROR_DENIED, "only root can become user '%s'",
                         options->user);
    }
    listener = listen_control(options->control, uid, gid, error);
    if (listener < 0) {
        return false;
    }
    raise_descriptors();
    reserve_taps(uid);
    loop = loop_create(error);
    if (!loop || !privilege_drop(uid, gid, error)
        || !catch_signals(loop, error)) {
        return false;
    }
    driver = driver_create(loop, listener, uid, &options->workers,
                           options->plugin_dirs, before,
                           &options->place, error);
    if (!driver) {
        return false;
    }
    log_info("ready; control socket %s", options->control);
    sd_notify(0, "READY=1");
    loop_run(loop);
    sd_notify(0, "STOPPING=1");
    unlink(options->control);
    if (!driver_destroy(driver)) {
        log_warning("an extension does not end; leaving without it");
        _exit(0);
    }
    /* What was put off to the end of the round: links, for one. */
    loop_once(loop, 0);
    loop_destroy(loop);
    return true;
}

int
main(int argc, char **argv)
{
    struct options options = { .control = XVS_RUNDIR "/control",
                               .level = LOG_LEVEL_INFO,
                               .place = { .memory_limit = 1u << 30,
                                          .n_restarts = 20 },
                               .workers = { .n = 1, .n_packets = 16384 } };
    struct error error;
    char path[PATH_MAX];
    bool good;

    if (argc == 3 && strcmp(argv[1], PROBE_OPTION) == 0) {
        return probe_main(argv[2]);
    }
    if (argc == 2 && strcmp(argv[1], SUPPORT_OPTION) == 0) {
        return support_main();
    }
    mem_give_back();    /* extensions have tables of megabytes */
    spawn_find_program(path, sizeof path);
    options.place.program = path;
    parse_options(&options, argc, argv);
    options.place.program_file = spawn_open_program(options.place.program);
    log_open("xvs-switch", options.level);
    support_find();
    good = run(&options, &error);
    if (!good) {
        log_error_at(LOG_LEVEL_ERROR, &error);
    }
    free(options.plugin_dirs);
    return good ? 0 : 1;
}
