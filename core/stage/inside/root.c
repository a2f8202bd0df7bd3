/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See root.h.  The new root is a small tmpfs on top of a folder that every
 * host has; folders are bound into it before it becomes the root.
 */

#include <config.h>

#include "stage/inside/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEW_ROOT "/proc"
#define LOADER_CACHE "/etc/ld.so.cache"

const char *const root_libraries[] = { "/lib", "/lib64", "/usr/lib",
                                       "/usr/lib64", "/usr/local/lib", NULL };

/* Makes the folders on the way to 'path', which is below 'from'. */
static void
make_way(char *path, size_t from)
{
    for (char *slash = path + from + 1; (slash = strchr(slash, '/'));
         slash++) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
}

/* The same file or folder in the new root. */
static bool
bind_one(const char *path, bool is_folder)
{
    char to[PATH_MAX];
    int file;

    if (snprintf(to, sizeof to, NEW_ROOT "%s", path) >= (int) sizeof to) {
        return false;
    }
    make_way(to, strlen(NEW_ROOT));
    if (is_folder) {
        if (mkdir(to, 0755) != 0) {
            /* It is inside of one that is there already. */
            return errno == EEXIST || errno == EROFS;
        }
    } else {
        file = open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (file < 0) {
            return false;
        }
        close(file);
    }
    return mount(path, to, NULL, MS_BIND | MS_REC, NULL) == 0;
}

/* A folder of libraries, or the link that it is on this host. */
static void
bind_library(const char *path)
{
    char target[PATH_MAX], to[PATH_MAX];
    struct stat status;
    ssize_t size;

    if (lstat(path, &status) != 0) {
        return;
    }
    size = readlink(path, target, sizeof target - 1);
    if (size > 0) {
        target[size] = 0;
        snprintf(to, sizeof to, NEW_ROOT "%.*s", PATH_MAX - 16, path);
        (void) !symlink(target, to);
    } else {
        bind_one(path, true);
    }
}

static bool
fill(const char *folder)
{
    struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };

    for (const char *const *one = root_libraries; *one; one++) {
        bind_library(*one);
    }
    if (access(LOADER_CACHE, R_OK) == 0) {
        bind_one(LOADER_CACHE, false);
    }
    return bind_one(folder, true)
        && mount_setattr(AT_FDCWD, NEW_ROOT, AT_RECURSIVE, &attributes,
                         sizeof attributes) == 0;
}

bool
root_change(const char *folder)
{
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
        && mount("tmpfs", NEW_ROOT, "tmpfs", MS_NOSUID | MS_NODEV,
                 "size=64k,mode=755") == 0
        && fill(folder) && chdir(NEW_ROOT) == 0
        && syscall(SYS_pivot_root, ".", ".") == 0
        && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
}
