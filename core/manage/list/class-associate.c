/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Follows associations between classes.  An association says which classes
 * its references may be to; a class is at such an end when it is that class
 * or derived from it.  Derived associations come as themselves: their own
 * references may be narrower.
 */

#include <config.h>

#include "base/text.h"
#include "manage/list/class-list.h"
#include "manage/list/source.h"
#include "schema/class.h"
#include "schema/repository.h"

static bool
is_a(const struct cim_class *cls, const char *wanted)
{
    return !wanted || class_is_a(cls, wanted);
}

static bool
is_end(const struct property *property, const char *role)
{
    return property->type == CIM_REFERENCE && !property->is_array
           && property->class_name
           && (!role || text_equal_fold(role, property->name));
}

/* The next reference of 'link' that may be to objects of the class, from
 * '*at' on; false: no more. */
static bool
next_own(const struct cim_class *link, const struct cim_class *cls,
         const char *role, uint32_t *at)
{
    for (; *at < link->n_properties; ++*at) {
        const struct property *property = &link->properties[*at];

        if (is_end(property, role) && class_is_a(cls, property->class_name)) {
            return true;
        }
    }
    return false;
}

static void
add_once(struct class_list *list, struct cim_class *cls)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->classes[i] == cls) {
            return;
        }
    }
    class_list_add(list, cls);
}

/* The ends of 'link' that are seen from its reference 'own'. */
static void
add_ends(struct class_list *list, const struct repository *repository,
         const struct cim_class *link, uint32_t own,
         const struct source_filter *filter)
{
    for (uint32_t i = 0; i < link->n_properties; i++) {
        const struct property *property = &link->properties[i];
        struct cim_class *end;

        if (i == own || !is_end(property, filter->result_role)) {
            continue;
        }
        end = repository_class(repository, property->class_name);
        if (end && is_a(end, filter->result)) {
            add_once(list, end);
        }
    }
}

struct class_list *
class_associate(const struct repository *repository,
                const struct cim_class *cls,
                const struct source_filter *filter, bool others,
                enum class_form form)
{
    /* For references the result is the association itself. */
    const char *wanted = others ? filter->association : filter->result;
    struct cim_class *const *links;
    size_t n = repository_classes(repository, &links);
    struct class_list *list = class_list_create(form);

    for (size_t i = 0; i < n; i++) {
        if (!links[i]->is_association || !is_a(links[i], wanted)) {
            continue;
        }
        for (uint32_t own = 0; next_own(links[i], cls, filter->role, &own);
             own++) {
            if (others) {
                add_ends(list, repository, links[i], own, filter);
            } else {
                add_once(list, links[i]);
            }
        }
    }
    return list;
}
