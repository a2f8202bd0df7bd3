/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A hash with a list through it; see inforce.h.
 */

#include <config.h>

#include "stage/inforce.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define FIRST_SIZE 16u          /* buckets; a power of two */

struct inforce {
    struct setting *first;
    struct setting *last;
    struct setting **buckets;
    uint32_t n_buckets;
    uint32_t n;
    pthread_mutex_t lock;
};

struct inforce *
inforce_create(void)
{
    struct inforce *inforce = mem_zalloc(sizeof *inforce);

    inforce->n_buckets = FIRST_SIZE;
    inforce->buckets = mem_array(FIRST_SIZE, sizeof *inforce->buckets);
    pthread_mutex_init(&inforce->lock, NULL);
    return inforce;
}

void
inforce_destroy(struct inforce *inforce)
{
    if (!inforce) {
        return;
    }
    while (inforce->first) {
        struct setting *setting = inforce->first;

        inforce->first = setting->next;
        free(setting);
    }
    pthread_mutex_destroy(&inforce->lock);
    free(inforce->buckets);
    free(inforce);
}

static struct setting **
bucket(const struct inforce *inforce, const struct xvs_guid *uuid,
       const struct xvs_guid *instance)
{
    uint64_t hash = hash_bytes(0, uuid, sizeof *uuid);

    hash = hash_bytes(hash, instance, sizeof *instance);
    return &inforce->buckets[hash & (inforce->n_buckets - 1)];
}

struct setting *
inforce_find(const struct inforce *inforce, const struct xvs_guid *uuid,
             const struct xvs_guid *instance)
{
    struct setting *setting = *bucket(inforce, uuid, instance);

    while (setting
           && (!guid_equal(&setting->head.uuid, uuid)
               || !guid_equal(&setting->head.instance, instance))) {
        setting = setting->chain;
    }
    return setting;
}

static void
hang(struct inforce *inforce, struct setting *setting)
{
    struct setting **at =
        bucket(inforce, &setting->head.uuid, &setting->head.instance);

    setting->chain = *at;
    *at = setting;
}

static void
grow(struct inforce *inforce)
{
    free(inforce->buckets);
    inforce->n_buckets *= 2;
    inforce->buckets =
        mem_array(inforce->n_buckets, sizeof *inforce->buckets);
    for (struct setting *one = inforce->first; one; one = one->next) {
        hang(inforce, one);
    }
}

void
inforce_put(struct inforce *inforce, struct setting *setting)
{
    pthread_mutex_lock(&inforce->lock);
    if (inforce->n >= inforce->n_buckets) {
        grow(inforce);
    }
    setting->next = NULL;
    setting->previous = inforce->last;
    if (inforce->last) {
        inforce->last->next = setting;
    } else {
        inforce->first = setting;
    }
    inforce->last = setting;
    inforce->n++;
    hang(inforce, setting);
    pthread_mutex_unlock(&inforce->lock);
}

void
inforce_add(struct inforce *inforce, const struct control_setting *head,
            const void *block)
{
    struct setting *setting = mem_alloc(sizeof *setting + head->block_size);

    setting->head = *head;
    setting->head.op = XVS_ADD;
    memcpy(setting->block, block, head->block_size);
    inforce_put(inforce, setting);
}

struct setting *
inforce_take(struct inforce *inforce, struct setting *setting)
{
    struct setting **at;

    pthread_mutex_lock(&inforce->lock);
    for (at = bucket(inforce, &setting->head.uuid, &setting->head.instance);
         *at != setting; at = &(*at)->chain) {
    }
    *at = setting->chain;
    *(setting->previous ? &setting->previous->next : &inforce->first) =
        setting->next;
    *(setting->next ? &setting->next->previous : &inforce->last) =
        setting->previous;
    inforce->n--;
    pthread_mutex_unlock(&inforce->lock);
    return setting;
}

struct setting *
inforce_first(const struct inforce *inforce)
{
    return inforce->first;
}

uint32_t
inforce_count(const struct inforce *inforce)
{
    return inforce->n;
}

void
inforce_lock(struct inforce *inforce)
{
    pthread_mutex_lock(&inforce->lock);
}

void
inforce_unlock(struct inforce *inforce)
{
    pthread_mutex_unlock(&inforce->lock);
}
