/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SERVICE_HOST_METHODS_H
#define XVS_SERVICE_HOST_METHODS_H

/*
 * The methods of XVS_Host.
 */

#include <stddef.h>
#include <stdint.h>
#include "service/service.h"

struct document;
struct method;
struct state;
struct value;

/* A call on its way; small, to be copied. */
struct host_call {
    struct service *service;
    const struct method *method;    /* of a built-in class: lives on */
    service_invoked done;
    void *arg;
};

/* Starts the call: 'in' as for service_invoke(). */
void host_method(const struct host_call *call, const struct value *in,
                 size_t n_in);

/* An in parameter that is not NULL, or NULL. */
const struct value *host_value(const struct host_call *call,
                               const struct value *in, size_t n_in,
                               const char *name);
/* Ends it with several out parameters; 'names' ends with NULL, and the values
 * are cleared. */
void host_answer_all(const struct host_call *call, uint32_t result,
                     const char *const *names, struct value *values);
/* Ends it.  'value' goes to the parameter 'name' (NULL: none) and is
 * cleared. */
void host_answer(const struct host_call *call, uint32_t result,
                 const char *name, struct value *value);
void host_refuse(const struct host_call *call, const struct error *error);
/* Text of an in parameter, or NULL. */
const char *host_text(const struct host_call *call, const struct value *in,
                      size_t n_in, const char *name);

/* The methods of XVS_Switch (service/method/capture.c). */
void capture_method(const struct host_call *call, const struct path *path,
                    const struct value *in, size_t n_in);

/* ExportConfiguration and ImportConfiguration (service/method/transfer.c). */
void transfer_export(const struct host_call *call, const char *switch_name);
void transfer_import(const struct host_call *call, const char *text,
                     size_t size, const char *switch_name,
                     const struct value *secrets, bool check);

/*
 * What an exported text left out because it is secret
 * (service/method/import-secrets.c): 'given' (texts
 * "InstanceID.Property=value", may be NULL) goes into the settings of
 * 'wanted'; calls with each that is still missing, or fits nowhere.
 */
void import_secrets(const struct document *document, struct state *wanted,
                    const struct value *given,
                    void (*tell)(void *arg, const char *problem), void *arg);
/*
 * What stands against an exported text (service/method/import-judge.c): calls
 * with each difference between what 'wanted' needs and what the service has.
 */
void import_judge(struct service *service, const struct state *wanted,
                  void (*tell)(void *arg, const char *problem), void *arg);

#endif
