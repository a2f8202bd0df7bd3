/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Descriptors of /dev/net/tun that were opened while we were root.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>

#include "port/tap.h"

#define RESERVE_MAX 256u

static int reserve[RESERVE_MAX];
static unsigned int n_reserve;

static int
open_one(void)
{
    return open(TAP_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

unsigned int
tap_reserve(unsigned int n)
{
    while (n_reserve < n && n_reserve < RESERVE_MAX) {
        int fd = open_one();

        if (fd < 0) {
            break;
        }
        reserve[n_reserve++] = fd;
    }
    return n_reserve;
}

int
tap_device(bool *reserved)
{
    int fd = open_one();

    *reserved = fd < 0 && n_reserve > 0;
    return *reserved ? reserve[--n_reserve] : fd;
}

bool
tap_give_back(int fd)
{
    if (n_reserve == RESERVE_MAX) {
        return false;
    }
    reserve[n_reserve++] = fd;
    return true;
}
