/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_OBJECTS_H
#define XVS_EXTTEST_OBJECTS_H

/*
 * Settings to try, made from what the schema says: the default object; one
 * with each property at each of its limits and with each of its values; some
 * at random; and the instances that the schema files have, which is how a
 * vendor names objects that matter.  All of them are valid by the schema.
 */

#include <stdbool.h>
#include <stdint.h>

struct instance;
struct subject;
struct subject_feature;

/* False ends it. */
typedef bool (*objects_call)(void *arg, const struct instance *object,
                             const char *label);
void objects_each(const struct subject *subject,
                  const struct subject_feature *feature, objects_call call,
                  void *arg);
/* One with values at random; '*seed' goes on.  The caller destroys it. */
struct instance *objects_random(const struct subject_feature *feature,
                                uint64_t *seed);

/* Whether two have the same values, but for those that change by themselves:
 * counters, gauges and times. */
bool objects_same(const struct instance *one, const struct instance *other,
                  const char **property);

#endif
