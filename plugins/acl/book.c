/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Books: see book.h.
 */
#include "book.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_SLOTS 16u

static bool
is_guid(const struct xvs_guid *a, const struct xvs_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Instances are random, or else numbers; either spreads. */
static uint32_t
slot_of(uint32_t n_slots, const struct xvs_guid *instance)
{
    uint64_t words[2];

    memcpy(words, instance, sizeof(words));
    uint64_t mixed = (words[0] ^ words[1]) * 0x9e3779b97f4a7c15u;

    return (uint32_t) (mixed >> 32) & (n_slots - 1);
}

bool
acl_book_init(struct acl_book *book)
{
    memset(book, 0, sizeof(*book));
    book->view = acl_view_create();
    return book->view != NULL;
}

void
acl_book_fini(struct acl_book *book)
{
    for (uint32_t i = 0; i < book->n_slots; i++) {
        struct acl_rule *rule = book->slots[i];

        while (rule) {
            struct acl_rule *next = rule->next;

            free(rule->counter);
            free(rule);
            rule = next;
        }
    }
    free(book->slots);
    acl_view_release(book->view);
    memset(book, 0, sizeof(*book));
}

struct acl_rule *
acl_book_find(const struct acl_book *book, const struct xvs_guid *instance)
{
    struct acl_rule *rule = NULL;

    if (book->n_slots) {
        rule = book->slots[slot_of(book->n_slots, instance)];
    }
    while (rule && !is_guid(&rule->instance, instance)) {
        rule = rule->next;
    }
    return rule;
}

static void
insert(struct acl_rule **slots, uint32_t n_slots, struct acl_rule *rule)
{
    struct acl_rule **slot = &slots[slot_of(n_slots, &rule->instance)];

    rule->next = *slot;
    *slot = rule;
}

/* Room for one more rule. */
static bool
grow(struct acl_book *book)
{
    uint32_t n_slots = book->n_slots ? book->n_slots * 2 : LEAST_SLOTS;

    if (book->n_rules < book->n_slots) {
        return true;
    }
    struct acl_rule **slots = calloc(n_slots, sizeof(*slots));

    if (!slots) {
        return false;
    }
    for (uint32_t i = 0; i < book->n_slots; i++) {
        while (book->slots[i]) {
            struct acl_rule *rule = book->slots[i];

            book->slots[i] = rule->next;
            insert(slots, n_slots, rule);
        }
    }
    free(book->slots);
    book->slots = slots;
    book->n_slots = n_slots;
    return true;
}

struct acl_view *
acl_book_prepare(struct acl_book *book, const struct acl_rule *gone,
                 struct acl_rule *fresh)
{
    if (fresh && !grow(book)) {
        return NULL;
    }
    return acl_view_change(book->view, gone, fresh);
}

static void
unlink_rule(struct acl_book *book, const struct acl_rule *rule)
{
    struct acl_rule **link =
        &book->slots[slot_of(book->n_slots, &rule->instance)];

    while (*link != rule) {
        link = &(*link)->next;
    }
    *link = rule->next;
}

void
acl_book_commit(struct acl_book *book, struct acl_rule *gone,
                struct acl_rule *fresh, struct acl_view *view)
{
    if (gone) {
        unlink_rule(book, gone);
        book->n_rules--;
    }
    if (fresh) {
        insert(book->slots, book->n_slots, fresh);
        book->n_rules++;
    }
    acl_view_place(view, view->table != book->view->table);
    acl_view_release(book->view);
    book->view = view;
}

struct acl_rule *
acl_book_next(const struct acl_book *book, const struct acl_rule *rule)
{
    uint32_t slot = 0;

    if (rule) {
        if (rule->next) {
            return rule->next;
        }
        slot = slot_of(book->n_slots, &rule->instance) + 1;
    }
    while (slot < book->n_slots && !book->slots[slot]) {
        slot++;
    }
    return slot < book->n_slots ? book->slots[slot] : NULL;
}
