/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The classifier against a plain walk through all rules: rules and packets by
 * chance, from a fixed seed; views that change rule by rule; and how long the
 * worst shapes take.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "acl-linear.h"
#include "set.h"
#include "unit.h"

#define MOST 10000u

static struct acl_rule *all[ACL_N_OWNERS][MOST];
static uint32_t n_all[ACL_N_OWNERS];
static struct acl_set *set;

/* ---- A set that grows and shrinks --------------------------------------- */

static void
begin(void)
{
    struct acl_set like = { .generation = 1, .default_action = ACL_ALLOW };

    chance_state = 20261129;
    n_all[0] = n_all[1] = 0;
    like.views[0] = acl_view_create();
    like.views[1] = acl_view_create();
    set = acl_set_create(&like);
    acl_view_release(like.views[0]);
    acl_view_release(like.views[1]);
}

static void
end(void)
{
    for (int owner = 0; owner < ACL_N_OWNERS; owner++) {
        for (uint32_t i = 0; i < n_all[owner]; i++) {
            free(all[owner][i]);
        }
    }
    acl_set_release(set);
}

static void
put_view(int owner, struct acl_view *view)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    acl_view_place(view, view->table != set->views[owner]->table);
    acl_view_release(set->views[owner]);
    set->views[owner] = view;
}

static void
compile(int owner)
{
    put_view(owner, acl_view_compile(set->views[owner]));
}

static void
add_rule(int owner, uint32_t world)
{
    struct acl_rule *rule = chance_rule(world);

    rule->is_switch = owner == ACL_OF_SWITCH;
    rule->rank |= rule->is_switch;
    all[owner][n_all[owner]++] = rule;
    put_view(owner, acl_view_change(set->views[owner], NULL, rule));
}

static void
remove_rule(int owner)
{
    uint32_t which = chance(n_all[owner]);
    struct acl_rule *rule = all[owner][which];

    put_view(owner, acl_view_change(set->views[owner], rule, NULL));
    all[owner][which] = all[owner][--n_all[owner]];
    /* What is freed is not looked at: the address sanitizer would tell. */
    free(rule);
}

/* The better one of what a plain walk finds in both lists. */
static const struct acl_rule *
expected(int direction, const struct acl_key *key)
{
    struct acl_rule *found[ACL_N_OWNERS];
    uint32_t n = 0;

    for (int owner = 0; owner < ACL_N_OWNERS; owner++) {
        const struct acl_rule *rule =
            linear_find(all[owner], n_all[owner], direction, key);

        if (rule) {
            found[n++] = (struct acl_rule *) rule;
        }
    }
    return linear_find(found, n, direction, key);
}

/* How many of 'n' packets have found a rule. */
static uint32_t
compare(uint32_t n, uint32_t world)
{
    uint32_t n_found = 0;

    for (uint32_t i = 0; i < n; i++) {
        int direction = (int) chance(2);
        int owner = (int) chance(2);
        struct acl_key key;

        if (n_all[owner] && chance(2)) {
            chance_key_for(&key, all[owner][chance(n_all[owner])], world);
        } else {
            chance_key(&key, world);
        }
        int index = acl_set_match(set, direction, &key);
        const struct acl_rule *rule = expected(direction, &key);

        CU_ASSERT_PTR_EQUAL(index < 0 ? NULL : acl_set_rule(set, index),
                            rule);
        n_found += rule != NULL;
    }
    return n_found;
}

/* ---- Tests -------------------------------------------------------------- */

/* Many small worlds, in which nearly all rules overlap. */
static void
test_small(void)
{
    uint32_t n_found = 0;

    for (uint32_t round = 0; round < 60; round++) {
        uint32_t world = 2 + round % 30;

        begin();
        chance_state += round;
        for (uint32_t i = chance(200); i > 0; i--) {
            add_rule((int) chance(2), world);
        }
        n_found += compare(100, world);
        compile(ACL_OF_PORT);
        compile(ACL_OF_SWITCH);
        n_found += compare(200, world);
        end();
    }
    /* Neither all nor none, or the comparison says little. */
    CU_ASSERT(n_found > 1000 && n_found < 17900);
}

/* So many that rows are put together, and that chunks are passed over. */
static void
test_many(void)
{
    static const uint32_t worlds[] = { 300, 5000, 60000 };
    uint32_t n_found = 0;

    for (uint32_t i = 0; i < 3; i++) {
        begin();
        chance_state += i;
        for (uint32_t j = 0; j < 4000; j++) {
            add_rule(ACL_OF_PORT, worlds[i]);
            if (j % 3 == 0) {
                add_rule(ACL_OF_SWITCH, worlds[i]);
            }
        }
        n_found += compare(500, worlds[i]);
        compile(ACL_OF_PORT);
        compile(ACL_OF_SWITCH);
        n_found += compare(1000, worlds[i]);
        end();
    }
    CU_ASSERT(n_found > 500);
}

/* Rules that come, go and change, compared after each change. */
static void
test_changes(void)
{
    begin();
    for (uint32_t step = 0; step < 3000; step++) {
        int owner = (int) chance(2);
        uint32_t what = chance(10);

        if (n_all[owner] < 50 || (what < 5 && n_all[owner] < 600)) {
            add_rule(owner, 40);
        } else if (what < 9) {
            remove_rule(owner);
        } else if (chance(10) == 0) {
            compile(owner);
        }
        compare(3, 40);
    }
    while (n_all[0] + n_all[1] > 0) {
        remove_rule(n_all[0] ? 0 : 1);
    }
    CU_ASSERT_EQUAL(compare(20, 40), 0);
    compile(0);
    CU_ASSERT_PTR_NULL(set->views[0]->table);
    CU_ASSERT_EQUAL(compare(20, 40), 0);
    end();
}

/* Another rule for a place that was given before: the view says so. */
static void
test_settled(void)
{
    begin();
    for (uint32_t i = 0; i < ACL_FEW; i++) {
        add_rule(0, 10);
    }
    CU_ASSERT(acl_view_is_settled(set->views[0]));
    add_rule(0, 10);
    CU_ASSERT_FALSE(acl_view_is_settled(set->views[0]));
    compile(0);
    CU_ASSERT(acl_view_is_settled(set->views[0]));
    CU_ASSERT_EQUAL(set->views[0]->n_recent, 0);
    CU_ASSERT_EQUAL(set->views[0]->n_rules, ACL_FEW + 1);
    remove_rule(0);
    CU_ASSERT_FALSE(acl_view_is_settled(set->views[0]));
    end();
}

/* Memory has a bound, whatever the rules are: xvs-acl(7) says which. */
static void
test_size(void)
{
    begin();
    for (uint32_t i = 0; i < MOST; i++) {
        all[0][n_all[0]++] = chance_rule(1u << 16);
    }
    struct acl_table *table = acl_table_create(all[0], MOST);

    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    CU_ASSERT(acl_table_size(table) < MOST * 1400u);
    acl_table_release(table);
    end();
}

static const struct unit_test tests[] = {
    { "small worlds", test_small },
    { "many rules", test_many },
    { "changes", test_changes },
    { "settled", test_settled },
    { "size", test_size },
};

UNIT_MAIN("acl classify", tests)
