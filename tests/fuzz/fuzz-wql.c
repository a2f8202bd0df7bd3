/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queries, evaluated for one object.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "object/instance.h"
#include "object/wql.h"
#include "unit/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema[] =
    "class T_In { uint8 X; };"
    "class T_All { uint8 U = 5; sint64 L = -1; real64 R = 1.5;"
    "  boolean B = TRUE; string S = \"vm1\"; uint8 N; uint8 List[] = {1};"
    "  [Indexed] string Names[] = {\"one\"}; [Indexed] string Id;"
    "  char16 C = 'x'; datetime T = \"20261121030405.000000+000\";"
    "  T_In REF Link; T_In In; };";

static struct repository *repository;
static struct instance *object;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_AUTO char *text = mem_strndup((const char *) data, size);
    struct error error;
    struct wql *wql;
    struct wql_key keys[WQL_KEYS];
    bool matches;

    if (!repository) {
        repository = host_open(schema);
        object = instance_create(repository_class(repository, "T_All"));
        instance_set_string(object, "Link", "T_In.X=1");
    }
    wql = wql_parse(text, &error);
    if (wql) {
        wql_check(wql, object->cls, &error);
        wql_matches(wql, object, &matches, &error);
        wql_keys(wql, object->cls, keys);
        wql_fixed(wql, "S");
        wql_destroy(wql);
    }
    return 0;
}
