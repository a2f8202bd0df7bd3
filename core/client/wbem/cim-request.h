/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_WBEM_CIM_REQUEST_H
#define XVS_CLIENT_WBEM_CIM_REQUEST_H

/*
 * Writes CIM-XML requests: begin, parameters in any order, end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct instance;
struct parameter;
struct path;
struct value;

#define CIM_NAMESPACE "root/xvs"

/* An intrinsic operation ("EnumerateInstances"). */
void cim_request_begin(struct buffer *out, const char *operation);
void cim_request_end(struct buffer *out);
void cim_request_class(struct buffer *out, const char *name,
                       const char *class_name);
void cim_request_path(struct buffer *out, const char *name,
                      const struct path *path);
void cim_request_text(struct buffer *out, const char *name,
                      const char *text);
void cim_request_boolean(struct buffer *out, const char *name, bool truth);
void cim_request_u64(struct buffer *out, const char *name, uint64_t number);
/* Names as VALUE.ARRAY; nothing when 'n' is 0. */
void cim_request_list(struct buffer *out, const char *name,
                      const char *const *names, size_t n);
void cim_request_instance(struct buffer *out, const char *name,
                          const struct instance *instance);
/* <VALUE.NAMEDINSTANCE> of ModifyInstance, with the named properties. */
void cim_request_modified(struct buffer *out, const struct path *path,
                          const struct instance *instance,
                          const char *const *names, size_t n);

/* An extrinsic method of the object or, without keys, of the class. */
void cim_request_method_begin(struct buffer *out, const char *method,
                              const struct path *path);
/* Nothing for NULL. */
void cim_request_parameter(struct buffer *out,
                           const struct parameter *parameter,
                           const struct value *value);
void cim_request_method_end(struct buffer *out);

#endif
