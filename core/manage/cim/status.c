/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/cim/status.h"

#include <stddef.h>

enum cim_status
status_of(enum error_code code)
{
    static const enum cim_status table[] = {
        [ERROR_FAILED] = CIM_FAILED,
        [ERROR_SYNTAX] = CIM_INVALID_PARAMETER,
        [ERROR_INVALID] = CIM_INVALID_PARAMETER,
        [ERROR_TYPE] = CIM_TYPE_MISMATCH,
        [ERROR_NOT_FOUND] = CIM_NOT_FOUND,
        [ERROR_NO_CLASS] = CIM_INVALID_CLASS,
        [ERROR_NO_SUPERCLASS] = CIM_INVALID_SUPERCLASS,
        [ERROR_NO_PROPERTY] = CIM_NO_SUCH_PROPERTY,
        [ERROR_NO_METHOD] = CIM_METHOD_NOT_FOUND,
        [ERROR_NO_NAMESPACE] = CIM_INVALID_NAMESPACE,
        [ERROR_EXISTS] = CIM_ALREADY_EXISTS,
        [ERROR_IN_USE] = CIM_FAILED,
        [ERROR_DENIED] = CIM_ACCESS_DENIED,
        [ERROR_REFUSED] = CIM_FAILED,
        [ERROR_NO_CONSUMER] = CIM_FAILED,
        [ERROR_TIMEOUT] = CIM_FAILED,
        [ERROR_PROVIDER] = CIM_FAILED,
        [ERROR_BUSY] = CIM_FAILED,
        [ERROR_LIMIT] = CIM_SERVER_LIMITS_EXCEEDED,
        [ERROR_UNSUPPORTED] = CIM_NOT_SUPPORTED,
        [ERROR_VERSION] = CIM_FAILED,
        [ERROR_IO] = CIM_FAILED,
    };
    size_t n = sizeof table / sizeof *table;

    return code > ERROR_NONE && (size_t) code < n ? table[code] : CIM_FAILED;
}
