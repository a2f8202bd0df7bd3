/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a schema becomes as metrics: names, units, kinds, labels, numbers.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/map.h"
#include "manage/get/metric.h"
#include "object/instance.h"
#include "schema/repository.h"
#include "unit/unit.h"

static const char schema[] =
    "class Acme_FlowStatus { [Key] string Name; [Key] string SwitchName;\n"
    "  [Counter, Units(\"Bytes\")] uint64 BytesBefore;\n"
    "  [Counter, Units(\"NanoSeconds\")] uint64 HookTime;\n"
    "  [Counter] uint64 HTTPErrorsTotal; [Gauge] uint32 PortCount;\n"
    "  [Gauge, Units(\"Bits per Second\")] uint64 Rate;\n"
    "  [Gauge, PUnit(\"percent\")] sint32 Load; [Gauge] boolean Away;\n"
    "  [Gauge, Units(\"milliseconds\")] real64 Delay;\n"
    "  [ValueMap{\"1\", \"2\"}, Values{\"good\", \"bad\"}] uint8 FlowState;\n"
    "  [ValueMap{\"x\"}] string Other; uint64 Plain;\n"
    "  [Counter, Secret] uint64 Hidden; [Counter] uint64 List[];\n"
    "  [MetricLabel] uint16 Vlan; };\n"
    "[Metrics(false)] class Acme_Many { [Key] uint32 Id;\n"
    "  [Gauge] uint32 Age; };\n"
    "class Acme_Flow { [Key] uint32 Id; [Gauge] uint32 Rate_Bytes_PerSecond;\n"
    "  [Counter] uint32 Good; };\n";

static struct repository *repository;
static struct map *names;

static struct metric_class *
make(const char *name)
{
    return metric_class_create(repository_class(repository, name), names);
}

static void
has(const char *text, const char *line)
{
    if (!strstr(text, line)) {
        fprintf(stderr, "no '%s' in:\n%s\n", line, text);
        CU_FAIL("a line is missing");
    }
}

static void
set(struct instance *object, const char *name, const char *text)
{
    CU_ASSERT(instance_set_text(object, name, text, NULL));
}

#define LABELS "{flow_status=\"a\\\"\\\\\\nb\",switch=\"lan\",vlan=\"7\"} "

static void
test_class(void)
{
    struct metric_class *metrics = make("Acme_FlowStatus");
    struct instance *object = instance_create(metrics->cls);
    struct buffer out = BUFFER_INIT;
    const char *text;

    CU_ASSERT_EQUAL(metrics->n_metrics, 9);
    instance_set_string(object, "Name", "a\"\\\nb");
    instance_set_string(object, "SwitchName", "lan");
    set(object, "Vlan", "7");
    set(object, "BytesBefore", "18446744073709551615");
    set(object, "HookTime", "18446744073709551615");
    set(object, "HTTPErrorsTotal", "5");
    set(object, "PortCount", "3");
    set(object, "Rate", "1001");
    set(object, "Load", "-150");
    set(object, "Away", "TRUE");
    set(object, "Delay", "2.5");
    set(object, "FlowState", "2");
    metric_class_add(metrics, object);
    metric_class_write(metrics, false, &out);
    text = buffer_string(&out);
    has(text, "\nxvs_acme_flow_before_bytes_total" LABELS
        "18446744073709551615\n");
    has(text, "\nxvs_acme_flow_hook_time_seconds_total" LABELS
        "18446744073.709551615\n");
    has(text, "\nxvs_acme_flow_http_errors_total" LABELS "5\n");
    has(text, "\nxvs_acme_flow_ports" LABELS "3\n");
    has(text, "\nxvs_acme_flow_rate_bytes_per_second" LABELS "125.125\n");
    has(text, "\nxvs_acme_flow_load_ratio" LABELS "-1.5\n");
    has(text, "\nxvs_acme_flow_away" LABELS "1\n");
    has(text, "\nxvs_acme_flow_delay_seconds" LABELS "0.0025\n");
    has(text, ",vlan=\"7\",state=\"good\"} 0\n");
    has(text, ",vlan=\"7\",state=\"bad\"} 1\n");
    has(text, "# TYPE xvs_acme_flow_http_errors_total counter\n");
    CU_ASSERT_PTR_NULL(strstr(text, "hidden"));
    CU_ASSERT_PTR_NULL(strstr(text, "list"));

    out.size = 0;
    metric_class_add(metrics, object);
    metric_class_write(metrics, true, &out);
    text = buffer_string(&out);
    has(text, "# TYPE xvs_acme_flow_http_errors counter\n");
    has(text, "# UNIT xvs_acme_flow_hook_time_seconds seconds\n");
    has(text, "\nxvs_acme_flow_http_errors_total{");
    buffer_free(&out);
    instance_destroy(object);
    metric_class_destroy(metrics);
}

/* Another class of the same name in metrics: its metrics are left out. */
static void
test_clash(void)
{
    struct metric_class *metrics = make("Acme_Flow");

    CU_ASSERT_PTR_NOT_NULL_FATAL(metrics);
    CU_ASSERT(metrics->has_clash);
    CU_ASSERT_EQUAL(metrics->n_metrics, 1);
    metric_class_destroy(metrics);
    CU_ASSERT_PTR_NULL(make("Acme_Many"));
    CU_ASSERT_PTR_NULL(make("XVS_SwitchPort"));
}

static const struct unit_test tests[] = {
    { "a class", test_class },
    { "names that are taken", test_clash },
};

int
main(void)
{
    struct error_list problems = { 0 };
    int status;

    repository = repository_open(NULL, &problems);
    names = map_create(false);
    if (!repository_register(repository, "acme", schema, sizeof schema - 1,
                             false, &problems)) {
        fprintf(stderr, "%s\n", problems.items[0].text);
        return 99;
    }
    status = unit_main("metric", tests, sizeof tests / sizeof *tests);
    map_destroy(names, NULL);
    repository_close(repository);
    return status;
}
