/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What this host has of what xvs can use.  Nothing is changed, nothing needs
 * a right or a daemon; what is missing is told with what that costs and what
 * to do about it.
 */

#include <config.h>

#include "client/host/findings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "client/run.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"

#define FILE_MOST (1u << 20)
#define NOFILE_WANTED 4096u
#define MEMLOCK_WANTED (64u << 20)
#define SPACE_WANTED (100u << 20)
#define YEAR_2026 1767225600    /* no host that runs this is older */
#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

/* A file's text in the buffer; "" when it cannot be read. */
static const char *
slurp(const char *path, struct buffer *out)
{
    struct error error;

    out->size = 0;
    if (!durable_read(AT_FDCWD, path, FILE_MOST, out, &error)) {
        out->size = 0;
    }
    return buffer_string(out);
}

/* The number behind "name:" in such a text; -1: it is not there. */
static long long
number_after(const char *text, const char *name, int base)
{
    const char *at = strstr(text, name);

    return at ? strtoll(at + strlen(name), NULL, base) : -1;
}

static void
check_kernel(struct findings *findings)
{
    struct utsname name;
    int major = 0, minor = 0;

    uname(&name);
    if (sscanf(name.release, "%d.%d", &major, &minor) == 2
        && (major < 5 || (major == 5 && minor < 10))) {
        findings_add(findings, FINDING_WARNING, "kernel",
                     "Older than 5.10: ports of driver xdp and the sandbox "
                     "of processes may not work.", "%s", name.release);
    } else {
        findings_add(findings, FINDING_GOOD, "kernel", NULL, "%s on %s",
                     name.release, name.machine);
    }
}

static void
check_processors(struct findings *findings)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    const char *flags = strstr(slurp("/proc/cpuinfo", &text), "\nflags");
    bool has_keys = flags && strstr(flags, " ospke");

    findings_add(findings, n > 1 ? FINDING_GOOD : FINDING_WARNING,
                 "processors", "Workers and extensions in processes share "
                 "one processor: each packet waits for a switch between "
                 "them.  Give the host two or more.", "%ld online", n);
    findings_add(findings, has_keys ? FINDING_GOOD : FINDING_NOTE,
                 "protection keys", "Partition domain is not there; use "
                 "process, which isolates more and costs more.",
                 "%s", has_keys ? "there (PKU)"
                                : "this processor has none (PKU)");
}

static void
check_memory(struct findings *findings)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *info = slurp("/proc/meminfo", &text);
    long long pages = number_after(info, "HugePages_Free:", 10);
    struct rlimit limit = { 0, 0 };

    findings_add(findings, pages >= 32 ? FINDING_GOOD : FINDING_NOTE,
                 "huge pages", "Packet buffers are in ordinary pages, which "
                 "costs some throughput: sysctl vm.nr_hugepages=64, before "
                 "xvs-switch starts.", "%lld of 2 MiB are free",
                 pages < 0 ? 0 : pages);
    getrlimit(RLIMIT_MEMLOCK, &limit);
    findings_add(findings, limit.rlim_max >= MEMLOCK_WANTED
                           ? FINDING_GOOD : FINDING_NOTE,
                 "locked memory", "Ports of driver xdp need more, unless "
                 "xvs-switch starts as root: LimitMEMLOCK= in its unit.",
                 "at most %llu MiB", (unsigned long long) limit.rlim_max
                                         >> 20);
    getrlimit(RLIMIT_NOFILE, &limit);
    findings_add(findings, limit.rlim_max >= NOFILE_WANTED
                           ? FINDING_GOOD : FINDING_WARNING,
                 "open files", "A port has up to four: LimitNOFILE= in the "
                 "units.", "at most %llu",
                 (unsigned long long) limit.rlim_max);
}

static void
check_capabilities(struct findings *findings)
{
    static const struct {
        int bit;
        enum finding_level level;
        const char *name, *hint;
    } wanted[] = {
        { 12, FINDING_ERROR, "CAP_NET_ADMIN", "Ports of drivers tap, packet "
          "and xdp cannot be made." },
        { 13, FINDING_ERROR, "CAP_NET_RAW", "Ports of drivers packet and xdp "
          "cannot be made." },
        { 39, FINDING_NOTE, "CAP_BPF", "Ports of driver xdp cannot be "
          "made." },
    };
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    const char *at = strstr(slurp("/proc/self/status", &text), "CapBnd:");
    unsigned long long bounds = at ? strtoull(at + 7, NULL, 16) : 0;

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        bool there = bounds >> wanted[i].bit & 1;

        findings_add(findings, there ? FINDING_GOOD : wanted[i].level,
                     wanted[i].name, wanted[i].hint,
                     "%s", there ? "can be had"
                     : "cannot be had here, not even by root (a "
                       "container?)");
    }
}

static void
check_sandbox(struct findings *findings)
{
    static const char costs[] =
        "Processes of extensions run with fewer protections "
        "(MissingProtections of xvsctl stage show).";
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    long long spaces = number_after(
        slurp("/proc/sys/user/max_user_namespaces", &text), "", 10);
    const char *clone = slurp("/proc/sys/kernel/unprivileged_userns_clone",
                              &text);
    bool has_spaces = spaces > 0 && strncmp(clone, "0", 1) != 0;
    bool has_seccomp = access("/proc/sys/kernel/seccomp/actions_avail",
                              F_OK) == 0;
    long landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

    findings_add(findings, has_spaces ? FINDING_GOOD : FINDING_WARNING,
                 "user namespaces", costs,
                 "%s", has_spaces ? "allowed" : "not allowed "
                 "(user.max_user_namespaces, "
                 "kernel.unprivileged_userns_clone)");
    findings_add(findings, has_seccomp ? FINDING_GOOD : FINDING_WARNING,
                 "seccomp", costs, "%s", has_seccomp ? "there" : "not there");
    findings_add(findings, landlock > 0 ? FINDING_GOOD : FINDING_NOTE,
                 "Landlock", costs, "%s", landlock > 0 ? "there"
                 : "not there (kernel 5.13, lsm=landlock)");
}

static void
check_ports(struct findings *findings)
{
    int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    bool has_xdp = fd >= 0 || errno == EPERM || errno == EACCES;
    bool has_tun = access("/dev/net/tun", F_OK) == 0;

    if (fd >= 0) {
        close(fd);
    }
    findings_add(findings, has_xdp ? FINDING_GOOD : FINDING_NOTE, "AF_XDP",
                 "Ports of driver xdp cannot be made; packet does the same, "
                 "more slowly.", "%s", has_xdp ? "there" : "not in this kernel");
    findings_add(findings, has_tun ? FINDING_GOOD : FINDING_WARNING, "tun",
                 "Ports of driver tap cannot be made: modprobe tun.",
                 "%s", has_tun ? "there" : "no /dev/net/tun");
}

static void
check_clock(struct findings *findings)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    char *source = NULL;

    if (time(NULL) < YEAR_2026) {
        findings_add(findings, FINDING_WARNING, "clock",
                     "Certificates will not be valid and events have wrong "
                     "times: set it.", "it is before 2026");
        return;
    }
    slurp("/sys/devices/system/clocksource/clocksource0/current_clocksource",
          &text);
    source = text.data;
    source[strcspn(source, "\n")] = '\0';
    findings_add(findings, strcmp(source, "hpet") && strcmp(source, "acpi_pm")
                           ? FINDING_GOOD : FINDING_WARNING, "clock",
                 "Reading it is a slow access to a device, and workers read "
                 "it all the time: clocksource=tsc.",
                 "source %s", *source ? source : "unknown");
}

static void
check_disk(struct findings *findings, const char *folder)
{
    struct statvfs space;
    struct statfs kind;
    char what[120];

    snprintf(what, sizeof what, "state in %.100s", folder);
    if (statvfs(folder, &space) != 0 || statfs(folder, &kind) != 0) {
        findings_add(findings, errno == ENOENT ? FINDING_NOTE
                                               : FINDING_WARNING, what,
                     "xvsd makes it when it starts.", "%s", strerror(errno));
        return;
    }
    if (space.f_flag & ST_RDONLY) {
        findings_add(findings, FINDING_ERROR, what,
                     "No change can be made.", "is mounted read-only");
    } else if ((unsigned long) kind.f_type == TMPFS_MAGIC) {
        findings_add(findings, FINDING_WARNING, what,
                     "The configuration is gone when the host starts again: "
                     "use a disk (state_dir).", "is in memory (tmpfs)");
    } else if (space.f_bavail * space.f_frsize < SPACE_WANTED) {
        findings_add(findings, FINDING_WARNING, what,
                     "When it is full no change can be made; make room.",
                     "%llu MiB are free",
                     (unsigned long long) space.f_bavail * space.f_frsize
                         >> 20);
    } else {
        findings_add(findings, FINDING_GOOD, what, NULL, "%llu MiB free",
                     (unsigned long long) space.f_bavail * space.f_frsize
                         >> 20);
    }
}

static bool
note_version(void *arg, struct instance *host, const struct path *path,
             struct error *error)
{
    const char *version = instance_text(host, "Version");
    bool same = version && strcmp(version, PACKAGE_VERSION) == 0;

    (void) path;
    (void) error;
    findings_add(arg, same ? FINDING_GOOD : FINDING_WARNING, "versions",
                 "Finish the upgrade: restart xvsd, which does not stop "
                 "packets.", "xvsctl %s, xvsd %s", PACKAGE_VERSION,
                 version ? version : "?");
    instance_destroy(host);
    return true;
}

static bool
note_schema(void *arg, struct instance *extension, const struct path *path,
            struct error *error)
{
    const struct value *features = instance_get(extension, "Features");
    const char *name = instance_text(extension, "Name");
    char what[160];

    (void) path;
    (void) error;
    snprintf(what, sizeof what, "extension %.80s", name ? name : "?");
    if (features && !features->is_null && !features->n) {
        findings_add(arg, FINDING_NOTE, what,
                     "It has no settings, or its schema is missing: xvsctl "
                     "schema add FILE.", "no class of it is known");
    }
    instance_destroy(extension);
    return true;
}

/* What only xvsd knows; that it is not there is no fault of the host. */
static void
check_daemon(struct run *run, struct findings *findings)
{
    struct cim_client *client = run_client(run);
    struct error error = { 0 };

    if (!client
        || !cim_client_enumerate(client, "XVS_Host", NULL, 0, note_version,
                                 findings, &error)
        || !cim_client_enumerate(client, "XVS_Extension", NULL, 0,
                                 note_schema, findings, &error)) {
        findings_add(findings, FINDING_NOTE, "xvsd",
                     "Only the host was looked at.", "%s",
                     client ? error.text : run->error.text);
    }
}

void
doctor_find(struct run *run, struct findings *findings)
{
    const char *folder = run_option(run, "state-dir");

    check_kernel(findings);
    check_processors(findings);
    check_memory(findings);
    check_capabilities(findings);
    check_sandbox(findings);
    check_ports(findings);
    check_clock(findings);
    check_disk(findings, folder ? folder : XVS_STATEDIR);
    check_daemon(run, findings);
}
