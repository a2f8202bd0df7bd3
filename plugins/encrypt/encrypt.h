/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_ENCRYPT_H
#define XVS_ENCRYPT_H

/*
 * The extension encrypt: what ports that enter the chain here, or before, send
 * is sealed, and what comes to them must have been.
 *
 *     clamp.c     TCP segments that fit          seal.c      one frame
 *     keys.c      what is in force               replay.c    frames seen
 *     settings.c  what the admin says            frames.c    packet hooks
 *
 * Control hooks make a struct encrypt_set, which packet hooks read; they never
 * change one that was published.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <xvs/extension.h>

#include "replay.h"
#include "seal.h"

#define ENCRYPT_KEYS 16u        /* at once, at most */
#define ENCRYPT_WORKERS 16u     /* packet hooks at the same time, at most */

enum encrypt_reason { ENCRYPT_NO_KEY = 1, ENCRYPT_TOO_LONG, ENCRYPT_PLAIN,
                      ENCRYPT_UNKNOWN_KEY, ENCRYPT_FORGED, ENCRYPT_REPLAYED,
                      ENCRYPT_REASONS };

/* Drops are counted by their reason, and behind them: */
enum encrypt_count { ENCRYPT_N_SEALED = ENCRYPT_REASONS,
                     ENCRYPT_N_SEALED_BYTES, ENCRYPT_N_OPENED,
                     ENCRYPT_N_OPENED_BYTES, ENCRYPT_N_PLAIN,
                     ENCRYPT_N_CLAMPED, ENCRYPT_COUNTS };

/* What is in force. */
struct encrypt_set {
    uint16_t ethertype, network_mtu;
    uint8_t send_key;           /* as asked for; 0: none */
    bool require, clamp;
    const struct seal_key *sender;  /* among 'keys'; NULL: there is none */
    uint32_t n_keys;
    struct seal_key keys[ENCRYPT_KEYS];
};

/* A key as the admin gave it; control hooks. */
struct encrypt_given {
    struct xvs_guid instance;   /* of the setting */
    struct seal_key key;
};

struct encrypt {
    const struct xvs_host *host;
    struct encrypt_set *set;    /* published */
    /* Control hooks: what the next set is made of. */
    struct encrypt_set plan;    /* without keys */
    uint32_t n_given;
    struct encrypt_given given[ENCRYPT_KEYS];
    uint64_t n_serials;         /* of keys */
    bool is_active;             /* packets flow */
    /* Packet hooks: */
    struct seal_sessions sessions;
    struct seal_worker *workers;    /* ENCRYPT_WORKERS, see frames.c */
    struct replay *replay;
    _Atomic uint64_t counts[ENCRYPT_COUNTS];
};

/* ---- keys.c: control hooks ------------------------------------------------ */

/* Makes what is planned be in force; XVS_RESOURCES when memory is lacking. */
int encrypt_publish(struct encrypt *self);
/* The key of the setting, or NULL. */
struct encrypt_given *encrypt_given(struct encrypt *self,
                                    const struct xvs_guid *instance);
/* The key of that number, or NULL. */
struct encrypt_given *encrypt_numbered(struct encrypt *self, uint8_t id);
/* 64 hexadecimal digits; false: they are not. */
bool encrypt_read_key(const char *text, uint8_t secret[SEAL_SECRET]);
void encrypt_forget(struct encrypt *self, struct encrypt_given *given);
void encrypt_free_set(void *set);       /* and its secrets */

/* ---- encrypt.c: control hooks -------------------------------------------- */

extern const struct encrypt_set encrypt_defaults;
/* Tells the operators when frames cannot be sealed. */
void encrypt_warn(struct encrypt *self);

/* ---- Hooks -------------------------------------------------------------- */

int encrypt_setting(void *self, const struct xvs_setting *setting,
                    struct xvs_answer *answer);
int encrypt_status(void *self, const struct xvs_query *query,
                   struct xvs_answer *answer);
void encrypt_ingress(void *self, struct xvs_burst *burst);
void encrypt_egress(void *self, struct xvs_burst *burst);

#endif
