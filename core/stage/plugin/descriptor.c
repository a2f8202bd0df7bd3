/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The rules of xvs/extension.h for a descriptor, one check each.
 */

#include <config.h>

#include "stage/plugin/descriptor.h"

#include <stddef.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/error.h"
#include "base/text.h"
#include "control/message.h"
#include "control/names.h"

#define KNOWN_HOOKS 0x03ffu     /* XVS_HOOK_PACKETS to XVS_HOOK_READY */
#define SIZE_MAX_SANE 4096u
#define LIST_MAX 1024u          /* features, methods */
#define SIGNATURE_MAX 64u       /* characters */
/* What the first version had; later ones append. */
#define SIZE_MIN offsetof(struct xvs_extension, reasons)

static bool
refuse(struct error *error, const char *file, const char *what)
{
    return error_set(error, ERROR_INVALID, "%s: %s", file, what);
}

static bool
check_frame(const struct xvs_extension *theirs, const char *file,
            struct error *error)
{
    if (theirs->api_version >> 8 != XVS_API_VERSION >> 8) {
        return error_set(error, ERROR_VERSION, "%s was built for version"
                         " %u.%u of the plugin interface; this program offers"
                         " %u.%u", file, theirs->api_version >> 8,
                         theirs->api_version & 0xffu, XVS_API_VERSION >> 8,
                         XVS_API_VERSION & 0xffu);
    }
    if (theirs->size < SIZE_MIN || theirs->size > SIZE_MAX_SANE) {
        return error_set(error, ERROR_VERSION, "%s: its descriptor claims %u"
                         " bytes; version %u.0 has %zu", file, theirs->size,
                         XVS_API_VERSION >> 8, SIZE_MIN);
    }
    if (theirs->mandatory & ~(uint64_t) KNOWN_HOOKS) {
        return error_set(error, ERROR_VERSION, "%s insists on hooks that this"
                         " program does not know (mandatory 0x%lx)", file,
                         (unsigned long) theirs->mandatory);
    }
    return true;
}

/* A text of 1 to size - 1 bytes without control characters. */
static bool
is_name(const char *text, size_t size)
{
    size_t length = text ? strnlen(text, size) : 0;

    if (length == 0 || length == size || !text_is_utf8(text, length)) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char) text[i] < 0x20 || text[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool
is_text_or_null(const char *text, size_t size)
{
    return !text || text[0] == 0 || is_name(text, size);
}

static bool
check_identity(const struct xvs_extension *ours, const char *file,
               struct error *error)
{
    if (guid_is_zero(&ours->id)) {
        return refuse(error, file, "the descriptor has no id");
    }
    if (!is_name(ours->name, XVS_NAME_SIZE)
        || strpbrk(ours->name, ",/ \\")) {
        return refuse(error, file, "the descriptor's name is missing, longer"
                                   " than 63 bytes, or has blanks, commas or"
                                   " slashes");
    }
    if (strcmp(ours->name, CONTROL_ENTRY_NETWORK) == 0) {
        return refuse(error, file, "no extension can be called network: ports"
                                   " enter there, behind all filters");
    }
    if (!is_text_or_null(ours->vendor, XVS_NAME_SIZE)
        || !is_text_or_null(ours->description, 256)
        || !is_text_or_null(ours->before, 256)
        || !is_text_or_null(ours->after, 256)) {
        return refuse(error, file, "a text of the descriptor is too long or"
                                   " is not UTF-8");
    }
    return true;
}

static bool
check_kind(const struct xvs_extension *ours, bool has_packets,
           const char *file, struct error *error)
{
    if (ours->extension_class < XVS_CLASS_CAPTURE
        || ours->extension_class > XVS_CLASS_SERVICE) {
        return refuse(error, file, "the descriptor's class is none of capture,"
                                   " filter, forward and service");
    }
    if (ours->on_failure < XVS_FAIL_OPEN
        || ours->on_failure > XVS_FAIL_HOLD) {
        return refuse(error, file, "the descriptor does not say what becomes"
                                   " of packets on failure (on_failure)");
    }
    if (ours->extension_class == XVS_CLASS_SERVICE && has_packets) {
        return refuse(error, file, "an extension of class service has no"
                                   " packet hooks");
    }
    return true;
}

static bool
check_features(const struct xvs_extension *ours, const char *file,
               struct error *error)
{
    if (ours->n_features > LIST_MAX || (ours->n_features && !ours->features)) {
        return refuse(error, file, "the table of features is missing or has"
                                   " more than 1024 entries");
    }
    for (uint32_t i = 0; i < ours->n_features; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (guid_equal(&ours->features[i].uuid,
                           &ours->features[j].uuid)) {
                return refuse(error, file,
                              "two features have the same UUID");
            }
        }
    }
    return true;
}

/* doc/formats.md, "Methods". */
static bool
is_signature(const char *text)
{
    size_t length = strlen(text);

    return length <= SIGNATURE_MAX && strchr("vbcsildtjmfgw", text[0])
        && strspn(text + 1, "bcsildtjmfgwzaBCSILDTJMFGWZA") == length - 1;
}

static bool
check_functions(const struct xvs_extension *ours, const char *file,
                struct error *error)
{
    for (uint32_t i = 0; i < ours->n_methods; i++) {
        if (!ours->methods[i].function) {
            return error_set(error, ERROR_INVALID, "%s: method %s has no"
                             " function", file, ours->methods[i].name);
        }
    }
    return true;
}

static bool
check_methods(const struct xvs_extension *ours, const char *file,
              struct error *error)
{
    if (ours->n_methods > LIST_MAX || (ours->n_methods && !ours->methods)) {
        return refuse(error, file, "the table of methods is missing or has"
                                   " more than 1024 entries");
    }
    for (uint32_t i = 0; i < ours->n_methods; i++) {
        const struct xvs_method *method = &ours->methods[i];

        if (!is_name(method->name, sizeof
                     ((struct control_signature *) 0)->name)
            || !is_name(method->signature, sizeof
                        ((struct control_signature *) 0)->signature)) {
            return refuse(error, file, "a method has no name or no"
                                       " signature");
        }
        if (!is_signature(method->signature)) {
            return error_set(error, ERROR_INVALID, "%s: the signature of"
                             " method %s is none that xvs-mofc writes", file,
                             method->name);
        }
    }
    return true;
}

static bool
check_reasons(const struct xvs_extension *ours, const char *file,
              struct error *error)
{
    if (ours->n_reasons > XVS_REASONS
        || (ours->n_reasons && !ours->reasons)) {
        return refuse(error, file, "the table of drop reasons is missing or"
                                   " has more than 15 entries");
    }
    for (uint32_t i = 0; i < ours->n_reasons; i++) {
        if (!is_text_or_null(ours->reasons[i],
                             sizeof((struct control_reason *) 0)->name)) {
            return refuse(error, file, "the name of a drop reason is longer"
                                       " than 47 bytes or is not UTF-8");
        }
    }
    return true;
}

/* An older program, which would take no notice of traits, has to refuse. */
static bool
check_traits(const struct xvs_extension *ours, const char *file,
             struct error *error)
{
    if (ours->traits == 0) {
        return true;
    }
    if (ours->traits & ~(uint32_t) CONTROL_TRAITS) {
        return error_set(error, ERROR_VERSION, "%s has traits that this"
                         " program does not know (traits 0x%x)", file,
                         ours->traits);
    }
    if (!(ours->mandatory & XVS_HOOK_TRAITS)) {
        return refuse(error, file, "the descriptor has traits, but not"
                                   " XVS_HOOK_TRAITS among its mandatory"
                                   " hooks");
    }
    if (ours->traits & XVS_TRAIT_HEAD && ours->traits & XVS_TRAIT_PAYLOAD) {
        return refuse(error, file, "the descriptor has XVS_TRAIT_PAYLOAD and"
                                   " XVS_TRAIT_HEAD, which cannot both be");
    }
    if (ours->traits & XVS_TRAIT_SOCKETS
        && ours->extension_class != XVS_CLASS_SERVICE) {
        return refuse(error, file, "the descriptor has XVS_TRAIT_SOCKETS,"
                                   " which is for extensions of class"
                                   " service");
    }
    if (ours->traits & ~(uint32_t) XVS_TRAIT_SOCKETS
        && ours->extension_class != XVS_CLASS_FILTER
        && ours->extension_class != XVS_CLASS_FORWARD) {
        return refuse(error, file, "the descriptor has traits, which are for"
                                   " extensions of class filter and forward");
    }
    return true;
}

bool
descriptor_judge(const struct xvs_extension *ours, bool has_packets,
                 const char *file, struct error *error)
{
    return check_frame(ours, file, error)
        && check_identity(ours, file, error)
        && check_kind(ours, has_packets, file, error)
        && check_traits(ours, file, error)
        && check_features(ours, file, error)
        && check_methods(ours, file, error)
        && check_reasons(ours, file, error);
}

bool
descriptor_copy(const struct xvs_extension *theirs, const char *file,
                struct xvs_extension *ours, struct error *error)
{
    size_t size;

    memset(ours, 0, sizeof *ours);
    if (!check_frame(theirs, file, error)) {
        return false;
    }
    size = theirs->size < sizeof *ours ? theirs->size : sizeof *ours;
    memcpy(ours, theirs, size);
    return descriptor_judge(ours, ours->ingress || ours->egress, file, error)
        && check_functions(ours, file, error);
}
