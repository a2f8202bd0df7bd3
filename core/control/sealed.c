/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Both ends of a message in a memfd; see sealed.h.
 */

#include <config.h>

#include "control/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "control/message.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int
sealed_create(const void *data, size_t size)
{
    int fd = memfd_create("xvs-control", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    size_t done = 0;

    if (fd < 0) {
        return -1;
    }
    while (done < size) {
        ssize_t n = write(fd, (const char *) data + done, size - done);

        if (n < 0) {
            close(fd);
            return -1;
        }
        done += (size_t) n;
    }
    if (fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

const void *
sealed_map(int fd, size_t size, struct error *error)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat status;
    void *map;

    if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &status) != 0
        || status.st_size != (off_t) size || size > CONTROL_LIMIT) {
        error_set(error, ERROR_INVALID, "a control message came in a memory"
                  " file that is not sealed or has another size");
        return NULL;
    }
    map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        error_set_errno(error, errno, "cannot map a control message of %zu"
                        " bytes", size);
        return NULL;
    }
    return map;
}
