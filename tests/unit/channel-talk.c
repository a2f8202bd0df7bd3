/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "unit/channel-talk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/unit.h"

/* What comes, up to 'wanted' bytes or the end; 'got' grows. */
struct incoming {
    int fd;
    char *bytes;
    size_t got, wanted;
    int error;                  /* or 0 */
    bool ended;
};

struct world talk_world;
struct listener_config talk_vm;
struct world_place talk_place;
uint16_t talk_port;
struct link *talk_link;
static struct listener_config listening;

/* A VM vm1, whose ports all lead to 'talk_vm' but for 7, which does not
 * exist; and a client's way in. */
void
talk_begin(bool is_fixed)
{
    static const struct world_place closed = { .port = 1 };

    world_begin(&talk_world);
    memset(&talk_place, 0, sizeof talk_place);
    listening = (struct listener_config) { .fixed = is_fixed, .port = 5985 };
    talk_port = world_listen(&listening);
    talk_place.port = world_listen(&talk_vm);
    talk_link = link_fixed(&talk_world.links);
    link_fixed_port(talk_link, 22, &talk_place);
    link_fixed_port(talk_link, 9, &talk_place);
    link_fixed_port(talk_link, 5985, &talk_place);
    link_fixed_port(talk_link, 23, (void *) (uintptr_t) &closed);
    world_vm(&talk_world, "vm1", talk_link);
    CU_ASSERT_PTR_NOT_NULL_FATAL(listener_create(talk_world.proxy,
                                                 &listening));
}

void
talk_end(void)
{
    world_end(&talk_world);
    CU_ASSERT_EQUAL(talk_world.permits, 0);
    close(listening.fd);
    close(talk_vm.fd);
}

/* ---- Waiting ------------------------------------------------------------ */

static bool
has_come(void *arg)
{
    struct incoming *in = arg;

    while (in->got < in->wanted && !in->ended) {
        ssize_t n = recv(in->fd, in->bytes + in->got, in->wanted - in->got,
                         MSG_DONTWAIT);

        if (n < 0 && errno == EAGAIN) {
            return false;
        }
        in->error = n < 0 ? errno : 0;
        in->ended = n <= 0;
        in->got += n > 0 ? (size_t) n : 0;
    }
    return true;
}

/* The next bytes are these. */
bool
talk_hears(int fd, const char *text)
{
    char bytes[4096] = "";
    struct incoming in = { .fd = fd, .bytes = bytes, .wanted = strlen(text) };

    if (world_run(&talk_world, has_come, &in) && strcmp(bytes, text) == 0) {
        return true;
    }
    printf("\nwanted '%s', got '%s'\n", text, bytes);
    return false;
}

/* How it ends: 0 or an errno, and what came before. */
int
talk_ends(int fd, char *bytes, size_t size)
{
    struct incoming in = { .fd = fd, .bytes = bytes, .wanted = size - 1 };

    if (!world_run(&talk_world, has_come, &in) || !in.ended) {
        return -1;
    }
    bytes[in.got] = 0;
    return in.error;
}

void
talk_says_bytes(int fd, const char *bytes, size_t size)
{
    CU_ASSERT_EQUAL(send(fd, bytes, size, MSG_NOSIGNAL), (ssize_t) size);
}

void
talk_says(int fd, const char *text)
{
    talk_says_bytes(fd, text, strlen(text));
}

static bool
somebody_came(void *arg)
{
    int *fd = arg;

    *fd = accept4(talk_vm.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return *fd >= 0;
}

int
talk_vm_accepts(void)
{
    int fd = -1;

    CU_ASSERT(world_run(&talk_world, somebody_came, &fd));
    return fd;
}

void
talk_resets(int fd)
{
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}


/* A conversation: 'pair[0]' is the client, 'pair[1]' the VM. */
void
talk_converse(int pair[2])
{
    pair[0] = world_connect(talk_port);
    talk_says(pair[0], CONNECT_VM);
    pair[1] = talk_vm_accepts();
    CU_ASSERT(talk_hears(pair[0], ESTABLISHED));
}

static bool
is_told(void *arg)
{
    return world_find(&talk_world, *(int *) arg);
}

const struct world_told *
talk_told_of(int status)
{
    CU_ASSERT(world_run(&talk_world, is_told, &status));
    return world_find(&talk_world, status);
}

/* What a client hears who says 'text' and nothing else. */
const char *
talk_answer_to(const char *text)
{
    static char bytes[4096];
    int fd = world_connect(talk_port);

    talk_says(fd, text);
    if (talk_ends(fd, bytes, sizeof bytes) != 0) {
        strcpy(bytes, "(no end)");
    }
    close(fd);
    return bytes;
}

bool
talk_refuses(const char *target, const char *fields, int status)
{
    char text[1024], wanted[32];
    const char *got;

    snprintf(text, sizeof text, "CONNECT %s HTTP/1.1\r\nHost: x\r\n%s\r\n"
             "smuggled " CONNECT_VM, target, fields);
    snprintf(wanted, sizeof wanted, "HTTP/1.1 %d ", status);
    got = talk_answer_to(text);
    if (strncmp(got, wanted, strlen(wanted)) == 0 && strstr(got, "\r\n\r\n")
        && !strstr(got + 1, "HTTP/1.1 ") && talk_told_of(status)) {
        return true;
    }
    printf("\n%s: not %d: %s\n", target, status, got);
    return false;
}

void
talk_hears_bytes(int fd, const char *wanted, size_t size)
{
    char bytes[64];
    struct incoming in = { .fd = fd, .bytes = bytes, .wanted = size };

    CU_ASSERT(world_run(&talk_world, has_come, &in));
    CU_ASSERT_EQUAL(memcmp(bytes, wanted, size), 0);
}
