/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Other protocols, VMs behind hybrid vsock, VMs of other hosts.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit/channel-talk.h"
#include "unit/unit.h"

/* ---- Other protocols ---------------------------------------------------- */

static void
test_socks(void)
{
    char bytes[64];
    int fd, vm;

    talk_begin(false);
    fd = world_connect(talk_port);
    talk_says_bytes(fd, "\5\2\0\2\1\5admin\6secret\5\1\0\3\3vm1\0\x16hi", 31);
    talk_hears_bytes(fd, "\5\2\1\0", 4);
    vm = talk_vm_accepts();
    talk_hears_bytes(fd, "\5\0\0\1\0\0\0\0\0\0", 10);
    CU_ASSERT(talk_hears(vm, "hi"));
    talk_says(vm, "ho");
    CU_ASSERT(talk_hears(fd, "ho"));
    CU_ASSERT_STRING_EQUAL(talk_told_of(200)->who, "admin");
    close(vm);
    close(fd);
    fd = world_connect(talk_port);
    talk_says_bytes(fd, "\5\1\0\5\1\0\3\3vm1\0\7", 13);
    talk_hears_bytes(fd, "\5\0\5\5\0\1\0\0\0\0\0\0", 12);
    CU_ASSERT_EQUAL(talk_ends(fd, bytes, sizeof bytes), 0);
    close(fd);
    fd = world_connect(talk_port);
    talk_says_bytes(fd, "\5\1\0\5\1\0\1\177\0\0\1\0\x16", 13);
    talk_hears_bytes(fd, "\5\0\5\10\0\1\0\0\0\0\0\0", 12);
    CU_ASSERT_EQUAL(talk_ends(fd, bytes, sizeof bytes), 0);
    close(fd);
    fd = world_connect(talk_port);
    talk_says_bytes(fd, "\5\1\2\1\5admin\2no", 13);
    talk_hears_bytes(fd, "\5\2\1\1", 4);
    CU_ASSERT_EQUAL(talk_ends(fd, bytes, sizeof bytes), 0);
    close(fd);
    talk_end();
}

#define GET "GET /x HTTP/1.1\r\nHost: vm1.vm.internal:5985\r\n\r\nmore"

static void
test_host(void)
{
    int fd, vm;

    talk_begin(true);
    fd = world_connect(talk_port);
    talk_says(fd, GET);
    vm = talk_vm_accepts();
    CU_ASSERT(talk_hears(vm, GET));
    talk_says(vm, "HTTP/1.1 200 OK\r\n");
    CU_ASSERT(talk_hears(fd, "HTTP/1.1 200 OK\r\n"));
    close(vm);
    close(fd);
    CU_ASSERT_PTR_NOT_NULL(strstr(talk_answer_to(
        "GET / HTTP/1.1\r\nHost: vm9\r\n\r\n"), "HTTP/1.1 404 "));
    talk_world.everybody = false;
    CU_ASSERT_PTR_NOT_NULL(strstr(talk_answer_to(GET), "HTTP/1.1 403 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(talk_answer_to("SSH-2.0-x\r\n\r\n"),
                                  "HTTP/1.1 400 "));
    fd = world_connect(talk_port);
    talk_says_bytes(fd, "\x16\3\1\0\5\2\0\0\1\0", 10);
    talk_hears_bytes(fd, "\x15\3\3\0\2\2\x70", 7);
    close(fd);
    talk_end();
}

/* A VM of hybrid vsock: what it says to "CONNECT 22\n". */
static void
answers_line(const char *says_first, int status)
{
    char path[] = "/tmp/xvs-test-vsock.XXXXXX", bytes[64];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), fd, vm;
    int temporary = mkstemp(path);

    talk_begin(false);
    close(temporary);
    unlink(path);
    strcpy(address.sun_path, path);
    strcpy(talk_place.path, path);
    CU_ASSERT_EQUAL(bind(server, (void *) &address, sizeof address), 0);
    CU_ASSERT_EQUAL(listen(server, 4), 0);
    talk_world.vms[0].link->class->destroy(talk_world.vms[0].link);
    talk_world.vms[0].link = link_vsock(&talk_world.links, &talk_place);
    close(talk_vm.fd);
    talk_vm.fd = server;
    fd = world_connect(talk_port);
    talk_says(fd, CONNECT_VM);
    vm = talk_vm_accepts();
    CU_ASSERT(talk_hears(vm, "CONNECT 22\n"));
    talk_says(vm, says_first);
    if (status == 200) {
        CU_ASSERT(talk_hears(fd, ESTABLISHED "banner"));
        CU_ASSERT(talk_world.vms[0].link->state.up);
        CU_ASSERT_EQUAL(talk_world.vms[0].link->state.streams, 1);
        talk_says(fd, "hello");
        CU_ASSERT(talk_hears(vm, "hello"));
        close(vm);
    } else {
        close(vm);
        snprintf(bytes, sizeof bytes, "HTTP/1.1 %d ", status);
        CU_ASSERT(talk_hears(fd, bytes));
    }
    close(fd);
    while (talk_world.permits) {
        loop_run(talk_world.loop);
    }
    CU_ASSERT_EQUAL(talk_world.vms[0].link->state.streams, 0);
    unlink(path);
    talk_end();
}

static void
test_vsock(void)
{
    answers_line("OK 1073741824\nbanner", 200);
    answers_line("", 502);
    answers_line("OK", 502);
    answers_line("NO 1\n", 503);
    answers_line("OK 11111111111111111111111111111111111111\n", 503);
}

/* ---- Another host ------------------------------------------------------- */

static void
test_peer(void)
{
    int fd, peer;

    talk_begin(false);
    strcpy(world_vm(&talk_world, "vm2", NULL)->host, "h2");
    CU_ASSERT(talk_refuses("vm2:22", "", 421));
    CU_ASSERT_PTR_NOT_NULL(strstr(talk_answer_to(
        "CONNECT vm2:22 HTTP/1.1\r\nHost: x\r\n\r\n"), "XVS-Host: h2\r\n"));
    talk_world.has_peer = true;
    talk_world.peer.port = talk_place.port;
    CU_ASSERT(talk_refuses("vm2:22", "Via: 1.1 h3.vm.internal\r\n", 421));
    fd = world_connect(talk_port);
    talk_says(fd, "CONNECT vm2:22 HTTP/1.1\r\nHost: x\r\n"
             "Proxy-Authorization: Bearer secret\r\n\r\nearly");
    peer = talk_vm_accepts();
    CU_ASSERT(talk_hears(peer, "CONNECT vm2.h2.vm.internal:22 HTTP/1.1\r\n"
                          "Host: vm2.h2.vm.internal:22\r\n"
                          "Via: 1.1 h1.vm.internal\r\n"
                          "Proxy-Authorization: Bearer secret\r\n\r\n"));
    talk_says(peer, "HTTP/1.1 200 OK\r\nX: y\r\n\r\nbanner");
    CU_ASSERT(talk_hears(fd, ESTABLISHED "banner"));
    CU_ASSERT(talk_hears(peer, "early"));
    close(fd);
    close(peer);
    fd = world_connect(talk_port);
    talk_says(fd, "CONNECT vm2:22 HTTP/1.1\r\nHost: x\r\n\r\n");
    peer = talk_vm_accepts();
    talk_says(peer, "HTTP/1.1 404 Not Found\r\nProxy-Status: h2.vm.internal;"
               " error=x; details=\"gone\"\r\n\r\n");
    CU_ASSERT(talk_hears(fd, "HTTP/1.1 404 Not Found\r\nProxy-Status:"
                        " h1.vm.internal; error=destination_not_found;"
                        " details=\"gone\"\r\n"));
    close(fd);
    close(peer);
    fd = world_connect(talk_port);
    talk_says(fd, "CONNECT vm2:22 HTTP/1.1\r\nHost: x\r\n\r\n");
    close(talk_vm_accepts());
    CU_ASSERT(talk_hears(fd, "HTTP/1.1 503 "));
    close(fd);
    talk_end();
}

/* A host that says who its clients are, and one that is told. */
static void
test_speaking(void)
{
    int fd, peer;

    talk_begin(false);
    strcpy(world_vm(&talk_world, "vm2", NULL)->host, "h2");
    talk_world.has_peer = true;
    talk_world.way = (struct peer_way) { .token = "of-h1", .speaks = true };
    talk_world.peer.port = talk_place.port;
    fd = world_connect(talk_port);
    talk_says(fd, "CONNECT vm2:22 HTTP/1.1\r\nHost: x\r\n"
              "Proxy-Authorization: Bearer secret\r\n\r\n");
    peer = talk_vm_accepts();
    CU_ASSERT(talk_hears(peer, "CONNECT vm2.h2.vm.internal:22 HTTP/1.1\r\n"
                         "Host: vm2.h2.vm.internal:22\r\n"
                         "Via: 1.1 h1.vm.internal\r\n"
                         "Proxy-Authorization: Bearer of-h1\r\n"
                         "XVS-Client: admin\r\n\r\n"));
    close(fd);
    close(peer);
    talk_world.way.token = NULL;
    fd = world_connect(talk_port);
    talk_says(fd, "CONNECT vm2:22 HTTP/1.1\r\nHost: x\r\n\r\n");
    peer = talk_vm_accepts();
    CU_ASSERT(talk_hears(peer, "CONNECT vm2.h2.vm.internal:22 HTTP/1.1\r\n"
                         "Host: vm2.h2.vm.internal:22\r\n"
                         "Via: 1.1 h1.vm.internal\r\n"
                         "XVS-Client: anonymous\r\n\r\n"));
    close(fd);
    close(peer);
    /* Nobody speaks for others without TLS. */
    CU_ASSERT(talk_refuses("vm1:22", "XVS-Client: admin\r\n", 403));
    CU_ASSERT_PTR_NOT_NULL(strstr(talk_told_of(403)->reason, "TLS"));
    CU_ASSERT(talk_refuses("vm1:22", "XVS-Client: a\r\nXVS-Client: b\r\n",
                           400));
    talk_end();
}

static const struct unit_test tests[] = {
    { "SOCKS5", test_socks },
    { "names in Host", test_host },
    { "hybrid vsock", test_vsock },
    { "another host", test_peer },
    { "who speaks for whom", test_speaking },
};

UNIT_MAIN("channel clients", tests)
