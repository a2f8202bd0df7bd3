/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * dlopen() with errors that say which package is missing.
 */

#include <config.h>

#include "base/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

static void *
open_any(const struct library *library)
{
    void *handle = NULL;

    for (size_t i = 0; library->files[i] && !handle; i++) {
        handle = dlopen(library->files[i], RTLD_NOW);
    }
    return handle;
}

static bool
refuse(const struct library *library, struct error *error)
{
    const char *why = dlerror();

    error_set(error, ERROR_IO, "cannot load %s: %s", library->name,
              why ? why : "a function is missing");
    return error_hint(error, "install %s (package %s)", library->name,
                      library->package);
}

bool
library_load(const struct library *library, void *table, struct error *error)
{
    void *symbol, *handle;
    size_t n;

    memcpy(&symbol, table, sizeof symbol);
    if (symbol) {
        return true;
    }
    handle = open_any(library);
    if (!handle) {
        return refuse(library, error);
    }
    for (n = 0; library->symbols[n]; n++) {
        if (!dlsym(handle, library->symbols[n])) {
            return refuse(library, error);
        }
    }
    for (size_t i = 0; i < n; i++) {
        symbol = dlsym(handle, library->symbols[i]);
        memcpy((char *) table + i * sizeof symbol, &symbol, sizeof symbol);
    }
    return true;
}
