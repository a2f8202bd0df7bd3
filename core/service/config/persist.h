/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_PERSIST_H
#define XVS_SERVICE_PERSIST_H

/*
 * The state (service/state.h) as documents and entries of the store, and
 * back.  One document per switch and per port, one for the host.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libconfig.h>
#include "service/state.h"

struct buffer;
struct document;
struct error;
struct error_list;
struct repository;
struct store;
struct store_change;

#define PERSIST_HOST "host"

/* Adds the operation to the transaction.  'next_*' are the new counters. */
void persist_host(struct store_change *change, uint32_t next_switch,
                  uint32_t next_port);
void persist_extension(struct store_change *change,
                       const struct extension *extension);
void persist_drop_extension(struct store_change *change,
                            const struct extension *extension);
/* The switch with the given chain, which may differ from its own; of its
 * stages extension, partition and partner count, the last while that is in the
 * chain. */
void persist_switch(struct store_change *change, const struct vswitch *vswitch,
                    const struct stage *const *chain, size_t n);
void persist_drop_switch(struct store_change *change, const char *name);
void persist_port(struct store_change *change, const struct vport *port);
void persist_drop_port(struct store_change *change,
                       const struct vport *port);
/* The setting with the given object (NULL: its own). */
void persist_setting(struct store_change *change,
                     const struct setting *setting,
                     const struct instance *instance);
void persist_drop_setting(struct store_change *change,
                          const struct setting *setting);

/* The texts of entries, as an export holds them too. */
void persist_write_extension(const struct extension *extension,
                             struct buffer *out);
void persist_write_switch(const struct vswitch *vswitch,
                          const struct stage *const *chain, size_t n,
                          struct buffer *out);
void persist_write_port(const struct vport *port, struct buffer *out);
void persist_write_setting(const struct setting *setting,
                           const struct instance *instance,
                           struct buffer *out);

/* Reads an entry's text; each takes an open group
 * (service/config/read-entry.c). */
bool persist_get_guid(const config_setting_t *group, const char *name,
                      struct xvs_guid *guid, struct error *error);
/* A name that is safe in paths, files and control messages. */
bool persist_get_name(const config_setting_t *group, const char *name,
                      const char **text, struct error *error);
/* Of a stage; one that was written before there were any is inline. */
bool persist_get_partition(const config_setting_t *group,
                           uint32_t *partition, struct error *error);
/* Of a stage that has one: '*sharing' is SHARING_NONE otherwise. */
bool persist_get_partner(const config_setting_t *group,
                         struct xvs_guid *partner, uint32_t *sharing,
                         struct error *error);
/* 0 when the group says nothing of it. */
bool persist_get_time_share(const config_setting_t *group, uint32_t *percent,
                            struct error *error);
/* The setting's object, when its class is registered under its UUID. */
bool persist_read_object(const config_setting_t *group,
                         struct setting *setting,
                         struct repository *repository, struct error *error);
struct extension *persist_read_extension(const config_setting_t *group,
                                         struct error *error);
/* Fills 'like' but 'vswitch'; 'name' points into the group. */
bool persist_read_port(const config_setting_t *group, struct vport *like,
                       struct error *error);
/* Fills all but switch, port and state; 'class_name' points into the group.
 * The object is left out when the class is not registered. */
struct setting *persist_read_setting(const config_setting_t *group,
                                     struct repository *repository,
                                     const char **class_name,
                                     struct error *error);

/* Fills the state from the store; what cannot be read is reported, left in
 * its file, and not in force. */
void persist_load(struct state *state, const struct store *store,
                  struct repository *repository,
                  struct error_list *problems);
/* The same from an exported configuration, whose settings must all have
 * their classes. */
void persist_load_document(struct state *state,
                           const struct document *document,
                           struct repository *repository,
                           struct error_list *problems);
/* Gives settings whose class has become known their objects; returns how
 * many. */
size_t persist_revive(struct state *state, const struct store *store,
                      struct repository *repository);

/* The document that holds the setting, and its entry. */
#define PERSIST_NAME_SIZE 192
void persist_setting_place(const struct setting *setting,
                           char document[PERSIST_NAME_SIZE],
                           char entry[PERSIST_NAME_SIZE]);

#endif
