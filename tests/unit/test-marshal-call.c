/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Typed calls: every type in and out, signatures that do not fit, and
 * functions that leave rubbish.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <xvs/extension.h>

#include "base/buffer.h"
#include "base/error.h"
#include "marshal-schema.h"
#include "marshal/block.h"
#include "marshal/call.h"
#include "marshal/layout.h"
#include "marshal/signature.h"
#include "unit.h"

static const char mof[] =
    "class T_A {"
    " uint64 All([In] boolean b, [In] uint8 c, [In] sint8 d, [In] uint16 s,"
    "  [In] sint16 t, [In] uint32 i, [In] sint32 j, [In] uint64 l,"
    "  [In] sint64 m, [In] real32 f, [In] real64 g, [In] char16 w,"
    "  [In] datetime z, [In] string a, [In] string n,"
    "  [In(false), Out] boolean ob, [In(false), Out] uint8 oc,"
    "  [In(false), Out] sint8 od, [In(false), Out] uint16 os,"
    "  [In(false), Out] sint16 ot, [In(false), Out] uint32 oi,"
    "  [In(false), Out] sint32 oj, [In(false), Out] uint64 ol,"
    "  [In(false), Out] sint64 om, [In(false), Out] real32 of,"
    "  [In(false), Out] real64 og, [In(false), Out] char16 ow,"
    "  [In(false), Out] datetime oz, [In(false), Out] string oa,"
    "  [In, Out] uint32 both);"
    " sint8 Small(); real32 Real(); boolean Truth(); void Nothing();"
    " uint32 Text([In(false), Out] string a);"
    " uint32 Array([In] uint8 a[]);"
    " string Returns();"
    "};";

static uint64_t
all(void *self, struct xvs_call *call, uint8_t b, uint8_t c, int8_t d,
    uint16_t s, int16_t t, uint32_t i, int32_t j, uint64_t l, int64_t m,
    float f, double g, uint16_t w, const struct xvs_datetime *z,
    const char *a, const char *n, uint8_t *ob, uint8_t *oc, int8_t *od,
    uint16_t *os, int16_t *ot, uint32_t *oi, int32_t *oj, uint64_t *ol,
    int64_t *om, float *of, double *og, uint16_t *ow,
    struct xvs_datetime *oz, struct xvs_text *oa, uint32_t both,
    uint32_t *both_out)
{
    CU_ASSERT_EQUAL(call->port_id, 7);
    CU_ASSERT_PTR_NULL(n);
    *ob = b;
    *oc = c;
    *od = d;
    *os = s;
    *ot = t;
    *oi = i;
    *oj = j;
    *ol = l;
    *om = m;
    *of = f;
    *og = g;
    *ow = w;
    *oz = *z;
    oa->length = (uint32_t) strlen(a);
    memcpy(oa->text, a, strlen(a));
    *both_out = both + 1;
    return *(uint64_t *) self;
}

static int8_t
small(void *self, struct xvs_call *call)
{
    (void) self;
    (void) call;
    return -5;
}

static float
real(void *self, struct xvs_call *call)
{
    (void) self;
    (void) call;
    return 0.5f;
}

static uint8_t
truth(void *self, struct xvs_call *call)
{
    (void) self;
    (void) call;
    return 77;
}

static unsigned int n_nothing;

static void
nothing(void *self, struct xvs_call *call)
{
    (void) self;
    (void) call;
    n_nothing++;
}

static const char *text_left;
static uint32_t text_length;

static uint32_t
text(void *self, struct xvs_call *call, struct xvs_text *a)
{
    (void) self;
    (void) call;
    memcpy(a->text, text_left, strlen(text_left));
    a->length = text_length;
    return 3;
}

struct fixture {
    struct test_schema schema;
    const struct method *method;
    struct layout *in, *out;
    struct buffer block, answer, signature;
    struct error error;
    struct value results[32];
};

static void
fixture_open(struct fixture *fixture, const char *name)
{
    memset(fixture, 0, sizeof *fixture);
    test_schema_open(&fixture->schema, mof);
    fixture->method = class_method(test_lookup(&fixture->schema, "T_A"),
                                   name);
    fixture->in = layout_of_parameters(fixture->method, false, test_lookup,
                                       &fixture->schema, NULL);
    fixture->out = layout_of_parameters(fixture->method, true, test_lookup,
                                        &fixture->schema, NULL);
    CU_ASSERT(method_signature(fixture->method, &fixture->signature, NULL));
}

static void
fixture_close(struct fixture *fixture)
{
    layout_destroy(fixture->in);
    layout_destroy(fixture->out);
    buffer_free(&fixture->block);
    buffer_free(&fixture->answer);
    buffer_free(&fixture->signature);
    test_schema_close(&fixture->schema);
}

/* Calls with the values and decodes the results; false when it failed. */
static bool
perform(struct fixture *fixture, void (*function)(void), void *self,
        const struct value *values, uint32_t n)
{
    struct xvs_call call = { .size = sizeof call, .port_id = 7 };
    uint32_t n_results = fixture->out->parts[0].n_fields;

    CU_ASSERT_FATAL(block_encode_values(values, n, fixture->in,
                                        &fixture->block, &fixture->error));
    if (!call_method(function, buffer_string(&fixture->signature), self,
                     &call, fixture->block.data, fixture->block.size,
                     fixture->in, fixture->out, &fixture->answer,
                     &fixture->error)) {
        return false;
    }
    CU_ASSERT_FATAL(block_check(fixture->answer.data, fixture->answer.size,
                                fixture->out, &fixture->error));
    return block_decode_values(fixture->answer.data, fixture->answer.size,
                               fixture->out, fixture->results, n_results,
                               test_lookup, &fixture->schema,
                               &fixture->error);
}

static void
test_all(void)
{
    struct xvs_datetime time = { .microseconds = 42, .utc_minutes = 60 };
    struct value values[] = {
        value_boolean(true), value_u64(CIM_UINT8, 200),
        value_i64(CIM_SINT8, -100), value_u64(CIM_UINT16, 60000),
        value_i64(CIM_SINT16, -30000), value_u64(CIM_UINT32, 4000000000u),
        value_i64(CIM_SINT32, -2000000000), value_u64(CIM_UINT64, UINT64_MAX),
        value_i64(CIM_SINT64, INT64_MIN),
        { .type = CIM_REAL32, .r = 1.25 }, { .type = CIM_REAL64, .r = -2.5 },
        value_u64(CIM_CHAR16, 'x'), { .type = CIM_DATETIME, .t = &time },
        value_string("gr\xc3\xbc\xc3\x9f" "e"), value_null(CIM_STRING, false),
        value_u64(CIM_UINT32, 10),
    };
    struct fixture fixture;
    uint64_t self = 0x123456789abcdef0u;

    fixture_open(&fixture, "All");
    CU_ASSERT_STRING_EQUAL(buffer_string(&fixture.signature),
                           "lbcdstijlmfgwzaaBCDSTIJLMFGWZAiI");
    CU_ASSERT_FATAL(perform(&fixture, (void (*)(void)) all, &self, values,
                            16));
    CU_ASSERT_EQUAL(fixture.results[0].u, self);
    for (uint32_t i = 0; i < 14; i++) {
        CU_ASSERT(value_equal(&fixture.results[i + 1], &values[i]));
        value_clear(&fixture.results[i + 1]);
    }
    CU_ASSERT_EQUAL(fixture.results[15].u, 11);
    value_clear(&values[13]);
    fixture_close(&fixture);
}

static void
test_returns(void)
{
    struct fixture fixture;

    fixture_open(&fixture, "Small");
    CU_ASSERT(perform(&fixture, (void (*)(void)) small, NULL, NULL, 0));
    CU_ASSERT_EQUAL(fixture.results[0].i, -5);
    fixture_close(&fixture);
    fixture_open(&fixture, "Real");
    CU_ASSERT(perform(&fixture, (void (*)(void)) real, NULL, NULL, 0));
    CU_ASSERT_EQUAL(fixture.results[0].r, 0.5);
    fixture_close(&fixture);
    fixture_open(&fixture, "Truth");
    CU_ASSERT(perform(&fixture, (void (*)(void)) truth, NULL, NULL, 0));
    CU_ASSERT_EQUAL(fixture.results[0].u, 1);
    fixture_close(&fixture);
    fixture_open(&fixture, "Nothing");
    CU_ASSERT(perform(&fixture, (void (*)(void)) nothing, NULL, NULL, 0));
    CU_ASSERT_EQUAL(n_nothing, 1);
    fixture_close(&fixture);
}

/* What a function may leave in a text. */
static void
test_texts(void)
{
    static const struct {
        const char *left;
        uint32_t length;
        bool good;
    } rows[] = {
        { "abc", 3, true }, { "", 0, true }, { "abc", 2, true },
        { "\xff", 1, false }, { "a", 2, false }, { "a", 4096, false },
        { "a", UINT32_MAX, false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture fixture;

        fixture_open(&fixture, "Text");
        text_left = rows[i].left;
        text_length = rows[i].length;
        CU_ASSERT_EQUAL(perform(&fixture, (void (*)(void)) text, NULL, NULL,
                                0), rows[i].good);
        if (rows[i].good) {
            CU_ASSERT_EQUAL(fixture.results[0].u, 3);
            CU_ASSERT_EQUAL(fixture.results[1].n, rows[i].length);
            value_clear(&fixture.results[1]);
        }
        fixture_close(&fixture);
    }
}

static void
test_signatures(void)
{
    static const char *const wrong[] = {
        "", "i", "iA ", "iAA", "lA", "vA", "ia", "iB", "?A", "iAi", "A", "ai",
        "iAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    struct fixture fixture;

    fixture_open(&fixture, "Text");
    CU_ASSERT(call_check("iA", fixture.in, fixture.out, NULL));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT(!call_check(wrong[i], fixture.in, fixture.out,
                              &fixture.error));
    }
    CU_ASSERT_EQUAL(fixture.error.code, ERROR_VERSION);
    fixture_close(&fixture);
    /* One in argument less than the method has. */
    fixture_open(&fixture, "All");
    CU_ASSERT(!call_check("lbcdstijlmfgwzaaBCDSTIJLMFGWZAI", fixture.in,
                          fixture.out, &fixture.error));
    CU_ASSERT(!call_check("lbcdstijlmfgwzaBCDSTIJLMFGWZAiI", fixture.in,
                          fixture.out, &fixture.error));
    fixture_close(&fixture);
}

static void
test_unsupported(void)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct test_schema schema;
    struct cim_class *cls;
    struct error error = { 0 };

    test_schema_open(&schema, mof);
    cls = test_lookup(&schema, "T_A");
    CU_ASSERT(!method_signature(class_method(cls, "Array"), &out, &error));
    CU_ASSERT_STRING_EQUAL(error.text, "a of method Array is an array, which "
                           "a C function cannot take");
    CU_ASSERT(!method_signature(class_method(cls, "Returns"), &out, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_UNSUPPORTED);
    test_schema_close(&schema);
}

static const struct unit_test tests[] = {
    { "every type in and out", test_all },
    { "return values", test_returns },
    { "texts that a function leaves", test_texts },
    { "signatures that do not fit", test_signatures },
    { "methods that no function implements", test_unsupported },
};

UNIT_MAIN("marshal-call", tests)
