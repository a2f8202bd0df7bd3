/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Certificates, keys and whom to trust, from texts; see tls.h.
 */

#include "tls/tls-keys.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/tls.h"

static const char no_memory[] = "no memory";

static gnutls_datum_t
datum(const char *text)
{
    return (gnutls_datum_t) { (unsigned char *) (uintptr_t) text,
                              text ? (unsigned) strlen(text) : 0 };
}

static bool
load_own(struct tls_keys *keys, const char *certificates, const char *key,
         char reason[160])
{
    const gnutls_datum_t chain = datum(certificates), secret = datum(key);
    int result = gnutls_certificate_set_x509_key_mem(
        keys->credentials, &chain, &secret, GNUTLS_X509_FMT_PEM);

    if (result < 0) {
        snprintf(reason, 160, "certificate and key: %s",
                 gnutls_strerror(result));
    }
    return result >= 0;
}

/* 'who' is trusted by the text, for people. */
static bool
load_trusted(struct tls_keys *keys, const char *trusted, const char *who,
             char reason[160])
{
    const gnutls_datum_t text = datum(trusted);
    int result = gnutls_certificate_set_x509_trust_mem(
        keys->credentials, &text, GNUTLS_X509_FMT_PEM);

    if (result <= 0) {
        snprintf(reason, 160, "who signs %s certificate: %s", who,
                 result ? gnutls_strerror(result) : "no certificate");
    }
    return result > 0;
}

static struct tls_keys *
create(bool is_client, char reason[160])
{
    struct tls_keys *keys = calloc(1, sizeof(*keys));

    snprintf(reason, 160, no_memory);
    if (!keys) {
        return NULL;
    }
    keys->users = 1;
    keys->is_client = is_client;
    if (gnutls_certificate_allocate_credentials(&keys->credentials) < 0
        || gnutls_priority_init(&keys->priority, "NORMAL:-VERS-ALL:"
                                "+VERS-TLS1.3:+VERS-TLS1.2", NULL) < 0) {
        tls_keys_destroy(keys);
        return NULL;
    }
    return keys;
}

struct tls_keys *
tls_keys_server(const char *certificates, const char *key,
                const char *clients, char reason[160])
{
    struct tls_keys *keys = create(false, reason);

    if (keys && load_own(keys, certificates, key, reason)
        && (!clients || load_trusted(keys, clients, "a client's", reason))) {
        keys->has_clients = clients;
        return keys;
    }
    tls_keys_destroy(keys);
    return NULL;
}

struct tls_keys *
tls_keys_client(const char *trusted, const char *certificates,
                const char *key, char reason[160])
{
    struct tls_keys *keys = create(true, reason);
    bool good = keys && (!certificates
                         || load_own(keys, certificates, key, reason));

    if (good && trusted) {
        good = load_trusted(keys, trusted, "its", reason);
    } else if (good) {
        int result =
            gnutls_certificate_set_x509_system_trust(keys->credentials);

        snprintf(reason, 160, "the system's authorities: %s",
                 gnutls_strerror(result));
        good = result >= 0;
    }
    if (!good) {
        tls_keys_destroy(keys);
        return NULL;
    }
    return keys;
}

struct tls_keys *
tls_keys_hold(struct tls_keys *keys)
{
    if (keys) {
        keys->users++;
    }
    return keys;
}

void
tls_keys_destroy(struct tls_keys *keys)
{
    if (!keys || --keys->users) {
        return;
    }
    if (keys->priority) {
        gnutls_priority_deinit(keys->priority);
    }
    if (keys->credentials) {
        gnutls_certificate_free_credentials(keys->credentials);
    }
    free(keys);
}
