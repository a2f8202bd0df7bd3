/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_CIM_CLIENT_H
#define XVS_CLIENT_WBEM_CIM_CLIENT_H

/*
 * A WBEM client: CIM operations against one server.  Everything blocks; the
 * time limit is that of the transport.  Answers with many objects arrive by
 * callback, one object in memory at a time; a callback may call the client
 * (a second connection is opened for that).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct cim_class;
struct cim_client;
struct error;
struct http_options;
struct instance;
struct method;
struct path;
struct value;

/* Takes the instance over.  'path' may be NULL and is valid in the call. */
typedef bool (*cim_instance_call)(void *arg, struct instance *instance,
                                  const struct path *path,
                                  struct error *error);
/* 'path' is valid during the call. */
typedef bool (*cim_path_call)(void *arg, const struct path *path,
                              struct error *error);
typedef bool (*cim_name_call)(void *arg, const char *name,
                              struct error *error);

struct cim_client *cim_client_create(const struct http_options *options);
void cim_client_destroy(struct cim_client *client);     /* accepts NULL */
/* True when the last failure was that nobody answered at the address. */
bool cim_client_is_unreachable(const struct cim_client *client);

/* Borrowed, kept for the client's life; NULL with the error set. */
struct cim_class *cim_client_class(struct cim_client *client,
                                   const char *name, struct error *error);
/* As cim_client_class() without an error: a class_lookup. */
struct cim_class *cim_client_lookup(void *client, const char *name);
/* Forgets the classes, after a schema was changed. */
void cim_client_forget_classes(struct cim_client *client);
/* The <CLASS> element as the server sends it. */
bool cim_client_class_xml(struct cim_client *client, const char *name,
                          bool local_only, struct buffer *xml,
                          struct error *error);
/* Names of all classes (NULL) or of those derived from 'base'. */
bool cim_client_class_names(struct cim_client *client, const char *base,
                            cim_name_call call, void *arg,
                            struct error *error);

/* 'names' limits the properties (0: all). */
bool cim_client_enumerate(struct cim_client *client, const char *class_name,
                          const char *const *names, size_t n,
                          cim_instance_call call, void *arg,
                          struct error *error);
bool cim_client_paths(struct cim_client *client, const char *class_name,
                      cim_path_call call, void *arg, struct error *error);
bool cim_client_query(struct cim_client *client, const char *wql,
                      cim_instance_call call, void *arg,
                      struct error *error);
/* The caller owns the instance; NULL with the error set. */
struct instance *cim_client_get(struct cim_client *client,
                                const struct path *path,
                                struct error *error);

/*
 * An enumeration that the server keeps open, for what does not end: events.
 * Open, pull until 'at_end', close.  At the end of what is there a pull waits
 * for more, at most 'wait_s' seconds.
 */
struct cim_pull {
    char *context;          /* the server's name for it, or NULL */
    bool at_end;
};

bool cim_pull_open(struct cim_client *client, struct cim_pull *pull,
                   const char *class_name, unsigned int wait_s,
                   struct error *error);
bool cim_pull_next(struct cim_client *client, struct cim_pull *pull,
                   unsigned int most, cim_instance_call call, void *arg,
                   struct error *error);
void cim_pull_close(struct cim_client *client, struct cim_pull *pull);

/* '*path' (may be NULL) names what was created; the caller owns it. */
bool cim_client_create_instance(struct cim_client *client,
                                const struct instance *instance,
                                struct path **path, struct error *error);
bool cim_client_modify(struct cim_client *client, const struct path *path,
                       const struct instance *instance,
                       const char *const *names, size_t n,
                       struct error *error);
bool cim_client_delete(struct cim_client *client, const struct path *path,
                       struct error *error);
/*
 * 'in' has a value per parameter; 'out' gets one per parameter (NULL when
 * the server sent none), on the heap of the caller (value_clear each).
 */
bool cim_client_invoke(struct cim_client *client, const struct path *path,
                       const struct method *method, const struct value *in,
                       struct value *result, struct value *out,
                       struct error *error);

#endif
