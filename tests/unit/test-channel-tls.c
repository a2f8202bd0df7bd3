/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Clients under TLS, with GnuTLS as the client and certificates made here.
 */

#include <config.h>

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tls/tls.h"
#include "unit/channel-world.h"
#include "unit/unit.h"

#define CONNECT_VM "CONNECT vm1.vm.internal:22 HTTP/1.1\r\nHost: vm1\r\n\r\n"
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

/* A certificate that signs itself, and its key. */
struct pair {
    gnutls_datum_t certificate, key;
};

static struct world world;
static struct listener_config listening, vm_listening;
static struct world_place place;
static struct pair server, known, stranger;
static uint16_t proxy_port;

static struct pair
make(const char *name)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
    struct pair pair = { { NULL, 0 }, { NULL, 0 } };
    time_t now = time(NULL);

    gnutls_x509_privkey_init(&key);
    gnutls_x509_privkey_generate(
        key, GNUTLS_PK_ECDSA,
        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    gnutls_x509_crt_init(&certificate);
    gnutls_x509_crt_set_version(certificate, 3);
    gnutls_x509_crt_set_serial(certificate, "\1", 1);
    gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
                                  name, (unsigned) strlen(name));
    gnutls_x509_crt_set_activation_time(certificate, now - 1000);
    gnutls_x509_crt_set_expiration_time(certificate, now + 100000);
    gnutls_x509_crt_set_basic_constraints(certificate, 1, -1);
    gnutls_x509_crt_set_key(certificate, key);
    gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256,
                          0);
    gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM,
                            &pair.certificate);
    gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pair.key);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
    return pair;
}

static void
unmake(struct pair *pair)
{
    gnutls_free(pair->certificate.data);
    gnutls_free(pair->key.data);
}

static void
begin(bool checks)
{
    char reason[160] = "";
    struct link *link;

    world_begin(&world);
    server = make("h1");
    known = make("known");
    stranger = make("stranger");
    memset(&place, 0, sizeof place);
    listening = (struct listener_config) { .fd = -1 };
    listening.tls = tls_keys_server(
        (char *) server.certificate.data, (char *) server.key.data,
        checks ? (char *) known.certificate.data : NULL, reason);
    CU_ASSERT_PTR_NOT_NULL_FATAL(listening.tls);
    proxy_port = world_listen(&listening);
    place.port = world_listen(&vm_listening);
    link = link_fixed(&world.links);
    link_fixed_port(link, 22, &place);
    world_vm(&world, "vm1", link);
    CU_ASSERT_PTR_NOT_NULL_FATAL(listener_create(world.proxy, &listening));
}

static void
end(void)
{
    /* Sessions that there are keep it. */
    tls_keys_destroy(listening.tls);
    world_end(&world);
    CU_ASSERT_EQUAL(world.permits, 0);
    close(listening.fd);
    close(vm_listening.fd);
    unmake(&server);
    unmake(&known);
    unmake(&stranger);
}

/* ---- A client ----------------------------------------------------------- */

struct client {
    int fd;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    const char *out;            /* what is to be said */
    size_t out_size;
    char in[4096];
    size_t got, wanted;
    int error;                  /* of the library; or 0 */
    bool ended;
};

static void
come(struct client *client, const struct pair *shown, const char *protocol)
{
    const gnutls_datum_t alpn = { (unsigned char *) (uintptr_t) protocol,
                                  (unsigned) strlen(protocol) };

    memset(client, 0, sizeof *client);
    client->fd = world_connect(proxy_port);
    /* A certificate is shown whomever the server says that it trusts. */
    gnutls_init(&client->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK
                                  | GNUTLS_NO_SIGNAL
                                  | GNUTLS_FORCE_CLIENT_CERT);
    gnutls_set_default_priority(client->session);
    gnutls_certificate_allocate_credentials(&client->credentials);
    if (shown) {
        gnutls_certificate_set_x509_key_mem(
            client->credentials, &shown->certificate, &shown->key,
            GNUTLS_X509_FMT_PEM);
    }
    gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE,
                           client->credentials);
    gnutls_alpn_set_protocols(client->session, &alpn, 1, 0);
    gnutls_transport_set_int(client->session, client->fd);
    client->error = GNUTLS_E_AGAIN;
}

static void
leave(struct client *client)
{
    gnutls_deinit(client->session);
    gnutls_certificate_free_credentials(client->credentials);
    close(client->fd);
}

static bool
has_come(void *arg)
{
    struct client *client = arg;
    ssize_t n;

    if (client->error == GNUTLS_E_AGAIN) {
        client->error = gnutls_handshake(client->session);
        if (client->error == GNUTLS_E_AGAIN) {
            return false;
        }
    }
    if (client->error) {
        return true;
    }
    while (client->out_size) {
        n = gnutls_record_send(client->session, client->out,
                               client->out_size);
        if (n <= 0) {
            break;
        }
        client->out += n;
        client->out_size -= (size_t) n;
    }
    while (client->got < client->wanted) {
        n = gnutls_record_recv(client->session, client->in + client->got,
                               client->wanted - client->got);
        if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
            return false;
        }
        client->ended = n == 0;
        client->error = n < 0 ? (int) n : 0;
        if (n <= 0) {
            return true;
        }
        client->got += (size_t) n;
    }
    return true;
}

/* Says it, and hears this. */
static bool
hears(struct client *client, const char *says, const char *text)
{
    client->out = says;
    client->out_size = strlen(says);
    client->got = 0;
    client->wanted = strlen(text);
    memset(client->in, 0, sizeof client->in);
    if (world_run(&world, has_come, client)
        && strcmp(client->in, text) == 0) {
        return true;
    }
    printf("\nwanted '%s', got '%s' (%s)\n", text, client->in,
           gnutls_strerror(client->error));
    return false;
}

static bool
somebody_came(void *arg)
{
    int *fd = arg;

    *fd = accept4(vm_listening.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return *fd >= 0;
}

static int
vm_accepts(void)
{
    int fd = -1;

    CU_ASSERT(world_run(&world, somebody_came, &fd));
    return fd;
}

struct hearing {
    int fd;
    char bytes[64];
    size_t got, wanted;
    int error;
    bool ended;
};

static bool
is_heard(void *arg)
{
    struct hearing *in = arg;
    ssize_t n;

    while (in->got < in->wanted) {
        n = recv(in->fd, in->bytes + in->got, in->wanted - in->got,
                 MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            return false;
        }
        in->ended = n == 0;
        in->error = n < 0 ? errno : 0;
        if (n <= 0) {
            return true;
        }
        in->got += (size_t) n;
    }
    return true;
}

/* ---- Tests -------------------------------------------------------------- */

static void
test_halves(void)
{
    struct client client;
    struct hearing in = { .wanted = 5 };

    begin(false);
    come(&client, NULL, "http/1.1");
    CU_ASSERT(hears(&client, CONNECT_VM "early", ESTABLISHED));
    CU_ASSERT_STRING_EQUAL(world_find(&world, 200)->who, "");
    in.fd = vm_accepts();
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT_EQUAL(memcmp(in.bytes, "early", 5), 0);
    gnutls_bye(client.session, GNUTLS_SHUT_WR);
    in.wanted = 6;
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT(in.ended && !in.error);
    CU_ASSERT_EQUAL(send(in.fd, "late", 4, MSG_NOSIGNAL), 4);
    CU_ASSERT(hears(&client, "", "late"));
    close(in.fd);
    client.wanted++;
    CU_ASSERT(world_run(&world, has_come, &client));
    CU_ASSERT(client.ended && !client.error);
    leave(&client);
    /* Without close_notify it is a reset. */
    come(&client, NULL, "http/1.1");
    CU_ASSERT(hears(&client, CONNECT_VM, ESTABLISHED));
    in = (struct hearing) { .fd = vm_accepts(), .wanted = 1 };
    leave(&client);
    CU_ASSERT(world_run(&world, is_heard, &in));
    CU_ASSERT_EQUAL(in.error, ECONNRESET);
    close(in.fd);
    end();
}

static void
test_certificates(void)
{
    struct client client;

    begin(true);
    come(&client, &known, "h2");
    CU_ASSERT(hears(&client, CONNECT_VM, ESTABLISHED));
    CU_ASSERT_STRING_EQUAL(world_find(&world, 200)->who, "admin");
    close(vm_accepts());
    leave(&client);
    come(&client, &stranger, "http/1.1");
    client.out = CONNECT_VM;
    client.out_size = sizeof CONNECT_VM - 1;
    client.wanted = 1;
    CU_ASSERT(world_run(&world, has_come, &client));
    CU_ASSERT(client.error != 0 || client.ended);
    CU_ASSERT_EQUAL(gnutls_alert_get(client.session),
                    GNUTLS_A_BAD_CERTIFICATE);
    leave(&client);
    come(&client, NULL, "http/1.1");
    client.out = CONNECT_VM;
    client.out_size = sizeof CONNECT_VM - 1;
    client.wanted = 1;
    CU_ASSERT(world_run(&world, has_come, &client));
    CU_ASSERT_EQUAL(gnutls_alert_get(client.session),
                    GNUTLS_A_CERTIFICATE_REQUIRED);
    leave(&client);
    CU_ASSERT_EQUAL(world.told[0].status, 200);
    CU_ASSERT_PTR_NULL(world_find(&world, 407));
    end();
}

static bool
is_closed(void *arg)
{
    char bytes[256];
    ssize_t n = recv(*(int *) arg, bytes, sizeof bytes, MSG_DONTWAIT);

    return n == 0 || (n < 0 && errno != EAGAIN);
}

static void
test_garbage(void)
{
    int fd;

    begin(false);
    fd = world_connect(proxy_port);
    CU_ASSERT_EQUAL(send(fd, CONNECT_VM, sizeof CONNECT_VM - 1, MSG_NOSIGNAL),
                    sizeof CONNECT_VM - 1);
    CU_ASSERT(world_run(&world, is_closed, &fd));
    close(fd);
    end();
}

static void
test_servers(void)
{
    struct pair one = make("one"), other = make("other");
    char *certificate = (char *) one.certificate.data, reason[160];
    char *key = (char *) one.key.data;

    CU_ASSERT_PTR_NULL(tls_keys_server("", key, NULL, reason));
    CU_ASSERT_PTR_NOT_NULL(strstr(reason, "certificate and key: "));
    CU_ASSERT_PTR_NULL(tls_keys_server(certificate, "x", NULL, reason));
    CU_ASSERT_PTR_NULL(tls_keys_server(
        certificate, (char *) other.key.data, NULL, reason));
    CU_ASSERT_PTR_NULL(tls_keys_server(certificate, key, "x", reason));
    CU_ASSERT_PTR_NOT_NULL(strstr(reason, "who signs"));
    unmake(&one);
    unmake(&other);
}

static const struct unit_test tests[] = {
    { "halves", test_halves },
    { "certificates", test_certificates },
    { "garbage", test_garbage },
    { "servers", test_servers },
};

UNIT_MAIN("channel tls", tests)
