/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Serialize and deserialize one object of 14 properties, and the same object
 * with protobuf-c, in the same run.  Prints nanoseconds for both directions
 * together; the best of several rounds counts, as other load only adds.
 *
 *     bench-marshal [ROUNDS]
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_PROTOBUF_C
#include "bench/marshal.pb-c.h"
#endif

#include "../unit/marshal-schema.h"
#include "base/buffer.h"
#include "base/error.h"
#include "marshal/block.h"
#include "marshal/layout.h"
#include "object/instance.h"

#define OBJECTS 20000       /* in one round */

static const char mof[] =
    "class Bench_Rule { uint32 Priority; uint8 Direction; uint8 Action; "
    "uint8 Protocol; boolean Stateful; uint16 Ethertype; "
    "uint16 SourcePortLow; uint16 SourcePortHigh; uint16 DestinationPortLow; "
    "uint64 Packets; uint64 Bytes; real64 Share; string SourcePrefix; "
    "string DestinationPrefix; };";
static const char object[] =
    "instance of Bench_Rule { Priority = 1000; Direction = 3; Action = 2; "
    "Protocol = 6; Stateful = true; Ethertype = 2048; SourcePortLow = 1024; "
    "SourcePortHigh = 65535; DestinationPortLow = 443; "
    "Packets = 123456789012; Bytes = 98765432109876; Share = 0.75; "
    "SourcePrefix = \"192.0.2.0/24\"; DestinationPrefix = \"2001:db8::/32\"; "
    "};";

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec * 1e9 + (double) time.tv_nsec;
}

struct fixture {
    struct test_schema schema;
    struct cim_class *cls;
    const struct layout *layout;
    struct instance *instance;
    struct buffer block;
    size_t size;                /* of the serialized object */
    bool check;                 /* run the validator as well */
};

static double
round_xvs(struct fixture *fixture)
{
    double start = now();

    for (int i = 0; i < OBJECTS; i++) {
        struct instance *copy;

        fixture->block.size = 0;
        if (!block_encode(fixture->instance, fixture->layout, &fixture->block,
                          NULL)
            || (fixture->check
                && !block_check(fixture->block.data, fixture->block.size,
                                fixture->layout, NULL))) {
            abort();
        }
        copy = block_decode(fixture->block.data, fixture->block.size,
                            fixture->cls, fixture->layout, test_lookup,
                            &fixture->schema, NULL);
        instance_destroy(copy);
    }
    fixture->size = fixture->block.size;
    return (now() - start) / OBJECTS;
}

#ifdef HAVE_PROTOBUF_C
static Bench message = BENCH__INIT;
static size_t message_size;

static void
fill_message(void)
{
    static char source[] = "192.0.2.0/24";
    static char destination[] = "2001:db8::/32";

#define SET(name, number) message.has_##name = 1, message.name = (number)
    SET(priority, 1000);
    SET(direction, 3);
    SET(action, 2);
    SET(protocol, 6);
    SET(stateful, 1);
    SET(ethertype, 2048);
    SET(source_port_low, 1024);
    SET(source_port_high, 65535);
    SET(destination_port_low, 443);
    SET(packets, 123456789012u);
    SET(bytes, 98765432109876u);
    SET(share, 0.75);
#undef SET
    message.source_prefix = source;
    message.destination_prefix = destination;
}

static double
round_protobuf(void)
{
    static uint8_t buffer[1024];
    double start = now();

    for (int i = 0; i < OBJECTS; i++) {
        size_t size = bench__get_packed_size(&message);
        Bench *copy;

        if (size > sizeof buffer) {
            abort();
        }
        bench__pack(&message, buffer);
        copy = bench__unpack(NULL, size, buffer);
        bench__free_unpacked(copy, NULL);
        message_size = size;
    }
    return (now() - start) / OBJECTS;
}
#endif

static double
least(double a, double b)
{
    return a < b ? a : b;
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    struct fixture fixture = { 0 };
    double ours = 1e12, checked = 1e12;
#ifdef HAVE_PROTOBUF_C
    double theirs = 1e12;

    fill_message();
#endif
    test_schema_open(&fixture.schema, mof);
    fixture.cls = test_class(&fixture.schema, "Bench_Rule", &fixture.layout);
    fixture.instance = test_instance(&fixture.schema, object);
    for (int i = 0; i < rounds; i++) {
        fixture.check = false;
        ours = least(ours, round_xvs(&fixture));
        fixture.check = true;
        checked = least(checked, round_xvs(&fixture));
#ifdef HAVE_PROTOBUF_C
        theirs = least(theirs, round_protobuf());
#endif
    }
    printf("marshal: %.0f ns per object of 14 properties (%zu bytes), "
           "%.0f ns with the check\n", ours, fixture.size, checked);
#ifdef HAVE_PROTOBUF_C
    printf("protobuf-c: %.0f ns (%zu bytes); marshal takes %.2f of that\n",
           theirs, message_size, ours / theirs);
#else
    puts("protobuf-c: not found by configure");
#endif
    buffer_free(&fixture.block);
    instance_destroy(fixture.instance);
    test_schema_close(&fixture.schema);
    return 0;
}
