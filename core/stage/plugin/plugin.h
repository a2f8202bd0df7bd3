/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PLUGIN_PLUGIN_H
#define XVS_STAGE_PLUGIN_PLUGIN_H

/*
 * A plugin file: its descriptor, and the layouts of the classes that it was
 * built for.
 *
 *     described    by another process that tried it: nothing of the file is
 *                  in this one (probe.h)
 *     opened       its code is here, for stages that are inline
 *
 * Each refusal is one sentence that names the file and what is wrong with it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <xvs/extension.h>

#include "base/buffer.h"
#include "control/message.h"
#include "stage/plugin/description.h"

struct error;
struct layout;

#define PLUGIN_PATH 4096

/* A class of the plugin, as the manager described it. */
struct feature_layout {
    struct feature_layout *next;    /* in plugin.layouts */
    unsigned int refs;              /* the list and the tasks in flight */
    uint32_t scope;                 /* enum xvs_scope */
    uint32_t kind;                  /* 1 setting, 2 status */
    struct layout *layout;          /* what blocks are checked with */
    struct buffer wire;             /* layout_write() bytes */
    struct buffer empty;            /* block: the default object */
};

/* By which a file is known again. */
struct plugin_mark {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;        /* its contents */
};

/* What its file has that it cannot have in a domain. */
struct plugin_scan {
    uint32_t result;                /* enum control_scan */
    uint32_t n;                     /* findings */
    char text[CONTROL_FINDING];     /* the first, or why it is not known */
};

struct plugin {
    struct plugin *next;            /* in the driver's list */
    void *handle;                   /* of dlopen(); NULL: not opened */
    struct description description; /* of one that was described */
    struct plugin_mark mark;        /* the same */
    struct plugin_scan scan;        /* the same */
    struct xvs_extension extension; /* functions are there when it is opened;
                                     * else see 'hooks' */
    uint32_t hooks;                 /* enum description_hook */
    char file[256];                 /* plain file name */
    char *path;                     /* of the file */
    unsigned int n_stages;          /* that use it, abandoned ones too */
    unsigned int n_opened;          /* of them, those that have it here */
    struct feature_layout *layouts;
};

/*
 * Finds 'file' in the folders and writes its path: a regular file, owned by
 * root, by us or by 'trusted', that others cannot write.
 */
bool plugin_find(const char *const *folders, const char *file, uid_t trusted,
                 char path[PLUGIN_PATH], struct error *error);

/* What the file is known by; false with an error when it is gone. */
bool plugin_mark(const char *path, struct plugin_mark *mark,
                 struct error *error);
/* Scans the file (domain/scan.h); one that is very large is not read. */
void plugin_scan(const char *path, struct plugin_scan *scan);
/* Makes a plugin of a description, which is judged; 'mark' was taken before
 * the file was tried. */
struct plugin *plugin_described(const char *path,
                                const struct plugin_mark *mark,
                                const void *bytes, size_t size,
                                struct error *error);
/* Whether its file is still the one that was tried; false with an error. */
bool plugin_is_there(const struct plugin *plugin, struct error *error);
/* Loads its code into this process, if it is not there; runs the file's
 * constructors.  Refuses one that is not what was described any more. */
bool plugin_open(struct plugin *plugin, struct error *error);
/* For each plugin_open(); the last takes the code out again. */
void plugin_close(struct plugin *plugin);
/* Whether both are the same file, as far as the loader can tell. */
bool plugin_is_same(const struct plugin *one, const struct plugin *other);

/* Loads and checks at once; runs the file's constructors but no hook. */
struct plugin *plugin_load(const char *path, struct error *error);
/* Nothing uses it any more.  Accepts NULL. */
void plugin_unload(struct plugin *plugin);

/* What the plugin says of a class; NULL: it was not built for it. */
const struct xvs_feature *plugin_feature(const struct plugin *plugin,
                                         const struct xvs_guid *uuid);
const struct xvs_method *plugin_method(const struct plugin *plugin,
                                       const struct xvs_guid *uuid,
                                       const char *name);

/*
 * Takes the layout of a class, when it is the one that the plugin was built
 * with.  'wire' and 'empty' follow each other in a control message.
 */
bool plugin_set_layout(struct plugin *plugin,
                       const struct control_layout *head, const void *wire,
                       const void *empty, struct error *error);
/* NULL when it has none. */
struct feature_layout *plugin_layout(const struct plugin *plugin,
                                     const struct xvs_guid *uuid);
void plugin_drop_layout(struct plugin *plugin, struct feature_layout *layout);
void feature_layout_unref(struct feature_layout *layout);  /* accepts NULL */

#endif
