/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Durable replacement of files.  The data is on the disk before the name
 * points at it, and the name before success is reported.  With 'keep' the
 * old version gets a second name by link(), so that 'name' exists at every
 * moment.
 */
#include <config.h>

#include "base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static pthread_once_t fault_once = PTHREAD_ONCE_INIT;
static bool fault_armed;            /* written once, before it is read */
static char fault_name[64];
static int fault_errno;             /* 0: end the process */
static atomic_long fault_left;      /* arrivals until it happens */

static void
fault_setup(void)
{
    const char *text = getenv("XVS_FAULT");
    const char *colon = text ? strchr(text, ':') : NULL;
    char *end;

    if (!colon || (size_t) (colon - text) >= sizeof(fault_name)) {
        return;
    }
    memcpy(fault_name, text, (size_t) (colon - text));
    long n = strtol(colon + 1, &end, 10);

    if (*end == ':') {
        fault_errno = (int) strtol(end + 1, &end, 10);
    }
    if (*end || n < 1) {
        fprintf(stderr, "XVS_FAULT=%s: expected name:n or name:n:errno\n",
                text);
        return;
    }
    atomic_store(&fault_left, n);
    fault_armed = true;
}

int
fault_point(const char *name)
{
    pthread_once(&fault_once, fault_setup);
    if (__builtin_expect(!fault_armed, 1) || strcmp(name, fault_name) != 0
        || atomic_fetch_sub(&fault_left, 1) != 1) {
        return 0;
    }
    if (fault_errno == 0) {
        _exit(77);
    }
    return fault_errno;
}

/* The fault point's errno as a failed system call would leave it. */
static bool
passes(const char *point)
{
    int number = fault_point(point);

    if (number) {
        errno = number;
    }
    return number == 0;
}

static bool
write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t done = write(fd, data, size);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        data += done;
        size -= (size_t) done;
    }
    return true;
}

/* Everything up to the point where the new data is safe under 'temporary'. */
static bool
write_temporary(int dirfd, const char *temporary, const void *data,
                size_t size)
{
    int fd = -1;
    bool ok = false;

    if (passes("durable-create")) {
        fd = openat(dirfd, temporary,
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    }
    if (fd < 0) {
        return false;
    }
    /* Half the data first: a fault here leaves a torn temporary file. */
    ok = write_all(fd, data, size / 2) && passes("durable-write")
         && write_all(fd, (const char *) data + size / 2, size - size / 2)
         && passes("durable-fsync") && fsync(fd) == 0;
    int number = errno;

    if (close(fd) < 0 && ok) {
        return false;
    }
    errno = number;
    return ok;
}

/* Gives the current version the name 'keep' as well. */
static bool
keep_version(int dirfd, const char *name, const char *keep,
             const char *spare)
{
    if (unlinkat(dirfd, spare, 0) < 0 && errno != ENOENT) {
        return false;
    }
    if (linkat(dirfd, name, dirfd, spare, 0) < 0) {
        return errno == ENOENT;
    }
    return renameat(dirfd, spare, dirfd, keep) == 0;
}

bool
durable_write(int dirfd, const char *name, const char *keep,
              const void *data, size_t size, struct error *error)
{
    MEM_AUTO char *temporary = mem_printf(".%s.new", name);
    MEM_AUTO char *spare = mem_printf(".%s.keep", name);

    bool ok = write_temporary(dirfd, temporary, data, size)
              && (!keep || keep_version(dirfd, name, keep, spare))
              && passes("durable-rename")
              && renameat(dirfd, temporary, dirfd, name) == 0;

    if (!ok) {
        int number = errno;

        unlinkat(dirfd, temporary, 0);
        error_set_errno(error, number, "cannot write %s", name);
        return error_hint(error, "the version that was there is unchanged");
    }
    if (!passes("durable-dirsync") || fsync(dirfd) < 0) {
        return error_set_errno(error, errno, "cannot sync the directory of "
                               "%s", name);
    }
    return true;
}

bool
durable_remove(int dirfd, const char *name, struct error *error)
{
    if (unlinkat(dirfd, name, 0) < 0) {
        return errno == ENOENT
               || error_set_errno(error, errno, "cannot remove %s", name);
    }
    if (!passes("durable-dirsync") || fsync(dirfd) < 0) {
        return error_set_errno(error, errno, "cannot sync the directory of "
                               "%s", name);
    }
    return true;
}

static bool
read_all(int fd, const char *name, size_t limit, struct buffer *out,
         struct error *error)
{
    size_t start = out->size;

    for (;;) {
        size_t used = out->size - start;

        buffer_reserve(out, 4096);
        ssize_t got = read(fd, out->data + out->size,
                           out->capacity - out->size);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_set_errno(error, errno, "cannot read %s", name);
        }
        if (got == 0) {
            return true;
        }
        if ((size_t) got > limit - used) {
            return error_set(error, ERROR_LIMIT, "%s is larger than %zu "
                             "bytes", name, limit);
        }
        out->size += (size_t) got;
    }
}

bool
durable_read(int dirfd, const char *name, size_t limit, struct buffer *out,
             struct error *error)
{
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        int number = errno;

        error_set_errno(error, number, "cannot open %s", name);
        if (error && number == ENOENT) {
            error->code = ERROR_NOT_FOUND;
        }
        return false;
    }
    bool ok = read_all(fd, name, limit, out, error);

    close(fd);
    return ok;
}

/* Makes one directory; one that is there is fine. */
static bool
make_directory(const char *path, struct error *error)
{
    struct stat status;

    if (mkdir(path, 0750) == 0) {
        return true;
    }
    if (errno == EEXIST && stat(path, &status) == 0) {
        return S_ISDIR(status.st_mode)
               || error_set(error, ERROR_EXISTS, "%s is not a directory",
                            path);
    }
    return error_set_errno(error, errno, "cannot create %s", path);
}

/* The same of one above what is wanted: everybody may pass, whatever umask says,
 * because who may be in the last one need not own this. */
static bool
make_parent(const char *path, struct error *error)
{
    bool is_new = access(path, F_OK) != 0;

    return make_directory(path, error)
        && (!is_new || chmod(path, 0755) == 0
            || error_set_errno(error, errno, "cannot open %s to others",
                               path));
}

bool
durable_mkdir(const char *path, struct error *error)
{
    MEM_AUTO char *copy = mem_strdup(path);

    for (char *slash = strchr(copy + (*copy == '/'), '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (!make_parent(copy, error)) {
            return false;
        }
        *slash = '/';
    }
    return make_directory(copy, error);
}
