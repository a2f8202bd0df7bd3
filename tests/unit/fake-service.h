/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_FAKE_SERVICE_H
#define XVS_TESTS_FAKE_SERVICE_H

/*
 * A service in memory behind the real contract (service/service.h) and on a
 * real repository, for tests of the management interface alone.  Its schema
 * has classes that behave badly on purpose:
 *
 *   Test_Item    ordinary objects, 10 properties; associations Test_Link
 *   Test_Many    'n_many' objects that are made while they are read
 *   Test_Slow    three objects, each after a wait
 *   Test_Broken  'n_before_error' objects, then an error
 *   Test_Stuck   waits for ever
 *   Test_Part    an association of three classes, without objects
 */

#include <stddef.h>
#include <stdint.h>
#include "service/service.h"

struct fake_knobs {
    uint32_t n_many;            /* objects of Test_Many */
    uint32_t n_before_error;    /* of Test_Broken */
    bool answers_later;         /* changes complete after the call */
};

/* To be changed at any time. */
extern struct fake_knobs fake_knobs;

/* A service with 'n_items' objects of Test_Item, Id 1 and up. */
struct service *fake_service(struct loop *loop, uint32_t n_items);
/* Adds an event and wakes who waits for events. */
void fake_event(struct service *service, const char *text);
/* Cursors that are open. */
unsigned int fake_cursors(void);

#endif
