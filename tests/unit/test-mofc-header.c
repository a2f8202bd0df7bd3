/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The header that xvs-mofc writes for mofc/sample.mof: what a plugin puts
 * into its structs are the bytes that the core's serializer writes, and what
 * the core writes is what its functions read.
 */

#include <config.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "marshal-schema.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "mofc/sample.h"
#include "object/instance.h"
#include "unit.h"

/* The schema's text, from the source tree. */
static char *
read_schema(void)
{
    const char *top = getenv("top_srcdir");
    struct buffer text = BUFFER_INIT;
    char path[512];
    FILE *file;
    int c;

    snprintf(path, sizeof path, "%s/tests/mofc/sample.mof", top ? top : "..");
    file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(99);
    }
    while ((c = getc(file)) != EOF) {
        buffer_putc(&text, (char) c);
    }
    fclose(file);
    return buffer_steal(&text);
}

struct fixture {
    struct test_schema schema;
    const struct layout *layout;
    struct buffer block;        /* what the core wrote */
    struct xvs_view view;       /* of it */
};

static void
fixture_open(struct fixture *fixture, const char *cls, const char *object)
{
    char *text = read_schema();
    struct instance *instance;
    struct error error = { 0 };

    memset(fixture, 0, sizeof *fixture);
    test_schema_open(&fixture->schema, text);
    free(text);
    test_class(&fixture->schema, cls, &fixture->layout);
    instance = test_instance(&fixture->schema, object);
    CU_ASSERT_FATAL(block_encode(instance, fixture->layout, &fixture->block,
                                 &error));
    block_view(fixture->block.data, &fixture->view);
    instance_destroy(instance);
}

static void
fixture_close(struct fixture *fixture)
{
    buffer_free(&fixture->block);
    test_schema_close(&fixture->schema);
}

/* The plugin's object becomes the same block. */
static void
compare(struct fixture *fixture, const struct xvs_view *view)
{
    BUFFER_AUTO struct buffer made = BUFFER_INIT;
    struct error error = { 0 };

    if (!block_check_view(view, fixture->layout, &error)) {
        printf("%s\n", error.text);
        CU_FAIL_FATAL("the plugin's object is not valid");
    }
    block_from_view(view, fixture->layout, &made);
    CU_ASSERT_EQUAL_FATAL(made.size, fixture->block.size);
    CU_ASSERT(memcmp(made.data, fixture->block.data, made.size) == 0);
}

static const char all[] =
    "instance of Test_All { Switch = false; Class = 300; Low = -2; "
    "Share = 0.5; Letter = 'y'; SourceIPv4 = \"10.0.0.1\"; "
    "Since = \"19700101000002.000000+000\"; Triple = {4, 5, 6}; "
    "MACAddress = {7, 8, 9}; Ids = {10, 11}; Names = {\"one\", \"\", "
    "\"three\"}; Direction = 4; Mode = NULL; Flags = 1; Offset = -5; };";

static void
test_write(void)
{
    static const uint64_t ids[] = { 10, 11 };
    static const char *const names[] = { "one", "", "three" };
    static const struct test_all start = TEST_ALL_DEFAULTS;
    struct test_all_writer writer;
    struct test_all *object;
    struct fixture fixture;
    uint64_t memory[64];
    struct xvs_view view;

    fixture_open(&fixture, "Test_All", all);
    object = test_all_start(&writer, memory, sizeof memory);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    assert(object);
    object->class_ = 300;
    object->low = -2;
    object->share = 0.5f;
    object->letter = 'y';
    test_all_set_source_ipv4(&writer, "10.0.0.1");
    object->since.microseconds = 2000000;
    object->triple[0] = 4;
    object->triple[1] = 5;
    object->triple[2] = 6;
    object->n_mac_address = 3;
    object->mac_address[0] = 7;
    object->mac_address[1] = 8;
    object->mac_address[2] = 9;
    test_all_set_ids(&writer, ids, 2);
    test_all_set_names(&writer, names, 3);
    object->direction = TEST_ALL_DIRECTION_TO_FRO;
    test_all_null(&writer, TEST_ALL_MODE);
    object->flags = (uint32_t) TEST_ALL_FLAGS_UP;
    object->offset = -5;
    view = test_all_view(&writer);
    compare(&fixture, &view);
    CU_ASSERT_PTR_NULL(test_all_check(&view));
    CU_ASSERT_EQUAL(start.low, INT64_MIN);
    CU_ASSERT_EQUAL(start.n_mac_address, 2);
    CU_ASSERT_EQUAL(start.since.microseconds, 1000000);
    CU_ASSERT_EQUAL(start.flags,
                    TEST_ALL_FLAGS_UP | TEST_ALL_FLAGS_FULL_DUPLEX);
    CU_ASSERT_STRING_EQUAL(TEST_ALL_MODE_FAST, "fast");
    fixture_close(&fixture);
}

static void
test_read(void)
{
    struct xvs_setting setting = { .uuid = TEST_ALL_UUID, .version = 0x0101 };
    const struct test_all *object;
    struct fixture fixture;
    const uint64_t *ids;
    const uint8_t *mac;
    uint32_t n;

    fixture_open(&fixture, "Test_All", all);
    setting.view = fixture.view;
    object = test_all_get(&setting);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    assert(object);
    CU_ASSERT_EQUAL(object->class_, 300);
    CU_ASSERT_STRING_EQUAL(test_all_source_ipv4(&setting.view, object),
                           "10.0.0.1");
    CU_ASSERT(!xvs_present(&setting.view, TEST_ALL_MODE));
    ids = test_all_ids(&setting.view, object, &n);
    CU_ASSERT_EQUAL_FATAL(n, 2);
    assert(ids);
    CU_ASSERT_EQUAL(ids[1], 11);
    mac = test_all_mac_address(&setting.view, object, &n);
    CU_ASSERT_EQUAL_FATAL(n, 3);
    CU_ASSERT_EQUAL(mac[2], 9);
    CU_ASSERT_STRING_EQUAL(test_all_names(&setting.view, object, 2), "three");
    CU_ASSERT_STRING_EQUAL(test_all_names(&setting.view, object, 3), "");
    CU_ASSERT_EQUAL(fixture.layout->hash, TEST_ALL_HASH);
    setting.version = 0x0200;
    CU_ASSERT_PTR_NULL(test_all_get(&setting));
    setting.version = 0x0102;
    setting.view.size = TEST_ALL_SIZE - 1;
    CU_ASSERT_PTR_NULL(test_all_get(&setting));
    setting.view.size = fixture.view.size;
    setting.uuid.a++;
    CU_ASSERT_PTR_NULL(test_all_get(&setting));
    fixture_close(&fixture);
}

static void
test_check(void)
{
    struct test_all_writer writer;
    uint64_t memory[64];
    struct test_all *object = test_all_start(&writer, memory, sizeof memory);
    struct xvs_view view;

    assert(object);
    object->direction = 1;
    object->offset = 6;
    view = test_all_view(&writer);
    CU_ASSERT_STRING_EQUAL(test_all_check(&view),
                           "Offset is not allowed: it must be from -5 to 5");
    object->offset = -6;
    CU_ASSERT_PTR_NOT_NULL(test_all_check(&view));
    object->offset = 0;
    CU_ASSERT_PTR_NULL(test_all_check(&view));
    object->direction = 3;
    CU_ASSERT_PTR_NOT_NULL(test_all_check(&view));
    object->direction = 2;
    object->n_mac_address = 1;
    object->mac_address[0] = 201;
    CU_ASSERT_PTR_NOT_NULL(test_all_check(&view));
    object->mac_address[0] = 200;
    test_all_set_source_ipv4(&writer, "\xc3\xa4" "2345678");
    view = test_all_view(&writer);
    CU_ASSERT_PTR_NULL(test_all_check(&view));
    test_all_set_source_ipv4(&writer, "123456789");
    view = test_all_view(&writer);
    CU_ASSERT_STRING_EQUAL(test_all_check(&view),
                           "SourceIPv4 is longer than 8 characters");
}

/* Objects in objects, and running out of room. */
static void
test_holder(void)
{
    struct test_holder_status_writer writer;
    struct test_holder_status *object;
    /* Static: padding is 0, as in what the core writes. */
    static const struct test_peer others[2] = { TEST_PEER_DEFAULTS,
                                                TEST_PEER_DEFAULTS };
    static const uint32_t ports[] = { 80 };
    struct fixture fixture;
    uint64_t memory[40];
    struct xvs_view view;

    fixture_open(&fixture, "Test_HolderStatus",
        "instance of Test_HolderStatus { Number = 1; "
        "Peer = \"instance of Test_Peer { Kind = 2; Name = \\\"a\\\"; "
        "Ports = {80}; };\"; "
        "Pair = {\"instance of Test_Peer { Kind = 4; Name = \\\"\\\"; "
        "Ports = {}; };\", \"instance of Test_Peer { Kind = 5; "
        "Name = \\\"\\\"; Ports = {}; };\"}; "
        "Others = {\"instance of Test_Peer { Kind = 3; Name = \\\"\\\"; "
        "Ports = {}; };\", \"instance of Test_Peer { Kind = 3; "
        "Name = \\\"\\\"; Ports = {}; };\"}; };");
    object = test_holder_status_start(&writer, memory, sizeof memory);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    assert(object);
    object->number = 1;
    object->peer.kind = 2;
    object->peer.name = xvs_put_string(&writer.writer, "a");
    object->peer.ports = xvs_put(&writer.writer, ports, 1, sizeof ports[0]);
    object->pair[0].kind = 4;
    object->pair[1].kind = 5;
    test_holder_status_set_others(&writer, others, 2);
    view = test_holder_status_view(&writer);
    compare(&fixture, &view);
    CU_ASSERT_STRING_EQUAL(test_peer_name(&view, &object->peer), "a");
    CU_ASSERT_PTR_NULL(test_holder_status_start(&writer, memory, 8));
    test_holder_status_set_others(&writer, others, 2);
    CU_ASSERT_EQUAL(test_holder_status_answer(&writer, NULL, NULL, NULL),
                    XVS_RESOURCES);
    fixture_close(&fixture);
}

/* The methods' functions: prototypes and table agree with these. */
int32_t
test_holder_status_mix(void *self, struct xvs_call *call, const char *name,
                       uint16_t both, uint16_t *both_out,
                       const struct xvs_datetime *when,
                       struct xvs_text *text_out,
                       struct xvs_datetime *then_out)
{
    (void) self;
    (void) call;
    (void) name;
    (void) text_out;
    *both_out = both;
    *then_out = *when;
    return 0;
}

void
test_holder_status_nothing(void *self, struct xvs_call *call)
{
    (void) self;
    (void) call;
}

static void
test_tables(void)
{
    static const struct xvs_feature features[] = XVS_FEATURES;
    static const struct xvs_method methods[] = XVS_METHODS;

    CU_ASSERT_EQUAL(sizeof features / sizeof features[0], 2);
    CU_ASSERT_EQUAL(features[0].version, 0x0102);
    CU_ASSERT_EQUAL(features[0].size, sizeof(struct test_all));
    CU_ASSERT_EQUAL(sizeof methods / sizeof methods[0], 2);
    CU_ASSERT_STRING_EQUAL(methods[0].name, "Mix");
    CU_ASSERT_STRING_EQUAL(methods[0].signature, "jasSzAZ");
    CU_ASSERT(methods[0].function
              == (void (*)(void)) test_holder_status_mix);
    CU_ASSERT_STRING_EQUAL(methods[1].signature, "v");
}

static const struct unit_test tests[] = {
    { "a plugin's object has the core's bytes", test_write },
    { "a plugin reads what the core wrote", test_read },
    { "values that the schema does not allow", test_check },
    { "objects in objects", test_holder },
    { "tables for the descriptor", test_tables },
};

UNIT_MAIN("mofc-header", tests)
