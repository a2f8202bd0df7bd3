/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading the names of points.
 */

#include <config.h>

#include "service/method/capture-points.h"

#include <string.h>

#include "base/error.h"
#include "control/message.h"
#include "service/state.h"

#define BIT(point) (1u << (point))
#define INGRESS (BIT(TAP_INGRESS_BEFORE) | BIT(TAP_INGRESS_AFTER))
#define EGRESS (BIT(TAP_EGRESS_BEFORE) | BIT(TAP_EGRESS_AFTER))
#define BEFORE (BIT(TAP_INGRESS_BEFORE) | BIT(TAP_EGRESS_BEFORE))
#define AFTER (BIT(TAP_INGRESS_AFTER) | BIT(TAP_EGRESS_AFTER))

static const struct {
    const char *name;
    uint32_t mask;
} places[] = {
    { "rx", BIT(TAP_RX) },
    { "forward", BIT(TAP_FORWARD) },
    { "tx", BIT(TAP_TX) },
    { "all", BIT(TAP_POINTS) - 1 },
}, sides[] = {
    { ":ingress", INGRESS }, { ":egress", EGRESS },
    { ":before", BEFORE }, { ":after", AFTER },
};

/* Narrows the mask by what follows the extension's name. */
static bool
read_sides(const char *text, uint32_t *mask)
{
    while (*text) {
        size_t i = 0, length = strcspn(text + 1, ":") + 1;

        while (i < 4 && (strlen(sides[i].name) != length
                         || strncmp(sides[i].name, text, length) != 0)) {
            i++;
        }
        if (i == 4 || !(*mask & sides[i].mask)) {
            return false;
        }
        *mask &= sides[i].mask;
        text += length;
    }
    return true;
}

static bool
refuse_sides(const char *text, struct error *error)
{
    return error_set(error, ERROR_INVALID, "'%.100s' is no point: behind an "
                     "extension come :ingress or :egress, and :before or "
                     ":after", text);
}

static const struct stage *
find_stage(const struct vswitch *vswitch, const char *name, size_t length)
{
    for (size_t i = 0; i < vswitch->n_stages; i++) {
        const char *have = vswitch->chain[i]->extension->name;

        if (strlen(have) == length && strncmp(have, name, length) == 0) {
            return vswitch->chain[i];
        }
    }
    return NULL;
}

bool
capture_point(const struct vswitch *vswitch, const char *text,
              struct control_point *point, struct error *error)
{
    size_t length = strcspn(text, ":");
    const struct stage *stage;

    memset(point, 0, sizeof *point);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(places[i].name, text) == 0) {
            point->mask = places[i].mask;
            return true;
        }
    }
    point->mask = INGRESS | EGRESS;
    if (length == 1 && *text == '*') {
        return read_sides(text + length, &point->mask)
            || refuse_sides(text, error);
    }
    stage = find_stage(vswitch, text, length);
    if (!stage) {
        error_set(error, ERROR_NOT_FOUND, "'%.100s' is no point of switch "
                  "%s: it is none of rx, forward, tx and all, and no "
                  "extension of this name is enabled there", text,
                  vswitch->name);
        return error_hint(error, "xvsctl switch show %s says which are",
                          vswitch->name);
    }
    point->extension = stage->extension->id;
    return read_sides(text + length, &point->mask)
        || refuse_sides(text, error);
}
