/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * /metrics: every class with metrics is enumerated, all at the same time, so
 * that an extension that hangs holds up its own classes only; at the deadline
 * the scrape ends with what there is.  xvs_scrape_errors tells which classes
 * are not complete.
 *
 * Families leave in the order of classes, each class as soon as it and all
 * before it are whole.
 */

#include <config.h>

#include "manage/get/get.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "manage/cim/operation.h"
#include "manage/get/metric.h"
#include "manage/http/http-parse.h"
#include "schema/class.h"
#include "object/instance.h"
#include "schema/repository.h"
#include "service/service.h"

#define SCRAPES 4           /* at the same time */
#define LIMIT_MS 5000u      /* of a scrape, unless the scraper wants less */
#define LEAST_MS 100u
#define TURN 128            /* objects of a class before others have a turn */
#define OBJECTS 100000u     /* of a class; more are left out */
#define OPEN_METRICS "application/openmetrics-text; version=1.0.0; " \
                     "charset=utf-8"

struct scrape;

/* A class on its way. */
struct scraped {
    struct scrape *scrape;
    struct metric_class *metrics;
    struct cursor *cursor;          /* NULL: at its end */
    uint32_t n_objects;
    bool waiting;           /* for the cursor to wake us */
    bool woken;             /* since the last step */
    bool failed;            /* not all of its objects are there */
    bool is_unasked;        /* nobody could answer: its extension is not
                             * in use */
};

struct scrape {
    struct manage *manage;
    struct exchange *exchange;
    bool open_metrics;      /* the form; else that of Prometheus */
    bool is_late;           /* the deadline has passed */
    uint64_t begun_ns;
    struct loop_timer *timer;       /* of the deadline */
    struct scraped *classes;
    size_t n, capacity;     /* of classes */
    size_t at;              /* the next one to be written */
};

/* ---- Making and ending -------------------------------------------------- */

static void
scrape_destroy(void *arg)
{
    struct scrape *scrape = arg;

    for (size_t i = 0; i < scrape->n; i++) {
        cursor_destroy(scrape->classes[i].cursor);
        metric_class_destroy(scrape->classes[i].metrics);
    }
    loop_timer_remove(scrape->timer);
    scrape->manage->n_scrapes--;
    free(scrape->classes);
    free(scrape);
}

static void
wake(void *arg)
{
    struct scraped *scraped = arg;

    scraped->woken = true;
    scraped->waiting = false;
    exchange_wake(scraped->scrape->exchange);
}

static void
expire(void *arg)
{
    struct scrape *scrape = arg;

    scrape->timer = NULL;
    scrape->is_late = true;
    exchange_wake(scrape->exchange);
}

static void
collect(struct scrape *scrape)
{
    struct repository *repository =
        service_repository(scrape->manage->service);
    struct map *names = map_create(false);
    struct cim_class *const *classes;
    size_t n = repository_classes(repository, &classes);

    for (size_t i = 0; i < n; i++) {
        struct metric_class *metrics = metric_class_create(classes[i], names);

        if (metrics) {
            mem_grow(&scrape->classes, &scrape->capacity, scrape->n,
                     sizeof *scrape->classes);
            scrape->classes[scrape->n++] =
                (struct scraped){ .scrape = scrape, .metrics = metrics,
                                  .failed = metrics->has_clash };
        }
    }
    map_destroy(names, NULL);
    /* They are told apart by their addresses: now these are final. */
    for (size_t i = 0; i < scrape->n; i++) {
        struct scraped *scraped = &scrape->classes[i];

        scraped->cursor = service_enumerate(scrape->manage->service,
                                            scraped->metrics->cls, wake,
                                            scraped);
    }
}

/* Less than the scraper waits, when it says how long that is. */
static uint64_t
limit_of(const struct exchange *exchange)
{
    const char *text = http_field(exchange->request,
                                  "X-Prometheus-Scrape-Timeout-Seconds");
    double seconds;

    if (!text || !text_to_double(text, &seconds)
        || !(seconds * 900 < LIMIT_MS)) {
        return LIMIT_MS;
    }
    return seconds * 900 > LEAST_MS ? (uint64_t) (seconds * 900) : LEAST_MS;
}

/* ---- Reading ------------------------------------------------------------ */

static void
end_class(struct scraped *scraped, bool failed)
{
    scraped->failed |= failed;
    cursor_destroy(scraped->cursor);
    scraped->cursor = NULL;
}

static void
step_class(struct scraped *scraped)
{
    const struct instance *item;
    struct error error;

    scraped->woken = false;
    for (int i = 0; i < TURN && scraped->cursor; i++) {
        switch (cursor_next(scraped->cursor, &item, &error)) {
        case CURSOR_ITEM:
            /* Those of subclasses come with their own class. */
            if (item->cls == scraped->metrics->cls) {
                metric_class_add(scraped->metrics, item);
            }
            if (++scraped->n_objects >= OBJECTS) {
                end_class(scraped, true);
            }
            break;
        case CURSOR_WAIT:
            scraped->waiting = !scraped->woken;
            return;
        case CURSOR_ERROR:
            scraped->is_unasked = error.code == ERROR_NO_CONSUMER;
            end_class(scraped, !scraped->is_unasked);
            return;
        default:
            end_class(scraped, false);
            return;
        }
    }
}

/* ---- Writing ------------------------------------------------------------ */

static void
put_gauge(struct buffer *out, const char *name, const char *help,
          const char *unit, bool open_metrics)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    if (open_metrics && unit) {
        buffer_printf(out, "# UNIT %s %s\n", name, unit);
    }
}

static void
put_begin(const struct scrape *scrape, struct buffer *out)
{
    put_gauge(out, "xvs_build_info", "Version of xvsd.", NULL,
              scrape->open_metrics);
    buffer_puts(out, "xvs_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
}

static void
put_end(const struct scrape *scrape, struct buffer *out)
{
    static const struct metric_unit ns = { NULL, "seconds", 1, 9 };

    put_gauge(out, "xvs_scrape_errors",
              "1 when objects of the class are missing in this answer: its "
              "extension refused, failed or did not answer in time.", NULL,
              scrape->open_metrics);
    for (size_t i = 0; i < scrape->n; i++) {
        const struct scraped *scraped = &scrape->classes[i];

        if (!scraped->is_unasked) {
            buffer_printf(out, "xvs_scrape_errors{class=\"%s\"} %d\n",
                          scraped->metrics->cls->name, scraped->failed);
        }
    }
    put_gauge(out, "xvs_scrape_duration_seconds",
              "How long it took to make this answer.", "seconds",
              scrape->open_metrics);
    buffer_puts(out, "xvs_scrape_duration_seconds ");
    metric_put_number(out, &ns, loop_now_ns() - scrape->begun_ns);
    buffer_puts(out, scrape->open_metrics ? "\n# EOF\n" : "\n");
}

/* Writes what is whole; true when that is everything. */
static bool
write_classes(struct scrape *scrape, struct buffer *out)
{
    while (scrape->at < scrape->n && !scrape->classes[scrape->at].cursor) {
        if (exchange_full(scrape->exchange)) {
            return false;
        }
        metric_class_write(scrape->classes[scrape->at].metrics,
                           scrape->open_metrics, out);
        scrape->at++;
    }
    return scrape->at == scrape->n;
}

static void
produce(void *arg, struct exchange *exchange)
{
    struct scrape *scrape = arg;
    bool is_busy = false;

    for (size_t i = scrape->at; i < scrape->n; i++) {
        struct scraped *scraped = &scrape->classes[i];

        if (scraped->cursor && scrape->is_late) {
            end_class(scraped, true);
        } else if (scraped->cursor && !scraped->waiting) {
            step_class(scraped);
        }
        is_busy |= scraped->cursor && !scraped->waiting;
    }
    if (write_classes(scrape, exchange_out(exchange))) {
        put_end(scrape, exchange_out(exchange));
        exchange->drop = NULL;
        scrape_destroy(scrape);
        exchange_done(exchange);
    } else {
        exchange->waiting = !is_busy && !exchange_full(exchange);
    }
}

void
get_metrics(void *arg, struct exchange *exchange)
{
    const char *accept = http_field(exchange->request, "Accept");
    struct manage *manage = arg;
    struct scrape *scrape;

    if (manage->n_scrapes == SCRAPES) {
        exchange_field(exchange, "Retry-After", "1");
        exchange_refuse(exchange, 503, "Others are reading this already.");
        return;
    }
    manage->n_scrapes++;
    scrape = mem_zalloc(sizeof *scrape);
    scrape->manage = manage;
    scrape->exchange = exchange;
    scrape->begun_ns = loop_now_ns();
    scrape->open_metrics =
        http_list_has(accept, "application/openmetrics-text");
    if (scrape->open_metrics) {
        exchange->type = OPEN_METRICS;
    }
    scrape->timer = loop_timer_add(manage->loop, limit_of(exchange), false,
                                   expire, scrape);
    put_begin(scrape, exchange_out(exchange));
    collect(scrape);
    exchange->arg = scrape;
    exchange->drop = scrape_destroy;
    exchange->produce = produce;
}
