/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * How a session begins, and who is at its other end.
 */

#include "tls/tls-inside.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

static bool
is_lost(int error)
{
    return error == GNUTLS_E_PULL_ERROR || error == GNUTLS_E_PUSH_ERROR
        || error == GNUTLS_E_PREMATURE_TERMINATION;
}

/* Clients that come and go are nothing to be told. */
static void
say_why(struct tls_side *self, int error)
{
    gnutls_datum_t text = { NULL, 0 };
    const char *alert = NULL;

    if (self->reason || (is_lost(error) && !self->keys->is_client)) {
        return;
    }
    if (error == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR
        && gnutls_certificate_verification_status_print(
            gnutls_session_get_verify_cert_status(self->session),
            GNUTLS_CRT_X509, &text, 0) == 0) {
        self->reason = strdup((const char *) text.data);
        gnutls_free(text.data);
        return;
    }
    if (is_lost(error)) {
        alert = "the connection was lost";
    } else if (error == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        alert = gnutls_alert_get_name(gnutls_alert_get(self->session));
    }
    self->reason = strdup(alert ? alert : gnutls_strerror(error));
}

void
tls_fail(struct tls_side *self, int error)
{
    say_why(self, error);
    self->failed = self->is_open = true;
}

void
tls_shake_hands(struct tls_side *self)
{
    int result = gnutls_handshake(self->session);

    if (result == GNUTLS_E_SUCCESS) {
        self->is_open = true;
    } else if (gnutls_error_is_fatal(result)) {
        gnutls_alert_send_appropriate(self->session, result);
        tls_fail(self, result);
        self->alerted = true;
    }
}

bool
tls_fingerprint(struct side *side, char hex[TLS_FINGERPRINT_SIZE])
{
    unsigned n = 0;
    const gnutls_datum_t *chain =
        gnutls_certificate_get_peers(tls_of(side)->session, &n);
    unsigned char hash[32];
    size_t size = sizeof(hash);

    hex[0] = 0;
    if (!chain || !n || gnutls_fingerprint(GNUTLS_DIG_SHA256, &chain[0], hash,
                                           &size) != 0) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
    return true;
}

static bool
is_address(const char *name)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, name, bytes) == 1
        || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool
begin_client(struct tls_side *self)
{
    static const gnutls_datum_t protocol = {
        (unsigned char *) (uintptr_t) "http/1.1", 8 };

    gnutls_session_set_verify_cert(self->session, self->name, 0);
    return gnutls_alpn_set_protocols(self->session, &protocol, 1, 0) == 0
        && (is_address(self->name)
            || gnutls_server_name_set(self->session, GNUTLS_NAME_DNS,
                                      self->name, strlen(self->name)) == 0);
}

static bool
begin_server(struct tls_side *self)
{
    static const gnutls_datum_t protocols[] = {
        { (unsigned char *) (uintptr_t) "h2", 2 },
        { (unsigned char *) (uintptr_t) "http/1.1", 8 } };

    gnutls_certificate_server_set_request(
        self->session, self->keys->has_clients ? GNUTLS_CERT_REQUIRE
                                               : GNUTLS_CERT_REQUEST);
    if (self->keys->has_clients) {
        gnutls_session_set_verify_cert(self->session, NULL, 0);
    }
    return gnutls_alpn_set_protocols(self->session, protocols, 2, 0) == 0;
}

bool
tls_begin(struct tls_side *self)
{
    bool is_client = self->keys->is_client;

    if (gnutls_init(&self->session, (is_client ? GNUTLS_CLIENT : GNUTLS_SERVER)
                    | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0) {
        return false;
    }
    gnutls_priority_set(self->session, self->keys->priority);
    gnutls_credentials_set(self->session, GNUTLS_CRD_CERTIFICATE,
                           self->keys->credentials);
    gnutls_handshake_set_timeout(self->session, 0);
    tls_set_transport(self);
    return is_client ? begin_client(self) : begin_server(self);
}
