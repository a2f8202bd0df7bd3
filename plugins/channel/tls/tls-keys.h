/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_TLS_KEYS_H
#define CHANNEL_TLS_KEYS_H

/*
 * What sessions of one listener, or to one other end, share; only for the
 * files of this folder.
 */

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>

struct tls_keys {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
    bool is_client;
    bool has_clients;           /* certificates of clients are checked */
    uint32_t users;             /* sessions, and who made it */
};

#endif
