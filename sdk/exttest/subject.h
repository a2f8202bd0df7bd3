/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_EXTTEST_SUBJECT_H
#define XVS_EXTTEST_SUBJECT_H

/*
 * What is tried: a plugin file and the classes of its schema.  Read once,
 * before any test runs; nothing of the plugin's code is in this process.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "schema/class.h"
#include "schema/compile.h"
#include "schema/feature.h"

struct layout;
struct map;

#define SUBJECT_FEATURES 64

/* A class that settings or answers are made of. */
struct subject_feature {
    struct cim_class *cls;
    struct feature feature;     /* what its qualifiers say */
    const struct layout *layout;
};

struct subject {
    char path[4096];            /* of the plugin, absolute */
    char folder[4096];          /* the part in front of the last slash */
    char file[256];             /* and the one behind it */
    char previous[4096];        /* an earlier build, absolute; or "" */
    char work[64];              /* folder for sockets of ports, and files */
    struct map *classes;        /* by name */
    struct schema_unit *units;  /* one for each schema file */
    size_t n_units;
    uint32_t n_features;
    struct subject_feature features[SUBJECT_FEATURES];
};

/* Reads the schemas, which are 'n' files; false with the first error. */
bool subject_open(struct subject *subject, const char *plugin,
                  char *const *schemas, int n,
                  const char *const *include_dirs, size_t n_include_dirs,
                  struct error *error);
void subject_close(struct subject *subject);

/* A class of the schema or a built-in one; the first argument is the
 * subject, so that it can be a lookup function. */
struct cim_class *subject_class(void *subject, const char *name);

#endif
