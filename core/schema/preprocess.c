/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>
#include "schema/preprocess.h"
void
preprocess(const char *file, struct source *source,
           struct error_list *errors)
{
    (void) file;
    (void) source;
    (void) errors;
}
