/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_RULES_INSIDE_H
#define CHANNEL_RULES_INSIDE_H

/*
 * What the files of rules share.
 *
 *     rules.c         asking
 *     rules-judge.c   what may be set, and setting it
 *
 * Rules are in the order in which they are asked, and each client has a list
 * of those that are about him; both are made when they are needed first after
 * a change ('turn').
 */

#include <nettle/sha2.h>

#include "vm/rules.h"

#define RULE_RANGES 32u
/* How all users look who have no number in the user namespace of whoever
 * asks: it says nothing of who somebody is. */
#define NO_UID 65534u

/* Rules that may be about somebody. */
struct rule_list {
    struct rule **rules;
    uint32_t n;
    uint64_t turn;              /* of the rules that it was made of */
};

struct known_client {
    struct xvs_guid instance;
    char name[64];              /* lower case */
    bool has_token, has_fingerprint, has_uid;
    uint32_t uid;
    uint8_t token[SHA256_DIGEST_SIZE];  /* its hash, with the salt */
    uint8_t fingerprint[SHA256_DIGEST_SIZE];
    char vouches[64];           /* a pattern, lower case; "": of nobody */
    bool vouched;               /* others may speak for it */
    struct rule_list list;
};

struct rule {
    struct xvs_guid instance;
    char client[64], vm[64];    /* patterns, lower case */
    struct {
        uint16_t first, last;
    } ranges[RULE_RANGES];
    uint32_t n_ranges;          /* 0: all ports */
    uint16_t order;
    bool gone;                  /* freed when its last permit is given back */
    uint32_t connections, n_open;       /* the limit, now */
    uint64_t bytes_per_second, idle, duration;
};

struct rules {
    uint8_t salt[16];           /* of hashes of tokens, this process's own */
    struct known_client *clients[RULES_CLIENTS];
    uint32_t n_clients;
    struct rule *rules[RULES_RULES];    /* sorted, if it is sorted_turn */
    uint32_t n_rules;
    uint64_t turn, sorted_turn; /* grows with each change */
    struct known_client nobody;       /* who has not said who he is */
};

void rules_hash(const struct rules *rules, const char *token,
                uint8_t hash[SHA256_DIGEST_SIZE]);
/* 64 hexadecimal digits, perhaps with colons. */
bool rules_read_fingerprint(const char *text,
                            uint8_t hash[SHA256_DIGEST_SIZE]);

#endif
