/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/get/get.h"

#include "manage/cim/operation.h"
#include "manage/http/exchange.h"
#include "manage/http/http-parse.h"
#include "manage/http/resource.h"
#include "manage/page/page.h"

static const struct resource resources[] = {
    /* Where CIM-XML is POSTed by habit; it is taken at any path. */
    { .path = "/cimom", .right = RIGHT_READ },
    { .path = "/metrics", .right = RIGHT_READ,
      .type = "text/plain; version=0.0.4; charset=utf-8",
      .make = get_metrics },
};

static bool
is_of_page(const char *target)
{
    for (size_t i = 0; i < page_n_resources; i++) {
        if (resource_target_is(target, page_resources[i].path)) {
            return true;
        }
    }
    return false;
}

void
get_answer(struct manage *manage, struct exchange *exchange)
{
    if (is_of_page(exchange->request->target)) {
        resource_answer(page_resources, page_n_resources, manage, exchange);
        return;
    }
    resource_answer(resources, sizeof resources / sizeof *resources, manage,
                    exchange);
}
