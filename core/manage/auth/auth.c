/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Roles: the gate, and what peers and certificates are by configuration.
 * Passwords are checked in auth-check.c.
 */

#include <config.h>

#include "manage/auth/auth-internal.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "manage/manage.h"

bool
auth_allows(const struct principal *principal, enum auth_right right)
{
    switch (right) {
    case RIGHT_READ:
        return principal->role == ROLE_READER || principal->role == ROLE_ADMIN;
    case RIGHT_CHANGE:
        return principal->role == ROLE_ADMIN;
    default:
        return false;
    }
}

static bool
is_member(gid_t group, const gid_t *groups, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (groups[i] == group) {
            return true;
        }
    }
    return false;
}

void
auth_peer(const struct auth *auth, uid_t uid, const gid_t *groups, size_t n,
          struct principal *principal)
{
    *principal = (struct principal){ ROLE_NONE, "" };
    if (uid == 0 || uid == auth->own
        || (auth->has_admin && is_member(auth->admin, groups, n))) {
        principal->role = ROLE_ADMIN;
    } else if (auth->all_read
               || (auth->has_reader && is_member(auth->reader, groups, n))) {
        principal->role = ROLE_READER;
    }
    snprintf(principal->name, sizeof principal->name, "uid:%u",
             (unsigned int) uid);
}

void
auth_certificate(const struct auth *auth, const char *name,
                 struct principal *principal)
{
    *principal = (struct principal){ ROLE_NONE, "" };
    if (auth->password_file) {
        auth_file_check(auth->password_file, name, NULL, NULL, principal);
    }
}

static bool
find_group(const char *name, gid_t *group, struct error *error)
{
    const struct group *found = getgrnam(name);

    if (!found) {
        return error_set(error, ERROR_NOT_FOUND, "there is no group '%s'",
                         name);
    }
    *group = found->gr_gid;
    return true;
}

static bool
read_groups(struct auth *auth, const struct manage_options *options,
            struct error *error)
{
    const char *reader = options->reader_group;

    auth->all_read = reader && strcmp(reader, "*") == 0;
    auth->has_reader = reader && *reader && !auth->all_read;
    auth->has_admin = options->admin_group && *options->admin_group;
    return (!auth->has_admin
            || find_group(options->admin_group, &auth->admin, error))
           && (!auth->has_reader || find_group(reader, &auth->reader, error));
}

struct auth *
auth_create(struct loop *loop, const struct manage_options *options,
            struct error *error)
{
    struct auth *auth = mem_zalloc(sizeof *auth);

    auth->loop = loop;
    auth->own = geteuid();
    if (options->password_file) {
        auth->password_file = mem_strdup(options->password_file);
    }
    if (!auth_check_start(auth)) {
        error_set_errno(error, errno, "cannot create an eventfd");
    } else if (read_groups(auth, options, error)) {
        return auth;
    }
    auth_destroy(auth);
    return NULL;
}

void
auth_destroy(struct auth *auth)
{
    if (auth) {
        auth_check_stop(auth);
        free(auth->password_file);
        free(auth);
    }
}
