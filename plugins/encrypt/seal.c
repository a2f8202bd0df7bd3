/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See seal.h.
 */
#include "seal.h"

#include <string.h>

#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include <xvs/headers.h>

#define MACS 12u                /* bytes of both MAC addresses */
#define SHORTEST 60u            /* what networks pad frames to */

static const char info[] = "xvs encrypt 1";

/* The header of a sealed frame. */
struct head {
    uint8_t type[2], kind, key, session[8], number[6];
};

_Static_assert(sizeof(struct head) == SEAL_HEADER, "no gaps");

static void
put(uint8_t *at, uint64_t value, uint32_t size)
{
    for (uint32_t i = size; i-- > 0; value >>= 8) {
        at[i] = (uint8_t) value;
    }
}

static uint64_t
get(const uint8_t *at, uint32_t size)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < size; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

/* ---- Sessions ----------------------------------------------------------- */

/* RFC 5869: a key and a salt that only this session has. */
static void
derive(struct seal_session *session, const struct seal_key *key, uint64_t id)
{
    struct hmac_sha256_ctx mac;
    uint8_t salt[8], root[SHA256_DIGEST_SIZE];
    uint8_t out[SEAL_SECRET + sizeof(session->salt)];

    put(salt, id, sizeof(salt));
    hmac_sha256_set_key(&mac, sizeof(salt), salt);
    hkdf_extract(&mac, (nettle_hash_update_func *) hmac_sha256_update,
                 (nettle_hash_digest_func *) hmac_sha256_digest,
                 SHA256_DIGEST_SIZE, SEAL_SECRET, key->secret, root);
    hmac_sha256_set_key(&mac, sizeof(root), root);
    hkdf_expand(&mac, (nettle_hash_update_func *) hmac_sha256_update,
                (nettle_hash_digest_func *) hmac_sha256_digest,
                SHA256_DIGEST_SIZE, sizeof(info) - 1, (const uint8_t *) info,
                sizeof(out), out);
    gcm_aes256_set_key(&session->cipher, out);
    memcpy(session->salt, out + SEAL_SECRET, sizeof(session->salt));
    session->serial = key->serial;
    session->id = id;
    explicit_bzero(&mac, sizeof(mac));
    explicit_bzero(root, sizeof(root));
    explicit_bzero(out, sizeof(out));
}

/* The worker's own session with this key. */
static struct seal_session *
own_session(struct seal_worker *worker, struct seal_sessions *sessions,
            const struct seal_key *key)
{
    if (worker->own.serial != key->serial || worker->n_own == SEAL_FRAMES) {
        derive(&worker->own, key, sessions->base
               + atomic_fetch_add_explicit(&sessions->n, 1,
                                           memory_order_relaxed));
        worker->n_own = 0;
    }
    return &worker->own;
}

/* Somebody's session; one that is not ready takes the place of the oldest. */
static struct seal_session *
heard_session(struct seal_worker *worker, const struct seal_key *key,
              uint64_t id)
{
    struct seal_session *session;

    for (uint32_t i = 0; i < SEAL_CACHE; i++) {
        session = &worker->heard[i];
        if (session->id == id && session->serial == key->serial) {
            return session;
        }
    }
    session = &worker->heard[worker->next++ % SEAL_CACHE];
    derive(session, key, id);
    return session;
}

/* Everything but the payload: nonce, and what is authentic in the clear. */
static void
start(struct seal_session *session, const struct xvs_packet *packet,
      const struct head *head)
{
    uint8_t nonce[GCM_IV_SIZE] = { 0 }, clear[MACS + sizeof(*head)];

    memcpy(nonce, session->salt, sizeof(session->salt));
    memcpy(nonce + GCM_IV_SIZE - sizeof(head->number), head->number,
           sizeof(head->number));
    memcpy(clear, packet->data, MACS);
    memcpy(clear + MACS, head, sizeof(*head));
    gcm_aes256_set_iv(&session->cipher, sizeof(nonce), nonce);
    gcm_aes256_update(&session->cipher, sizeof(clear), clear);
}

/* ---- Sealing ------------------------------------------------------------ */

/* Bytes at the end that make the sealed frame one that no network pads. */
static uint32_t
padding(const struct xvs_packet *packet)
{
    uint32_t size = packet->length + SEAL_OVERHEAD;

    return size < SHORTEST ? SHORTEST - size : 0;
}

bool
seal_close(struct seal_worker *worker, struct seal_sessions *sessions,
           const struct seal_key *key, uint16_t ethertype,
           struct xvs_packet *packet)
{
    uint32_t at = xvs_packet_type(packet), pad = padding(packet), size;
    struct seal_session *session;
    uint8_t *text;
    struct head head = { .kind = SEAL_KIND, .key = key->id };

    if (!at || packet->next
        || xvs_packet_room(packet) < pad + GCM_DIGEST_SIZE
        || !xvs_packet_push(packet, SEAL_HEADER)) {
        return false;
    }
    memmove(packet->data, packet->data + SEAL_HEADER, at);
    text = packet->data + at + SEAL_HEADER;
    size = packet->length - at - SEAL_HEADER + pad;
    memset(text + size - pad, 0, pad);
    session = own_session(worker, sessions, key);
    put(head.type, ethertype, 2);
    put(head.session, session->id, sizeof(head.session));
    put(head.number, worker->n_own++, sizeof(head.number));
    memcpy(packet->data + at, &head, sizeof(head));
    start(session, packet, &head);
    gcm_aes256_encrypt(&session->cipher, size, text, text);
    gcm_aes256_digest(&session->cipher, GCM_DIGEST_SIZE, text + size);
    packet->length = packet->total =
        at + SEAL_HEADER + size + GCM_DIGEST_SIZE;
    packet->offload = 0;
    packet->hash = 0;
    return true;
}

/* ---- Opening ------------------------------------------------------------ */

bool
seal_is(const struct xvs_packet *packet, uint16_t ethertype)
{
    uint32_t at = xvs_packet_type(packet);

    return packet->ethertype == ethertype && at
        && packet->length > at + 2 && packet->data[at + 2] == SEAL_KIND;
}

uint8_t
seal_key_of(const struct xvs_packet *packet)
{
    uint32_t at = xvs_packet_type(packet);

    /* With a type at least. */
    return at && !packet->next && packet->length >= at + SEAL_OVERHEAD + 2
        ? packet->data[at + 3] : 0;
}

bool
seal_open(struct seal_worker *worker, const struct seal_key *key,
          struct xvs_packet *packet, uint64_t *session_id, uint64_t *number)
{
    uint32_t at = xvs_packet_type(packet);
    uint32_t size = packet->length - at - SEAL_OVERHEAD;
    uint8_t *text = packet->data + at + SEAL_HEADER;
    uint8_t digest[GCM_DIGEST_SIZE];
    struct seal_session *session;
    struct head head;

    memcpy(&head, packet->data + at, sizeof(head));
    *session_id = get(head.session, sizeof(head.session));
    *number = get(head.number, sizeof(head.number));
    session = heard_session(worker, key, *session_id);
    start(session, packet, &head);
    gcm_aes256_decrypt(&session->cipher, size, text, text);
    gcm_aes256_digest(&session->cipher, sizeof(digest), digest);
    if (!memeql_sec(digest, text + size, sizeof(digest))) {
        return false;
    }
    memmove(packet->data + SEAL_HEADER, packet->data, at);
    packet->data += SEAL_HEADER;
    packet->length = packet->total = packet->length - SEAL_OVERHEAD;
    packet->offload = 0;
    packet->hash = 0;
    return true;
}
