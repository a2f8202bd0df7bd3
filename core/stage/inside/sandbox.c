/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See sandbox.h.  Root folders are root.c's, system calls filter.c's.
 */

#include <config.h>

#include "stage/inside/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stage/call/call.h"
#include "stage/inside/filter.h"
#include "stage/inside/root.h"

#define BIT(part) (1u << (part))
#define GIB (UINT64_C(1) << 30)
#define DESCRIPTORS 65536u      /* of one with sockets, at most */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

static uint32_t
unless(bool good, enum sandbox_part part)
{
    return good ? 0 : BIT(part);
}

/* ---- Namespaces --------------------------------------------------------- */

static const struct {
    int flag;
    enum sandbox_part part;
} spaces[] = {
    { CLONE_NEWNS, SANDBOX_MOUNT }, { CLONE_NEWPID, SANDBOX_PID },
    { CLONE_NEWIPC, SANDBOX_IPC }, { CLONE_NEWNET, SANDBOX_NET },
    { CLONE_NEWUTS, SANDBOX_UTS }, { CLONE_NEWCGROUP, SANDBOX_CGROUP },
};

static bool
write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good = file >= 0
        && write(file, text, strlen(text)) == (ssize_t) strlen(text);

    if (file >= 0) {
        close(file);
    }
    return good;
}

/* We stay who we are in there. */
static void
map_user(uid_t uid, gid_t gid)
{
    char text[64];

    write_file("/proc/self/setgroups", "deny");
    snprintf(text, sizeof text, "%u %u 1", (unsigned int) uid,
             (unsigned int) uid);
    write_file("/proc/self/uid_map", text);
    snprintf(text, sizeof text, "%u %u 1", (unsigned int) gid,
             (unsigned int) gid);
    write_file("/proc/self/gid_map", text);
}

uint32_t
sandbox_leave(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    uint32_t missing;

    /* /proc/self belongs to root when we are not dumpable. */
    prctl(PR_SET_DUMPABLE, 1);
    /* When memory runs out it is an extension that ends, not the switch. */
    write_file("/proc/self/oom_score_adj", "500");
    missing = unless(unshare(CLONE_NEWUSER) == 0, SANDBOX_USER);
    if (!missing) {
        map_user(uid, gid);
    }
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        missing |= unless(unshare(spaces[i].flag) == 0, spaces[i].part);
    }
    prctl(PR_SET_DUMPABLE, 0);
    return missing;
}

/* ---- Capabilities, limits ----------------------------------------------- */

static bool
drop_capabilities(void)
{
    struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
    bool good = true;

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int one = 0; prctl(PR_CAPBSET_READ, one, 0, 0, 0) >= 0; one++) {
        good = prctl(PR_CAPBSET_DROP, one, 0, 0, 0) == 0 && good;
    }
    return syscall(SYS_capset, &head, none) == 0 && good;
}

static bool
limit(__rlimit_resource_t resource, uint64_t most)
{
    const struct rlimit both = { most, most };

    return setrlimit(resource, &both) == 0;
}

/* Descriptors of one with sockets: as many as there may be here. */
static bool
limit_descriptors(uint32_t sockets)
{
    struct rlimit now;

    if (!sockets) {
        return limit(RLIMIT_NOFILE, 64);
    }
    return getrlimit(RLIMIT_NOFILE, &now) == 0
        && limit(RLIMIT_NOFILE, now.rlim_max < DESCRIPTORS ? now.rlim_max
                                                           : DESCRIPTORS);
}

static bool
set_limits(uint32_t sockets)
{
    /* Sanitizers reserve more addresses than there is memory, and write what
     * they find to standard error. */
    bool good = SANITIZED
        || (limit(RLIMIT_AS, 64 * GIB) && limit(RLIMIT_DATA, 8 * GIB)
            && limit(RLIMIT_FSIZE, 0));

    return limit(RLIMIT_CORE, 0)
        && limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0)
        && limit_descriptors(sockets) && good;
}

/* As low as it can be for the files of kept memory to find places; there is no
 * call to fill them otherwise. */
static uint64_t
files_to_come(void)
{
    int fds[CALL_KEPT_FILES], last = 0;

    for (uint32_t i = 0; i < CALL_KEPT_FILES; i++) {
        fds[i] = fcntl(CALL_FD, F_DUPFD, 0);
        last = fds[i] > last ? fds[i] : last;
    }
    for (uint32_t i = 0; i < CALL_KEPT_FILES; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    return (uint64_t) last + 1;
}

/* ---- Files -------------------------------------------------------------- */

/* All rights to files that this kernel can take away; 0: it cannot. */
static uint64_t
landlock_rights(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
                           LANDLOCK_CREATE_RULESET_VERSION);
    /* By the version that knows them: 13, then one more in 2, 3 and 5. */
    static const uint64_t rights[] = { 0, 0x1fff, 0x3fff, 0x7fff, 0x7fff,
                                       0xffff };
    const long last = sizeof rights / sizeof rights[0] - 1;

    return version < 1 ? 0 : rights[version < last ? version : last];
}

static void
landlock_allow(int rules, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = rights,
        .parent_fd = open(path, O_PATH | O_CLOEXEC) };

    if (beneath.parent_fd >= 0) {
        syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
                &beneath, 0);
        close(beneath.parent_fd);
    }
}

/* Files in the folder and of libraries can be read and run, or (NULL) none
 * at all. */
static bool
lock_files(const char *folder)
{
    const uint64_t to_load = LANDLOCK_ACCESS_FS_EXECUTE
        | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    struct landlock_ruleset_attr attributes = {
        .handled_access_fs = landlock_rights() };
    int rules;
    bool good;

    if (!attributes.handled_access_fs) {
        return false;
    }
    rules = (int) syscall(SYS_landlock_create_ruleset, &attributes,
                          sizeof attributes.handled_access_fs, 0);
    if (rules < 0) {
        return false;
    }
    if (folder) {
        landlock_allow(rules, folder, to_load);
        landlock_allow(rules, "/etc/ld.so.cache",
                       LANDLOCK_ACCESS_FS_READ_FILE);
        for (const char *const *one = root_libraries; *one; one++) {
            landlock_allow(rules, *one, to_load);
        }
    }
    good = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return good;
}

/* ---- The steps ---------------------------------------------------------- */

uint32_t
sandbox_enclose(const char *folder, uint32_t sockets)
{
    uint32_t missing;

    missing = unless(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0,
                     SANDBOX_NO_NEW_PRIVS);
    missing |= unless(root_change(folder), SANDBOX_ROOT);
    missing |= unless(drop_capabilities(), SANDBOX_CAPABILITIES);
    missing |= unless(set_limits(sockets), SANDBOX_LIMITS);
    missing |= unless(lock_files(folder), SANDBOX_LANDLOCK);
    return missing;
}

uint32_t
sandbox_load(uint32_t sockets)
{
    return unless(limit(RLIMIT_NPROC, 0), SANDBOX_LIMITS)
        | unless(filter_for_loading(sockets), SANDBOX_SECCOMP);
}

uint32_t
sandbox_close(uint32_t sockets)
{
    uint32_t missing = unless(lock_files(NULL), SANDBOX_LANDLOCK);

    missing |= unless(sockets || limit(RLIMIT_NOFILE, files_to_come()),
                      SANDBOX_LIMITS);
    missing |= unless(prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)
                      == 0, SANDBOX_MDWE);
    missing |= unless(filter_for_hooks(sockets), SANDBOX_SECCOMP);
    return missing;
}
