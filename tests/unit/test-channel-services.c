/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Services of VMs with link fixed: found by their setting, and by their VM in
 * the order in which they came, whichever of them have gone.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "services.h"
#include "unit/unit.h"

#define VMS 50u

static struct xvs_guid
instance_of(uint16_t number)
{
    return (struct xvs_guid) { .a = number };
}

/* The one that is called by the number comes, as one of the VM "vm<n>". */
static struct service *
add(struct services *services, unsigned int vm, uint16_t number)
{
    struct service *service = calloc(1, sizeof(*service));

    service->instance = instance_of(number);
    service->port = number;
    snprintf(service->vm, sizeof(service->vm), "vm%u", vm);
    CU_ASSERT_FATAL(services_add(services, service));
    return service;
}

static void
take(struct services *services, struct service *service)
{
    services_remove(services, service);
    free(service);
}

/* The ports of the VM, one behind the other. */
static const char *
ports(const struct services *services, const char *vm)
{
    static char text[200];
    const struct service *service = services_of(services, vm);
    int at = 0;

    text[0] = 0;
    for (; service; service = service->next) {
        at += snprintf(text + at, sizeof(text) - (size_t) at, "%s%u",
                       at ? " " : "", service->port);
    }
    return text;
}

static void
test_order(void)
{
    struct services *services = services_create();
    struct service *four, *five, *six;

    CU_ASSERT_FATAL(services != NULL);
    CU_ASSERT_PTR_NULL(services_of(services, "vm1"));
    four = add(services, 1, 4);
    add(services, 2, 2);
    five = add(services, 1, 5);
    six = add(services, 1, 6);
    CU_ASSERT_STRING_EQUAL(ports(services, "vm1"), "4 5 6");
    take(services, five);
    CU_ASSERT_STRING_EQUAL(ports(services, "vm1"), "4 6");
    take(services, four);
    CU_ASSERT_STRING_EQUAL(ports(services, "vm1"), "6");
    four = add(services, 1, 4);
    CU_ASSERT_STRING_EQUAL(ports(services, "vm1"), "6 4");
    take(services, four);
    take(services, six);
    CU_ASSERT_STRING_EQUAL(ports(services, "vm1"), "");
    CU_ASSERT_STRING_EQUAL(ports(services, "vm2"), "2");
    CU_ASSERT_STRING_EQUAL(ports(services, "vm"), "");
    services_destroy(services);
    services_destroy(NULL);
}

static void
test_many(void)
{
    struct services *services = services_create();
    struct xvs_guid none = instance_of(1000);

    CU_ASSERT_FATAL(services != NULL);
    for (uint16_t i = 0; i < 3 * VMS; i++) {
        add(services, i % VMS, i);
    }
    for (uint16_t i = 0; i < 3 * VMS; i++) {
        struct xvs_guid instance = instance_of(i);
        struct service *service = services_get(services, &instance);

        CU_ASSERT_PTR_NOT_NULL_FATAL(service);
        CU_ASSERT_EQUAL(service->port, i);
        if (i < 2 * VMS) {
            take(services, service);
            CU_ASSERT_PTR_NULL(services_get(services, &instance));
        }
    }
    CU_ASSERT_PTR_NULL(services_get(services, &none));
    CU_ASSERT_STRING_EQUAL(ports(services, "vm7"), "107");
    services_destroy(services);
}

static const struct unit_test tests[] = {
    { "order", test_order },
    { "many", test_many },
};

int
main(void)
{
    return unit_main("services", tests, sizeof(tests) / sizeof(*tests));
}
