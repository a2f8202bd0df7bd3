/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writing and reading descriptions; see description.h.
 */

#include <config.h>

#include "stage/plugin/description.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "control/message.h"
#include "stage/plugin/descriptor.h"

/* ---- Writing ------------------------------------------------------------ */

uint32_t
description_hooks(const struct xvs_extension *extension)
{
    return (extension->init ? HOOK_INIT : 0)
        | (extension->fini ? HOOK_FINI : 0)
        | (extension->port ? HOOK_PORT : 0)
        | (extension->state ? HOOK_STATE : 0)
        | (extension->setting ? HOOK_SETTING : 0)
        | (extension->status ? HOOK_STATUS : 0)
        | (extension->oid ? HOOK_OID : 0)
        | (extension->timer ? HOOK_TIMER : 0)
        | (extension->ingress ? HOOK_INGRESS : 0)
        | (extension->egress ? HOOK_EGRESS : 0)
        | (extension->ready ? HOOK_READY : 0);
}

/* The field is zero; the text was judged to fit. */
static void
put_text(char *field, size_t size, const char *text)
{
    if (text) {
        memcpy(field, text, strnlen(text, size - 1));
    }
}

static void
put_lists(const struct xvs_extension *extension, struct buffer *out)
{
    buffer_put(out, extension->features,
               extension->n_features * sizeof(struct xvs_feature));
    for (uint32_t i = 0; i < extension->n_methods; i++) {
        const struct xvs_method *method = &extension->methods[i];
        struct control_signature one = { .uuid = method->uuid };

        put_text(one.name, sizeof one.name, method->name);
        put_text(one.signature, sizeof one.signature, method->signature);
        buffer_put(out, &one, sizeof one);
    }
    for (uint32_t i = 0; i < extension->n_reasons; i++) {
        struct control_reason one = { "" };

        put_text(one.name, sizeof one.name, extension->reasons[i]);
        buffer_put(out, &one, sizeof one);
    }
}

void
description_put(const struct xvs_extension *extension, const char *file,
                struct buffer *out)
{
    struct control_extension one = {
        .id = extension->id,
        .version = extension->version,
        .extension_class = extension->extension_class,
        .on_failure = extension->on_failure,
        .api_version = extension->api_version,
        .n_features = extension->n_features,
        .n_methods = extension->n_methods,
        .n_reasons = extension->n_reasons,
        .traits = extension->traits,
    };

    put_text(one.name, sizeof one.name, extension->name);
    put_text(one.vendor, sizeof one.vendor, extension->vendor);
    put_text(one.description, sizeof one.description,
             extension->description);
    put_text(one.before, sizeof one.before, extension->before);
    put_text(one.after, sizeof one.after, extension->after);
    put_text(one.file, sizeof one.file, file);
    buffer_put(out, &one, sizeof one);
    put_lists(extension, out);
}

void
description_write(const struct xvs_extension *extension, const char *file,
                  struct buffer *out)
{
    size_t at = buffer_extend(out, sizeof(struct description_head));
    struct description_head head = {
        .magic = DESCRIPTION_MAGIC,
        .mandatory = extension->mandatory,
        .hooks = description_hooks(extension),
    };

    description_put(extension, file, out);
    head.size = (uint32_t) (out->size - at);
    memcpy(out->data + at, &head, sizeof head);
}

/* ---- Reading ------------------------------------------------------------ */

static bool
refuse(const char *file, const char *what, struct error *error)
{
    return error_set(error, ERROR_INVALID, "%s: the process that tried it"
                     " says of it what cannot be: %s", file, what);
}

static bool
check_head(const struct description_head *head, size_t size,
           const char *file, struct error *error)
{
    if (size < sizeof *head || head->magic != DESCRIPTION_MAGIC) {
        return refuse(file, "nothing", error);
    }
    if (head->size > size || head->size < sizeof *head
        || head->size > DESCRIPTION_LIMIT || head->size % 8) {
        return refuse(file, "the size is wrong", error);
    }
    if (head->reserved || head->hooks & ~(uint32_t) HOOKS_ALL) {
        return refuse(file, "unknown hooks", error);
    }
    return true;
}

static const char *
text_or_null(const char *text)
{
    return *text ? text : NULL;
}

static void
take_methods(struct description *description, const char **at)
{
    struct xvs_extension *extension = &description->extension;

    description->methods =
        mem_array(extension->n_methods + 1, sizeof *description->methods);
    for (uint32_t i = 0; i < extension->n_methods; i++) {
        const struct control_signature *one = (const void *) *at;

        description->methods[i] = (struct xvs_method) {
            .uuid = one->uuid, .name = one->name,
            .signature = one->signature };
        *at = control_after(one, sizeof *one);
    }
    extension->methods = description->methods;
}

static void
take_reasons(struct description *description, const char *at)
{
    struct xvs_extension *extension = &description->extension;

    description->reasons =
        mem_array(extension->n_reasons + 1, sizeof *description->reasons);
    for (uint32_t i = 0; i < extension->n_reasons; i++) {
        const struct control_reason *one = (const void *) at;

        description->reasons[i] = text_or_null(one->name);
        at = control_after(one, sizeof *one);
    }
    extension->reasons = description->reasons;
}

/* The parts of 'bytes', whose sizes and texts were checked. */
static void
take(struct description *description)
{
    const struct description_head *head = (const void *) description->bytes;
    const struct control_extension *one = control_after(head, sizeof *head);
    const char *at = control_after(one, sizeof *one);

    description->hooks = head->hooks;
    description->extension = (struct xvs_extension) {
        .size = sizeof description->extension,
        .api_version = one->api_version,
        .version = one->version,
        .mandatory = head->mandatory,
        .id = one->id,
        .extension_class = one->extension_class,
        .on_failure = one->on_failure,
        .n_features = one->n_features,
        .name = one->name,
        .vendor = text_or_null(one->vendor),
        .description = text_or_null(one->description),
        .before = text_or_null(one->before),
        .after = text_or_null(one->after),
        .features = (const void *) at,
        .n_methods = one->n_methods,
        .n_reasons = one->n_reasons,
        .traits = one->traits,
    };
    at += one->n_features * sizeof(struct xvs_feature);
    take_methods(description, &at);
    take_reasons(description, at);
}

_Static_assert(sizeof(struct xvs_feature) % 8 == 0
               && sizeof(struct control_extension) % 8 == 0
               && sizeof(struct control_signature) % 8 == 0
               && sizeof(struct control_reason) % 8 == 0,
               "lists have no gaps");

static bool
judge(const struct description *description, const char *file,
      struct error *error)
{
    const struct control_extension *one =
        (const void *) (description->bytes + sizeof(struct description_head));

    if (strcmp(one->file, file) != 0) {
        return refuse(file, "it is another file", error);
    }
    return descriptor_judge(&description->extension,
                            description->hooks & (HOOK_INGRESS | HOOK_EGRESS),
                            file, error);
}

bool
description_read(struct description *description, const void *bytes,
                 size_t size, const char *file, struct error *error)
{
    const struct description_head *head = bytes;
    struct error own;

    memset(description, 0, sizeof *description);
    if (!check_head(head, size, file, error)) {
        return false;
    }
    if (!control_check_extension(head + 1, head->size - sizeof *head, &own)) {
        return refuse(file, own.text, error);
    }
    description->bytes = mem_dup(bytes, head->size);
    take(description);
    if (!judge(description, file, error)) {
        description_free(description);
        return false;
    }
    return true;
}

bool
description_fits(const struct description *description,
                 const struct xvs_extension *opened, const char *file)
{
    BUFFER_AUTO struct buffer mine = BUFFER_INIT;
    const struct description_head *head = (const void *) description->bytes;

    description_write(opened, file, &mine);
    return mine.size == head->size
        && memcmp(mine.data, description->bytes, mine.size) == 0;
}

void
description_free(struct description *description)
{
    free(description->bytes);
    free(description->methods);
    free(description->reasons);
    memset(description, 0, sizeof *description);
}
