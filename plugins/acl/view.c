/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Views: see view.h.
 */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_RECENT 64u        /* before everything is compiled */
#define MOST_RECENT 256u

/* Takes a reference to the table. */
static struct acl_view *
create(struct acl_table *table, uint32_t n_recent, uint32_t n_dead)
{
    size_t n_words = n_dead ? table->n_words : 0;
    struct acl_view *view = malloc(sizeof(*view)
                                   + n_recent * sizeof(view->recent[0])
                                   + n_words * sizeof(*view->dead));

    if (view) {
        view->references = 1;
        view->n_rules = n_recent + (table ? table->n_rules - n_dead : 0);
        view->n_stateful = 0;
        view->n_dead = n_dead;
        view->n_recent = n_recent;
        view->table = table;
        view->dead = n_dead ? (uint64_t *) (view->recent + n_recent) : NULL;
    }
    if (view && table) {
        atomic_fetch_add(&table->references, 1);
    }
    return view;
}

struct acl_view *
acl_view_create(void)
{
    return create(NULL, 0, 0);
}

struct acl_view *
acl_view_share(struct acl_view *view)
{
    atomic_fetch_add(&view->references, 1);
    return view;
}

void
acl_view_release(struct acl_view *view)
{
    if (view && atomic_fetch_sub(&view->references, 1) == 1) {
        acl_table_release(view->table);
        free(view);
    }
}

bool
acl_view_is_settled(const struct acl_view *view)
{
    return view->table ? view->n_recent == 0 && view->n_dead == 0
                       : view->n_recent <= ACL_FEW;
}

/* True when there are too many that are not in the table. */
static bool
is_too_loose(const struct acl_view *view)
{
    uint32_t limit = view->n_rules / 16;

    limit = limit < LEAST_RECENT ? LEAST_RECENT : limit;
    limit = limit > MOST_RECENT ? MOST_RECENT : limit;
    return view->n_recent > limit;
}

static bool
is_in_table(const struct acl_rule *rule)
{
    return rule && !(rule->place & ACL_RECENT);
}

/* The recent rules of 'from', without 'gone', with 'fresh' in its order. */
static void
fill_recent(struct acl_view *view, const struct acl_view *from,
            const struct acl_rule *gone, struct acl_rule *fresh)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < from->n_recent; i++) {
        struct acl_rule *rule = from->recent[i];

        if (rule == gone) {
            continue;
        }
        if (fresh && acl_rule_compare(fresh, rule) < 0) {
            view->recent[at++] = fresh;
            fresh = NULL;
        }
        view->recent[at++] = rule;
    }
    if (fresh) {
        view->recent[at] = fresh;
    }
}

struct acl_view *
acl_view_change(const struct acl_view *from, const struct acl_rule *gone,
                struct acl_rule *fresh)
{
    bool kills = is_in_table(gone);
    struct acl_view *view = create(
        from->table,
        from->n_recent + (fresh != NULL) - (gone != NULL && !kills),
        from->n_dead + kills);

    if (!view) {
        return NULL;
    }
    view->n_stateful = from->n_stateful
                       + (fresh && fresh->is_stateful)
                       - (gone && gone->is_stateful);
    fill_recent(view, from, gone, fresh);
    if (from->n_dead) {
        memcpy(view->dead, from->dead,
               view->table->n_words * sizeof(*view->dead));
    } else if (kills) {
        memset(view->dead, 0, view->table->n_words * sizeof(*view->dead));
    }
    if (kills) {
        view->dead[gone->place / 64] |= 1ull << gone->place % 64;
    }
    if (is_too_loose(view)) {
        struct acl_view *compiled = acl_view_compile(view);

        acl_view_release(view);
        return compiled;
    }
    return view;
}

/* All rules in their order; returns how many. */
static uint32_t
merge(const struct acl_view *view, struct acl_rule **out)
{
    uint32_t n_table = view->table ? view->table->n_rules : 0;
    uint32_t recent = 0;
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_table; i++) {
        struct acl_rule *rule = view->table->rules[i];

        if (view->dead && view->dead[i / 64] >> i % 64 & 1) {
            continue;           /* it may be freed */
        }
        while (recent < view->n_recent
               && acl_rule_compare(view->recent[recent], rule) < 0) {
            out[n++] = view->recent[recent++];
        }
        out[n++] = rule;
    }
    while (recent < view->n_recent) {
        out[n++] = view->recent[recent++];
    }
    return n;
}

struct acl_view *
acl_view_compile(const struct acl_view *view)
{
    uint32_t n = view->n_rules;
    bool few = n <= ACL_FEW;
    struct acl_rule **rules = malloc((n + 1) * sizeof(*rules));
    struct acl_table *table = NULL;
    struct acl_view *compiled = NULL;

    if (!rules) {
        return NULL;
    }
    merge(view, rules);
    if (!few) {
        table = acl_table_create(rules, n);
    }
    if (table || few) {
        compiled = create(table, few ? n : 0, 0);
    }
    if (compiled) {
        compiled->n_stateful = view->n_stateful;
    }
    if (compiled && few) {
        memcpy(compiled->recent, rules, n * sizeof(*rules));
    }
    acl_table_release(table);
    free(rules);
    return compiled;
}

void
acl_view_place(const struct acl_view *view, bool table_too)
{
    uint32_t n_table = view->table && table_too ? view->table->n_rules : 0;

    for (uint32_t i = 0; i < n_table; i++) {
        if (!view->dead || !(view->dead[i / 64] >> i % 64 & 1)) {
            view->table->rules[i]->place = i;
        }
    }
    for (uint32_t i = 0; i < view->n_recent; i++) {
        view->recent[i]->place = ACL_RECENT | i;
    }
}

/* The better one of 'recent' (a place) and what the table has. */
static uint32_t
find_in_table(const struct acl_view *view, unsigned int list,
              const struct acl_key *key, uint64_t limit, uint32_t recent)
{
    int at = acl_table_find(view->table, view->dead, list, key, limit);

    if (at < 0) {
        return recent;
    }
    if (recent == ACL_NOWHERE) {
        return (uint32_t) at;
    }
    return acl_rule_compare(acl_view_rule(view, recent),
                            view->table->rules[at]) < 0
               ? recent
               : (uint32_t) at;
}

uint32_t
acl_view_find(const struct acl_view *view, unsigned int list,
              const struct acl_key *key, uint64_t limit)
{
    uint32_t found = ACL_NOWHERE;

    for (uint32_t i = 0; i < view->n_recent; i++) {
        const struct acl_rule *rule = view->recent[i];

        if (rule->rank > limit) {
            break;
        }
        if ((rule->lists >> list & 1) && acl_rule_matches(rule, key)) {
            found = ACL_RECENT | i;
            limit = rule->rank;
            break;
        }
    }
    return view->table ? find_in_table(view, list, key, limit, found)
                       : found;
}
