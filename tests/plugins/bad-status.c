/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Answers with objects that lie about their sizes: each question gets the
 * next lie of the list, and in the end an honest object.
 */

#include <stdlib.h>
#include <string.h>

#include "plugins/bad-status.h"

struct bad {
    const struct xvs_host *host;
    uint32_t n;                 /* questions so far */
};

static int
bad_init(const struct xvs_host *host, void **self)
{
    struct bad *bad = calloc(1, sizeof *bad);

    if (!bad) {
        return XVS_RESOURCES;
    }
    bad->host = host;
    *self = bad;
    return XVS_SUCCESS;
}

/* Returns false when the lies are used up. */
static int
lie(uint32_t number, struct test_bad_status *status, struct xvs_view *view)
{
    switch (number) {
    case 0:
        status->text.count = 100000;
        return 1;
    case 1:
        status->text.offset = UINT32_MAX - 3;
        return 1;
    case 2:
        view->size = 8;
        return 1;
    case 3:
        view->n_present = 4000;
        return 1;
    case 4:
        status->list.count = UINT32_MAX / 4 + 2;
        return 1;
    case 5:
        status->list.offset += 4;
        return 1;
    case 6:
        view->body = NULL;
        return 1;
    default:
        return 0;
    }
}

static int
bad_status(void *self, const struct xvs_query *query,
           struct xvs_answer *answer)
{
    static const uint32_t list[] = { 1, 2, 3 };
    struct bad *bad = self;
    struct test_bad_status_writer writer;
    _Alignas(8) char memory[256];
    struct test_bad_status *status =
        test_bad_status_start(&writer, memory, sizeof memory);
    struct xvs_view view;

    status->number = bad->n;
    test_bad_status_set_text(&writer, "honest");
    test_bad_status_set_list(&writer, list, 3);
    view = test_bad_status_view(&writer);
    lie(bad->n++, status, &view);
    bad->host->answer(answer, &query->instance, &view);
    return XVS_SUCCESS;
}

static const struct xvs_feature features[] = XVS_FEATURES;

XVS_EXTENSION = {
    XVS_EXTENSION_HEAD,
    .id = { 0x7e570003, 0x0000, 0x4000, { 0x80 } },
    .extension_class = XVS_CLASS_CAPTURE,
    .on_failure = XVS_FAIL_OPEN,
    .name = "bad-status",
    .features = features,
    .n_features = sizeof features / sizeof features[0],
    .init = bad_init,
    .fini = free,
    .status = bad_status,
};
