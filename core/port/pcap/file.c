/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Opens capture files for an admin who may name any path, with the rights of
 * xvs-switch's user and no more: regular files only, no symbolic link
 * anywhere in the path, and nothing is written over that is not ours.  A
 * recording is ours when it is empty, or begins with the section head that
 * this program writes; it must belong to our user and have one name.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "port/pcap/capture.h"

#define FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define FILE_MODE 0640
#define BLOCK_MIN 12u           /* bytes of a pcapng block, at least */

/* Section header: little-endian, version 1.0, of unknown length, one option:
 * shb_userappl (4) "xvs-switch". */
const uint8_t capture_head[CAPTURE_HEAD_SIZE] = {
    0x0a, 0x0d, 0x0d, 0x0a, CAPTURE_HEAD_SIZE, 0, 0, 0,
    0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    4, 0, 10, 0, 'x', 'v', 's', '-', 's', 'w', 'i', 't', 'c', 'h', 0, 0,
    0, 0, 0, 0, CAPTURE_HEAD_SIZE, 0, 0, 0,
};

static int
open_path(const char *path, int flags)
{
    struct open_how how = { .flags = (uint64_t) (flags | FLAGS),
                            .mode = flags & O_CREAT ? FILE_MODE : 0,
                            .resolve = RESOLVE_NO_SYMLINKS
                                       | RESOLVE_NO_MAGICLINKS };
    long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);

    return (int) fd;
}

static bool
fail_open(const struct capture *capture, int number, struct error *error)
{
    const char *path = capture->path;

    if (number == ELOOP) {
        error_set(error, ERROR_DENIED, "%s: a symbolic link is in the way",
                  path);
        return error_hint(error, "give the path without it");
    }
    error_set_errno(error, number, "cannot open %s to %s it", path,
                    capture->is_record ? "record into" : "replay");
    return number != EACCES && number != EROFS
        ? false : error_hint(error, "xvs-switch opens it as its own user, "
                             "and may write where its unit allows");
}

/* What a recording may go into. */
static bool
check_ours(const struct capture *capture, const struct stat *status,
           struct error *error)
{
    uint8_t head[CAPTURE_HEAD_SIZE];
    const char *path = capture->path;

    if (status->st_uid != geteuid() || status->st_nlink != 1) {
        error_set(error, ERROR_DENIED, "%s %s", path,
                  status->st_nlink != 1 ? "has other names (hard links)"
                                        : "belongs to another user");
        return error_hint(error, "name a new file");
    }
    if (status->st_size > 0
        && (pread(capture->file, head, sizeof head, 0)
                != (ssize_t) sizeof head
            || memcmp(head, capture_head, sizeof head) != 0)) {
        error_set(error, ERROR_EXISTS, "%s is there and is no recording of"
                  " xvs-switch; it is left alone", path);
        return error_hint(error, "name a new file");
    }
    if (flock(capture->file, LOCK_EX | LOCK_NB) != 0) {
        return error_set(error, ERROR_BUSY, "another process records into %s",
                         path);
    }
    return true;
}

bool
capture_open_file(struct capture *capture, struct error *error)
{
    struct stat status;

    capture->file = open_path(capture->path, capture->is_record
                              ? O_RDWR | O_CREAT : O_RDONLY);
    if (capture->file < 0) {
        return fail_open(capture, errno, error);
    }
    if (fstat(capture->file, &status) != 0 || !S_ISREG(status.st_mode)) {
        return error_set(error, ERROR_INVALID, "%s is no regular file",
                         capture->path);
    }
    return !capture->is_record || check_ours(capture, &status, error);
}

bool
capture_check_end(const struct capture *capture, struct error *error)
{
    off_t size = lseek(capture->file, 0, SEEK_END);
    uint32_t last = 0, first = 0;

    if (size == 0) {
        return true;
    }
    if (size % 4 == 0 && pread(capture->file, &last, 4, size - 4) == 4
        && last >= BLOCK_MIN && last % 4 == 0 && (off_t) last <= size
        && pread(capture->file, &first, 4, size - (off_t) last + 4) == 4
        && first == last) {
        return true;
    }
    error_set(error, ERROR_SYNTAX, "%s ends at byte %lld in the middle of a"
              " packet", capture->path, (long long) size);
    return error_hint(error, "move it away, or name a new file");
}
