/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_ENCRYPT_SEAL_H
#define XVS_ENCRYPT_SEAL_H

/*
 * One frame, sealed with AES-256-GCM:
 *
 *     MAC addresses, tags | type, payload
 *     MAC addresses, tags | EtherType, 2, key, session, number | ... | seal
 *                  2, 1, 1, 8, 6 bytes         as before          16
 *
 * What is sealed are type and payload; MAC addresses and what stands in front
 * of it are authentic, too, but for VLAN tags, which switches change.
 *
 * Hosts that share a key never use the same nonce: each worker that seals has
 * a session, a number that no other has, and a key made of it with HKDF.  Within
 * a session frames are numbered.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <nettle/gcm.h>

#include <xvs/packet.h>

#define SEAL_KIND 2u            /* tells these frames from compressed ones */
#define SEAL_HEADER 18u
#define SEAL_OVERHEAD (SEAL_HEADER + GCM_DIGEST_SIZE)
#define SEAL_SECRET AES256_KEY_SIZE
#define SEAL_CACHE 8u           /* sessions that a worker keeps ready */
#define SEAL_FRAMES (1ull << 32)    /* of a session, at most */

struct seal_key {
    uint8_t id;
    uint64_t serial;            /* no other key of this extension has it */
    uint8_t secret[SEAL_SECRET];
};

/* Numbers of sessions; of all workers. */
struct seal_sessions {
    uint64_t base;              /* random */
    _Atomic uint64_t n;
};

/* What a session is sealed and opened with. */
struct seal_session {
    uint64_t serial;            /* of the key; 0: none */
    uint64_t id;
    uint8_t salt[4];            /* begins the nonce */
    struct gcm_aes256_ctx cipher;
};

/* One packet hook at a time has it. */
struct seal_worker {
    atomic_flag busy;
    struct seal_session own;    /* to seal */
    uint64_t n_own;             /* frames sealed with it */
    uint32_t next;              /* place in 'heard' that is used next */
    struct seal_session heard[SEAL_CACHE];
} __attribute__((aligned(64)));

/* Whether the frame says that it is sealed. */
bool seal_is(const struct xvs_packet *packet, uint16_t ethertype);

/* Seals it.  False: there is no room, and it is as it was. */
bool seal_close(struct seal_worker *worker, struct seal_sessions *sessions,
                const struct seal_key *key, uint16_t ethertype,
                struct xvs_packet *packet);

/* Which key a sealed frame says; 0: it is too short to be one. */
uint8_t seal_key_of(const struct xvs_packet *packet);
/* Opens it, and tells which one it was.  False: it is not authentic, and its
 * bytes are worthless. */
bool seal_open(struct seal_worker *worker, const struct seal_key *key,
               struct xvs_packet *packet, uint64_t *session,
               uint64_t *number);

#endif
