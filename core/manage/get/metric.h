/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_METRIC_H
#define XVS_MANAGE_METRIC_H

/*
 * A class as metrics.  What becomes a time series is what its schema says:
 *
 *     Counter            a counter       xvs_port_rx_bytes_total
 *     Gauge              a gauge         xvs_qos_queue_depth_packets
 *     ...State, with     a gauge of 0    xvs_port_state{state="up"}
 *     ValueMap           or 1 per value
 *     an array, with     one per         ..._total{drop_reason="no rule"}
 *     MetricNames        element
 *
 * Names come from class, property and Units: of the first "XVS_" and a last
 * "Status" are left out, units are base units (seconds, bytes), and counters
 * end in _total.  Labels are what tells the objects of a class apart: switch,
 * port, other keys; properties with MetricLabel; else, where an extension has
 * several objects at one place, the object's GUID.
 *
 * Objects come one by one, and all samples of a name have to stand together:
 * each metric collects its own until the class is written.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buffer.h"

struct cim_class;
struct instance;
struct map;
struct property;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_STATES };

/* How the numbers of a unit become those of a base unit. */
struct metric_unit {
    const char *from;       /* as Units or PUnit has it; NULL: none */
    const char *name;       /* of the base unit, in names */
    uint32_t times;         /* number * times / 10^digits */
    uint32_t digits;
};

struct metric {
    const struct property *property;    /* of the class */
    uint32_t index;         /* of the property */
    uint32_t names;         /* of that with its elements' names: an array */
    enum metric_kind kind;
    const struct metric_unit *unit;     /* never NULL */
    char *name;             /* of the family: without _total */
    struct buffer samples;  /* lines so far */
};

struct metric_label {
    uint32_t index;         /* of the property */
    char *name;
};

struct metric_class {
    struct cim_class *cls;  /* counted reference */
    struct metric *metrics;
    size_t n_metrics;
    struct metric_label *labels;
    size_t n_labels;
    bool has_object;        /* objects are told apart by their GUID */
    bool has_clash;         /* a name was taken: its metric is left out */
    struct buffer text;     /* labels of the object at work */
};

/* NULL when the class has no metrics.  'names' holds the names taken; those
 * of this class are added. */
struct metric_class *metric_class_create(struct cim_class *cls,
                                         struct map *names);
void metric_class_destroy(struct metric_class *metrics);    /* accepts NULL */
/* Adds the samples of an object of exactly this class. */
void metric_class_add(struct metric_class *metrics,
                      const struct instance *object);
/* Writes all families that have samples, and forgets the samples. */
void metric_class_write(struct metric_class *metrics, bool open_metrics,
                        struct buffer *out);

/* "RxPackets" as "rx_packets", behind what is in the buffer. */
void metric_put_snake(struct buffer *out, const char *name);
/* What the property is counted in; never NULL. */
const struct metric_unit *metric_unit_of(const struct property *property);
/* A number of the unit in its base unit, exactly. */
void metric_put_number(struct buffer *out, const struct metric_unit *unit,
                       uint64_t number);
/* Text of a label's value or of HELP, escaped. */
void metric_put_escaped(struct buffer *out, const char *text, bool quotes);
/* The name of a family: class, property and unit.  Heap. */
char *metric_name(const struct cim_class *cls,
                  const struct property *property);

#endif
