/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_REQUEST_REQUEST_H
#define XVS_SWITCH_REQUEST_REQUEST_H

/*
 * The requests of the manager: one function for each, which answers it, now
 * or later.  Next to it what several of them share.
 */

#include <stdbool.h>
#include <stdint.h>

struct control_header;
struct driver;
struct outcome;
struct plugin;
struct request;
struct stage;

/* switches.c */
void switches_create(struct driver *driver, struct request *request,
                     const struct control_header *message);
void switches_delete(struct driver *driver, struct request *request,
                     const struct control_header *message);

/* port-create.c, port-delete.c, port-update.c */
void ports_create(struct driver *driver, struct request *request,
                  const struct control_header *message);
void ports_delete(struct driver *driver, struct request *request,
                  const struct control_header *message);
void ports_update(struct driver *driver, struct request *request,
                  const struct control_header *message);

/* plugins.c */
void plugins_load(struct driver *driver, struct request *request,
                  const struct control_header *message);
void plugins_unload(struct driver *driver, struct request *request,
                    const struct control_header *message);
void plugins_set_layout(struct driver *driver, struct request *request,
                        const struct control_header *message);
void plugins_drop_layout(struct driver *driver, struct request *request,
                         const struct control_header *message);

/* Unloads a plugin that was replaced, as soon as no stage needs it. */
void plugins_dispose(struct driver *driver, struct plugin *plugin);
/* Unloads what can be unloaded by now. */
void plugins_reap(struct driver *driver);

/* enable.c */
void extensions_enable(struct driver *driver, struct request *request,
                       const struct control_header *message);
/* Whether this host can have the partition; false with the outcome. */
bool extensions_may_run(const struct plugin *plugin, uint32_t partition,
                        struct outcome *outcome);

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

/* move.c */
void extensions_move(struct driver *driver, struct request *request,
                     const struct control_header *message);

/* partition.c */
void extensions_part(struct driver *driver, struct request *request,
                     const struct control_header *message);

/* partner.c */
void extensions_join(struct driver *driver, struct request *request,
                     const struct control_header *message);

/* upgrade.c */
void extensions_upgrade(struct driver *driver, struct request *request,
                        const struct control_header *message);

/* settings.c */
void settings_apply(struct driver *driver, struct request *request,
                    const struct control_header *message);

/* queries.c */
void queries_status(struct driver *driver, struct request *request,
                    const struct control_header *message);
void queries_method(struct driver *driver, struct request *request,
                    const struct control_header *message);

/* answer.c */
/* The outcome as a request's answer; 'index' of a list, UINT32_MAX: none. */
void extensions_answer(struct request *request, const struct outcome *outcome,
                       const struct stage *stage, uint32_t index);

#endif
