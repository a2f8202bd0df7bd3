/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * TLS to a remote host: the server's certificate must be valid and name the
 * host; there is no switch to turn that off.  GnuTLS is loaded with the first
 * such connection, and not at the start of every command.
 */

#include <config.h>

#include "client/wbem/transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/library.h"
#include "base/memory.h"

#define USED(symbol) symbol(gnutls_bye) \
    symbol(gnutls_certificate_allocate_credentials) \
    symbol(gnutls_certificate_free_credentials) \
    symbol(gnutls_certificate_set_x509_key_file) \
    symbol(gnutls_certificate_set_x509_system_trust) \
    symbol(gnutls_certificate_set_x509_trust_file) \
    symbol(gnutls_certificate_verification_status_print) \
    symbol(gnutls_credentials_set) symbol(gnutls_deinit) \
    symbol(gnutls_error_is_fatal) symbol(gnutls_free) \
    symbol(gnutls_handshake) symbol(gnutls_handshake_set_timeout) \
    symbol(gnutls_init) symbol(gnutls_record_get_direction) \
    symbol(gnutls_record_recv) symbol(gnutls_record_send) \
    symbol(gnutls_server_name_set) \
    symbol(gnutls_session_get_verify_cert_status) \
    symbol(gnutls_session_set_verify_cert) \
    symbol(gnutls_set_default_priority) symbol(gnutls_strerror) \
    symbol(gnutls_transport_set_int2)

static struct {
    USED(LIBRARY_MEMBER)
} lib;

static const char *const files[] = { "libgnutls.so.30", NULL };
static const char *const symbols[] = { USED(LIBRARY_NAME) NULL };
static const struct library gnutls = { "GnuTLS", "libgnutls30", files,
                                       symbols };

struct tls {
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    bool established;
};

static bool
refuse(struct error *error, const char *what, int code)
{
    return error_set(error, ERROR_IO, "%s: %s", what,
                     lib.gnutls_strerror(code));
}

static bool
bad_file(struct error *error, const char *file, int code)
{
    return error_set(error, ERROR_INVALID, "%s: %s", file,
                     lib.gnutls_strerror(code));
}

static bool
load_trust(struct tls *tls, const struct transport_options *options,
           struct error *error)
{
    int n;

    if (!options->ca) {
        n = lib.gnutls_certificate_set_x509_system_trust(tls->credentials);
        return n >= 0 || refuse(error, "cannot read the system's "
                                "certificate authorities", n);
    }
    n = lib.gnutls_certificate_set_x509_trust_file(
        tls->credentials, options->ca, GNUTLS_X509_FMT_PEM);
    if (n > 0) {
        return true;
    }
    return n < 0 ? bad_file(error, options->ca, n)
                 : error_set(error, ERROR_INVALID, "%s: no certificate in it",
                             options->ca);
}

static bool
load_own(struct tls *tls, const struct transport_options *options,
         struct error *error)
{
    const char *key = options->key ? options->key : options->certificate;
    int code;

    if (!options->certificate) {
        return true;
    }
    code = lib.gnutls_certificate_set_x509_key_file(
        tls->credentials, options->certificate, key, GNUTLS_X509_FMT_PEM);
    if (code < 0) {
        bad_file(error, options->certificate, code);
        return error_hint(error, "--cert and --key take PEM files");
    }
    return true;
}

static bool
is_address(const char *host)
{
    unsigned char address[16];

    return inet_pton(AF_INET, host, address) == 1
           || inet_pton(AF_INET6, host, address) == 1;
}

static bool
start(struct tls *tls, int fd, const struct transport_options *options,
      struct error *error)
{
    int code = lib.gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK
                                              | GNUTLS_NO_SIGNAL);

    if (code == 0) {
        code = lib.gnutls_set_default_priority(tls->session);
    }
    if (code == 0) {
        code = lib.gnutls_credentials_set(
            tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials);
    }
    if (code == 0 && !is_address(options->host)) {
        code = lib.gnutls_server_name_set(
            tls->session, GNUTLS_NAME_DNS, options->host,
            strlen(options->host));
    }
    if (code < 0) {
        return refuse(error, "cannot start TLS", code);
    }
    lib.gnutls_session_set_verify_cert(tls->session, options->host, 0);
    lib.gnutls_transport_set_int2(tls->session, fd, fd);
    lib.gnutls_handshake_set_timeout(tls->session, options->timeout_ms);
    return true;
}

/* Says in words why a certificate was not accepted. */
static bool
bad_certificate(struct tls *tls, const char *host, struct error *error)
{
    unsigned int status =
        lib.gnutls_session_get_verify_cert_status(tls->session);
    gnutls_datum_t text = { NULL, 0 };

    if (lib.gnutls_certificate_verification_status_print(
            status, GNUTLS_CRT_X509, &text, 0) < 0) {
        text.data = NULL;
    }
    error_set(error, ERROR_DENIED, "the certificate of %s: %s", host,
              text.data ? (char *) text.data : "not accepted");
    (*lib.gnutls_free)(text.data);
    return error_hint(error, "--cacert FILE names the authority to trust");
}

/* What the session waits for. */
static short
direction(const struct tls *tls)
{
    return lib.gnutls_record_get_direction(tls->session) ? POLLOUT : POLLIN;
}

static bool
shake_hands(struct tls *tls, int fd, const struct transport_options *options,
            struct error *error)
{
    for (;;) {
        int code = lib.gnutls_handshake(tls->session);
        struct pollfd poll_fd = { fd, POLLIN, 0 };

        if (code == 0) {
            tls->established = true;
            return true;
        }
        if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
            return bad_certificate(tls, options->host, error);
        }
        if (lib.gnutls_error_is_fatal(code)) {
            return refuse(error, "cannot agree on TLS", code);
        }
        poll_fd.events = direction(tls);
        if (poll(&poll_fd, 1, options->timeout_ms
                                  ? (int) options->timeout_ms : -1) == 0) {
            return error_set(error, ERROR_TIMEOUT,
                             "the server did not answer the TLS handshake");
        }
    }
}

struct tls *
tls_open(int fd, const struct transport_options *options,
         struct error *error)
{
    struct tls *tls;

    if (!library_load(&gnutls, &lib, error)) {
        return NULL;
    }
    tls = mem_zalloc(sizeof *tls);
    if (lib.gnutls_certificate_allocate_credentials(&tls->credentials) < 0) {
        abort();
    }
    if (!load_trust(tls, options, error) || !load_own(tls, options, error)
        || !start(tls, fd, options, error)
        || !shake_hands(tls, fd, options, error)) {
        tls_close(tls);
        return NULL;
    }
    return tls;
}

void
tls_close(struct tls *tls)
{
    if (!tls) {
        return;
    }
    if (tls->established) {
        lib.gnutls_bye(tls->session, GNUTLS_SHUT_WR);
    }
    if (tls->session) {
        lib.gnutls_deinit(tls->session);
    }
    lib.gnutls_certificate_free_credentials(tls->credentials);
    free(tls);
}

/* Turns a negative result into errno and poll events. */
static ssize_t
explain(struct tls *tls, ssize_t code, short *events, struct error *error)
{
    if (code == GNUTLS_E_PREMATURE_TERMINATION) {
        return 0;
    }
    if (lib.gnutls_error_is_fatal((int) code)) {
        refuse(error, "TLS", (int) code);
        errno = EPROTO;
        return -1;
    }
    *events = direction(tls);
    errno = EAGAIN;
    return -1;
}

ssize_t
tls_write(struct tls *tls, const void *data, size_t size, short *events,
          struct error *error)
{
    ssize_t n = lib.gnutls_record_send(tls->session, data, size);

    return n >= 0 ? n : explain(tls, n, events, error);
}

ssize_t
tls_read(struct tls *tls, void *data, size_t size, short *events,
         struct error *error)
{
    ssize_t n = lib.gnutls_record_recv(tls->session, data, size);

    return n >= 0 ? n : explain(tls, n, events, error);
}
