/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What settings grant: who may open what, when, among many others.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "stage/call/call.h"
#include "stage/grant/grants.h"
#include "unit.h"
#include "unit/grant-setting.h"

enum { LISTEN, CONNECT };           /* properties */

#define SOMEWHERE "127.0.0.1:9"

static struct grants grants;
static const struct xvs_guid owner = { .a = 9 };

/* Whether the setting may come, and is settled as 'accepted'. */
static bool
change(uint32_t id, uint32_t op, const char *listen, const char *connect,
       bool accepted)
{
    struct grant_setting setting;
    struct error error = { 0 };

    grant_setting(&setting, id, op, listen, connect);
    if (!grants_offer(&grants, &setting.head, &setting.header, &grant_layout,
                      &error)) {
        return false;
    }
    grants_settle(&grants, &setting.head, accepted);
    return true;
}

/* Whether it is granted; whoever opens gets the descriptor. */
static bool
opens(uint32_t id, uint32_t property, int *fd)
{
    const struct xvs_guid uuid = { .a = 1 }, instance = { .a = id };
    struct error error = { 0 };
    int got = grants_open(&grants, &uuid, &instance, property, &owner, 0,
                          &error);

    if (fd) {
        *fd = got;
    } else if (got >= 0) {
        close(got);
    }
    return got >= 0 || error.code != ERROR_NOT_FOUND;
}

static void
test_coming_and_going(void)
{
    CU_ASSERT(!opens(1, CONNECT, NULL));
    CU_ASSERT(change(1, XVS_ADD, NULL, SOMEWHERE, true));
    CU_ASSERT(opens(1, CONNECT, NULL));
    CU_ASSERT(!opens(1, LISTEN, NULL));
    CU_ASSERT(!opens(2, CONNECT, NULL));
    CU_ASSERT(change(2, XVS_ADD, NULL, NULL, true));
    CU_ASSERT(!opens(2, CONNECT, NULL));
    CU_ASSERT(change(1, XVS_UPDATE, NULL, NULL, true));
    CU_ASSERT(!opens(1, CONNECT, NULL));
    CU_ASSERT(change(1, XVS_ADD, NULL, SOMEWHERE, true));
    CU_ASSERT(change(1, XVS_DELETE, NULL, NULL, false));
    CU_ASSERT(opens(1, CONNECT, NULL));
    CU_ASSERT(change(1, XVS_DELETE, NULL, NULL, true));
    CU_ASSERT(!opens(1, CONNECT, NULL));
    grants_clear(&grants);
}

/* What is judged only, refused by the extension, or no address. */
static void
test_not_accepted(void)
{
    CU_ASSERT(change(1, XVS_VALIDATE, NULL, SOMEWHERE, true));
    CU_ASSERT(change(1, XVS_ADD, NULL, SOMEWHERE, false));
    CU_ASSERT(!change(1, XVS_ADD, "/tmp/x", "localhost:9", true));
    CU_ASSERT(!opens(1, CONNECT, NULL));
    CU_ASSERT(!opens(1, LISTEN, NULL));
    CU_ASSERT(change(1, XVS_ADD, NULL, SOMEWHERE, true));
    CU_ASSERT(!change(1, XVS_UPDATE, NULL, "localhost:9", true));
    CU_ASSERT(change(1, XVS_UPDATE, NULL, NULL, false));
    CU_ASSERT(opens(1, CONNECT, NULL));
    grants_clear(&grants);
    CU_ASSERT(!opens(1, CONNECT, NULL));
}

/* While the extension judges both the old and the new count. */
static void
test_between(void)
{
    struct grant_setting setting;
    struct error error = { 0 };

    grant_setting(&setting, 1, XVS_ADD, NULL, SOMEWHERE);
    CU_ASSERT(grants_offer(&grants, &setting.head, &setting.header,
                           &grant_layout, &error));
    CU_ASSERT(opens(1, CONNECT, NULL));
    grants_settle(&grants, &setting.head, true);
    grant_setting(&setting, 1, XVS_UPDATE, NULL, NULL);
    CU_ASSERT(grants_offer(&grants, &setting.head, &setting.header,
                           &grant_layout, &error));
    CU_ASSERT(opens(1, CONNECT, NULL));
    grants_settle(&grants, &setting.head, true);
    CU_ASSERT(!opens(1, CONNECT, NULL));
    grants_clear(&grants);
}

static bool
is_listening(int fd)
{
    int is = 0;
    socklen_t size = sizeof is;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is, &size) == 0 && is;
}

/* What listens goes on when the setting is changed and its address is not,
 * and no longer than that; what other settings have is not touched. */
static void
test_listening(void)
{
    char directory[] = "/tmp/xvs-grants.XXXXXX", one[64], other[64];
    int fd, other_fd;

    CU_ASSERT_FATAL(mkdtemp(directory) != NULL);
    snprintf(one, sizeof one, "%s/1", directory);
    snprintf(other, sizeof other, "%s/2", directory);
    CU_ASSERT(change(1, XVS_ADD, one, NULL, true));
    CU_ASSERT(change(2, XVS_ADD, other, NULL, true));
    CU_ASSERT(opens(1, LISTEN, &fd) && opens(2, LISTEN, &other_fd));
    CU_ASSERT(change(1, XVS_UPDATE, one, SOMEWHERE, true));
    CU_ASSERT(is_listening(fd));
    CU_ASSERT_EQUAL(access(one, F_OK), 0);
    CU_ASSERT(change(1, XVS_UPDATE, NULL, SOMEWHERE, true));
    CU_ASSERT_NOT_EQUAL(access(one, F_OK), 0);
    CU_ASSERT(is_listening(other_fd));
    CU_ASSERT_EQUAL(access(other, F_OK), 0);
    close(fd);
    close(other_fd);
    grants_clear(&grants);
    CU_ASSERT_NOT_EQUAL(access(other, F_OK), 0);
    CU_ASSERT_EQUAL(rmdir(directory), 0);
}

/* Who has come by a unix socket may stay while its address does. */
static void
test_accepted(void)
{
    char directory[] = "/tmp/xvs-grants.XXXXXX", path[64];
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    const struct xvs_guid uuid = { .a = 1 }, instance = { .a = 1 };
    struct call_visitor visitor;
    struct error error;
    int client = socket(AF_UNIX, SOCK_STREAM, 0), fd;

    CU_ASSERT_FATAL(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/1", directory);
    strcpy(at.sun_path, path);
    CU_ASSERT(change(1, XVS_ADD, path, NULL, true));
    CU_ASSERT(opens(1, LISTEN, NULL));
    CU_ASSERT_EQUAL(connect(client, (void *) &at, sizeof at), 0);
    CU_ASSERT(grants_accept(&grants, &uuid, &instance, LISTEN, &fd, &visitor,
                            &error));
    CU_ASSERT(change(1, XVS_UPDATE, path, SOMEWHERE, true));
    CU_ASSERT_EQUAL(grants_look(&grants), GRANTS_NEVER);
    CU_ASSERT(change(1, XVS_UPDATE, NULL, SOMEWHERE, true));
    CU_ASSERT_NOT_EQUAL(grants_look(&grants), GRANTS_NEVER);
    close(fd);
    close(client);
    grants_clear(&grants);
    CU_ASSERT_EQUAL(rmdir(directory), 0);
}

/* Many come and go in no order. */
static void
test_many(void)
{
    enum { N = 500, STEPS = 20000 };
    static bool there[N];
    struct call_visitor visitor;
    uint32_t bad = 0;

    srand(1);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t id = (uint32_t) rand() % N;
        const struct xvs_guid uuid = { .a = 1 }, instance = { .a = id };
        struct error error = { 0 };
        int fd;

        /* Nobody listens there: it is granted when that is what is said. */
        grants_accept(&grants, &uuid, &instance, LISTEN, &fd, &visitor,
                      &error);
        bad += (strncmp(error.text, "/tmp/", 5) == 0) != there[id];
        bad += !change(id, there[id] ? XVS_DELETE : XVS_ADD, "/tmp/never",
                       NULL, true);
        there[id] = !there[id];
    }
    CU_ASSERT_EQUAL(bad, 0);
    grants_clear(&grants);
}

static const struct unit_test tests[] = {
    { "grants come and go", test_coming_and_going },
    { "what is not accepted", test_not_accepted },
    { "while it is judged", test_between },
    { "what listens", test_listening },
    { "who has come", test_accepted },
    { "many", test_many },
};

UNIT_MAIN("grants", tests)
