/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The members of groups: how they come and go.
 */
#include "table-inside.h"

#include <stdlib.h>
#include <string.h>

static struct snoop_member *
find_member(const struct snoop_group *group, const struct snoop_owner *owner)
{
    struct snoop_member *member = group ? group->members : NULL;

    while (member && member->owner != owner) {
        member = member->next;
    }
    return member;
}

/* ---- The end of memberships --------------------------------------------- */

static void
part(struct snoop_member *member)
{
    if (member->is_joined) {
        member->is_joined = false;
        member->owner->n_joined--;
    }
}

/* Frees members that are neither joined nor static. */
static void
prune_group(struct snoop_table *table, struct snoop_entry *entry,
            struct snoop_group *group)
{
    struct snoop_member **link = &group->members, *member;

    while ((member = *link) != NULL) {
        if (member->is_joined || member->is_static) {
            link = &member->next;
            continue;
        }
        *link = member->next;
        free(member);
        entry->n_members--;
        snoop_table_change(table, entry);
    }
}

static void
prune_entry(struct snoop_table *table, struct snoop_entry *entry)
{
    struct snoop_group **link = &entry->groups, *group;

    while ((group = *link) != NULL) {
        prune_group(table, entry, group);
        if (group->members) {
            link = &group->next;
            continue;
        }
        *link = group->next;
        free(group);
        table->n_groups--;
        snoop_table_change(table, entry);
    }
}

void
snoop_table_sift(struct snoop_table *table, snoop_ends *ends, void *arg)
{
    struct snoop_entry *entry = NULL;

    while ((entry = table_next(table, entry)) != NULL) {
        for (struct snoop_group *group = entry->groups; group;
             group = group->next) {
            for (struct snoop_member *member = group->members; member;
                 member = member->next) {
                if (member->is_joined && ends(arg, &group->key, member)) {
                    part(member);
                }
            }
        }
        prune_entry(table, entry);
    }
}

static bool
has_expired(void *arg, const struct snoop_key *key,
            const struct snoop_member *member)
{
    (void) key;
    return *(const uint64_t *) arg >= member->expires;
}

void
snoop_table_age(struct snoop_table *table, uint64_t now)
{
    snoop_table_sift(table, has_expired, &now);
}

void
snoop_table_forget(struct snoop_table *table, struct snoop_owner *owner)
{
    struct snoop_entry *entry = NULL;

    while ((entry = table_next(table, entry)) != NULL) {
        for (struct snoop_group *group = entry->groups; group;
             group = group->next) {
            struct snoop_member *member = find_member(group, owner);

            if (member) {
                part(member);
                member->is_static = false;
            }
        }
        prune_entry(table, entry);
    }
}

/* ---- What the extension does -------------------------------------------- */

/* The membership, made when it is not there; NULL: no memory. */
static struct snoop_member *
make_member(struct snoop_table *table, const struct snoop_key *key,
            struct snoop_owner *owner)
{
    struct snoop_entry *entry = table_make_entry(table, key);
    struct snoop_group *group = table_group(entry, key);
    struct snoop_member *member = find_member(group, owner);

    if (member || !entry) {
        return member;
    }
    snoop_table_change(table, entry);
    group = group ? group : table_make_group(table, entry, key);
    member = group ? calloc(1, sizeof(*member)) : NULL;
    if (!member) {
        prune_entry(table, entry);
        return NULL;
    }
    member->owner = owner;
    member->next = group->members;
    group->members = member;
    entry->n_members++;
    return member;
}

enum snoop_joined
snoop_table_join(struct snoop_table *table, const struct snoop_key *key,
                 const struct snoop_join *join)
{
    const struct snoop_entry *entry = table_entry(table, key);
    struct snoop_group *group = table_group(entry, key);
    struct snoop_member *member = find_member(group, join->owner);

    if (!member || !member->is_joined) {
        if (join->owner->n_joined >= join->max_joined) {
            return SNOOP_PORT_FULL;
        }
        if ((!group && table->n_groups >= join->max_groups)
            || (!member && entry && entry->n_members >= SNOOP_MEMBERS)) {
            return SNOOP_SWITCH_FULL;
        }
        member = make_member(table, key, join->owner);
        if (!member) {
            return SNOOP_NO_MEMORY;
        }
        member->is_joined = true;
        join->owner->n_joined++;
    }
    member->version = join->version;
    member->seen = join->now;
    member->expires = join->expires;
    memcpy(member->source, join->source, SNOOP_ADDRESS);
    return SNOOP_JOINED;
}

void
snoop_table_leave(struct snoop_table *table, const struct snoop_key *key,
                  struct snoop_owner *owner, uint64_t expires)
{
    struct snoop_entry *entry = table_entry(table, key);
    struct snoop_member *member = find_member(table_group(entry, key), owner);

    if (!member || !member->is_joined) {
        return;
    }
    if (expires == 0) {
        part(member);
        prune_entry(table, entry);
    } else if (expires < member->expires) {
        member->expires = expires;
    }
}

bool
snoop_table_set(struct snoop_table *table, const struct snoop_key *key,
                struct snoop_owner *owner, bool is_static)
{
    struct snoop_entry *entry = table_entry(table, key);
    struct snoop_member *member = find_member(table_group(entry, key), owner);

    if (is_static && !member
        && (!entry || entry->n_members < SNOOP_MEMBERS)) {
        member = make_member(table, key, owner);
    }
    if (member) {
        member->is_static = is_static;
    }
    if (member && !is_static) {
        prune_entry(table, entry);
    }
    return member || !is_static;
}

static int
walk_entry(const struct snoop_entry *entry, snoop_visit *visit, void *arg)
{
    int result = 0;

    for (const struct snoop_group *group = entry->groups; group;
         group = group->next) {
        for (const struct snoop_member *member = group->members;
             member && !result; member = member->next) {
            result = visit(arg, &group->key, member);
        }
    }
    return result;
}

int
snoop_table_walk(const struct snoop_table *table, snoop_visit *visit,
                 void *arg)
{
    const struct snoop_entry *entry = NULL;
    int result = 0;

    while (!result && (entry = table_next(table, entry)) != NULL) {
        result = walk_entry(entry, visit, arg);
    }
    return result;
}
