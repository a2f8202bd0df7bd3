/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long writing (and reading) one object of 10 properties as CIM-XML,
 * MOF and JSON takes, in microseconds of processor time.
 */
#include <config.h>

#include <time.h>

#include "base/buffer.h"
#include "object/forms.h"
#include "object/instance.h"
#include "unit/host.h"

#define ROUNDS 100000

static const char schema[] =
    "class T_Ten { [Key] string SwitchName; [Key] string Name;"
    "  uint32 PortId; string Driver; string Device; string MacAddress;"
    "  uint32 Mtu; string State; uint64 RxPackets; uint64 RxBytes; };";

static double
processor_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static struct instance *
make(struct repository *repository)
{
    struct instance *instance =
        instance_create(repository_class(repository, "T_Ten"));

    instance_set_string(instance, "SwitchName", "lan");
    instance_set_string(instance, "Name", "vm1");
    instance_set_u64(instance, "PortId", 17);
    instance_set_string(instance, "Driver", "tap");
    instance_set_string(instance, "Device", "tap-vm1");
    instance_set_string(instance, "MacAddress", "02:00:5e:10:00:01");
    instance_set_u64(instance, "Mtu", 1500);
    instance_set_string(instance, "State", "up");
    instance_set_u64(instance, "RxPackets", 123456789);
    instance_set_u64(instance, "RxBytes", 98765432101234);
    return instance;
}

static void
write_xml(const struct instance *instance, struct buffer *out)
{
    instance_write_xml(instance, INSTANCE_XML_ORIGIN, NULL, 0, out);
}

static void
write_json(const struct instance *instance, struct buffer *out)
{
    instance_write_json(instance, false, out);
}

static void
measure(const char *name, const struct instance *instance,
        struct repository *repository,
        void (*write)(const struct instance *, struct buffer *))
{
    struct buffer text = BUFFER_INIT;
    double start = processor_time();
    double written, read;

    for (int i = 0; i < ROUNDS; i++) {
        text.size = 0;
        write(instance, &text);
    }
    written = processor_time() - start;
    start = processor_time();
    for (int i = 0; i < ROUNDS / 10; i++) {
        struct instance **instances;
        size_t n;

        if (!instances_read("bench", text.data, text.size, NULL, host_lookup,
                            repository, &instances, &n, NULL)) {
            abort();
        }
        instance_destroy(instances[0]);
        free(instances);
    }
    read = processor_time() - start;
    printf("%s: %zu bytes, write %.2f us, read %.2f us\n", name, text.size,
           written * 1e6 / ROUNDS, read * 1e6 / (ROUNDS / 10));
    buffer_free(&text);
}

int
main(void)
{
    struct repository *repository = host_open(schema);
    struct instance *instance = make(repository);

    measure("xml", instance, repository, write_xml);
    measure("mof", instance, repository, instance_write_mof);
    measure("json", instance, repository, write_json);
    instance_destroy(instance);
    repository_close(repository);
    return 0;
}
