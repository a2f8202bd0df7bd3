/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Tries what an extension must not do, and says in its status what it got.
 * An ADD does the thing that the setting names.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xvs/switch.h>

#include "plugins/captive.h"

struct captive {
    const struct xvs_host *host;
    uint32_t timers;
    volatile uint32_t hangs;    /* in its next timer() */
    int active;                 /* it was told so */
    int last;                   /* what it does in pause, or in fini */
};

/* In captive->last. */
enum { NOTHING, CRASH_PAUSED, CRASH_LAST, HANG_LAST };

static int
captive_init(const struct xvs_host *host, void **self)
{
    struct captive *captive = calloc(1, sizeof *captive);

    if (!captive) {
        return XVS_RESOURCES;
    }
    captive->host = host;
    *self = captive;
    return XVS_SUCCESS;
}

static void
captive_timer(void *self)
{
    struct captive *captive = self;

    captive->timers++;
    while (captive->hangs) {
    }
}

/* Without an end, which the compiler must not see. */
static volatile int endless = 1;

static int
deeper(volatile char *above)
{
    volatile char space[4096];

    space[0] = above ? above[0] : 1;
    return endless ? deeper(space) + space[0] : 0;
}

static void
overflow(struct captive *captive)
{
    (void) captive;
    deeper(NULL);
}

static void
segv(struct captive *captive)
{
    static volatile uintptr_t nowhere = 0x10;

    (void) captive;
    *(volatile int *) nowhere = 1;
}

/* Only one that follows another is told before it is active. */
static void
crash_as_successor(struct captive *captive)
{
    if (!captive->active) {
        segv(captive);
    }
}

static void
crash_paused(struct captive *captive)
{
    captive->last = CRASH_PAUSED;
}

static void
crash_last(struct captive *captive)
{
    captive->last = CRASH_LAST;
}

static void
hang_last(struct captive *captive)
{
    captive->last = HANG_LAST;
}

static void
spin(struct captive *captive)
{
    for (volatile uint32_t *at = &captive->timers;; (*at)++) {
    }
}

static void
leave(struct captive *captive)
{
    (void) captive;
    _exit(3);
}

static void
give_up(struct captive *captive)
{
    (void) captive;
    abort();
}

static void
run_program(struct captive *captive)
{
    char *arguments[] = { (char *) "true", NULL };

    (void) captive;
    execve("/bin/true", arguments, arguments + 1);
}

static void
trace(struct captive *captive)
{
    (void) captive;
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void
mount_it(struct captive *captive)
{
    (void) captive;
    mount("none", "/", "tmpfs", 0, NULL);
}

/* getpid() with the numbers of x32, which are none elsewhere. */
static void
call_otherwise(struct captive *captive)
{
    (void) captive;
    syscall(0x40000000 + 39);
}

static void
set_timer(struct captive *captive)
{
    captive->host->timer(captive->host, 20);
}

static void
wake(struct captive *captive)
{
    captive->host->timer(captive->host, 0);
    captive->timers = 0;
    xvs_wake(captive->host);
}

static void
hang_timer(struct captive *captive)
{
    captive->hangs = 1;
    xvs_wake(captive->host);
}

static void
say(struct captive *captive)
{
    captive->host->log(captive->host, XVS_LOG_INFO, "captive logs\n\x01");
    captive->host->event(captive->host, XVS_LOG_WARNING, "captive speaks");
}

static void
flood(struct captive *captive)
{
    for (int i = 0; i < 100000; i++) {
        captive->host->log(captive->host, XVS_LOG_INFO, "flood");
    }
}

static const struct {
    const char *name;
    void (*attempt)(struct captive *captive);
} attempts[] = {
    { "segv", segv }, { "abort", give_up }, { "stack", overflow },
    { "exit", leave }, { "spin", spin }, { "execve", run_program },
    { "ptrace", trace }, { "mount", mount_it }, { "x32", call_otherwise },
    { "timer", set_timer },
    { "wake", wake }, { "hang-timer", hang_timer },
    { "event", say }, { "flood", flood },
    { "successor", crash_as_successor }, { "pause", crash_paused },
    { "fini", crash_last }, { "fini-hang", hang_last },
};

static int
captive_state(void *self, enum xvs_state state)
{
    struct captive *captive = self;

    if (state == XVS_PAUSE && captive->last == CRASH_PAUSED) {
        segv(captive);
    }
    captive->active = state == XVS_ACTIVATE;
    return XVS_SUCCESS;
}

static void
captive_fini(void *self)
{
    struct captive *captive = self;

    if (captive->last == CRASH_LAST) {
        segv(captive);
    } else if (captive->last == HANG_LAST) {
        spin(captive);
    }
    free(captive);
}

static int
captive_setting(void *self, const struct xvs_setting *setting,
                struct xvs_answer *answer)
{
    struct captive *captive = self;
    const struct test_captive *wanted =
        setting->op == XVS_ADD ? test_captive_get(setting) : NULL;
    const char *name = wanted ? xvs_ref_string(&setting->view,
                                               wanted->attempt)
                              : NULL;

    for (size_t i = 0; name && i < sizeof attempts / sizeof attempts[0];
         i++) {
        if (strcmp(name, attempts[i].name) == 0) {
            attempts[i].attempt(captive);
            /* One that its successor must not be told of. */
            return captive->hangs ? XVS_NOT_ACCEPTED : XVS_SUCCESS;
        }
    }
    return wanted ? captive->host->refuse(answer, XVS_NOT_ACCEPTED,
                                          "captive cannot do that")
                  : XVS_SUCCESS;
}

/* ---- What it got -------------------------------------------------------- */

static uint32_t
got(int result)
{
    return result < 0 ? (uint32_t) errno : 0;
}

static uint32_t
try_open(const char *path)
{
    int file = open(path, O_RDONLY);

    return got(file);
}

static void *
nothing(void *arg)
{
    return arg;
}

static uint32_t
try_thread(void)
{
    pthread_t thread;
    int number = pthread_create(&thread, NULL, nothing, NULL);

    if (number == 0) {
        pthread_join(thread, NULL);
    }
    return (uint32_t) number;
}

static uint32_t
try_fork(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        _exit(0);
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
    return got(pid);
}

static uint32_t
try_executable(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return got(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
}

static void
try_all(struct test_captive_status *status)
{
    status->open_file = try_open("/etc/passwd");
    status->open_self = try_open("/proc/self/mem");
    status->socket = got(socket(AF_INET, SOCK_STREAM, 0));
    status->kill_parent = got(kill(getppid() > 1 ? getppid() : 2, 0));
    status->thread = try_thread();
    status->fork = try_fork();
    status->executable = try_executable();
}

/* ---- What it asks ------------------------------------------------------- */

static void
ask(const struct xvs_host *host, struct test_captive_status *status)
{
    static uint64_t memory[8192];
    const struct xvs_switching *switching = xvs_switching(host);
    struct xvs_switch_parameters *head = (void *) memory;
    struct xvs_oid oid = {
        .size = sizeof oid, .code = XVS_OID_SWITCH_PARAMETERS,
        .kind = XVS_OID_QUERY, .port_id = XVS_PORT_NONE, .buffer = memory,
        .length = sizeof *head, .capacity = sizeof memory };

    memset(memory, 0, sizeof memory);
    head->header.type = XVS_OID_HEADER_TYPE;
    head->header.revision = 1;
    head->header.size = sizeof *head;
    status->parameters = (uint32_t) host->request(host, &oid);
    status->ports = head->n_ports;
    status->written = oid.written;
    if (!switching) {
        return;
    }
    status->policy = (uint32_t) switching->switch_policy(
        host, XVS_SWITCH_AGEING, NULL);
    status->no_port = (uint32_t) switching->port_policy(
        host, 77, XVS_POLICY_VLAN, NULL);
}

static int
captive_status(void *self, const struct xvs_query *query,
               struct xvs_answer *answer)
{
    struct captive *captive = self;
    struct test_captive_status_writer writer;
    _Alignas(8) char memory[128];
    struct test_captive_status *status =
        test_captive_status_start(&writer, memory, sizeof memory);

    try_all(status);
    ask(captive->host, status);
    status->timers = captive->timers;
    return test_captive_status_answer(&writer, captive->host, answer,
                                      &query->instance);
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570008, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_FILTER,
    .on_failure = XVS_FAIL_OPEN,
    .name = "captive",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = captive_init,
    .fini = captive_fini,
    .state = captive_state,
    .setting = captive_setting,
    .status = captive_status,
    .timer = captive_timer,
};
