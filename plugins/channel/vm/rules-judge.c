/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Clients and rules come, change and go.  What is refused names the property
 * and what was expected, never a secret.
 */

#include "vm/rules-inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "vm/names.h"

#define TOKEN_LENGTH 16u        /* at least */

static const char nobody[] = "anonymous";

__attribute__((format(printf, 2, 3)))
static bool
deny(char why[RULES_WHY], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, RULES_WHY, format, args);
    va_end(args);
    return false;
}

static bool
is_same(const struct xvs_guid *one, const struct xvs_guid *other)
{
    return memcmp(one, other, sizeof(*one)) == 0;
}

/* ---- Texts -------------------------------------------------------------- */

/* All of 'text' is letters, digits or of 'others'. */
static bool
has_only(const char *text, const char *others)
{
    for (; *text; text++) {
        if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z')
              || (*text >= '0' && *text <= '9') || strchr(others, *text))) {
            return false;
        }
    }
    return true;
}

bool
rules_is_pattern(const char *text)
{
    return text[0] && has_only(text, "-*?");
}

/* A number up to 65535 at '*text', which then is behind it. */
static bool
read_port(const char **text, uint16_t *port)
{
    uint32_t value = 0;
    const char *at = *text;

    while (*at >= '0' && *at <= '9' && value <= UINT16_MAX) {
        value = value * 10 + (uint32_t) (*at++ - '0');
    }
    *port = (uint16_t) value;
    if (at == *text || value == 0 || value > UINT16_MAX) {
        return false;
    }
    *text = at;
    return true;
}

static bool
read_ports(const char *text, struct rule *rule, char why[RULES_WHY])
{
    rule->n_ranges = 0;
    while (*text) {
        uint16_t first, last;
        bool good = read_port(&text, &first);

        last = first;
        if (good && *text == '-') {
            text++;
            good = read_port(&text, &last);
        }
        if (!good || (*text && *text != ',') || (*text && !text[1])) {
            return deny(why, "Ports: expected ports and ranges, such as"
                        " 22,80,8000-8100, at '%.40s'", text);
        }
        if (first > last) {
            return deny(why, "Ports: %u-%u: the greater one comes first",
                        first, last);
        }
        if (rule->n_ranges == RULE_RANGES) {
            return deny(why, "Ports: more than %u ports and ranges; make"
                        " several rules", RULE_RANGES);
        }
        rule->ranges[rule->n_ranges].first = first;
        rule->ranges[rule->n_ranges++].last = last;
        text += *text == ',';
    }
    return true;
}

/* ---- Clients ------------------------------------------------------------ */

static bool
check_token(const char *token, char why[RULES_WHY])
{
    size_t n = strlen(token);

    for (size_t i = 0; i < n; i++) {
        if (token[i] <= ' ' || token[i] > '~') {
            return deny(why, "Token: character %zu is not printable ASCII",
                        i + 1);
        }
    }
    return n == 0 || n >= TOKEN_LENGTH
        || deny(why, "Token: %zu characters; expected %u at least, such as"
                " openssl rand -hex 16 prints", n, TOKEN_LENGTH);
}

static bool
check_name(const char *name, char why[RULES_WHY])
{
    if (!name[0]) {
        return deny(why, "Name is missing: what rules call the client");
    }
    if (!has_only(name, ".-_@")) {
        return deny(why, "Name: '%.63s': expected letters, digits and . - _ @",
                    name);
    }
    return !names_equal(name, nobody)
        || deny(why, "Name: %s is what rules call who has not said who he"
                " is", nobody);
}

static bool
check_vouching(const struct rules_client *client, char why[RULES_WHY])
{
    if (client->vouches[0] && !has_only(client->vouches, ".-_@*?")) {
        return deny(why, "Vouches: '%.63s': expected the Name of an"
                    " XVS_ChannelClient, or a pattern with * or ?",
                    client->vouches);
    }
    return !client->vouches[0] || client->token[0] || client->fingerprint[0]
        || deny(why, "Vouches: Token or Fingerprint is needed: how %.63s is"
                " known", client->name);
}

static bool
check_client(const struct rules_client *client, char why[RULES_WHY])
{
    uint8_t hash[SHA256_DIGEST_SIZE];

    if (!check_name(client->name, why)) {
        return false;
    }
    if (!client->token[0] && !client->fingerprint[0] && !client->has_uid
        && !client->vouched) {
        return deny(why, "one of Token, Fingerprint and Uid is needed: what"
                    " %.63s shows; or Vouched", client->name);
    }
    if (client->has_uid && client->uid == NO_UID) {
        return deny(why, "Uid: %u is how all users look that the host cannot"
                    " tell apart", NO_UID);
    }
    if (client->fingerprint[0]
        && !rules_read_fingerprint(client->fingerprint, hash)) {
        return deny(why, "Fingerprint: expected 64 hexadecimal digits, such as"
                    " openssl x509 -noout -fingerprint -sha256 prints");
    }
    return check_vouching(client, why) && check_token(client->token, why);
}

bool
rules_judge_client(const struct rules *rules,
                   const struct rules_client *client, bool known,
                   char why[RULES_WHY])
{
    uint8_t token[SHA256_DIGEST_SIZE];
    bool is_new = true;

    if (!check_client(client, why)) {
        return false;
    }
    rules_hash(rules, client->token, token);
    for (uint32_t i = 0; i < rules->n_clients; i++) {
        const struct known_client *other = rules->clients[i];

        if (is_same(&other->instance, &client->instance)) {
            is_new = false;
        } else if (known && names_equal(other->name, client->name)) {
            return deny(why, "Name: there is a client %s already",
                        other->name);
        } else if (known && client->token[0] && other->has_token
                   && memcmp(other->token, token, sizeof(token)) == 0) {
            return deny(why, "Token: client %s has the same", other->name);
        }
    }
    return !is_new || rules->n_clients < RULES_CLIENTS
        || deny(why, "there are %u clients already, which is the limit",
                RULES_CLIENTS);
}

static struct known_client **
client_place(struct rules *rules, const struct xvs_guid *instance)
{
    uint32_t i = 0;

    while (i < rules->n_clients
           && !is_same(&rules->clients[i]->instance, instance)) {
        i++;
    }
    return &rules->clients[i];
}

bool
rules_put_client(struct rules *rules, const struct rules_client *wanted)
{
    struct known_client **place = client_place(rules, &wanted->instance);
    bool is_new = place == &rules->clients[rules->n_clients];
    struct known_client *client = is_new ? calloc(1, sizeof(*client)) : *place;

    if (!client) {
        return false;
    }
    *place = client;
    rules->n_clients += is_new;
    client->instance = wanted->instance;
    names_copy(client->name, sizeof(client->name), wanted->name);
    client->has_token = wanted->token[0] != 0;
    rules_hash(rules, wanted->token, client->token);
    client->has_fingerprint = wanted->fingerprint[0]
        && rules_read_fingerprint(wanted->fingerprint, client->fingerprint);
    client->has_uid = wanted->has_uid;
    client->uid = wanted->uid;
    names_copy(client->vouches, sizeof(client->vouches), wanted->vouches);
    client->vouched = wanted->vouched;
    rules->turn++;
    return true;
}

static void
client_free(struct known_client *client)
{
    free(client->list.rules);
    explicit_bzero(client, sizeof(*client));
    free(client);
}

void
rules_remove_client(struct rules *rules, const struct xvs_guid *instance)
{
    struct known_client **place = client_place(rules, instance);

    if (place != &rules->clients[rules->n_clients]) {
        client_free(*place);
        *place = rules->clients[--rules->n_clients];
    }
}

/* ---- Rules -------------------------------------------------------------- */

/* Somebody whom the rule is about. */
static bool
has_client(const struct rules *rules, const char *pattern)
{
    char lower[64];
    bool found;

    names_copy(lower, sizeof(lower), pattern);
    found = strcmp(lower, nobody) == 0 || strpbrk(lower, "*?");
    for (uint32_t i = 0; i < rules->n_clients && !found; i++) {
        found = strcmp(lower, rules->clients[i]->name) == 0;
    }
    return found;
}

static struct rule **
rule_place(struct rules *rules, const struct xvs_guid *instance)
{
    uint32_t i = 0;

    while (i < rules->n_rules
           && !is_same(&rules->rules[i]->instance, instance)) {
        i++;
    }
    return &rules->rules[i];
}

bool
rules_judge_rule(const struct rules *rules, const struct rules_rule *rule,
                 bool known, char why[RULES_WHY])
{
    struct rule scratch;
    bool is_new = true;

    if (!rule->client[0] || !has_only(rule->client, ".-_@*?")) {
        return deny(why, "Client: '%.63s': expected the Name of an"
                    " XVS_ChannelClient, a pattern with * or ?, or %s",
                    rule->client, nobody);
    }
    if (!rules_is_pattern(rule->vm)) {
        return deny(why, "Vm: '%.63s': expected the Name of a VM, or a pattern"
                    " with * or ?", rule->vm);
    }
    if (!read_ports(rule->ports, &scratch, why)) {
        return false;
    }
    if (known && !has_client(rules, rule->client)) {
        return deny(why, "Client: there is no client %.63s; add it first:"
                    " XVS_ChannelClient", rule->client);
    }
    for (uint32_t i = 0; i < rules->n_rules && is_new; i++) {
        is_new = !is_same(&rules->rules[i]->instance, &rule->instance);
    }
    return !is_new || rules->n_rules < RULES_RULES
        || deny(why, "there are %u rules already, which is the limit",
                RULES_RULES);
}

bool
rules_put_rule(struct rules *rules, const struct rules_rule *wanted)
{
    struct rule **place = rule_place(rules, &wanted->instance);
    bool is_new = place == &rules->rules[rules->n_rules];
    struct rule *rule = is_new ? calloc(1, sizeof(*rule)) : *place;
    char why[RULES_WHY];

    if (!rule) {
        return false;
    }
    *place = rule;
    rules->n_rules += is_new;
    rule->instance = wanted->instance;
    names_copy(rule->client, sizeof(rule->client), wanted->client);
    names_copy(rule->vm, sizeof(rule->vm), wanted->vm);
    read_ports(wanted->ports, rule, why);
    rule->order = wanted->order;
    rule->connections = wanted->connections;
    rule->bytes_per_second = wanted->bytes_per_second;
    rule->idle = wanted->idle;
    rule->duration = wanted->duration;
    rules->turn++;
    return true;
}

void
rules_remove_rule(struct rules *rules, const struct xvs_guid *instance)
{
    struct rule **place = rule_place(rules, instance);
    struct rule *rule;

    if (place == &rules->rules[rules->n_rules]) {
        return;
    }
    rule = *place;
    *place = rules->rules[--rules->n_rules];
    rules->turn++;
    rule->gone = true;
    if (rule->n_open == 0) {
        free(rule);
    }
}

/* ---- Life --------------------------------------------------------------- */

struct rules *
rules_create(void)
{
    struct rules *rules = calloc(1, sizeof(*rules));

    if (rules && getrandom(rules->salt, sizeof(rules->salt), 0)
                     != sizeof(rules->salt)) {
        free(rules);
        return NULL;
    }
    if (rules) {
        rules->turn = 1;
        memcpy(rules->nobody.name, nobody, sizeof(nobody));
    }
    return rules;
}

void
rules_destroy(struct rules *rules)
{
    for (uint32_t i = 0; rules && i < rules->n_clients; i++) {
        client_free(rules->clients[i]);
    }
    for (uint32_t i = 0; rules && i < rules->n_rules; i++) {
        free(rules->rules[i]);
    }
    if (rules) {
        free(rules->nobody.list.rules);
    }
    free(rules);
}
