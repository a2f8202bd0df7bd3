/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * All groups of tests, in the order in which they run.
 */

#include <config.h>

#include "exttest.h"

extern const struct group group_abi;
extern const struct group group_schema;
extern const struct group group_settings;
extern const struct group group_status;
extern const struct group group_traffic;
extern const struct group group_faults;
extern const struct group group_life;
extern const struct group group_upgrade;
extern const struct group group_oid;
extern const struct group group_reload;
extern const struct group group_leaks;
extern const struct group group_cost;

const struct group *const groups[] = {
    &group_abi,
    &group_schema,
    &group_life,
    &group_upgrade,
    &group_oid,
    &group_settings,
    &group_status,
    &group_traffic,
    &group_faults,
    &group_reload,
    &group_leaks,
    &group_cost,
    NULL,
};
