/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys as the admin gave them, and the set that packet hooks read.  A secret
 * is wiped where it is not needed any more.
 */
#include "encrypt.h"

#include <stdlib.h>
#include <string.h>

struct encrypt_given *
encrypt_given(struct encrypt *self, const struct xvs_guid *instance)
{
    for (uint32_t i = 0; i < self->n_given; i++) {
        if (memcmp(&self->given[i].instance, instance, sizeof(*instance))
            == 0) {
            return &self->given[i];
        }
    }
    return NULL;
}

struct encrypt_given *
encrypt_numbered(struct encrypt *self, uint8_t id)
{
    for (uint32_t i = 0; i < self->n_given; i++) {
        if (self->given[i].key.id == id) {
            return &self->given[i];
        }
    }
    return NULL;
}

void
encrypt_forget(struct encrypt *self, struct encrypt_given *given)
{
    struct encrypt_given *last = &self->given[--self->n_given];

    *given = *last;
    explicit_bzero(last, sizeof(*last));
}

static int
digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
        : c >= 'a' && c <= 'f' ? c - 'a' + 10
        : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
encrypt_read_key(const char *text, uint8_t secret[SEAL_SECRET])
{
    if (strlen(text) != 2 * SEAL_SECRET) {
        return false;
    }
    for (uint32_t i = 0; i < SEAL_SECRET; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        secret[i] = (uint8_t) (high << 4 | low);
    }
    return true;
}

void
encrypt_free_set(void *set)
{
    if (set) {
        explicit_bzero(set, sizeof(struct encrypt_set));
    }
    free(set);
}

int
encrypt_publish(struct encrypt *self)
{
    struct encrypt_set *fresh = malloc(sizeof(*fresh)), *old;

    if (!fresh) {
        return XVS_RESOURCES;
    }
    *fresh = self->plan;
    fresh->n_keys = self->n_given;
    fresh->sender = NULL;
    for (uint32_t i = 0; i < self->n_given; i++) {
        fresh->keys[i] = self->given[i].key;
        if (fresh->keys[i].id == fresh->send_key) {
            fresh->sender = &fresh->keys[i];
        }
    }
    old = xvs_publish(self->set, fresh);
    if (old) {
        self->host->retire(self->host, old, encrypt_free_set);
    }
    return XVS_SUCCESS;
}
