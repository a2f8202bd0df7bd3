/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * See unix-sockets.h.
 */

#include <config.h>

#include "stage/grant/unix-sockets.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "stage/grant/diag.h"

struct request {
    struct nlmsghdr head;
    struct unix_diag_req body;
};

/* What is looked for. */
struct search {
    const uint64_t *cookies;
    uint32_t n;
    const char *path;           /* or NULL */
    struct buffer *found;
};

static uint64_t
cookie_of(const struct unix_diag_msg *told)
{
    return told->udiag_cookie[0] | (uint64_t) told->udiag_cookie[1] << 32;
}

/* Whether its own name is the path; names end with or without a NUL. */
static bool
has_name(const struct nlmsghdr *head, const struct unix_diag_msg *told,
         const char *path)
{
    const struct rtattr *one = (const void *) (told + 1);
    size_t left = head->nlmsg_len - NLMSG_LENGTH(sizeof *told);

    for (; RTA_OK(one, left); one = RTA_NEXT(one, left)) {
        size_t size = RTA_PAYLOAD(one);

        if (one->rta_type == UNIX_DIAG_NAME) {
            return strnlen(RTA_DATA(one), size) == strlen(path)
                && memcmp(RTA_DATA(one), path, strlen(path)) == 0;
        }
    }
    return false;
}

static void
take(void *arg, const struct nlmsghdr *head)
{
    const struct search *search = arg;
    const struct unix_diag_msg *told = NLMSG_DATA(head);
    const struct unix_socket one = { .cookie = cookie_of(told),
                                     .inode = told->udiag_ino };
    bool counts = search->path && has_name(head, told, search->path);

    for (uint32_t i = 0; i < search->n && !counts; i++) {
        counts = search->cookies[i] == one.cookie;
    }
    if (counts) {
        buffer_put(search->found, &one, sizeof one);
    }
}

static struct request
request_of(uint16_t flags, const struct unix_diag_req *body)
{
    return (struct request) {
        .head = { .nlmsg_len = sizeof(struct request),
                  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                  .nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags) },
        .body = *body };
}

static int
open_diag(void)
{
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

bool
unix_sockets_find(const uint64_t *cookies, uint32_t n, const char *path,
                  struct buffer *found)
{
    struct search search = { cookies, n, path, found };
    const struct request request =
        request_of(NLM_F_DUMP, &(struct unix_diag_req) {
            .sdiag_family = AF_UNIX, .udiag_states = 1u << TCP_ESTABLISHED,
            .udiag_show = UDIAG_SHOW_NAME });
    int fd = open_diag();
    bool good = fd >= 0
        && diag_ask(fd, &request, sizeof request,
                    sizeof(struct unix_diag_msg), take, &search);
    int failed = errno;

    if (fd >= 0) {
        close(fd);
    }
    errno = failed;
    return good;
}

bool
unix_socket_is_open(const struct unix_socket *one)
{
    BUFFER_AUTO struct buffer found = BUFFER_INIT;
    struct search search = { &one->cookie, 1, NULL, &found };
    const struct request request =
        request_of(0, &(struct unix_diag_req) {
            .sdiag_family = AF_UNIX, .udiag_ino = one->inode,
            .udiag_cookie = { (uint32_t) one->cookie,
                              (uint32_t) (one->cookie >> 32) } });
    _Alignas(8) char answer[1024];
    int fd = open_diag();
    ssize_t size = fd < 0 || send(fd, &request, sizeof request, 0) < 0
        ? -1 : recv(fd, answer, sizeof answer, 0);

    if (size > 0) {
        diag_take(answer, (size_t) size, sizeof(struct unix_diag_msg), take,
                  &search);
    }
    if (fd >= 0) {
        close(fd);
    }
    return found.size > 0;
}
