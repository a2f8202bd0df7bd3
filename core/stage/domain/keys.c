/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Taking and giving protection keys; see keys.h.
 */

#include <config.h>

#include "stage/domain/keys.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "base/error.h"

#define KEYS 16
#define ALL (PKEY_DISABLE_ACCESS | PKEY_DISABLE_WRITE)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;    /* of the next */
static bool is_free[KEYS];
static int packets, signals;    /* 0: there are no keys */

bool
keys_are_there(void)
{
    return signals != 0;
}

bool
keys_refuse(struct error *error)
{
    error_set(error, ERROR_UNSUPPORTED, "this processor has no protection"
              " keys (PKU)");
    return error_hint(error, "use partition process");
}

bool
keys_open(struct error *error)
{
    packets = pkey_alloc(0, 0);
    if (packets < 0) {
        packets = 0;
        return keys_refuse(error);
    }
    signals = pkey_alloc(0, 0);
    if (signals < 0) {
        pkey_free(packets);
        packets = signals = 0;
        return error_set(error, ERROR_LIMIT, "all protection keys of the"
                         " processor are in use in this process");
    }
    for (;;) {
        int key = pkey_alloc(0, 0);

        if (key < 0 || key >= KEYS) {
            return true;
        }
        is_free[key] = true;
    }
}

int
keys_take(struct error *error)
{
    int key = 0;

    if (!keys_are_there()) {
        keys_refuse(error);
        return 0;
    }
    pthread_mutex_lock(&lock);
    for (int i = 1; i < KEYS && !key; i++) {
        if (is_free[i]) {
            is_free[i] = false;
            key = i;
        }
    }
    pthread_mutex_unlock(&lock);
    if (!key) {
        error_set(error, ERROR_LIMIT, "all protection keys of the processor"
                  " are in use by other stages");
        error_hint(error, "use partition process");
    }
    return key;
}

void
keys_give(int key)
{
    pthread_mutex_lock(&lock);
    is_free[key] = key != 0;
    pthread_mutex_unlock(&lock);
}

int
keys_packets(void)
{
    return packets;
}

int
keys_signals(void)
{
    return signals;
}

bool
keys_tag(void *memory, size_t size, int protection, int key,
         struct error *error)
{
    int result = key ? pkey_mprotect(memory, size, protection, key)
                     : mprotect(memory, size, protection);

    return result == 0
        || error_set_errno(error, errno, "cannot give %zu bytes protection"
                           " key %d", size, key);
}

uint32_t
keys_rights(int key, bool writes_packets)
{
    uint32_t rights = 0;

    for (int i = 0; i < KEYS; i++) {
        uint32_t denied = ALL;

        if (i == key || i == signals || (i == packets && writes_packets)) {
            denied = 0;
        } else if (i == 0 || i == packets) {
            denied = PKEY_DISABLE_WRITE;
        }
        rights |= denied << 2 * i;
    }
    return rights;
}
