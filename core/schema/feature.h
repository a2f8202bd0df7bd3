/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_FEATURE_H
#define XVS_SCHEMA_FEATURE_H

/*
 * What the qualifiers of a class say about the feature it declares: whose it
 * is, which version, and whether its objects are settings or answers.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/types.h>

struct cim_class;
struct error;

enum feature_kind { FEATURE_NONE = 0, FEATURE_SETTING, FEATURE_STATUS };
enum feature_on_absence { FEATURE_BLOCK = 0, FEATURE_PARK, FEATURE_DROP };

struct feature {
    enum feature_kind kind;
    enum xvs_scope scope;
    struct xvs_guid uuid;           /* UUID(...) */
    struct xvs_guid extension;      /* ExtensionId(...) */
    uint16_t version;               /* InterfaceVersion << 8 | Revision */
    bool singleton;                 /* at most one instance per scope */
    enum feature_on_absence on_absence;     /* MigrationPolicy(...) */
    const char *display_name;       /* DisplayName or the class's name */
};

/*
 * Fills '*feature'.  False (with an error when it is malformed, and with
 * kind FEATURE_NONE and no error when the class is not a feature at all).
 */
bool feature_of_class(const struct cim_class *cls, struct feature *feature,
                      struct error *error);

#endif
