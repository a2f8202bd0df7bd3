/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/list/class-list.h"

#include <stdlib.h>

#include "schema/class.h"

void
class_list_destroy(struct class_list *list)
{
    if (!list) {
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        class_unref(list->classes[i]);
    }
    free(list->classes);
    free(list);
}
