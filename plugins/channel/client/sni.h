/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_SNI_H
#define CHANNEL_SNI_H

/*
 * The name in a ClientHello (RFC 8446, 4.1.2; RFC 6066, 3), read and not
 * taken: TLS goes on to the VM, end to end.
 */

#include <stddef.h>
#include <stdint.h>

#define SNI_NAME_SIZE 256u
#define SNI_ALERT_SIZE 7u

enum sni_step { SNI_MORE, SNI_FOUND, SNI_NONE };

/* 'bytes' are all that have come.  SNI_NONE: it is no ClientHello, or has no
 * name. */
enum sni_step sni_read(const uint8_t *bytes, size_t size,
                       char name[SNI_NAME_SIZE]);
/* What TLS says to who is refused: unknown name, or access denied. */
size_t sni_alert(uint8_t bytes[SNI_ALERT_SIZE], int status);

#endif
