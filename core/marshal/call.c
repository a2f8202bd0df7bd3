/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Typed calls through libffi.  An argument of the function is a value from
 * the block, or a pointer to a place of ours where the function leaves a
 * value; afterwards the places become the body of the answer.
 */

#include <config.h>

#include "marshal/call.h"

#include <ctype.h>
#include <ffi.h>
#include <stdlib.h>
#include <string.h>
#include <xvs/block.h>
#include <xvs/extension.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "marshal/letters.h"
#include "marshal/member.h"

/* Room for any scalar. */
union place {
    uint64_t number;
    float real32;
    double real64;
    struct xvs_datetime time;
    ffi_arg returned;
};

struct argument {
    union place place;          /* the value, or where the function puts it */
    const void *pointer;        /* what is passed for texts, times and outs */
    struct xvs_text *text;      /* of an out text, else NULL */
};

struct call {
    const char *signature;
    const struct layout *in;
    const struct layout *out;
    struct argument *arguments; /* one per letter behind the first */
    union place result;
    size_t n;
    struct error *error;
};

static ffi_type *
ffi_of_letter(char letter)
{
    switch (letter) {
    case 'v':
        return &ffi_type_void;
    case 'b':
    case 'c':
        return &ffi_type_uint8;
    case 'd':
        return &ffi_type_sint8;
    case 's':
    case 'w':
        return &ffi_type_uint16;
    case 't':
        return &ffi_type_sint16;
    case 'i':
        return &ffi_type_uint32;
    case 'j':
        return &ffi_type_sint32;
    case 'l':
        return &ffi_type_uint64;
    case 'm':
        return &ffi_type_sint64;
    case 'f':
        return &ffi_type_float;
    case 'g':
        return &ffi_type_double;
    default:
        return &ffi_type_pointer;
    }
}

/* The letter of field number '*next' of the layout; 0 behind the last. */
static char
next_letter(const struct layout *layout, uint32_t *next)
{
    const struct layout_field *field = &layout->fields[*next];

    if (*next >= layout->parts[0].n_fields
        || field->shape != SHAPE_SCALAR) {
        return 0;
    }
    ++*next;
    return letter_of_type(field->type);
}

bool
call_check(const char *signature, const struct layout *in,
           const struct layout *out, struct error *error)
{
    size_t n = strlen(signature);
    uint32_t next_in = 0;
    uint32_t next_out = 0;
    bool good = n > 0 && n <= CALL_ARGUMENTS;

    for (size_t i = 0; good && i < n; i++) {
        char letter = signature[i];

        if (i == 0) {
            good = letter == 'v'
                   || (!strchr(LETTERS_NOT_RETURNED, letter)
                       && letter == next_letter(out, &next_out));
        } else if (letter >= 'A' && letter <= 'Z') {
            good = tolower((unsigned char) letter)
                   == next_letter(out, &next_out);
        } else {
            good = letter == next_letter(in, &next_in);
        }
    }
    if (!good || next_in != in->parts[0].n_fields
        || next_out != out->parts[0].n_fields) {
        error_set(error, ERROR_VERSION, "the function's signature \"%.80s\" "
                  "is not what the method's parameters ask for", signature);
        return error_hint(error, "rebuild the plugin with the header that "
                          "xvs-mofc writes for this schema");
    }
    return true;
}

/* Takes the value of in field 'index' into the argument. */
static void
take_in(const struct call *call, const struct xvs_view *view, uint32_t index,
        struct argument *argument)
{
    const struct layout_field *field = &call->in->fields[index];
    const char *at = (const char *) view->body + field->offset;
    struct xvs_ref ref;

    if (!xvs_present(view, index)) {
        return;
    }
    if (member_is_text(field)) {
        memcpy(&ref, at, sizeof ref);
        argument->pointer = xvs_ref_string(view, ref);
    } else {
        memcpy(&argument->place, at, member_size(call->in, field));
        argument->pointer = &argument->place;
    }
}

static void
prepare(struct call *call, const struct xvs_view *view)
{
    uint32_t next_in = 0;

    for (size_t i = 0; i < call->n; i++) {
        struct argument *argument = &call->arguments[i];
        char letter = call->signature[i + 1];

        if (letter >= 'a') {
            take_in(call, view, next_in++, argument);
        } else if (letter == 'A') {
            argument->text = mem_zalloc(sizeof *argument->text);
            argument->pointer = argument->text;
        } else {
            argument->pointer = &argument->place;
        }
    }
}

/* The call itself; false when libffi does not take the signature. */
static bool
perform(struct call *call, void (*function)(void), void *self,
        struct xvs_call *context)
{
    ffi_type *types[CALL_ARGUMENTS + 2] = { &ffi_type_pointer,
                                            &ffi_type_pointer };
    void *values[CALL_ARGUMENTS + 2] = { &self, &context };
    ffi_cif cif;

    for (size_t i = 0; i < call->n; i++) {
        struct argument *argument = &call->arguments[i];

        types[i + 2] = ffi_of_letter(call->signature[i + 1]);
        values[i + 2] = types[i + 2] == &ffi_type_pointer
                            ? (void *) &argument->pointer
                            : (void *) &argument->place;
    }
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, (unsigned int) call->n + 2,
                     ffi_of_letter(call->signature[0]), types) != FFI_OK) {
        return error_set(call->error, ERROR_FAILED,
                         "libffi does not take signature \"%s\"",
                         call->signature);
    }
    ffi_call(&cif, function, &call->result, values);
    return true;
}

static bool
put_text(const struct call *call, const struct xvs_text *text,
         struct buffer *body, struct xvs_ref *ref)
{
    if (text->length >= XVS_TEXT_SIZE) {
        return error_set(call->error, ERROR_PROVIDER,
                         "the extension's function returned text of %u "
                         "bytes, allowed are %d", text->length,
                         XVS_TEXT_SIZE - 1);
    }
    ref->count = text->length;
    if (text->length) {
        buffer_align(body, 8);
        ref->offset = (uint32_t) body->size;
        buffer_put(body, text->text, text->length);
        buffer_putc(body, 0);
    }
    return true;
}

/* Field 'index' of the answer from what the function left. */
static bool
put_out(const struct call *call, uint32_t index, const union place *place,
        const struct xvs_text *text, struct buffer *body)
{
    const struct layout_field *field = &call->out->fields[index];
    struct xvs_ref ref = { 0, 0 };
    union place value = *place;

    if (text) {
        if (!put_text(call, text, body, &ref)) {
            return false;
        }
        memcpy(body->data + field->offset, &ref, sizeof ref);
        return true;
    }
    if (field->type == CIM_BOOLEAN) {
        value.number = (uint8_t) value.number != 0;
    }
    memcpy(body->data + field->offset, &value,
           member_size(call->out, field));
    return true;
}

static bool
finish(const struct call *call, struct buffer *answer)
{
    BUFFER_AUTO struct buffer body = BUFFER_INIT;
    struct xvs_view view = { 0 };
    uint32_t next = 0;

    buffer_extend(&body, call->out->parts[0].size);
    if (call->signature[0] != 'v'
        && !put_out(call, next++, &call->result, NULL, &body)) {
        return false;
    }
    for (size_t i = 0; i < call->n; i++) {
        const struct argument *argument = &call->arguments[i];

        if (call->signature[i + 1] < 'a'
            && !put_out(call, next++, &argument->place, argument->text,
                        &body)) {
            return false;
        }
    }
    view.body = body.data;
    view.size = (uint32_t) body.size;
    if (!block_check_view(&view, call->out, call->error)) {
        return error_prefix(call->error, "what the function returned");
    }
    block_from_view(&view, call->out, answer);
    return true;
}

bool
call_method(void (*function)(void), const char *signature, void *self,
            struct xvs_call *context, const void *block, size_t size,
            const struct layout *in, const struct layout *out,
            struct buffer *answer, struct error *error)
{
    struct call call = { .signature = signature, .in = in, .out = out,
                         .error = error };
    struct xvs_view view;
    bool done;

    if (!call_check(signature, in, out, error)
        || !block_check(block, size, in, error)) {
        return false;
    }
    block_view(block, &view);
    call.n = strlen(signature) - 1;
    call.arguments = mem_array(call.n, sizeof *call.arguments);
    prepare(&call, &view);
    done = perform(&call, function, self, context) && finish(&call, answer);
    for (size_t i = 0; i < call.n; i++) {
        free(call.arguments[i].text);
    }
    free(call.arguments);
    return done;
}
