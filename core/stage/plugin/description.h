/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PLUGIN_DESCRIPTION_H
#define XVS_STAGE_PLUGIN_DESCRIPTION_H

/*
 * A plugin's descriptor as bytes.  The process that tries a plugin (probe.h)
 * tells it so to xvs-switch, which has none of the plugin's code then:
 *
 *     struct description_head
 *     struct control_extension, its features, methods and reasons
 *
 * Whatever runs in that process can have written the bytes: they are judged
 * as a stranger's, by the rules for control messages and by those of
 * xvs/extension.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xvs/extension.h>

struct buffer;
struct error;

#define DESCRIPTION_MAGIC 0x44535658u   /* "XVSD" */
#define DESCRIPTION_LIMIT (1u << 20)    /* bytes; all lists full are fewer */

/* Which functions a descriptor has. */
enum description_hook {
    HOOK_INIT = 0x001, HOOK_FINI = 0x002, HOOK_PORT = 0x004,
    HOOK_STATE = 0x008, HOOK_SETTING = 0x010, HOOK_STATUS = 0x020,
    HOOK_OID = 0x040, HOOK_TIMER = 0x080, HOOK_INGRESS = 0x100,
    HOOK_EGRESS = 0x200, HOOK_READY = 0x400,
    HOOKS_ALL = 0x7ff
};

struct description_head {
    uint32_t magic;
    uint32_t size;              /* of all, this included */
    uint64_t mandatory;         /* as in struct xvs_extension */
    uint32_t hooks;             /* enum description_hook */
    uint32_t reserved;
};

/* One that was read. */
struct description {
    struct xvs_extension extension; /* without functions; what it points to
                                     * is in the three below */
    uint32_t hooks;             /* enum description_hook */
    char *bytes;                /* as they were read */
    struct xvs_method *methods;
    const char **reasons;
};

uint32_t description_hooks(const struct xvs_extension *extension);
/* Appends a control_extension and its lists. */
void description_put(const struct xvs_extension *extension, const char *file,
                     struct buffer *out);
/* The whole, of a descriptor that was judged (descriptor.h). */
void description_write(const struct xvs_extension *extension,
                       const char *file, struct buffer *out);
/* Behind what 'bytes' say is their size, more may come.  False with an error
 * that begins with 'file'. */
bool description_read(struct description *description, const void *bytes,
                      size_t size, const char *file, struct error *error);
/* Whether this descriptor, of a file that was opened, is the one described. */
bool description_fits(const struct description *description,
                      const struct xvs_extension *opened, const char *file);
void description_free(struct description *description);

#endif
