/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CHANNEL_SETTINGS_H
#define CHANNEL_SETTINGS_H

/*
 * Settings, a file for each group of classes: judged without an effect, then
 * taken over, unless it is XVS_VALIDATE.
 *
 * What a setting says of others is judged only while the extension is active:
 * when its process begins, settings that were accepted in some order are told
 * in another.  What is missing then is without effect, and allows nothing.
 */

#include "channel.h"

/* A setting while it is judged. */
struct change {
    struct channel *self;
    const struct xvs_setting *setting;
    struct xvs_answer *answer;
    bool known;                 /* others are known: judge against them */
};

/* Refuses it; the result to return. */
int change_deny(const struct change *change, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The socket that the property of this setting grants. */
struct grant change_grant(const struct change *change, uint32_t property);
/* Whether there is one of the texts, and only one; else refuses it, naming
 * both.  XVS_SUCCESS, or what to return. */
int change_either(const struct change *change, const char *one_name,
                   const char *one, const char *other_name,
                   const char *other);

/* Whether the item is what this setting made. */
bool change_is_own(const struct change *change, const struct item *item);
/* As much of the text as there is room for; what is longer was refused. */
void text_fit(char *to, size_t size, const char *from);

/* One for each class: with 'body' NULL the setting goes. */
int setting_config(const struct change *change, const void *body);
int setting_client(const struct change *change, const void *body);
int setting_rule(const struct change *change, const void *body);
int setting_vm(const struct change *change, const void *body);
int setting_service(const struct change *change, const void *body);
int setting_peer(const struct change *change, const void *body);
int setting_route(const struct change *change, const void *body);
int setting_dns(const struct change *change, const void *body);
int setting_listener(const struct change *change, const void *body);

#endif
