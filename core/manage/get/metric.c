/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/get/metric.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/instance.h"
#include "schema/class.h"

/* ---- What the schema says ----------------------------------------------- */

static bool
ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), n = strlen(end);

    return size >= n && strcmp(text + size - n, end) == 0;
}

static bool
is_number(const struct property *property)
{
    return cim_type_is_integer(property->type)
           || property->type == CIM_BOOLEAN || property->type == CIM_REAL32
           || property->type == CIM_REAL64;
}

/* The property that names the elements of this array; false: there is none. */
static bool
names_of(const struct cim_class *cls, const struct property *property,
         uint32_t *index)
{
    const char *name =
        qualifier_text(property_qualifier(property, "MetricNames"));

    for (*index = 0; name && *index < cls->n_properties; ++*index) {
        const struct property *other = &cls->properties[*index];

        if (text_equal_fold(other->name, name)) {
            return other->is_array && other->type == CIM_STRING
                && !other->is_secret;
        }
    }
    return false;
}

/* What kind of metric the property is; false: none. */
static bool
kind_of(const struct property *property, enum metric_kind *kind)
{
    if (property->is_secret || property->is_key) {
        return false;
    }
    if (!property->is_array && property_qualifier(property, "ValueMap")
        && ends_with(property->name, "State")) {
        *kind = METRIC_STATES;
        return cim_type_is_integer(property->type)
               || property->type == CIM_STRING;
    }
    if (!is_number(property)) {
        return false;
    }
    *kind = METRIC_COUNTER;
    if (qualifier_true(property_qualifier(property, "Counter"))) {
        return true;
    }
    *kind = METRIC_GAUGE;
    return qualifier_true(property_qualifier(property, "Gauge"));
}

static void
add_metrics(struct metric_class *metrics, struct map *names)
{
    const struct cim_class *cls = metrics->cls;

    metrics->metrics = mem_array(cls->n_properties + 1,
                                 sizeof *metrics->metrics);
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const struct property *property = &cls->properties[i];
        struct metric *metric = &metrics->metrics[metrics->n_metrics];
        enum metric_kind kind;
        uint32_t named = 0;

        if (!kind_of(property, &kind)
            || (property->is_array && !names_of(cls, property, &named))) {
            continue;
        }
        *metric = (struct metric){ .property = property, .index = i,
                                   .names = named, .kind = kind,
                                   .unit = metric_unit_of(property),
                                   .name = metric_name(cls, property) };
        if (map_get(names, metric->name)) {
            metrics->has_clash = true;
            free(metric->name);
            continue;
        }
        map_put(names, metric->name, metrics);
        metrics->n_metrics++;
    }
}

/* ---- Labels ------------------------------------------------------------- */

static void
add_label(struct metric_class *metrics, uint32_t index, const char *name)
{
    struct buffer text = BUFFER_INIT;

    metric_put_snake(&text, name);
    for (size_t i = 0; i < metrics->n_labels; i++) {
        if (strcmp(metrics->labels[i].name, buffer_string(&text)) == 0) {
            buffer_free(&text);
            return;
        }
    }
    metrics->labels[metrics->n_labels++] =
        (struct metric_label){ index, buffer_steal(&text) };
}

/* SwitchName is "switch", and Name of class XVS_Port "port". */
static void
add_key(struct metric_class *metrics, uint32_t index)
{
    const char *name = metrics->cls->properties[index].name;
    const char *class_name = strchr(metrics->cls->name, '_');
    char text[128];

    if (strcmp(name, "Name") == 0) {
        name = class_name ? class_name + 1 : metrics->cls->name;
    }
    snprintf(text, sizeof text, "%s", name);
    if (strlen(text) > 4 && ends_with(text, "Name")) {
        text[strlen(text) - 4] = '\0';
    }
    add_label(metrics, index, text);
}

static void
add_labels(struct metric_class *metrics)
{
    const struct cim_class *cls = metrics->cls;
    bool is_status = class_is_a(cls, "XVS_FeatureStatus");

    metrics->labels = mem_array(cls->n_properties + 1,
                                sizeof *metrics->labels);
    metrics->has_object = is_status;
    for (uint32_t i = 0; i < cls->n_properties; i++) {
        const struct property *property = &cls->properties[i];

        if (is_status && strcmp(property->name, "SystemName") == 0) {
            add_label(metrics, i, "switch");
        } else if (is_status && strcmp(property->name, "PortName") == 0) {
            add_label(metrics, i, "port");
        } else if (!is_status && property->is_key) {
            add_key(metrics, i);
        } else if (!property->is_secret && !property->is_array
                   && qualifier_true(property_qualifier(property,
                                                        "MetricLabel"))) {
            metrics->has_object = false;
            add_label(metrics, i, property->name);
        }
    }
}

/* ---- Making and ending -------------------------------------------------- */

struct metric_class *
metric_class_create(struct cim_class *cls, struct map *names)
{
    const struct qualifier *wanted = class_qualifier(cls, "Metrics");
    struct metric_class *metrics;

    if (cls->is_abstract || cls->is_association || cls->is_indication
        || class_is_a(cls, "XVS_FeatureSettings")
        || (wanted && !qualifier_true(wanted))) {
        return NULL;
    }
    metrics = mem_zalloc(sizeof *metrics);
    metrics->cls = class_ref(cls);
    add_metrics(metrics, names);
    if (!metrics->n_metrics && !metrics->has_clash) {
        metric_class_destroy(metrics);
        return NULL;
    }
    add_labels(metrics);
    return metrics;
}

void
metric_class_destroy(struct metric_class *metrics)
{
    if (!metrics) {
        return;
    }
    for (size_t i = 0; i < metrics->n_metrics; i++) {
        buffer_free(&metrics->metrics[i].samples);
        free(metrics->metrics[i].name);
    }
    for (size_t i = 0; i < metrics->n_labels; i++) {
        free(metrics->labels[i].name);
    }
    free(metrics->metrics);
    free(metrics->labels);
    buffer_free(&metrics->text);
    class_unref(metrics->cls);
    free(metrics);
}

/* ---- Objects ------------------------------------------------------------ */

static void
put_value_text(struct buffer *out, const struct value *value)
{
    if (value->is_null) {
        return;
    }
    if (value->type == CIM_STRING) {
        metric_put_escaped(out, value->s, true);
    } else if (value->type == CIM_BOOLEAN) {
        buffer_puts(out, value->u ? "true" : "false");
    } else if (cim_type_is_signed(value->type)) {
        buffer_put_i64(out, value->i);
    } else if (cim_type_is_integer(value->type)) {
        buffer_put_u64(out, value->u);
    }
}

/* The GUID of a status object: the last part of its name, unless it is the
 * only one at its place: then that is the class's. */
static void
put_object(struct metric_class *metrics, const struct instance *object)
{
    const char *name = instance_text(object, "Name");
    const char *last = name ? strrchr(name, '\\') : NULL;
    const char *uuid = qualifier_text(class_qualifier(metrics->cls, "UUID"));
    struct xvs_guid own, class_own;

    if (last && guid_parse(last + 1, &own)
        && !(uuid && guid_parse(uuid, &class_own)
             && guid_equal(&own, &class_own))) {
        buffer_puts(&metrics->text, "object=\"");
        metric_put_escaped(&metrics->text, last + 1, true);
        buffer_puts(&metrics->text, "\",");
    }
}

/* name="value",... with a comma at its end. */
static void
put_labels(struct metric_class *metrics, const struct instance *object)
{
    metrics->text.size = 0;
    for (size_t i = 0; i < metrics->n_labels; i++) {
        buffer_printf(&metrics->text, "%s=\"", metrics->labels[i].name);
        put_value_text(&metrics->text,
                       &object->values[metrics->labels[i].index]);
        buffer_puts(&metrics->text, "\",");
    }
    if (metrics->has_object) {
        put_object(metrics, object);
    }
}

/* Name and labels of a sample; 'label' is one more, with that text. */
static void
put_series(struct metric_class *metrics, struct metric *metric,
           const char *label, const char *text)
{
    struct buffer *out = &metric->samples;
    size_t size = metrics->text.size;

    buffer_puts(out, metric->name);
    if (metric->kind == METRIC_COUNTER) {
        buffer_put(out, "_total", 6);
    }
    if (label) {
        buffer_putc(out, '{');
        buffer_put(out, metrics->text.data, size);
        buffer_printf(out, "%s=\"", label);
        metric_put_escaped(out, text, true);
        buffer_puts(out, "\"}");
    } else if (size) {
        buffer_putc(out, '{');
        buffer_put(out, metrics->text.data, size - 1);
        buffer_putc(out, '}');
    }
    buffer_putc(out, ' ');
}

/* A number and the line's end. */
static void
put_number(struct metric *metric, const struct value *value)
{
    struct buffer *out = &metric->samples;
    const struct metric_unit *unit = metric->unit;

    if (value->type == CIM_REAL32 || value->type == CIM_REAL64) {
        double number = value->r * unit->times;

        for (uint32_t i = 0; i < unit->digits; i++) {
            number /= 10;
        }
        buffer_printf(out, "%.9g", number);
    } else if (cim_type_is_signed(value->type) && value->i < 0) {
        buffer_putc(out, '-');
        metric_put_number(out, unit, (uint64_t) -(value->i + 1) + 1);
    } else {
        metric_put_number(out, unit, value->u);
    }
    buffer_putc(out, '\n');
}

/* "DropReasons" names elements with the label "drop_reason". */
static char *
label_of(const struct property *names)
{
    struct buffer text = BUFFER_INIT;
    char *label;

    metric_put_snake(&text, names->name);
    label = buffer_steal(&text);
    if (ends_with(label, "s")) {
        label[strlen(label) - 1] = '\0';
    }
    return label;
}

/* A sample for each element that has a name, once. */
static void
add_elements(struct metric_class *metrics, struct metric *metric,
             const struct value *value, const struct value *names)
{
    char *label = label_of(&metrics->cls->properties[metric->names]);

    for (uint32_t i = 0; !names->is_null && i < value->n && i < names->n;
         i++) {
        bool is_double = false;

        for (uint32_t j = 0; j < i; j++) {
            is_double |= strcmp(names->items[i].s, names->items[j].s) == 0;
        }
        if (!is_double) {
            put_series(metrics, metric, label, names->items[i].s);
            put_number(metric, &value->items[i]);
        }
    }
    free(label);
}

/* The value is the ValueMap's at 'i'. */
static bool
is_state(const struct value *value, const struct value *allowed)
{
    uint64_t number;

    if (value->type == CIM_STRING) {
        return strcmp(value->s, allowed->s) == 0;
    }
    return text_to_u64(allowed->s, &number) && number == value->u;
}

static void
add_states(struct metric_class *metrics, struct metric *metric,
           const struct value *value)
{
    const struct value *map =
        &property_qualifier(metric->property, "ValueMap")->value;
    const struct qualifier *values =
        property_qualifier(metric->property, "Values");

    for (uint32_t i = 0; map->is_array && i < map->n; i++) {
        const char *name = map->items[i].s;

        if (values && values->value.is_array && i < values->value.n) {
            name = values->value.items[i].s;
        }
        put_series(metrics, metric, "state", name);
        buffer_puts(&metric->samples,
                    is_state(value, &map->items[i]) ? "1\n" : "0\n");
    }
}

void
metric_class_add(struct metric_class *metrics, const struct instance *object)
{
    put_labels(metrics, object);
    for (size_t i = 0; i < metrics->n_metrics; i++) {
        struct metric *metric = &metrics->metrics[i];
        const struct value *value = &object->values[metric->index];

        if (value->is_null) {
            continue;
        }
        if (metric->kind == METRIC_STATES) {
            add_states(metrics, metric, value);
        } else if (value->is_array) {
            add_elements(metrics, metric, value,
                         &object->values[metric->names]);
        } else {
            put_series(metrics, metric, NULL, NULL);
            put_number(metric, value);
        }
    }
}

/* ---- Text --------------------------------------------------------------- */

static void
write_head(const struct metric_class *metrics, const struct metric *metric,
           bool open_metrics, struct buffer *out)
{
    const char *description = qualifier_text(
        property_qualifier(metric->property, "Description"));
    bool is_counter = metric->kind == METRIC_COUNTER;
    const char *end = is_counter && !open_metrics ? "_total" : "";

    buffer_printf(out, "# HELP %s%s %s.%s", metric->name, end,
                  metrics->cls->name, metric->property->name);
    if (description) {
        buffer_puts(out, ": ");
        metric_put_escaped(out, description, open_metrics);
    }
    buffer_printf(out, "\n# TYPE %s%s %s\n", metric->name, end,
                  is_counter ? "counter" : "gauge");
    if (open_metrics && *metric->unit->name) {
        buffer_printf(out, "# UNIT %s %s\n", metric->name,
                      metric->unit->name);
    }
}

void
metric_class_write(struct metric_class *metrics, bool open_metrics,
                   struct buffer *out)
{
    for (size_t i = 0; i < metrics->n_metrics; i++) {
        struct metric *metric = &metrics->metrics[i];

        if (metric->samples.size) {
            write_head(metrics, metric, open_metrics, out);
            buffer_put(out, metric->samples.data, metric->samples.size);
        }
        buffer_free(&metric->samples);
    }
}
