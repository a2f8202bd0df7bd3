/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "client/host/rates.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/loop.h"
#include "base/memory.h"
#include "client/run.h"
#include "client/show/json-out.h"
#include "client/wbem/cim-client.h"
#include "object/instance.h"

/* What is counted, as the classes name it; several are added. */
static const struct {
    const char *class_name, *name;      /* of the row behind the switch */
    struct {
        const char *key;                /* in JSON, per second */
        const char *properties[5];
    } counters[RATES_COUNTERS];
} kinds[] = {
    [RATES_PORT] = { "XVS_Port", "Name", {
        [PORT_RX] = { "rx_packets", { "RxPackets" } },
        [PORT_RX_BYTES] = { "rx_bytes", { "RxBytes" } },
        [PORT_TX] = { "tx_packets", { "TxPackets" } },
        [PORT_TX_BYTES] = { "tx_bytes", { "TxBytes" } },
        [PORT_DROPS] = { "drops", { "RxDropped", "TxDropped", "Filtered",
                                    "DroppedNoEntry", "DroppedNoBuffer" } },
    } },
    [RATES_STAGE] = { "XVS_Stage", "ExtensionName", {
        [STAGE_IN] = { "packets", { "Packets" } },
        [STAGE_BYTES] = { "bytes", { "Bytes" } },
        [STAGE_DROPS] = { "drops", { "Drops" } },
        [STAGE_TIME] = { "hook_nanoseconds", { "HookTime" } },
    } },
};

struct looking {
    struct rates *rates;
    enum rates_kind kind;
    const char *only;           /* a switch, or NULL */
};

static void
copy_safe(char *out, size_t size, const char *text)
{
    size_t n = 0;

    for (; text && *text && n + 1 < size; text++) {
        out[n++] = *text > 0x20 && *text < 0x7f ? *text : '?';
    }
    out[n] = '\0';
}

static struct rates_row *
row_of(struct rates *rates, enum rates_kind kind, const char *name)
{
    struct rates_row *row;

    for (size_t i = 0; i < rates->n; i++) {
        row = &rates->rows[i];
        if (row->kind == kind && strcmp(row->name, name) == 0) {
            return row;
        }
    }
    mem_grow(&rates->rows, &rates->capacity, rates->n, sizeof *rates->rows);
    row = &rates->rows[rates->n++];
    memset(row, 0, sizeof *row);
    row->kind = kind;
    snprintf(row->name, sizeof row->name, "%s", name);
    return row;
}

static void
count(struct rates_row *row, const struct rates *rates,
      const struct instance *object)
{
    for (size_t i = 0; i < RATES_COUNTERS; i++) {
        uint64_t sum = 0;

        for (size_t k = 0; k < 5
                           && kinds[row->kind].counters[i].properties[k];
             k++) {
            sum += instance_u64(object,
                                kinds[row->kind].counters[i].properties[k]);
        }
        row->rates[i] = row->has_rates && sum > row->counts[i]
                            && rates->passed_s > 0
                        ? (double) (sum - row->counts[i]) / rates->passed_s
                        : 0;
        row->counts[i] = sum;
    }
}

static bool
take(void *arg, struct instance *object, const struct path *path,
     struct error *error)
{
    struct looking *looking = arg;
    struct rates *rates = looking->rates;
    const char *vswitch = instance_text(object, "SwitchName");
    char name[140], first[64], second[70];
    struct rates_row *row;

    (void) path;
    (void) error;
    if (looking->only && (!vswitch || strcmp(vswitch, looking->only) != 0)) {
        instance_destroy(object);
        return true;
    }
    copy_safe(first, sizeof first, vswitch);
    copy_safe(second, sizeof second,
              instance_text(object, kinds[looking->kind].name));
    snprintf(name, sizeof name, "%s%c%s", first,
             looking->kind == RATES_PORT ? '/' : ' ', second);
    row = row_of(rates, looking->kind, name);
    row->has_rates = row->look && row->look + 1 == rates->look;
    row->look = rates->look;
    copy_safe(row->state, sizeof row->state, instance_text(object, "State"));
    count(row, rates, object);
    instance_destroy(object);
    return true;
}

/* Those that are gone. */
static void
forget(struct rates *rates)
{
    size_t n = 0;

    for (size_t i = 0; i < rates->n; i++) {
        if (rates->rows[i].look == rates->look) {
            rates->rows[n++] = rates->rows[i];
        }
    }
    rates->n = n;
}

bool
rates_look(struct rates *rates, struct run *run, const char *only)
{
    struct cim_client *client = run_client(run);
    uint64_t now_ns = loop_now_ns();

    if (!client) {
        return false;
    }
    rates->passed_s = rates->look
                      ? (double) (now_ns - rates->when_ns) / 1e9 : 0;
    rates->when_ns = now_ns;
    rates->look++;
    for (int kind = RATES_PORT; kind <= RATES_STAGE; kind++) {
        struct looking looking = { rates, (enum rates_kind) kind, only };

        if (!cim_client_enumerate(client, kinds[kind].class_name, NULL, 0,
                                  take, &looking, &run->error)) {
            return false;
        }
    }
    forget(rates);
    return true;
}

/* ---- Order -------------------------------------------------------------- */

static const int by[][2] = {    /* counter of ports, of stages */
    [RATES_BY_IN] = { PORT_RX, STAGE_IN },
    [RATES_BY_OUT] = { PORT_TX, STAGE_TIME },
    [RATES_BY_DROPS] = { PORT_DROPS, STAGE_DROPS },
};

static enum rates_order order_now;

static int
compare(const void *a, const void *b)
{
    const struct rates_row *left = a, *right = b;

    if (left->kind != right->kind) {
        return left->kind < right->kind ? -1 : 1;
    }
    if (order_now != RATES_BY_NAME) {
        int counter = by[order_now][left->kind];

        if (left->rates[counter] > right->rates[counter]) {
            return -1;
        }
        if (left->rates[counter] < right->rates[counter]) {
            return 1;
        }
    }
    return strcmp(left->name, right->name);
}

void
rates_sort(struct rates *rates, enum rates_order order)
{
    order_now = order;
    if (rates->n) {
        qsort(rates->rows, rates->n, sizeof *rates->rows, compare);
    }
}

void
rates_free(struct rates *rates)
{
    free(rates->rows);
    memset(rates, 0, sizeof *rates);
}

/* ---- Text --------------------------------------------------------------- */

/* Four digits at most, and the prefix of 1000. */
static void
put_human(struct buffer *out, double number)
{
    static const char prefixes[] = " kMGTP";
    size_t i = 0;

    while (number >= 999.5 && prefixes[i + 1]) {
        number /= 1000;
        i++;
    }
    buffer_printf(out, " %8.*f%c", i && number < 99.95 ? 1 : 0, number,
                  prefixes[i]);
}

void
rates_put_title(struct buffer *out, enum rates_kind kind)
{
    if (kind == RATES_PORT) {
        buffer_printf(out, "%-28s %-8s %9s %9s %9s %9s %9s", "Port", "State",
                      "rx p/s", "rx bit/s", "tx p/s", "tx bit/s", "drops/s");
    } else {
        buffer_printf(out, "%-28s %-8s %9s %9s %9s %9s %9s", "Stage",
                      "State", "p/s", "bit/s", "ns/packet", "% of core",
                      "drops/s");
    }
}

void
rates_put_row(struct buffer *out, const struct rates_row *row)
{
    const double *rates = row->rates;

    buffer_printf(out, "%-28.28s %-8.8s", row->name, row->state);
    if (!row->has_rates) {
        return;
    }
    if (row->kind == RATES_PORT) {
        put_human(out, rates[PORT_RX]);
        put_human(out, rates[PORT_RX_BYTES] * 8);
        put_human(out, rates[PORT_TX]);
        put_human(out, rates[PORT_TX_BYTES] * 8);
        put_human(out, rates[PORT_DROPS]);
        return;
    }
    put_human(out, rates[STAGE_IN]);
    put_human(out, rates[STAGE_BYTES] * 8);
    put_human(out, rates[STAGE_IN] > 0
                       ? rates[STAGE_TIME] / rates[STAGE_IN] : 0);
    put_human(out, rates[STAGE_TIME] / 1e7);
    put_human(out, rates[STAGE_DROPS]);
}

static void
json_row(const struct rates_row *row, struct buffer *out)
{
    buffer_printf(out, "{\"kind\": \"%s\", \"name\": ",
                  row->kind == RATES_PORT ? "port" : "stage");
    json_out_text(row->name, out);
    buffer_puts(out, ", \"state\": ");
    json_out_text(row->state, out);
    for (size_t i = 0; i < RATES_COUNTERS
                       && kinds[row->kind].counters[i].key; i++) {
        buffer_printf(out, ", \"%s\": {\"total\": %" PRIu64
                      ", \"per_second\": ", kinds[row->kind].counters[i].key,
                      row->counts[i]);
        if (row->has_rates) {
            buffer_printf(out, "%.3f}", row->rates[i]);
        } else {
            buffer_puts(out, "null}");
        }
    }
    buffer_putc(out, '}');
}

void
rates_json(const struct rates *rates, struct buffer *out)
{
    buffer_putc(out, '[');
    for (size_t i = 0; i < rates->n; i++) {
        buffer_puts(out, i ? ",\n " : "");
        json_row(&rates->rows[i], out);
    }
    buffer_puts(out, "]\n");
}
