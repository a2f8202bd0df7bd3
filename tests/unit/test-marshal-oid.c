/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * OID requests: what is packed comes out again, each length and offset that
 * lies is noticed, and answers that do not fit say how much would.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "marshal/oid.h"
#include "unit.h"

static const uint8_t body[20] = { 1, 2, 3, 4, 5 };
static const uint8_t present[2] = { 0x7f, 0x01 };
static const struct xvs_guid uuid = { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };
static const struct xvs_guid instance = { 9, 8, 7, { 6 } };

static struct xvs_setting
make_setting(uint32_t op, uint32_t scope)
{
    return (struct xvs_setting){
        .size = sizeof(struct xvs_setting),
        .op = op,
        .scope = scope,
        .port_id = scope == XVS_SCOPE_PORT ? 17 : XVS_PORT_NONE,
        .uuid = uuid,
        .instance = instance,
        .version = op == XVS_DELETE ? 0 : 0x0102,
        .view = { body, sizeof body, 9, present },
    };
}

static void
check_view(const struct xvs_view *view)
{
    CU_ASSERT_EQUAL_FATAL(view->size, sizeof body);
    CU_ASSERT(memcmp(view->body, body, sizeof body) == 0);
    CU_ASSERT_EQUAL((uintptr_t) view->body % 8, 0);
    CU_ASSERT_EQUAL(view->n_present, 9);
    CU_ASSERT(memcmp(view->present, present, sizeof present) == 0);
}

static void
test_settings(void)
{
    for (uint32_t op = XVS_VALIDATE; op <= XVS_DELETE; op++) {
        for (uint32_t scope = XVS_SCOPE_PORT; scope <= XVS_SCOPE_SWITCH;
             scope++) {
            BUFFER_AUTO struct buffer packed = BUFFER_INIT;
            struct xvs_setting in = make_setting(op, scope);
            struct xvs_setting out;
            struct error error = { 0 };
            struct xvs_oid oid;

            oid_pack_setting(&in, &packed);
            oid_start(&oid, oid_code_of_setting(&in), in.port_id, &packed);
            CU_ASSERT_EQUAL(oid.kind, XVS_OID_SET);
            CU_ASSERT_FATAL(oid_unpack_setting(&oid, &out, &error));
            CU_ASSERT_EQUAL(out.op, op);
            CU_ASSERT_EQUAL(out.scope, scope);
            CU_ASSERT_EQUAL(out.port_id, in.port_id);
            CU_ASSERT(memcmp(&out.uuid, &uuid, sizeof uuid) == 0);
            CU_ASSERT(memcmp(&out.instance, &instance, sizeof uuid) == 0);
            CU_ASSERT_EQUAL(out.version, in.version);
            if (op != XVS_DELETE) {
                check_view(&out.view);
            }
        }
    }
}

/* The bytes of one request, as doc/formats.md has them. */
static void
test_golden(void)
{
    static const uint8_t expected[] = {
        0xa7, 1, 56, 0, 0, 0, 0, 0, 1, 0, 0, 0,         /* header, type */
        1, 0, 0, 0, 2, 0, 3, 0, 4, 5, 6, 7, 8, 9, 10, 11,
        2, 1, 1, 0,                                     /* versions */
        9, 0, 0, 0, 8, 0, 7, 0, 6, 0, 0, 0, 0, 0, 0, 0,
        56, 0, 0, 0, 56, 0, 0, 0,                       /* length, offset */
        0xa7, 2, 24, 0, 0, 0, 0, 0, 20, 0, 0, 0, 80, 0, 0, 0,
        9, 0, 0, 0, 104, 0, 0, 0,                       /* presence */
        1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0x7f, 1, 0, 0, 0, 0, 0, 0,
    };
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    struct xvs_setting in = make_setting(XVS_ADD, XVS_SCOPE_SWITCH);

    oid_pack_setting(&in, &packed);
    CU_ASSERT_EQUAL_FATAL(packed.size, sizeof expected);
    CU_ASSERT(memcmp(packed.data, expected, sizeof expected) == 0);
}

static void
test_query(void)
{
    for (uint32_t scope = XVS_SCOPE_PORT; scope <= XVS_SCOPE_SWITCH;
         scope++) {
        BUFFER_AUTO struct buffer packed = BUFFER_INIT;
        struct xvs_query in = {
            .scope = scope, .version = 0x0203, .uuid = uuid,
            .port_id = scope == XVS_SCOPE_PORT ? 4 : XVS_PORT_NONE,
            .instance = instance, .empty = { body, sizeof body, 9, present },
        };
        struct xvs_query out;
        struct xvs_view answer;
        struct error error = { 0 };
        struct xvs_oid oid;
        bool found;

        oid_pack_query(&in, 4096, &packed);
        oid_start(&oid, oid_code_of_query(&in), in.port_id, &packed);
        CU_ASSERT(oid.capacity >= 4096);
        CU_ASSERT_FATAL(oid_unpack_query(&oid, &out, &error));
        CU_ASSERT_EQUAL(out.scope, scope);
        CU_ASSERT_EQUAL(out.version, 0x0203);
        CU_ASSERT(memcmp(&out.uuid, &uuid, sizeof uuid) == 0);
        CU_ASSERT(memcmp(&out.instance, &instance, sizeof uuid) == 0);
        check_view(&out.empty);
        CU_ASSERT(oid_unpack_answer(&oid, &answer, &found, &error));
        CU_ASSERT(!found);
        CU_ASSERT_EQUAL(oid_answer_query(&oid, &in.empty), XVS_SUCCESS);
        CU_ASSERT(oid_unpack_answer(&oid, &answer, &found, &error));
        CU_ASSERT(found);
        check_view(&answer);
        oid.capacity = 30;
        CU_ASSERT_EQUAL(oid_answer_query(&oid, &in.empty),
                        XVS_INVALID_LENGTH);
        CU_ASSERT_EQUAL(oid.needed, 24 + 24 + 8);
    }
}

static void
test_ports(void)
{
    static const struct {
        uint32_t code, event;
        bool is_nic;
    } codes[] = {
        { XVS_OID_SWITCH_PORT_CREATE, XVS_PORT_CREATED, false },
        { XVS_OID_SWITCH_PORT_UPDATED, XVS_PORT_UPDATED, false },
        { XVS_OID_SWITCH_PORT_TEARDOWN, 0, false },
        { XVS_OID_SWITCH_PORT_DELETE, XVS_PORT_DELETED, false },
        { XVS_OID_SWITCH_NIC_CREATE, 0, true },
        { XVS_OID_SWITCH_NIC_CONNECT, XVS_PORT_CONNECTED, true },
        { XVS_OID_SWITCH_NIC_UPDATED, XVS_PORT_UPDATED, true },
        { XVS_OID_SWITCH_NIC_DISCONNECT, XVS_PORT_DISCONNECTED, true },
        { XVS_OID_SWITCH_NIC_DELETE, 0, true },
    };
    struct xvs_port in = { .id = 3, .name = "web", .mac = { 2, 0, 0, 0, 0, 1 },
                           .is_validation = 1, .mtu = 1500 };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        BUFFER_AUTO struct buffer packed = BUFFER_INIT;
        struct error error = { 0 };
        struct xvs_port out;
        struct xvs_oid oid;
        uint32_t event = 99;

        oid_pack_port(codes[i].code, &in, &packed);
        oid_start(&oid, codes[i].code, in.id, &packed);
        CU_ASSERT(oid_unpack_port(&oid, &out, &event, &error));
        CU_ASSERT_EQUAL(event, codes[i].event);
        CU_ASSERT_EQUAL(out.id, 3);
        CU_ASSERT_STRING_EQUAL(out.name, "web");
        CU_ASSERT_EQUAL(out.mtu, codes[i].is_nic ? 1500 : 0);
        CU_ASSERT_EQUAL(out.is_validation, codes[i].is_nic ? 0 : 1);
        oid.length--;
        CU_ASSERT(!oid_unpack_port(&oid, &out, &event, &error));
    }
}

/* Each row damages the request of test_golden(). */
static const struct {
    const char *what;
    unsigned int at, size;
    uint32_t value;
} lies[] = {
    { "type of the header", 0, 1, 0xa6 },
    { "revision", 1, 1, 0 },
    { "size of the structure", 2, 2, 55 },
    { "size beyond the buffer", 2, 2, 0xffff },
    { "property type", 8, 4, 3 },
    { "serialization version", 30, 2, 2 },
    { "length", 48, 4, 57 },
    { "short length", 48, 4, 8 },
    { "huge length", 48, 4, 0xffffffff },
    { "offset", 52, 4, 60 },
    { "offset into the parameters", 52, 4, 8 },
    { "huge offset", 52, 4, 0xfffffff8 },
    { "custom: type", 56, 1, 0 },
    { "custom: size", 58, 2, 8 },
    { "custom: revision 2 with the size of 1", 58, 2, 16 },
    { "body: length", 64, 4, 33 },
    { "body: huge length", 64, 4, 0xffffffff },
    { "body: offset", 68, 4, 84 },
    { "body: offset into the structure", 68, 4, 56 },
    { "body: huge offset", 68, 4, 0xfffffff8 },
    { "presence: number", 72, 4, 65 },
    { "presence: huge number", 72, 4, 0xffffffff },
    { "presence: offset", 76, 4, 105 },
    { "presence: huge offset", 76, 4, 0xfffffff8 },
};

static void
test_lies(void)
{
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    struct xvs_setting in = make_setting(XVS_ADD, XVS_SCOPE_SWITCH);
    struct xvs_setting out;
    struct error error = { 0 };
    struct xvs_oid oid;

    oid_pack_setting(&in, &packed);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        /* Of exactly this size, for the sanitizer. */
        void *copy = mem_dup(packed.data, packed.size);

        oid_start(&oid, XVS_OID_SWITCH_PROPERTY_ADD, XVS_PORT_NONE, &packed);
        oid.buffer = copy;
        oid.length = oid.capacity = (uint32_t) packed.size;
        memcpy((char *) copy + lies[i].at, &lies[i].value, lies[i].size);
        CU_ASSERT(!oid_unpack_setting(&oid, &out, &error));
        if (error.code == ERROR_NONE) {
            printf("not noticed: %s\n", lies[i].what);
        }
        memset(&error, 0, sizeof error);
        free(copy);
    }
    for (uint32_t length = 0; length < packed.size; length++) {
        oid_start(&oid, XVS_OID_SWITCH_PROPERTY_ADD, XVS_PORT_NONE, &packed);
        oid.length = length;
        CU_ASSERT(!oid_unpack_setting(&oid, &out, &error));
    }
    oid_start(&oid, XVS_OID_SWITCH_PROPERTY_ADD, 5, &packed);
    CU_ASSERT(!oid_unpack_setting(&oid, &out, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "its port is not"));
    oid_start(&oid, XVS_OID_SWITCH_NIC_ARRAY, XVS_PORT_NONE, &packed);
    CU_ASSERT(!oid_unpack_setting(&oid, &out, &error));
}

/* Revision 1 has no presence bits: everything is present. */
static void
test_revision_1(void)
{
    BUFFER_AUTO struct buffer packed = BUFFER_INIT;
    struct xvs_setting in = make_setting(XVS_ADD, XVS_SCOPE_SWITCH);
    struct xvs_setting out;
    struct error error = { 0 };
    struct xvs_oid oid;

    in.view.n_present = 0;
    oid_pack_setting(&in, &packed);
    packed.data[57] = 1;
    packed.data[58] = 16;
    oid_start(&oid, XVS_OID_SWITCH_PROPERTY_ADD, XVS_PORT_NONE, &packed);
    CU_ASSERT(oid_unpack_setting(&oid, &out, &error));
    CU_ASSERT_EQUAL(out.view.n_present, 0);
    CU_ASSERT_EQUAL(out.view.size, sizeof body);
}

static void
test_arrays(void)
{
    uint64_t memory[64];
    struct xvs_port ports[2] = { { .id = 1, .name = "a", .mtu = 9000 },
                                 { .id = 2, .name = "b" } };
    struct xvs_oid oid = { .code = XVS_OID_SWITCH_PORT_ARRAY,
                           .buffer = memory, .capacity = sizeof memory };
    struct xvs_switch_parameters parameters;
    struct xvs_port_parameters port;
    struct xvs_nic_parameters nic;
    struct xvs_oid_array array;

    CU_ASSERT_EQUAL(oid_answer_ports(&oid, ports, 2), XVS_SUCCESS);
    memcpy(&array, memory, sizeof array);
    CU_ASSERT_EQUAL(array.n_elements, 2);
    CU_ASSERT_EQUAL(array.element_size, sizeof port);
    memcpy(&port, (char *) memory + array.first_offset + sizeof port,
           sizeof port);
    CU_ASSERT_EQUAL(port.port_id, 2);
    CU_ASSERT_STRING_EQUAL(port.name, "b");
    CU_ASSERT_EQUAL(oid.written, sizeof array + 2 * sizeof port);
    CU_ASSERT_EQUAL(oid_answer_nics(&oid, ports, 2), XVS_SUCCESS);
    memcpy(&nic, (char *) memory + array.first_offset, sizeof nic);
    CU_ASSERT_EQUAL(nic.mtu, 9000);
    oid.capacity = 60;
    CU_ASSERT_EQUAL(oid_answer_nics(&oid, ports, 2), XVS_INVALID_LENGTH);
    CU_ASSERT_EQUAL(oid.needed, sizeof array + 2 * sizeof nic);
    oid.capacity = sizeof memory;
    CU_ASSERT_EQUAL(oid_answer_parameters(&oid, "lan", 2, true),
                    XVS_SUCCESS);
    memcpy(&parameters, memory, sizeof parameters);
    CU_ASSERT_STRING_EQUAL(parameters.name, "lan");
    CU_ASSERT_EQUAL(parameters.n_ports, 2);
    CU_ASSERT_EQUAL(parameters.is_active, 1);
}

static void
test_enum(void)
{
    uint64_t memory[64] = { 0 };
    struct xvs_property_enum_parameters request = {
        .header = { XVS_OID_HEADER_TYPE, 1, sizeof request },
        .property_type = XVS_PROPERTY_TYPE_CUSTOM, .property_id = uuid,
        .serialization_version = XVS_SERIALIZATION_VERSION,
    };
    struct xvs_setting settings[2] = {
        make_setting(XVS_ADD, XVS_SCOPE_SWITCH),
        make_setting(XVS_ADD, XVS_SCOPE_SWITCH),
    };
    struct xvs_oid oid = { .code = XVS_OID_SWITCH_PROPERTY_ENUM,
                           .buffer = memory, .length = sizeof request,
                           .capacity = sizeof memory };
    struct xvs_property_enum_info info;
    struct xvs_property_custom custom;
    uint32_t at;

    CU_ASSERT_EQUAL(oid_answer_enum(&oid, settings, 2),
                    XVS_INVALID_PARAMETER);
    memcpy(memory, &request, sizeof request);
    CU_ASSERT_EQUAL(oid_answer_enum(&oid, settings, 2), XVS_SUCCESS);
    memcpy(&request, memory, sizeof request);
    CU_ASSERT_EQUAL(request.n_properties, 2);
    at = request.first_property_offset;
    for (int i = 0; i < 2; i++) {
        memcpy(&info, (char *) memory + at, sizeof info);
        CU_ASSERT(memcmp(&info.instance_id, &instance, sizeof uuid) == 0);
        CU_ASSERT_EQUAL(info.version, 0x0102);
        memcpy(&custom, (char *) memory + at + info.buffer_offset,
               sizeof custom);
        CU_ASSERT(memcmp((char *) memory + custom.buffer_offset, body,
                         sizeof body) == 0);
        at += info.aligned_length;
    }
    CU_ASSERT_EQUAL(at, oid.written);
}

static void
test_names(void)
{
    CU_ASSERT_STRING_EQUAL(oid_name(0x10263), "SWITCH_PROPERTY_ADD");
    CU_ASSERT_STRING_EQUAL(oid_name(1), "unknown");
    CU_ASSERT_EQUAL(oid_kind(XVS_OID_SWITCH_PARAMETERS), XVS_OID_QUERY);
    CU_ASSERT_EQUAL(oid_kind(1), 0);
}

static const struct unit_test tests[] = {
    { "settings there and back", test_settings },
    { "golden bytes of a request", test_golden },
    { "status queries there and back", test_query },
    { "ports and nics there and back", test_ports },
    { "lengths and offsets that lie", test_lies },
    { "property_custom of revision 1", test_revision_1 },
    { "arrays for an extension", test_arrays },
    { "settings for an extension", test_enum },
    { "names and kinds", test_names },
};

UNIT_MAIN("marshal-oid", tests)
