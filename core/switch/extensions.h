/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_EXTENSIONS_H
#define XVS_SWITCH_EXTENSIONS_H

/*
 * Extensions: plugin files that come and go, their layouts, and stages that
 * are made of them.  The functions that serve a request answer it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

#include "stage/stage.h"

struct control_header;
struct driver;
struct plugin;
struct request;
struct vport;
struct vswitch;

/* plugins.c */
void plugins_load(struct driver *driver, struct request *request,
                  const struct control_header *message);
void plugins_unload(struct driver *driver, struct request *request,
                    const struct control_header *message);
void plugins_set_layout(struct driver *driver, struct request *request,
                        const struct control_header *message);
void plugins_drop_layout(struct driver *driver, struct request *request,
                         const struct control_header *message);
/* NULL when it is not loaded. */
struct plugin *plugins_find(const struct driver *driver,
                            const struct xvs_guid *id);

/* enable.c */
void extensions_enable(struct driver *driver, struct request *request,
                       const struct control_header *message);

/* disable.c */
void extensions_disable(struct driver *driver, struct request *request,
                        const struct control_header *message);
/*
 * Takes the stage off its switch for good: out of the chain, PAUSE, fini,
 * destroyed.  'call' (may be NULL) is made when it is gone, or at once when
 * it is stuck and can only be abandoned.
 */
void extensions_remove(struct driver *driver, struct stage *stage,
                       void (*call)(void *arg), void *arg);

/* stages.c */
/* NULL when it is not enabled on the switch. */
struct stage *stages_find(const struct vswitch *vswitch,
                          const struct xvs_guid *extension);
/* The same, or the outcome that says why not. */
struct stage *stages_expect(const struct driver *driver, uint32_t switch_id,
                            const struct xvs_guid *extension,
                            struct outcome *outcome);
/* Puts the stage in its place of the order; false with an outcome when what
 * the extensions ask for (before, after) cannot all be. */
bool stages_insert(struct vswitch *vswitch, struct stage *stage,
                   uint32_t position, struct outcome *outcome);
void stages_remove(struct vswitch *vswitch, struct stage *stage);
/* What an extension sees of a port. */
void stages_describe_port(const struct vport *port, struct xvs_port *out);
/* Looks for stages that broke a rule; called now and then. */
void stages_watch(struct driver *driver);
extern const struct stage_owner stages_owner;   /* 'arg' is the driver */

/* settings.c */
void settings_apply(struct driver *driver, struct request *request,
                    const struct control_header *message);

/* queries.c */
void queries_status(struct driver *driver, struct request *request,
                    const struct control_header *message);
void queries_method(struct driver *driver, struct request *request,
                    const struct control_header *message);

/* The outcome as a request's answer; 'index' of a list, UINT32_MAX: none. */
void extensions_answer(struct request *request, const struct outcome *outcome,
                       const struct stage *stage, uint32_t index);

#endif
