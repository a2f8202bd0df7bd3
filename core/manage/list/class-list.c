/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/list/class-list.h"

#include <stdlib.h>

#include "base/memory.h"
#include "schema/class.h"
#include "schema/compile.h"
#include "schema/xml.h"

/* What stands around a class's name and the class. */
struct frame {
    const char *before;     /* the name */
    bool has_place;         /* the name has a namespace in front */
    bool has_name;
    const char *between;    /* name and class */
    bool has_class;
    const char *after;      /* all */
};

static const struct frame frames[] = {
    [CLASS_ALONE] = { "", false, false, "", true, "" },
    [CLASS_NAME] = { "", false, true, "", false, "" },
    [CLASS_WITH_PATH] = { "<VALUE.OBJECTWITHPATH><CLASSPATH>", true, true,
                          "</CLASSPATH>", true, "</VALUE.OBJECTWITHPATH>" },
    [CLASS_PATH] = { "<OBJECTPATH><CLASSPATH>", true, true, "", false,
                     "</CLASSPATH></OBJECTPATH>" },
};

struct class_list *
class_list_create(enum class_form form)
{
    struct class_list *list = mem_zalloc(sizeof *list);

    list->form = form;
    return list;
}

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
    buffer_free(&list->place);
    free(list);
}

void
class_list_add(struct class_list *list, struct cim_class *cls)
{
    mem_grow(&list->classes, &list->capacity, list->n,
             sizeof *list->classes);
    list->classes[list->n++] = class_ref(cls);
}

bool
class_list_write(struct class_list *list, struct buffer *out)
{
    const struct frame *frame = &frames[list->form];
    const struct cim_class *cls;

    if (list->at == list->n) {
        return false;
    }
    cls = list->classes[list->at++];
    buffer_puts(out, frame->before);
    if (frame->has_place) {
        buffer_put(out, list->place.data, list->place.size);
    }
    if (frame->has_name) {
        buffer_puts(out, "<CLASSNAME");
        xml_put_attribute(out, "NAME", cls->name);
        buffer_puts(out, "></CLASSNAME>");
    }
    buffer_puts(out, frame->between);
    if (frame->has_class) {
        class_write_xml(cls, list->flags, list->names, list->n_names, out);
    }
    buffer_puts(out, frame->after);
    return true;
}
