/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_RULES_H
#define CHANNEL_RULES_H

/*
 * Who may talk to which VM on which port, and how much.  Where no rule says
 * yes the answer is no.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

#define RULES_CLIENTS 1024u
#define RULES_RULES 4096u
#define RULES_WHY 256

struct map_vm;
struct rule;
struct rules;

/* Who a client is.  Which of these are known depends on how he came. */
struct identity {
    char name[64];              /* of a XVS_ChannelClient; "": none */
    char voucher[64];           /* of the one that says so; "": itself */
    char address[64];           /* for people: 192.0.2.1:4711, uid 1000 */
};

/* What he shows. */
struct credentials {
    const char *token;          /* or NULL */
    const char *fingerprint;    /* of his certificate, SHA-256, hex; or NULL */
    bool has_uid;               /* a unix socket */
    uint32_t uid;
};

/* Sets 'name'.  False: these credentials are wrong (not: there are none). */
bool rules_identify(const struct rules *rules, const struct credentials *shown,
                    struct identity *identity);

/* Whoever 'identity' is says that it speaks for 'name', which "anonymous" is
 * nobody's.  He becomes that one; false: he may not. */
bool rules_vouch(const struct rules *rules, const char *name,
                 struct identity *identity);

/* What an open conversation may do; its rule counts it until it ends. */
struct permit {
    struct rule *rule;          /* NULL: none */
    uint64_t bytes_per_second;  /* 0: as many as go */
    uint64_t idle, duration;    /* ns; 0: as long as it wants */
};

enum verdict {
    VERDICT_ALLOWED,            /* 'permit' is to be given back */
    VERDICT_DENIED,             /* 403; or 407 when nobody is known */
    VERDICT_FULL                /* 429: the rule's number of connections */
};

enum verdict rules_judge(struct rules *rules, const struct identity *identity,
                         const struct map_vm *vm, uint16_t port,
                         struct permit *permit);
void rules_end(struct permit *permit);
/* Whether it would be allowed, however many there are. */
bool rules_allow(struct rules *rules, const struct identity *identity,
                 const struct map_vm *vm, uint16_t port);

/* ---- Who fills them ----------------------------------------------------- */

/* A client, who shows all that is given here, or is vouched for. */
struct rules_client {
    struct xvs_guid instance;   /* of the setting */
    const char *name;
    const char *token, *fingerprint;    /* "": not asked for */
    bool has_uid;
    uint32_t uid;
    const char *vouches;        /* a pattern of names; "": of none */
    bool vouched;
};

/* A rule, as it is written. */
struct rules_rule {
    struct xvs_guid instance;   /* of the setting */
    const char *client, *vm;    /* patterns; "anonymous": nobody known */
    const char *ports;          /* "22,8000-8100"; "": all */
    uint16_t order;             /* the smallest is asked first */
    uint32_t connections;       /* at the same time; 0: any number */
    uint64_t bytes_per_second, idle, duration;  /* as in struct permit */
};

/* NULL: no memory. */
struct rules *rules_create(void);
/* No permit is out any more. */
void rules_destroy(struct rules *rules);

/* Whether it can be taken; false: 'why' says what is wrong, without a secret.
 * 'known' false: not whether it fits to others. */
bool rules_judge_client(const struct rules *rules,
                        const struct rules_client *client, bool known,
                        char why[RULES_WHY]);
bool rules_judge_rule(const struct rules *rules, const struct rules_rule *rule,
                      bool known, char why[RULES_WHY]);
/* Takes it, or takes it anew.  False: no memory, nothing has changed. */
bool rules_put_client(struct rules *rules, const struct rules_client *client);
bool rules_put_rule(struct rules *rules, const struct rules_rule *rule);
void rules_remove_client(struct rules *rules, const struct xvs_guid *instance);
void rules_remove_rule(struct rules *rules, const struct xvs_guid *instance);
/* Whether a VM's name, or its UUID, is what a pattern (lower case) means. */
bool rules_is_vm(const char *pattern, const struct map_vm *vm);
/* Whether the text is a pattern of names. */
bool rules_is_pattern(const char *text);

#endif
