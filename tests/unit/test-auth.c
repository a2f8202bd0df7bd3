/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who may do what: the gate, peers of the unix socket, the password file.
 */

#include <config.h>

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "manage/auth/auth.h"
#include "manage/manage.h"
#include "unit/unit.h"

static void
test_gate(void)
{
    struct principal zero;

    memset(&zero, 0, sizeof zero);
    for (int right = 0; right < 5; right++) {
        struct principal reader = { ROLE_READER, "r" };
        struct principal admin = { ROLE_ADMIN, "a" };
        struct principal odd = { (enum auth_role) 77, "o" };

        CU_ASSERT(!auth_allows(&zero, (enum auth_right) right));
        CU_ASSERT(!auth_allows(&odd, (enum auth_right) right));
        CU_ASSERT_EQUAL(auth_allows(&reader, (enum auth_right) right),
                        right == RIGHT_READ);
        CU_ASSERT_EQUAL(auth_allows(&admin, (enum auth_right) right),
                        right == RIGHT_READ || right == RIGHT_CHANGE);
    }
}

static enum auth_role
role_of(const char *admin, const char *reader, uid_t uid, gid_t group)
{
    struct manage_options options = { .admin_group = admin,
                                      .reader_group = reader };
    struct loop *loop = loop_create(NULL);
    struct auth *auth = auth_create(loop, &options, NULL);
    struct principal principal;

    CU_ASSERT_PTR_NOT_NULL_FATAL(auth);
    auth_peer(auth, uid, &group, 1, &principal);
    auth_destroy(auth);
    loop_destroy(loop);
    return principal.role;
}

static void
test_peers(void)
{
    CU_ASSERT_EQUAL(role_of(NULL, NULL, 0, 0), ROLE_ADMIN);
    CU_ASSERT_EQUAL(role_of(NULL, NULL, geteuid(), 99999), ROLE_ADMIN);
    CU_ASSERT_EQUAL(role_of(NULL, NULL, 4242, 4242), ROLE_NONE);
    CU_ASSERT_EQUAL(role_of(NULL, "*", 4242, 4242), ROLE_READER);
    CU_ASSERT_EQUAL(role_of("root", NULL, 4242, 0), ROLE_ADMIN);
    CU_ASSERT_EQUAL(role_of("root", NULL, 4242, 1), ROLE_NONE);
    CU_ASSERT_EQUAL(role_of(NULL, "root", 4242, 0), ROLE_READER);
    CU_ASSERT_EQUAL(role_of("root", "*", 4242, 0), ROLE_ADMIN);
}

static void
test_unknown_group(void)
{
    struct manage_options options = { .admin_group = "no-such-group-xvs" };
    struct loop *loop = loop_create(NULL);
    struct error error;

    CU_ASSERT_PTR_NULL(auth_create(loop, &options, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_NOT_FOUND);
    loop_destroy(loop);
}

static void
test_decode(void)
{
    static const struct {
        const char *field, *user, *password;
    } cases[] = {
        { "Basic YTpi", "a", "b" },
        { "basic YWRtaW46c2VjcmV0", "admin", "secret" },
        { "Basic YTo=", "a", "" },
        { "Basic YTpiOmM=", "a", "b:c" },
        { "Basic", NULL, NULL },
        { "Basic ", NULL, NULL },
        { "Bearer YTpi", NULL, NULL },
        { "Basic YTpi=", NULL, NULL },
        { "Basic Y=pi", NULL, NULL },
        { "Basic ====", NULL, NULL },
        { "Basic YTp\x80", NULL, NULL },
        { "Basic YWJj", NULL, NULL },       /* no colon */
        { "Basic OmI=", NULL, NULL },       /* no user */
        { "Basic YTpiAGM=", NULL, NULL },   /* a NUL */
    };
    char out[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *user = NULL, *password = NULL;
        bool ok = strlen(cases[i].field) >= 6
                  && auth_decode(cases[i].field, out, sizeof out, &user,
                                 &password);

        CU_ASSERT_EQUAL(ok, cases[i].user != NULL);
        if (ok && cases[i].user) {
            CU_ASSERT_STRING_EQUAL(user, cases[i].user);
            CU_ASSERT_STRING_EQUAL(password, cases[i].password);
        }
    }
}

static void
test_equal(void)
{
    CU_ASSERT(auth_equal("", ""));
    CU_ASSERT(auth_equal("abc", "abc"));
    CU_ASSERT(!auth_equal("abc", "abd"));
    CU_ASSERT(!auth_equal("ab", "abc"));
    CU_ASSERT(!auth_equal("abc", "ab"));
    CU_ASSERT(!auth_equal("", "a"));
    CU_ASSERT(!auth_equal("aaaa", "a"));
}

static void
test_file(void)
{
    static const struct {
        const char *user, *password;
        enum auth_role role;
    } cases[] = {
        { "ann", "secret", ROLE_ADMIN },
        { "ann", "wrong", ROLE_NONE },
        { "ann", "", ROLE_NONE },
        { "rob", "secret", ROLE_READER },
        { "none", "secret", ROLE_NONE },
        { "locked", "*", ROLE_NONE },
        { "empty", "", ROLE_NONE },
        { "nobody", "secret", ROLE_NONE },
        { "# ann", "secret", ROLE_NONE },
    };
    struct crypt_data *scratch = calloc(1, sizeof *scratch);
    char name[] = "/tmp/xvs-auth.XXXXXX";
    int fd = mkstemp(name);
    struct principal principal;
    const char *hash = crypt_r("secret", "$1$saltsalt$", scratch);

    CU_ASSERT_FATAL(fd >= 0 && hash);
    dprintf(fd, "# comment\n\nann:admin:%s\nrob:reader:%s\nnone:boss:%s\n"
            "locked:admin:*\nempty:admin:\nshort\n", hash, hash, hash);
    close(fd);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auth_file_check(name, cases[i].user, cases[i].password, scratch,
                        &principal);
        CU_ASSERT_EQUAL(principal.role, cases[i].role);
    }
    /* A verified certificate needs the name only. */
    auth_file_check(name, "locked", NULL, NULL, &principal);
    CU_ASSERT_EQUAL(principal.role, ROLE_ADMIN);
    unlink(name);
    auth_file_check(name, "ann", "secret", scratch, &principal);
    CU_ASSERT_EQUAL(principal.role, ROLE_NONE);
    CU_ASSERT_STRING_EQUAL(principal.name, "");
    free(scratch);
}

static void
count(void *arg, const struct principal *principal)
{
    int *n = arg;

    *n += principal->name[0] ? 100 : 1;
}

/* A refusal is told late; one that was cancelled is not told. */
static void
test_checks(void)
{
    struct manage_options options = { .password_file = "/nonexistent" };
    struct loop *loop = loop_create(NULL);
    struct auth *auth = auth_create(loop, &options, NULL);
    uint64_t start_ms = loop_now_ms();
    int n = 0;

    CU_ASSERT_PTR_NOT_NULL(auth_check(auth, "Basic YTpi", "p", count, &n));
    auth_check_cancel(auth_check(auth, "Basic YTpi", "p", count, &n));
    while (!n && loop_now_ms() - start_ms < 5000) {
        loop_once(loop, 100);
    }
    CU_ASSERT_EQUAL(n, 1);
    CU_ASSERT(loop_now_ms() - start_ms >= 190);
    /* Some are in flight when it ends. */
    CU_ASSERT_PTR_NOT_NULL(auth_check(auth, "Basic YTpi", "p", count, &n));
    auth_destroy(auth);
    loop_destroy(loop);
    CU_ASSERT_EQUAL(n, 1);
}

static const struct unit_test tests[] = {
    { "the gate", test_gate },
    { "peers of the unix socket", test_peers },
    { "a group that is not there", test_unknown_group },
    { "Basic credentials", test_decode },
    { "comparison", test_equal },
    { "the password file", test_file },
    { "checks on the thread", test_checks },
};

UNIT_MAIN("auth", tests)
