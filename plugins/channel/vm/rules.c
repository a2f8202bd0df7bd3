/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Who somebody is, and what he may do.
 */

#include "vm/rules-inside.h"

#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>

#include "vm/map.h"
#include "vm/names.h"

/* ---- Who ---------------------------------------------------------------- */

void
rules_hash(const struct rules *rules, const char *token,
           uint8_t hash[SHA256_DIGEST_SIZE])
{
    struct sha256_ctx context;

    sha256_init(&context);
    sha256_update(&context, sizeof(rules->salt), rules->salt);
    sha256_update(&context, strlen(token), (const uint8_t *) token);
    sha256_digest(&context, SHA256_DIGEST_SIZE, hash);
    explicit_bzero(&context, sizeof(context));
}

static int
digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
        : c >= 'a' && c <= 'f' ? c - 'a' + 10
        : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
rules_read_fingerprint(const char *text, uint8_t hash[SHA256_DIGEST_SIZE])
{
    for (uint32_t i = 0; i < SHA256_DIGEST_SIZE; i++) {
        int high, low;

        text += i && *text == ':';
        high = digit(text[0]);
        low = high < 0 ? -1 : digit(text[1]);
        if (low < 0) {
            return false;
        }
        hash[i] = (uint8_t) (high << 4 | low);
        text += 2;
    }
    return !*text;
}

/* What is shown, as clients have it. */
struct evidence {
    const struct credentials *shown;
    bool has_fingerprint;
    uint8_t token[SHA256_DIGEST_SIZE], fingerprint[SHA256_DIGEST_SIZE];
};

/* How much of it is this client's: 0: he is somebody else. */
static uint32_t
weigh(const struct known_client *client, const struct evidence *evidence,
      bool has_token)
{
    uint32_t n = 0;

    if (client->has_token != has_token && client->has_token) {
        return 0;
    }
    n += client->has_token;
    if (client->has_fingerprint) {
        if (!evidence->has_fingerprint
            || memcmp(client->fingerprint, evidence->fingerprint,
                      SHA256_DIGEST_SIZE) != 0) {
            return 0;
        }
        n++;
    }
    if (client->has_uid) {
        if (!evidence->shown->has_uid || evidence->shown->uid == NO_UID
            || client->uid != evidence->shown->uid) {
            return 0;
        }
        n++;
    }
    return n;
}

/* All tokens are compared, each in full: how long it takes tells nothing. */
bool
rules_identify(const struct rules *rules, const struct credentials *shown,
               struct identity *identity)
{
    struct evidence evidence = { .shown = shown };
    const struct known_client *who = NULL;
    uint32_t most = 0;
    bool token_counts = false;

    identity->name[0] = 0;
    if (shown->token) {
        rules_hash(rules, shown->token, evidence.token);
    }
    evidence.has_fingerprint = shown->fingerprint
        && rules_read_fingerprint(shown->fingerprint, evidence.fingerprint);
    for (uint32_t i = 0; i < rules->n_clients; i++) {
        const struct known_client *client = rules->clients[i];
        bool same = memeql_sec(client->token, evidence.token,
                               SHA256_DIGEST_SIZE);
        bool has_token = same && shown->token && client->has_token;
        uint32_t n = weigh(client, &evidence, has_token);

        if (n > most) {
            most = n;
            who = client;
            token_counts = has_token;
        }
    }
    if (who && (!shown->token || token_counts)) {
        memcpy(identity->name, who->name, sizeof(identity->name));
    }
    return !shown->token || token_counts;
}

static const struct known_client *
find_known(const struct rules *rules, const char *name)
{
    for (uint32_t i = 0; i < rules->n_clients; i++) {
        if (strcmp(rules->clients[i]->name, name) == 0) {
            return rules->clients[i];
        }
    }
    return NULL;
}

/* Whether one may speak for the other, "" for nobody. */
static bool
may_vouch(const struct rules *rules, const char *voucher, const char *name)
{
    const struct known_client *one = find_known(rules, voucher);
    const struct known_client *other = find_known(rules, name);

    return one && one->vouches[0]
        && (!name[0] || (other && other->vouched
                         && names_match(one->vouches, name)));
}

bool
rules_vouch(const struct rules *rules, const char *name,
            struct identity *identity)
{
    char wanted[sizeof(identity->name)];

    names_copy(wanted, sizeof(wanted),
               names_equal(name, rules->nobody.name) ? "" : name);
    if (!may_vouch(rules, identity->name, wanted)) {
        return false;
    }
    memcpy(identity->voucher, identity->name, sizeof(identity->voucher));
    memcpy(identity->name, wanted, sizeof(identity->name));
    return true;
}

/* ---- What --------------------------------------------------------------- */

static bool
is_wild(const char *pattern)
{
    return strpbrk(pattern, "*?") != NULL;
}

static int
compare(const void *a, const void *b)
{
    const struct rule *one = *(struct rule *const *) a;
    const struct rule *other = *(struct rule *const *) b;
    int result = one->order - other->order;

    result = result ? result : is_wild(one->client) - is_wild(other->client);
    result = result ? result : is_wild(one->vm) - is_wild(other->vm);
    return result ? result : memcmp(&one->instance, &other->instance,
                                    sizeof(one->instance));
}

static bool
is_about(const struct rules *rules, const struct rule *rule,
         const struct known_client *client)
{
    return client == &rules->nobody
        ? strcmp(rule->client, client->name) == 0
        : names_match(rule->client, client->name);
}

/* Makes the client's list, if rules have changed.  False: no memory. */
static bool
make_list(struct rules *rules, struct known_client *client)
{
    struct rule_list *list = &client->list;
    struct rule **grown;

    if (list->turn == rules->turn) {
        return true;
    }
    if (rules->sorted_turn != rules->turn) {
        qsort(rules->rules, rules->n_rules, sizeof(rules->rules[0]), compare);
        rules->sorted_turn = rules->turn;
    }
    grown = realloc(list->rules, (rules->n_rules + 1) * sizeof(*grown));
    if (!grown) {
        return false;
    }
    list->rules = grown;
    list->n = 0;
    for (uint32_t i = 0; i < rules->n_rules; i++) {
        if (is_about(rules, rules->rules[i], client)) {
            list->rules[list->n++] = rules->rules[i];
        }
    }
    list->turn = rules->turn;
    return true;
}

static struct known_client *
find_client(struct rules *rules, const char *name)
{
    return !name[0] ? &rules->nobody
        : (struct known_client *) (uintptr_t) find_known(rules, name);
}

static bool
has_port(const struct rule *rule, uint16_t port)
{
    bool found = rule->n_ranges == 0;

    for (uint32_t i = 0; i < rule->n_ranges && !found; i++) {
        found = port >= rule->ranges[i].first && port <= rule->ranges[i].last;
    }
    return found;
}

bool
rules_is_vm(const char *pattern, const struct map_vm *vm)
{
    return names_match(pattern, vm->name)
        || (vm->uuid[0] && names_match(pattern, vm->uuid));
}

/* The next rule that allows it, from '*at' on; NULL: there is none. */
static struct rule *
next_rule(const struct known_client *client, const struct map_vm *vm,
          uint16_t port, uint32_t *at)
{
    while (*at < client->list.n) {
        struct rule *rule = client->list.rules[(*at)++];

        if (has_port(rule, port) && rules_is_vm(rule->vm, vm)) {
            return rule;
        }
    }
    return NULL;
}

enum verdict
rules_judge(struct rules *rules, const struct identity *identity,
            const struct map_vm *vm, uint16_t port, struct permit *permit)
{
    struct known_client *client = find_client(rules, identity->name);
    enum verdict verdict = VERDICT_DENIED;
    struct rule *rule;
    uint32_t at = 0;

    memset(permit, 0, sizeof(*permit));
    if (!client || !make_list(rules, client)) {
        return VERDICT_DENIED;
    }
    while ((rule = next_rule(client, vm, port, &at))) {
        if (!rule->connections || rule->n_open < rule->connections) {
            rule->n_open++;
            *permit = (struct permit) { rule, rule->bytes_per_second,
                                        rule->idle, rule->duration };
            return VERDICT_ALLOWED;
        }
        verdict = VERDICT_FULL;
    }
    return verdict;
}

bool
rules_allow(struct rules *rules, const struct identity *identity,
            const struct map_vm *vm, uint16_t port)
{
    struct known_client *client = find_client(rules, identity->name);
    uint32_t at = 0;

    return client && make_list(rules, client)
        && (!identity->voucher[0]
            || may_vouch(rules, identity->voucher, identity->name))
        && next_rule(client, vm, port, &at);
}

void
rules_end(struct permit *permit)
{
    struct rule *rule = permit->rule;

    permit->rule = NULL;
    if (rule && --rule->n_open == 0 && rule->gone) {
        free(rule);
    }
}
