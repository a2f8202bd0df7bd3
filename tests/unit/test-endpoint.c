/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Texts that grant sockets: what they mean, and what is said of the others.
 */

#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/endpoint.h"
#include "base/error.h"
#include "unit/unit.h"

static void
test_good(void)
{
    struct endpoint one, other;
    struct error error;
    const struct sockaddr_in *v4 = (const void *) &one.address;
    const struct sockaddr_in6 *v6 = (const void *) &one.address;
    const struct sockaddr_un *path = (const void *) &one.address;

    CU_ASSERT(endpoint_parse(ENDPOINT_TCP_CONNECT, "192.0.2.1:4739", &one,
                             &error));
    CU_ASSERT_EQUAL(v4->sin_family, AF_INET);
    CU_ASSERT_EQUAL(ntohs(v4->sin_port), 4739);
    CU_ASSERT_EQUAL(ntohl(v4->sin_addr.s_addr), 0xc0000201u);
    CU_ASSERT(endpoint_parse(ENDPOINT_UDP_CONNECT, "192.0.2.1:4739", &other,
                             &error));
    CU_ASSERT(!endpoint_equal(&one, &other));
    CU_ASSERT(endpoint_parse(ENDPOINT_UDP_LISTEN, "[::1]:1", &one, &error));
    CU_ASSERT_EQUAL(v6->sin6_family, AF_INET6);
    CU_ASSERT_EQUAL(v6->sin6_addr.s6_addr[15], 1);
    CU_ASSERT(endpoint_parse(ENDPOINT_TCP_LISTEN, ":65535", &one, &error));
    CU_ASSERT_EQUAL(ntohs(v6->sin6_port), 65535);
    CU_ASSERT(endpoint_parse(ENDPOINT_UNIX_LISTEN, "/run/x", &one, &error));
    CU_ASSERT_STRING_EQUAL(path->sun_path, "/run/x");
}

static void
test_bad(void)
{
    static const struct {
        enum endpoint_kind kind;
        const char *text, *says;
    } bad[] = {
        { ENDPOINT_TCP_CONNECT, "", "no address with a port" },
        { ENDPOINT_TCP_CONNECT, "host:80", "no numeric address" },
        { ENDPOINT_TCP_CONNECT, ":80", "no numeric address" },
        { ENDPOINT_TCP_CONNECT, "192.0.2.1", "no address with a port" },
        { ENDPOINT_TCP_CONNECT, "192.0.2.1:", "no port of 1 to 65535" },
        { ENDPOINT_TCP_CONNECT, "192.0.2.1:0", "no port of 1 to 65535" },
        { ENDPOINT_TCP_CONNECT, "192.0.2.1:65536", "no port of 1 to" },
        { ENDPOINT_TCP_CONNECT, "192.0.2.1:+1", "no port of 1 to 65535" },
        { ENDPOINT_UDP_LISTEN, "::1:80", "no numeric address" },
        { ENDPOINT_UDP_LISTEN, "[::1:80", "no address with a port" },
        { ENDPOINT_UDP_LISTEN, "[192.0.2.1]:80", "no numeric address" },
        { ENDPOINT_UNIX_CONNECT, "run/x", "no path" },
        { ENDPOINT_UNIX_CONNECT, "@x", "no path" },
    };
    struct endpoint endpoint;
    struct error error;
    char path[120];

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT(!endpoint_parse(bad[i].kind, bad[i].text, &endpoint,
                                  &error));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.text, bad[i].says));
        CU_ASSERT(error.hint[0] != 0);
    }
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[108] = 0;
    CU_ASSERT(!endpoint_parse(ENDPOINT_UNIX_CONNECT, path, &endpoint,
                              &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "108 bytes; 107"));
}

static void
test_names(void)
{
    for (int kind = 1; kind < ENDPOINT_KINDS; kind++) {
        const char *name = endpoint_kind_name((enum endpoint_kind) kind);

        CU_ASSERT_EQUAL(endpoint_kind_find(name), (enum endpoint_kind) kind);
        CU_ASSERT_EQUAL(endpoint_listens((enum endpoint_kind) kind),
                        strstr(name, "listen") != NULL);
    }
    CU_ASSERT_EQUAL(endpoint_kind_find("tcp"), ENDPOINT_NONE);
}

static const struct unit_test tests[] = {
    { "what they mean", test_good },
    { "what is no address", test_bad },
    { "names of kinds", test_names },
};

UNIT_MAIN("endpoint", tests)
