/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/list/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "manage/list/name.h"
#include "manage/list/source.h"
#include "object/forms.h"
#include "object/instance.h"
#include "object/path.h"
#include "object/wql.h"

/* What stands around an object's name and the object. */
struct frame {
    const char *before;     /* the name */
    bool has_place;         /* the name has a namespace in front */
    bool has_name;
    const char *between;    /* name and object */
    bool has_object;
    const char *after;      /* all */
};

static const struct frame frames[] = {
    [FORM_INSTANCE] = { "", false, false, "", true, "" },
    [FORM_NAMED] = { "<VALUE.NAMEDINSTANCE>", false, true, "", true,
                     "</VALUE.NAMEDINSTANCE>" },
    [FORM_NAME] = { "", false, true, "", false, "" },
    [FORM_OBJECT_WITH_PATH] = { "<VALUE.OBJECTWITHPATH><INSTANCEPATH>", true,
                                true, "</INSTANCEPATH>", true,
                                "</VALUE.OBJECTWITHPATH>" },
    [FORM_OBJECT_PATH] = { "<OBJECTPATH><INSTANCEPATH>", true, true, "",
                           false, "</INSTANCEPATH></OBJECTPATH>" },
    [FORM_INSTANCE_WITH_PATH] = { "<VALUE.INSTANCEWITHPATH><INSTANCEPATH>",
                                  true, true, "</INSTANCEPATH>", true,
                                  "</VALUE.INSTANCEWITHPATH>" },
    [FORM_PATH] = { "<INSTANCEPATH>", true, true, "", false,
                    "</INSTANCEPATH>" },
    [FORM_VALUE] = { "", false, false, "", false, "" },
};

struct listing *
listing_create(struct operation *op, struct source *source,
               enum listing_form form)
{
    struct listing *listing = mem_zalloc(sizeof *listing);

    listing->source = source;
    listing->form = form;
    if (frames[form].has_place) {
        name_put_place(op, &listing->place);
    }
    return listing;
}

static void
free_names(struct listing *listing)
{
    for (size_t i = 0; i < listing->n_names; i++) {
        free(listing->names[i]);
    }
    free(listing->names);
}

void
listing_destroy(struct listing *listing)
{
    if (!listing) {
        return;
    }
    source_destroy(listing->source);
    wql_destroy(listing->wql);
    free_names(listing);
    free(listing->shape);
    class_unref(listing->base);
    class_unref(listing->shaped);
    buffer_free(&listing->place);
    free(listing);
}

void
listing_set_names(struct listing *listing, const char *const *names,
                  size_t n)
{
    free_names(listing);
    listing->names = mem_array(n + 1, sizeof *listing->names);
    for (size_t i = 0; i < n; i++) {
        listing->names[i] = mem_strdup(names[i]);
    }
    listing->n_names = n;
}

void
listing_select(struct listing *listing, struct operation *op)
{
    size_t n;
    const char *const *names = op_names(op, "PropertyList", &n);

    if (op_flag(op, "IncludeClassOrigin", false)) {
        listing->flags |= INSTANCE_XML_ORIGIN;
    }
    if (names) {
        listing_set_names(listing, names, n);
    }
}

static bool
is_wanted(const struct listing *listing, const struct property *property)
{
    if ((listing->local_only && property->propagated)
        || (listing->base && !class_property(listing->base, property->name))) {
        return false;
    }
    for (size_t i = 0; i < listing->n_names; i++) {
        if (text_equal_fold(listing->names[i], property->name)) {
            return true;
        }
    }
    return listing->names == NULL;
}

/* Which properties of the class are wanted, found out once per class. */
static void
shape(struct listing *listing, struct cim_class *cls)
{
    class_unref(listing->shaped);
    free(listing->shape);
    listing->shaped = class_ref(cls);
    listing->shape = mem_array(cls->n_properties + 1,
                               sizeof *listing->shape);
    listing->n_shape = 0;
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        if (is_wanted(listing, &cls->properties[i])) {
            listing->shape[listing->n_shape++] = cls->properties[i].name;
        }
    }
}

static void
put_object(struct listing *listing, const struct instance *instance,
           struct buffer *out)
{
    if (!listing->names && !listing->base && !listing->local_only) {
        instance_write_xml(instance, listing->flags, NULL, 0, out);
        return;
    }
    if (listing->shaped != instance->cls) {
        shape(listing, instance->cls);
    }
    instance_write_xml(instance, listing->flags, listing->shape,
                       listing->n_shape, out);
}

static void
put_value(const struct listing *listing, const struct instance *instance,
          struct buffer *out)
{
    const struct value *value = instance_get(instance, listing->names[0]);

    if (value) {
        value_write_xml(value, out);
    }
}

static void
put_item(struct listing *listing, const struct source_item *item,
         struct buffer *out)
{
    const struct frame *frame = &frames[listing->form];

    buffer_puts(out, frame->before);
    if (frame->has_place) {
        buffer_put(out, listing->place.data, listing->place.size);
    }
    if (frame->has_name && item->path) {
        path_write_xml(item->path, out);
    } else if (frame->has_name) {
        name_write_xml(item->instance, out);
    }
    if (listing->form == FORM_VALUE) {
        put_value(listing, item->instance, out);
    }
    buffer_puts(out, frame->between);
    if (frame->has_object) {
        put_object(listing, item->instance, out);
    }
    buffer_puts(out, frame->after);
}

enum cursor_step
listing_next(struct listing *listing, struct buffer *out, bool *written,
             struct error *error)
{
    struct source_item item;
    enum cursor_step step = source_next(listing->source, &item, error);

    *written = step == CURSOR_ITEM;
    if (step == CURSOR_ITEM && listing->wql
        && !wql_matches(listing->wql, item.instance, written, error)) {
        return CURSOR_ERROR;
    }
    if (*written) {
        put_item(listing, &item, out);
    }
    return step;
}
