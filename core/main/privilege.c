/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Users and capabilities, through libcap-ng.
 */

#include <config.h>

#include "main/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

bool
privilege_user(const char *name, uid_t *uid, gid_t *gid, struct error *error)
{
    const struct passwd *entry = getpwnam(name);
    uint64_t number;

    if (!entry && text_to_u64(name, &number) && number < UINT32_MAX) {
        entry = getpwuid((uid_t) number);
    }
    if (!entry) {
        return error_set(error, ERROR_NOT_FOUND, "there is no user '%s'",
                         name);
    }
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    return true;
}

/* Sockets of driver xdp lock their memory. */
static bool
allow_locking(void)
{
    const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

    return setrlimit(RLIMIT_MEMLOCK, &all) == 0;
}

static void
keep(unsigned int capability, bool wanted)
{
    if (wanted) {
        capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
                     capability);
    }
}

static bool
keep_ports_only(uid_t uid, gid_t gid, struct error *error)
{
    int result;

    bool admin = capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN);
    bool raw = capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW);
    bool bpf = capng_have_capability(CAPNG_PERMITTED, CAP_BPF);
    bool lock = !allow_locking()
        && capng_have_capability(CAPNG_PERMITTED, CAP_IPC_LOCK);

    capng_clear(CAPNG_SELECT_BOTH);
    keep(CAP_NET_ADMIN, admin || geteuid() == 0);
    keep(CAP_NET_RAW, raw || geteuid() == 0);
    keep(CAP_BPF, bpf);
    keep(CAP_IPC_LOCK, lock);
    if (uid == geteuid()) {
        result = capng_apply(CAPNG_SELECT_CAPS);
    } else {
        result = capng_change_id((int) uid, (int) gid,
                                 CAPNG_INIT_SUPP_GRP
                                     | CAPNG_CLEAR_BOUNDING);
    }
    if (result != 0) {
        return error_set(error, ERROR_IO, "cannot become user %u with only"
                         " the capabilities for ports (libcap-ng says %d)",
                         (unsigned int) uid, result);
    }
    return true;
}

bool
privilege_drop(uid_t uid, gid_t gid, struct error *error)
{
    bool given = geteuid() == 0
        || capng_have_capabilities(CAPNG_SELECT_CAPS) > CAPNG_NONE;

    if (given && !keep_ports_only(uid, gid, error)) {
        return false;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return error_set_errno(error, errno,
                               "cannot give up gaining privileges");
    }
    return true;
}
