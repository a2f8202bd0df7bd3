/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_SETTINGS_H
#define XVS_EXTTEST_SETTINGS_H

/*
 * What tests of settings have in common; test-settings.c.
 */

#include <stdbool.h>

struct error;
struct instance;
struct subject_feature;
struct trial;

/* Calls for each class of settings; false, and it is told, when there is
 * none. */
typedef void (*settings_class)(struct trial *trial,
                               const struct subject_feature *feature,
                               void *arg);
bool settings_classes(struct trial *trial, settings_class call, void *arg);

/* Whether the last request was accepted, or refused as it should be; else the
 * trial has failed. */
bool settings_judge(struct trial *trial, const char *what, const char *label,
                    bool good, const struct error *error);

/* An object that the extension would accept; NULL: none was found. */
struct instance *settings_find(struct trial *trial,
                               const struct subject_feature *feature);

#endif
