/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * From a method's declaration to the signature of its C function.
 */

#include <config.h>

#include "marshal/signature.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "marshal/letters.h"
#include "schema/class.h"

static bool
refuse(const struct method *method, const char *name, const char *what,
       struct error *error)
{
    error_set(error, ERROR_UNSUPPORTED,
              "%s of method %s is %s, which a C function cannot take", name,
              method->name, what);
    return error_hint(error, "use numbers, strings and datetimes");
}

bool
method_signature(const struct method *method, struct buffer *out,
                 struct error *error)
{
    char letter = method->type == CIM_NONE ? 'v'
                                           : letter_of_type(method->type);

    if (!letter || strchr(LETTERS_NOT_RETURNED, letter)) {
        error_set(error, ERROR_UNSUPPORTED, "method %s returns a %s, which a "
                  "C function cannot", method->name,
                  cim_type_name(method->type));
        return error_hint(error, "return a number, and the rest in an Out "
                          "parameter");
    }
    buffer_putc(out, letter);
    for (uint32_t i = 0; i < method->n_parameters; i++) {
        const struct parameter *parameter = &method->parameters[i];

        letter = letter_of_type(parameter->type);
        if (parameter->is_array || !letter) {
            return refuse(method, parameter->name,
                          parameter->is_array ? "an array"
                                              : "an embedded object", error);
        }
        if (parameter->in) {
            buffer_putc(out, letter);
        }
        if (parameter->out) {
            buffer_putc(out, (char) toupper((unsigned char) letter));
        }
    }
    return true;
}
