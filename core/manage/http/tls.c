/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/http/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct tls {
    gnutls_certificate_credentials_t credentials;   /* key, chain, CA */
    gnutls_priority_t priority;     /* what is offered: 1.2 and newer */
    bool asks_client;               /* for a certificate, if it has one */
};

struct tls_session {
    gnutls_session_t session;       /* on a socket that is not ours */
};

struct tls *
tls_create(const char *certificate, const char *key, const char *client_ca,
           struct error *error)
{
    struct tls *tls = mem_zalloc(sizeof *tls);
    int result = gnutls_certificate_allocate_credentials(&tls->credentials);
    const char *file = certificate;

    if (result == GNUTLS_E_SUCCESS) {
        result = gnutls_certificate_set_x509_key_file(
            tls->credentials, certificate, key ? key : certificate,
            GNUTLS_X509_FMT_PEM);
    }
    if (result == GNUTLS_E_SUCCESS) {
        result = gnutls_priority_init(
            &tls->priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2",
            NULL);
    }
    if (result == GNUTLS_E_SUCCESS && client_ca) {
        file = client_ca;
        result = gnutls_certificate_set_x509_trust_file(
            tls->credentials, client_ca, GNUTLS_X509_FMT_PEM);
        result = result == 0 ? GNUTLS_E_NO_CERTIFICATE_FOUND
                 : result > 0 ? GNUTLS_E_SUCCESS : result;
        tls->asks_client = true;
    }
    if (result == GNUTLS_E_SUCCESS) {
        return tls;
    }
    error_set(error, ERROR_INVALID, "cannot use %s for TLS: %s", file,
              gnutls_strerror(result));
    error_hint(error, "certificate and key are PEM files and belong "
               "together");
    tls_destroy(tls);
    return NULL;
}

void
tls_destroy(struct tls *tls)
{
    if (!tls) {
        return;
    }
    if (tls->priority) {
        gnutls_priority_deinit(tls->priority);
    }
    if (tls->credentials) {
        gnutls_certificate_free_credentials(tls->credentials);
    }
    free(tls);
}

struct tls_session *
tls_open(struct tls *tls, int fd)
{
    struct tls_session *session = mem_zalloc(sizeof *session);

    if (gnutls_init(&session->session,
                    GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL)
        != GNUTLS_E_SUCCESS) {
        free(session);
        return NULL;
    }
    gnutls_priority_set(session->session, tls->priority);
    gnutls_credentials_set(session->session, GNUTLS_CRD_CERTIFICATE,
                           tls->credentials);
    gnutls_certificate_server_set_request(
        session->session,
        tls->asks_client ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_IGNORE);
    gnutls_transport_set_int(session->session, fd);
    return session;
}

void
tls_close(struct tls_session *session)
{
    if (session) {
        gnutls_deinit(session->session);
        free(session);
    }
}

int
tls_handshake(struct tls_session *session)
{
    int result;

    do {
        result = gnutls_handshake(session->session);
    } while (result == GNUTLS_E_INTERRUPTED
             || result == GNUTLS_E_WARNING_ALERT_RECEIVED);
    if (result == GNUTLS_E_AGAIN) {
        return 0;
    }
    return result == GNUTLS_E_SUCCESS ? 1 : -1;
}

bool
tls_wants_write(const struct tls_session *session)
{
    return gnutls_record_get_direction(session->session) == 1;
}

/* GnuTLS's result as that of a socket call. */
static ssize_t
result_of(ssize_t n)
{
    if (n >= 0) {
        return n;
    }
    errno = n == GNUTLS_E_AGAIN ? EAGAIN
            : n == GNUTLS_E_INTERRUPTED ? EINTR : EPROTO;
    return -1;
}

ssize_t
tls_recv(struct tls_session *session, void *data, size_t size)
{
    ssize_t n;

    do {
        n = gnutls_record_recv(session->session, data, size);
    } while (n == GNUTLS_E_WARNING_ALERT_RECEIVED);
    return result_of(n);
}

ssize_t
tls_send(struct tls_session *session, const void *data, size_t size)
{
    return result_of(gnutls_record_send(session->session, data, size));
}

void
tls_bye(struct tls_session *session)
{
    gnutls_bye(session->session, GNUTLS_SHUT_WR);
}

bool
tls_peer_name(struct tls_session *session, char *name, size_t size)
{
    unsigned int status = UINT32_MAX;
    unsigned int n = 0;
    const gnutls_datum_t *chain =
        gnutls_certificate_get_peers(session->session, &n);
    gnutls_x509_crt_t certificate;
    bool found = false;

    if (!chain || !n
        || gnutls_certificate_verify_peers2(session->session, &status) != 0
        || status != 0
        || gnutls_x509_crt_init(&certificate) != 0) {
        return false;
    }
    if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER)
        == 0) {
        found = gnutls_x509_crt_get_dn_by_oid(
                    certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
                    &size) == 0;
    }
    gnutls_x509_crt_deinit(certificate);
    return found && strlen(name) == size;
}
