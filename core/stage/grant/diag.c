/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See diag.h.
 */

#include <config.h>

#include "stage/grant/diag.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/memory.h"

bool
diag_take(const void *answer, size_t size, size_t least, diag_call call,
          void *arg)
{
    const struct nlmsghdr *head = answer;

    for (; NLMSG_OK(head, size); head = NLMSG_NEXT(head, size)) {
        if (head->nlmsg_type == NLMSG_ERROR && head->nlmsg_len
            >= NLMSG_LENGTH(sizeof(struct nlmsgerr))) {
            errno = -((const struct nlmsgerr *) NLMSG_DATA(head))->error;
            return false;
        }
        if (head->nlmsg_type == NLMSG_DONE) {
            errno = 0;
            return false;
        }
        if (head->nlmsg_len >= NLMSG_LENGTH(least)) {
            call(arg, head);
        }
    }
    return true;
}

bool
diag_ask(int fd, const void *question, size_t size, size_t least,
         diag_call call, void *arg)
{
    char *answer = mem_alloc(DIAG_ANSWER);
    ssize_t n = send(fd, question, size, 0);

    while (n > 0) {
        n = recv(fd, answer, DIAG_ANSWER, 0);
        if (n > 0 && !diag_take(answer, (size_t) n, least, call, arg)) {
            n = errno ? -1 : 0;
        }
    }
    free(answer);
    return n == 0;
}
