/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rules of the channel: who somebody is, and what he may do.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "vm/map.h"
#include "vm/rules.h"
#include "unit/unit.h"

#define TOKEN "0123456789abcdef"
#define OTHER "fedcba9876543210"
#define PRINT \
    "00:01:02:03:04:05:06:07:08:09:0A:0b:0c:0d:0e:0f:" \
    "10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d:1e:1f"
#define PLAIN "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct rules *rules;
static const struct map_vm web = {
    .name = "web", .uuid = "0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1" };
static const struct map_vm db = { .name = "db" };

static struct rules_client
client(uint32_t id, const char *name, const char *token)
{
    return (struct rules_client) { .instance = { .a = id }, .name = name,
                                   .token = token, .fingerprint = "",
                                   .vouches = "" };
}

static const char *
add_client(const struct rules_client *wanted)
{
    static char why[RULES_WHY];

    why[0] = 0;
    if (rules_judge_client(rules, wanted, true, why)) {
        CU_ASSERT(rules_put_client(rules, wanted));
    }
    return why;
}

static struct rules_rule
rule(uint32_t id, const char *who, const char *vm, const char *ports)
{
    return (struct rules_rule) { .instance = { .a = id }, .client = who,
                                 .vm = vm, .ports = ports, .order = 100 };
}

static const char *
add_rule(const struct rules_rule *wanted)
{
    static char why[RULES_WHY];

    why[0] = 0;
    if (rules_judge_rule(rules, wanted, true, why)) {
        CU_ASSERT(rules_put_rule(rules, wanted));
    }
    return why;
}

static const char *
add4(uint32_t id, const char *who, const char *vm, const char *ports)
{
    const struct rules_rule wanted = rule(id, who, vm, ports);

    return add_rule(&wanted);
}

static void
add(uint32_t id, const char *name, const char *token)
{
    const struct rules_client wanted = client(id, name, token);

    CU_ASSERT_STRING_EQUAL(add_client(&wanted), "");
}

static void
begin(void)
{
    rules = rules_create();
    add(1, "Alice", TOKEN);
    add(2, "bob", OTHER);
}

/* Who it is: "-" when what is shown is wrong. */
static const char *
who(const char *token, const char *fingerprint, int uid)
{
    static struct identity identity;
    const struct credentials shown = { token, fingerprint, uid >= 0,
                                       (uint32_t) uid };

    return rules_identify(rules, &shown, &identity) ? identity.name : "-";
}

static bool
may(const char *name, const struct map_vm *vm, uint16_t port)
{
    struct identity identity = { .name = "" };

    snprintf(identity.name, sizeof identity.name, "%s", name);
    return rules_allow(rules, &identity, vm, port);
}

static enum verdict
judge(const char *name, const struct map_vm *vm, uint16_t port,
      struct permit *permit)
{
    struct identity identity = { .name = "" };

    snprintf(identity.name, sizeof identity.name, "%s", name);
    return rules_judge(rules, &identity, vm, port, permit);
}

static void
test_identify(void)
{
    struct rules_client both = client(3, "carol", "carol-has-a-token");
    struct rules_client local = client(4, "local", "");

    begin();
    both.fingerprint = PRINT;
    CU_ASSERT_STRING_EQUAL(add_client(&both), "");
    local.has_uid = true;
    local.uid = 0;
    CU_ASSERT_STRING_EQUAL(add_client(&local), "");
    CU_ASSERT_STRING_EQUAL(who(TOKEN, NULL, -1), "alice");
    CU_ASSERT_STRING_EQUAL(who(OTHER, NULL, -1), "bob");
    CU_ASSERT_STRING_EQUAL(who(NULL, NULL, -1), "");
    CU_ASSERT_STRING_EQUAL(who("", NULL, -1), "-");
    CU_ASSERT_STRING_EQUAL(who("0123456789abcdee", NULL, -1), "-");
    CU_ASSERT_STRING_EQUAL(who(TOKEN "0", NULL, -1), "-");
    CU_ASSERT_STRING_EQUAL(who(NULL, NULL, 0), "local");
    CU_ASSERT_STRING_EQUAL(who(NULL, NULL, 1), "");
    /* What stands for everybody is nobody, whatever was set before. */
    local.instance.a = 5;
    local.name = "everybody";
    local.uid = 65534;
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&local), "cannot tell apart"));
    CU_ASSERT(rules_put_client(rules, &local));
    CU_ASSERT_STRING_EQUAL(who(NULL, NULL, 65534), "");
    /* Both or nothing. */
    CU_ASSERT_STRING_EQUAL(who("carol-has-a-token", NULL, -1), "-");
    CU_ASSERT_STRING_EQUAL(who(NULL, PLAIN, -1), "");
    CU_ASSERT_STRING_EQUAL(who("carol-has-a-token", PLAIN, -1), "carol");
    CU_ASSERT_STRING_EQUAL(who("carol-has-a-token", PLAIN "0", -1), "-");
    /* A token says more than where one comes from. */
    CU_ASSERT_STRING_EQUAL(who("no-such-token-at-all", NULL, 0), "-");
    CU_ASSERT_STRING_EQUAL(who(TOKEN, NULL, 7), "alice");
    rules_destroy(rules);
}

static void
test_clients_refused(void)
{
    struct rules_client wanted = client(3, "", TOKEN);

    begin();
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "Name is missing"));
    wanted.name = "a b";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "expected letters"));
    wanted.name = "Anonymous";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "who has not said"));
    wanted.name = "ALICE";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "a client alice"));
    wanted.name = "carol";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "client alice has"));
    CU_ASSERT_PTR_NULL(strstr(add_client(&wanted), TOKEN));
    wanted.token = "";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "one of Token"));
    wanted.token = "short";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "5 characters"));
    wanted.token = "with a space in it, no";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "character 5"));
    wanted.token = "";
    wanted.fingerprint = PLAIN "00";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "64 hexadecimal"));
    wanted.fingerprint = "00";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&wanted), "64 hexadecimal"));
    rules_destroy(rules);
}

/* "-": not that one; else by whom. */
static const char *
vouch(const char *voucher, const char *name)
{
    static struct identity identity;

    memset(&identity, 0, sizeof identity);
    strcpy(identity.name, voucher);
    if (!rules_vouch(rules, name, &identity)) {
        CU_ASSERT_STRING_EQUAL(identity.name, voucher);
        return "-";
    }
    CU_ASSERT_STRING_EQUAL(identity.voucher, voucher);
    return identity.name;
}

static void
test_vouching(void)
{
    struct rules_client host = client(3, "h1", "h1-has-a-token-too");
    struct rules_client guest = client(4, "Web-Guest", "");
    struct identity spoken = { .name = "web-guest", .voucher = "h1" };

    begin();
    host.vouches = "web-*";
    CU_ASSERT_STRING_EQUAL(add_client(&host), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&guest), "or Vouched"));
    guest.vouched = true;
    CU_ASSERT_STRING_EQUAL(add_client(&guest), "");
    CU_ASSERT_STRING_EQUAL(add4(1, "web-guest", "web", "22"), "");
    CU_ASSERT_STRING_EQUAL(vouch("h1", "WEB-guest"), "web-guest");
    CU_ASSERT_STRING_EQUAL(vouch("h1", "anonymous"), "");
    CU_ASSERT_STRING_EQUAL(vouch("h1", "web-nobody"), "-");
    CU_ASSERT_STRING_EQUAL(vouch("h1", "alice"), "-");
    CU_ASSERT_STRING_EQUAL(vouch("alice", "web-guest"), "-");
    CU_ASSERT_STRING_EQUAL(vouch("alice", "anonymous"), "-");
    CU_ASSERT_STRING_EQUAL(vouch("", "web-guest"), "-");
    CU_ASSERT_STRING_EQUAL(vouch("", "anonymous"), "-");
    /* Who shows nothing is not who needs to show nothing. */
    CU_ASSERT_STRING_EQUAL(who(NULL, NULL, -1), "");
    CU_ASSERT_STRING_EQUAL(who(NULL, PLAIN, 0), "");
    /* It goes on while both may. */
    CU_ASSERT(rules_allow(rules, &spoken, &web, 22));
    guest.vouched = false;
    guest.token = "web-has-a-token-now";
    CU_ASSERT_STRING_EQUAL(add_client(&guest), "");
    CU_ASSERT(!rules_allow(rules, &spoken, &web, 22));
    guest.vouched = true;
    CU_ASSERT_STRING_EQUAL(add_client(&guest), "");
    CU_ASSERT(rules_allow(rules, &spoken, &web, 22));
    host.vouches = "db-*";
    CU_ASSERT_STRING_EQUAL(add_client(&host), "");
    CU_ASSERT(!rules_allow(rules, &spoken, &web, 22));
    host.vouches = "a b";
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&host), "Vouches: 'a b'"));
    host.vouches = "*";
    host.token = "";
    host.has_uid = true;
    CU_ASSERT_PTR_NOT_NULL(strstr(add_client(&host), "Token or Finger"));
    rules_destroy(rules);
}

static void
test_rules(void)
{
    begin();
    CU_ASSERT(!may("alice", &web, 22));
    CU_ASSERT_STRING_EQUAL(add4(1, "Alice", "WEB", "22,80,8000-8100"), "");
    CU_ASSERT(may("alice", &web, 22));
    CU_ASSERT(may("alice", &web, 8000));
    CU_ASSERT(may("alice", &web, 8100));
    CU_ASSERT(!may("alice", &web, 8101));
    CU_ASSERT(!may("alice", &web, 7999));
    CU_ASSERT(!may("alice", &db, 22));
    CU_ASSERT(!may("bob", &web, 22));
    CU_ASSERT(!may("", &web, 22));
    CU_ASSERT(!may("nobody", &web, 22));
    /* * is everybody who is known, and nobody else. */
    CU_ASSERT_STRING_EQUAL(add4(2, "*", "d*", ""), "");
    CU_ASSERT(may("bob", &db, 1));
    CU_ASSERT(may("bob", &db, 65535));
    CU_ASSERT(!may("", &db, 1));
    CU_ASSERT_STRING_EQUAL(add4(3, "anonymous", "*", "80"), "");
    CU_ASSERT(may("", &db, 80));
    CU_ASSERT(!may("bob", &web, 80));
    /* By its UUID, whatever it is called. */
    CU_ASSERT_STRING_EQUAL(add4(4, "bob", "0b9fa7f6-*", "443"), "");
    CU_ASSERT(may("bob", &web, 443));
    rules_remove_rule(rules, &(struct xvs_guid) { .a = 2 });
    CU_ASSERT(!may("bob", &db, 1));
    rules_remove_client(rules, &(struct xvs_guid) { .a = 1 });
    CU_ASSERT(!may("alice", &web, 22));
    CU_ASSERT_STRING_EQUAL(who(TOKEN, NULL, -1), "-");
    rules_destroy(rules);
}

static void
test_rules_refused(void)
{
    static const char *const ports[] = {
        "0", "65536", "x", "22,", ",22", "22,,80", "22-", "-22", "1-2-3",
        "22 80", "22;80", "99999999999999999999", "+1", " 1",
    };

    begin();
    CU_ASSERT_PTR_NOT_NULL(strstr(add4(1, "", "web", ""), "Client: ''"));
    CU_ASSERT_PTR_NOT_NULL(strstr(add4(1, "carol", "web", ""),
                                  "there is no client carol"));
    CU_ASSERT_PTR_NOT_NULL(strstr(add4(1, "bob", "", ""), "Vm: ''"));
    CU_ASSERT_PTR_NOT_NULL(strstr(add4(1, "bob", "w/b", ""), "Vm: 'w/b'"));
    CU_ASSERT_PTR_NOT_NULL(strstr(add4(1, "bob", "web", "80-22"),
                                  "the greater one comes first"));
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        CU_ASSERT_STRING_NOT_EQUAL(add4(1, "bob", "web", ports[i]), "");
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(
        add4(1, "bob", "web", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
             "19,20,21,22,23,24,25,26,27,28,29,30,31,32,33"), "more than 32"));
    CU_ASSERT(!may("bob", &web, 22));
    rules_destroy(rules);
}

/* The smallest Order counts; a full one gives way to the next. */
static void
test_limits(void)
{
    struct rules_rule first = rule(1, "bob", "web", "22");
    struct rules_rule second = rule(2, "bob", "*", "");
    struct permit one, two, three;

    begin();
    first.order = 1;
    first.connections = 1;
    first.bytes_per_second = 7;
    second.connections = 1;
    second.idle = 9;
    CU_ASSERT_STRING_EQUAL(add_rule(&second), "");
    CU_ASSERT_STRING_EQUAL(add_rule(&first), "");
    CU_ASSERT_EQUAL(judge("bob", &web, 22, &one), VERDICT_ALLOWED);
    CU_ASSERT_EQUAL(one.bytes_per_second, 7);
    CU_ASSERT_EQUAL(judge("bob", &web, 22, &two), VERDICT_ALLOWED);
    CU_ASSERT_EQUAL(two.idle, 9);
    CU_ASSERT_EQUAL(judge("bob", &web, 22, &three), VERDICT_FULL);
    CU_ASSERT_PTR_NULL(three.rule);
    CU_ASSERT_EQUAL(judge("alice", &web, 22, &three), VERDICT_DENIED);
    rules_end(&one);
    CU_ASSERT_EQUAL(judge("bob", &web, 22, &three), VERDICT_ALLOWED);
    CU_ASSERT_EQUAL(three.bytes_per_second, 7);
    /* A rule that goes while somebody has it. */
    rules_remove_rule(rules, &first.instance);
    rules_remove_rule(rules, &second.instance);
    CU_ASSERT(!may("bob", &web, 22));
    rules_end(&two);
    rules_end(&three);
    rules_end(&three);
    rules_destroy(rules);
}

/* What is particular goes before what is general, in any order of coming. */
static void
test_order(void)
{
    struct permit permit;

    for (uint32_t turn = 0; turn < 2; turn++) {
        begin();
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t id = turn ? i : 3 - i;
            struct rules_rule wanted = rule(10 - id, id & 2 ? "*" : "bob",
                                            id & 1 ? "*" : "web", "");

            wanted.bytes_per_second = id + 1;
            CU_ASSERT_STRING_EQUAL(add_rule(&wanted), "");
        }
        for (uint32_t id = 0; id < 4; id++) {
            CU_ASSERT_EQUAL(judge("bob", &web, 1, &permit), VERDICT_ALLOWED);
            CU_ASSERT_EQUAL(permit.bytes_per_second, id + 1);
            rules_end(&permit);
            rules_remove_rule(rules, &(struct xvs_guid) { .a = 10 - id });
        }
        rules_destroy(rules);
    }
}

static const struct unit_test tests[] = {
    { "who it is", test_identify },
    { "clients that cannot be", test_clients_refused },
    { "vouching", test_vouching },
    { "what he may do", test_rules },
    { "rules that cannot be", test_rules_refused },
    { "limits", test_limits },
    { "order", test_order },
};

UNIT_MAIN("rules of the channel", tests)
