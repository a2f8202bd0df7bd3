/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_OPERATION_H
#define XVS_MANAGE_OPERATION_H

/*
 * One CIM operation: from a message that was read to its answer.
 *
 * An operation belongs to the exchange that it answers until it is finished
 * (op_finish(), op_fail()), which frees it.  When the client goes away first,
 * the operation is freed at once, unless the service still has to call back
 * ('pending'): then it is freed by that call.
 *
 * The getters for parameters do not fail one by one: the first problem is
 * kept in 'error', and op_is_bad() answers the client with it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "manage/auth/auth.h"
#include "manage/cim/request.h"
#include "manage/cim/status.h"
#include "manage/http/exchange.h"

struct arena;
struct cim_class;
struct class_list;
struct context;
struct contexts;
struct http_server;
struct listing;
struct loop;
struct loop_timer;
struct method;
struct operation;
struct repository;
struct service;
struct value;

struct manage {
    struct loop *loop;              /* where everything runs */
    struct service *service;        /* what there is */
    struct auth *auth;              /* who may */
    struct http_server *server;     /* how they come here */
    struct contexts *contexts;      /* open enumerations */
    unsigned int n_scrapes;         /* of /metrics, at work */
};

struct operation_kind {
    const char *name;               /* of the call, as DSP0200 has it */
    enum auth_right right;          /* what it takes */
    const char *const *parameters;  /* allowed ones; NULL: any */
    void (*begin)(struct operation *op);
};

struct operation {
    struct manage *manage;
    struct exchange *exchange;      /* NULL: the client has gone */
    struct request request;
    const struct operation_kind *kind;
    struct principal principal;     /* who asked */
    struct arena *arena;            /* texts of parameters; NULL: none yet */
    struct error error;             /* the first bad parameter */
    enum cim_status status;         /* of it; 0: by the error's code */
    bool pending;                   /* the service will call back */
    bool has_return;                /* IRETURNVALUE is open */
    const struct method *method;    /* being called; of method_class */
    struct cim_class *method_class; /* counted reference, or NULL */
    struct value *arguments;        /* of the method, one per parameter */
    size_t n_arguments;
    struct class_list *classes;     /* being written, or NULL */
    struct listing *listing;        /* what is being read, or NULL */
    bool owns_listing;              /* else it is its context's */
    struct context *context;        /* pull: the enumeration in use */
    uint64_t limit;                 /* pull: objects in this answer */
    uint64_t n_written;             /* of them so far */
    uint64_t until_ms;              /* pull: how long to wait for events */
    struct loop_timer *timer;       /* long poll */
};

/* Reads the exchange's body and begins what it asks for. */
void operation_begin(struct manage *manage, struct exchange *exchange);
/* The kind of an intrinsic operation, or NULL. */
const struct operation_kind *operation_find(const char *name);

/* Answering (answer.c). --------------------------------------------------- */

struct buffer *op_out(struct operation *op);
/* Writes the message up to the answer's content; opens IRETURNVALUE. */
void op_answer(struct operation *op);
/* Closes IRETURNVALUE; PARAMVALUEs may follow. */
void op_close_return(struct operation *op);
void op_put_parameter(struct operation *op, const char *name,
                      const char *type, const char *text);
/* Ends the message, which op_answer() has begun or not, and frees 'op'. */
void op_finish(struct operation *op);
/* Answers with an ERROR and frees 'op'. */
void op_fail(struct operation *op, const struct error *error);
void op_fail_status(struct operation *op, enum cim_status status,
                    const struct error *error);
void op_fail_text(struct operation *op, enum error_code code,
                  const char *text);
/* Answers with op->error when a parameter was bad. */
bool op_is_bad(struct operation *op);
/* The service has called back; false: it failed, and 'op' is answered. */
bool op_resume(struct operation *op, const struct error *error);
/* A service_done for a change whose answer is empty. */
void op_changed(void *op, const struct error *error, const struct path *path);
void op_destroy(struct operation *op);
/* Refuses a message at the level of HTTP. */
void answer_refuse(struct exchange *exchange, const struct refusal *refusal);

/* Parameters (parameter.c). ----------------------------------------------- */

bool op_flag(struct operation *op, const char *name, bool otherwise);
uint64_t op_number(struct operation *op, const char *name,
                   uint64_t otherwise);
/* Text of a VALUE, kept with the operation; NULL when absent. */
const char *op_text(struct operation *op, const char *name);
/* Texts of a VALUE.ARRAY; NULL when absent; '*n' may be 0. */
const char *const *op_names(struct operation *op, const char *name,
                            size_t *n);
/* Room for 'n' texts, kept with the operation. */
const char **op_array(struct operation *op, size_t n);
/* NAME of a CLASSNAME; NULL when absent. */
const char *op_class_name(struct operation *op, const char *name);
/* The class that it names (borrowed); with 'needed' absence is an error. */
struct cim_class *op_class(struct operation *op, const char *name,
                           bool needed);
/* An instance's name (the caller owns it); NULL: bad. */
struct path *op_path(struct operation *op, const char *name);
struct repository *op_repository(struct operation *op);
/* A class_lookup for readers; 'arg' is the repository. */
struct cim_class *class_find(void *arg, const char *name);
void op_bad(struct operation *op, enum error_code code, const char *format,
            ...) __attribute__((format(printf, 3, 4)));

/* The operations. --------------------------------------------------------- */

void op_get_class(struct operation *op);
void op_enumerate_classes(struct operation *op);
void op_enumerate_class_names(struct operation *op);
void op_create_class(struct operation *op);
void op_modify_class(struct operation *op);
void op_delete_class(struct operation *op);
void op_get_qualifier(struct operation *op);
void op_enumerate_qualifiers(struct operation *op);

void op_get_instance(struct operation *op);
void op_enumerate_instances(struct operation *op);
void op_enumerate_instance_names(struct operation *op);
void op_create_instance(struct operation *op);
void op_modify_instance(struct operation *op);
void op_delete_instance(struct operation *op);
void op_get_property(struct operation *op);
void op_set_property(struct operation *op);

void op_associators(struct operation *op);
void op_associator_names(struct operation *op);
void op_references(struct operation *op);
void op_reference_names(struct operation *op);

void op_exec_query(struct operation *op);

void op_open_instances(struct operation *op);
void op_open_paths(struct operation *op);
void op_open_associators(struct operation *op);
void op_open_associator_paths(struct operation *op);
void op_open_references(struct operation *op);
void op_open_reference_paths(struct operation *op);
void op_open_query(struct operation *op);
void op_pull(struct operation *op);
void op_close_enumeration(struct operation *op);

void op_not_supported(struct operation *op);
void op_invoke(struct operation *op);

#endif
