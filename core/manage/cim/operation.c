/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * From a message to the function that answers it: which operations there
 * are, what each needs, and the gate that all of them pass.
 */

#include <config.h>

#include "manage/cim/operation.h"

#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/memory.h"
#include "base/text.h"
#include "manage/http/http-parse.h"
#include "manage/list/class-list.h"
#include "manage/list/context.h"
#include "manage/list/listing.h"
#include "schema/class.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define CLASS_FLAGS "LocalOnly", "IncludeQualifiers", "IncludeClassOrigin"
#define OPEN "FilterQueryLanguage", "FilterQuery", "OperationTimeout", \
             "ContinueOnError", "MaxObjectCount"
#define ENDS "AssocClass", "ResultClass", "Role", "ResultRole"

static const struct operation_kind kinds[] = {
    { "GetInstance", RIGHT_READ,
      LIST("InstanceName", CLASS_FLAGS, "PropertyList"), op_get_instance },
    { "EnumerateInstances", RIGHT_READ,
      LIST("ClassName", "DeepInheritance", CLASS_FLAGS, "PropertyList"),
      op_enumerate_instances },
    { "EnumerateInstanceNames", RIGHT_READ, LIST("ClassName"),
      op_enumerate_instance_names },
    { "CreateInstance", RIGHT_CHANGE, LIST("NewInstance"),
      op_create_instance },
    { "ModifyInstance", RIGHT_CHANGE,
      LIST("ModifiedInstance", "IncludeQualifiers", "PropertyList"),
      op_modify_instance },
    { "DeleteInstance", RIGHT_CHANGE, LIST("InstanceName"),
      op_delete_instance },
    { "GetProperty", RIGHT_READ, LIST("InstanceName", "PropertyName"),
      op_get_property },
    { "SetProperty", RIGHT_CHANGE,
      LIST("InstanceName", "PropertyName", "NewValue"), op_set_property },
    { "GetClass", RIGHT_READ, LIST("ClassName", CLASS_FLAGS, "PropertyList"),
      op_get_class },
    { "EnumerateClasses", RIGHT_READ,
      LIST("ClassName", "DeepInheritance", CLASS_FLAGS),
      op_enumerate_classes },
    { "EnumerateClassNames", RIGHT_READ,
      LIST("ClassName", "DeepInheritance"), op_enumerate_class_names },
    { "CreateClass", RIGHT_CHANGE, LIST("NewClass"), op_create_class },
    { "ModifyClass", RIGHT_CHANGE, LIST("ModifiedClass"), op_modify_class },
    { "DeleteClass", RIGHT_CHANGE, LIST("ClassName"), op_delete_class },
    { "GetQualifier", RIGHT_READ, LIST("QualifierName"), op_get_qualifier },
    { "EnumerateQualifiers", RIGHT_READ, LIST("Unused"),
      op_enumerate_qualifiers },
    { "SetQualifier", RIGHT_CHANGE, NULL, op_not_supported },
    { "DeleteQualifier", RIGHT_CHANGE, NULL, op_not_supported },
    { "Associators", RIGHT_READ,
      LIST("ObjectName", ENDS, "IncludeQualifiers", "IncludeClassOrigin",
           "PropertyList"), op_associators },
    { "AssociatorNames", RIGHT_READ, LIST("ObjectName", ENDS),
      op_associator_names },
    { "References", RIGHT_READ,
      LIST("ObjectName", "ResultClass", "Role", "IncludeQualifiers",
           "IncludeClassOrigin", "PropertyList"), op_references },
    { "ReferenceNames", RIGHT_READ,
      LIST("ObjectName", "ResultClass", "Role"), op_reference_names },
    { "ExecQuery", RIGHT_READ, LIST("QueryLanguage", "Query"),
      op_exec_query },
    { "OpenEnumerateInstances", RIGHT_READ,
      LIST("ClassName", "DeepInheritance", CLASS_FLAGS, "PropertyList",
           OPEN), op_open_instances },
    { "OpenEnumerateInstancePaths", RIGHT_READ, LIST("ClassName", OPEN),
      op_open_paths },
    { "OpenAssociatorInstances", RIGHT_READ,
      LIST("InstanceName", ENDS, "IncludeClassOrigin", "PropertyList",
           OPEN), op_open_associators },
    { "OpenAssociatorInstancePaths", RIGHT_READ,
      LIST("InstanceName", ENDS, OPEN), op_open_associator_paths },
    { "OpenReferenceInstances", RIGHT_READ,
      LIST("InstanceName", "ResultClass", "Role", "IncludeClassOrigin",
           "PropertyList", OPEN), op_open_references },
    { "OpenReferenceInstancePaths", RIGHT_READ,
      LIST("InstanceName", "ResultClass", "Role", OPEN),
      op_open_reference_paths },
    { "OpenQueryInstances", RIGHT_READ,
      LIST("ReturnQueryResultClass", OPEN), op_open_query },
    { "PullInstancesWithPath", RIGHT_READ,
      LIST("EnumerationContext", "MaxObjectCount"), op_pull },
    { "PullInstancePaths", RIGHT_READ,
      LIST("EnumerationContext", "MaxObjectCount"), op_pull },
    { "PullInstances", RIGHT_READ,
      LIST("EnumerationContext", "MaxObjectCount"), op_pull },
    { "CloseEnumeration", RIGHT_READ, LIST("EnumerationContext"),
      op_close_enumeration },
    { "EnumerationCount", RIGHT_READ, NULL, op_not_supported },
};

static const struct operation_kind method_kind = {
    "method", RIGHT_CHANGE, NULL, op_invoke,
};

const struct operation_kind *
operation_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (text_equal_fold(kinds[i].name, name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Large, and made for each request. */
static struct mem_pool pool = { .size = sizeof(struct operation),
                                .most = 64 };

/* The client has gone. */
static void
dropped(void *arg)
{
    struct operation *op = arg;

    op->exchange = NULL;
    if (!op->pending) {
        op_destroy(op);
    }
}

void
op_destroy(struct operation *op)
{
    if (op->context) {
        context_release(op->context, op);
    }
    if (op->owns_listing) {
        listing_destroy(op->listing);
    }
    for (size_t i = 0; i < op->n_arguments; i++) {
        value_clear(&op->arguments[i]);
    }
    free(op->arguments);
    class_unref(op->method_class);
    class_list_destroy(op->classes);
    loop_timer_remove(op->timer);
    request_clear(&op->request);
    arena_destroy(op->arena);
    mem_pool_give(&pool, op);
}

/* Every parameter is one of the operation's, and there once. */
static void
check_parameters(struct operation *op)
{
    const struct request *request = &op->request;

    for (size_t i = 0; i < request->n_parameters && op->kind->parameters;
         i++) {
        const char *name = request->parameters[i].name;
        const char *const *at = op->kind->parameters;

        while (*at && !text_equal_fold(*at, name)) {
            at++;
        }
        if (!*at) {
            op_bad(op, ERROR_INVALID, "%s has no parameter '%.60s'",
                   op->kind->name, name);
        }
        for (size_t k = 0; k < i; k++) {
            if (text_equal_fold(request->parameters[k].name, name)) {
                op_bad(op, ERROR_INVALID, "the parameter '%.60s' is there "
                       "twice", name);
            }
        }
    }
}

/* The gate, and what holds for every operation. */
static void
start(struct operation *op)
{
    if (!auth_allows(&op->principal, op->kind->right)) {
        struct exchange *exchange = op->exchange;

        exchange->drop = NULL;
        op_destroy(op);
        exchange_field(exchange, "XVS-Error", "denied");
        exchange_refuse(exchange, 403, "This user may not do this.");
        return;
    }
    if (!namespace_is_known(op->request.name_space)) {
        op_bad(op, ERROR_NO_NAMESPACE, "there is no namespace '%.100s'",
               op->request.name_space);
        error_hint(&op->error, "use root/xvs");
    } else {
        check_parameters(op);
    }
    if (!op_is_bad(op)) {
        op->kind->begin(op);
    }
}

static const struct operation_kind *
find_kind(const struct request *request)
{
    static const struct operation_kind unknown = {
        "operation", RIGHT_READ, NULL, op_not_supported,
    };
    const struct operation_kind *kind =
        request->is_method ? &method_kind : operation_find(request->name);

    return kind ? kind : &unknown;
}

void
operation_begin(struct manage *manage, struct exchange *exchange)
{
    struct operation *op = mem_pool_take(&pool);
    const struct http_parser *head = exchange->request;
    struct refusal refusal = { .status = 400 };

    op->manage = manage;
    op->exchange = exchange;
    op->principal = *exchange->principal;
    if (!request_read(&op->request, head->body.data, head->body.size,
                      &refusal)
        || !request_head_matches(&op->request, head, &refusal)) {
        op_destroy(op);
        answer_refuse(exchange, &refusal);
        return;
    }
    exchange->drop = dropped;
    exchange->arg = op;
    op->kind = find_kind(&op->request);
    start(op);
}
