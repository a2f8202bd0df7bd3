/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two hashes of the formats: FNV-1a for identities (schema, class) and
 * CRC-32C for damage.  CRC-32C takes eight bytes per step from eight tables
 * ("slicing by 8"), built at the first use.
 */
#include <config.h>

#include "base/text.h"

#include <pthread.h>
#include <string.h>

#define CASTAGNOLI 0x82f63b78u  /* bit-reversed polynomial */

static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

uint64_t
hash_bytes(uint64_t seed, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    uint64_t hash = seed ? seed : 0xcbf29ce484222325u;

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
    return hash;
}

static void
build_tables(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? CASTAGNOLI : 0);
        }
        tables[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++) {
        for (int t = 1; t < 8; t++) {
            uint32_t crc = tables[t - 1][i];

            tables[t][i] = crc >> 8 ^ tables[0][crc & 0xff];
        }
    }
}

uint32_t
crc32c(uint32_t crc, const void *data, size_t size)
{
    const unsigned char *at = data;

    pthread_once(&tables_once, build_tables);
    crc = ~crc;
    for (; size >= 8; size -= 8, at += 8) {
        crc ^= (uint32_t) at[0] | (uint32_t) at[1] << 8
               | (uint32_t) at[2] << 16 | (uint32_t) at[3] << 24;
        crc = tables[7][crc & 0xff] ^ tables[6][crc >> 8 & 0xff]
              ^ tables[5][crc >> 16 & 0xff] ^ tables[4][crc >> 24]
              ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]]
              ^ tables[0][at[7]];
    }
    for (; size; size--, at++) {
        crc = crc >> 8 ^ tables[0][(crc ^ *at) & 0xff];
    }
    return ~crc;
}
