/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_HOST_H
#define XVS_TESTS_HOST_H

/*
 * A repository in memory with the classes of one MOF text, for tests that
 * need classes to make objects of.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "schema/class.h"
#include "schema/repository.h"

static inline void
host_print_errors(const struct error_list *errors)
{
    char line[1024];

    for (size_t i = 0; i < errors->n; i++) {
        fprintf(stderr, "  %s\n",
                error_format(&errors->items[i], line, sizeof(line)));
    }
}

/* Registers the text; what goes wrong is printed. */
static inline bool
host_register(struct repository *repository, const char *name,
              const char *text)
{
    struct error_list errors = { 0 };
    bool ok = repository_register(repository, name, text, strlen(text),
                                  false, &errors);

    if (!ok) {
        host_print_errors(&errors);
    }
    error_list_clear(&errors);
    return ok;
}

static inline struct repository *
host_open(const char *text)
{
    struct error_list errors = { 0 };
    struct repository *repository = repository_open(NULL, &errors);

    error_list_clear(&errors);
    if (!host_register(repository, "test", text)) {
        abort();
    }
    return repository;
}

static inline struct cim_class *
host_lookup(void *repository, const char *name)
{
    return repository_class(repository, name);
}

#endif
