/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Services that are in force, found by their setting and by their VM: two
 * trees of the C library.  In that of VMs the first service of each stands
 * for all of them.
 */

#include "services.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>

struct services {
    void *by_instance, *by_vm;  /* trees of struct service */
};

static int
compare_instances(const void *a, const void *b)
{
    const struct service *one = a, *other = b;

    return memcmp(&one->instance, &other->instance, sizeof(one->instance));
}

static int
compare_vms(const void *a, const void *b)
{
    const struct service *one = a, *other = b;

    return strcmp(one->vm, other->vm);
}

struct services *
services_create(void)
{
    return calloc(1, sizeof(struct services));
}

static void
keep(void *service)
{
    (void) service;
}

void
services_destroy(struct services *self)
{
    if (self) {
        tdestroy(self->by_vm, keep);
        tdestroy(self->by_instance, free);
    }
    free(self);
}

struct service *
services_get(const struct services *self, const struct xvs_guid *instance)
{
    const struct service like = { .instance = *instance };
    void *node = tfind(&like, &self->by_instance, compare_instances);

    return node ? *(struct service **) node : NULL;
}

/* Where the tree has the first service of that one's VM, or NULL. */
static struct service **
first_of(const struct services *self, const struct service *like)
{
    void *node = tfind(like, &self->by_vm, compare_vms);

    return node;
}

struct service *
services_of(const struct services *self, const char *vm)
{
    struct service like = { .port = 0 }, **first;

    snprintf(like.vm, sizeof(like.vm), "%s", vm);
    first = first_of(self, &like);
    return first ? *first : NULL;
}

bool
services_add(struct services *self, struct service *service)
{
    void *node = tsearch(service, &self->by_vm, compare_vms);
    struct service **at = node;

    service->next = NULL;
    if (!node) {
        return false;
    }
    if (!tsearch(service, &self->by_instance, compare_instances)) {
        if (*at == service) {
            tdelete(service, &self->by_vm, compare_vms);
        }
        return false;
    }
    if (*at != service) {
        while (*at) {
            at = &(*at)->next;
        }
        *at = service;
    }
    return true;
}

void
services_remove(struct services *self, struct service *service)
{
    struct service **at = first_of(self, service);

    tdelete(service, &self->by_instance, compare_instances);
    if (*at == service && !service->next) {
        tdelete(service, &self->by_vm, compare_vms);
        return;
    }
    while (*at != service) {
        at = &(*at)->next;
    }
    *at = service->next;
}
