/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_SWITCH_CLIENT_H
#define XVS_TESTS_SWITCH_CLIENT_H

/*
 * What switch-client's commands become, and how bodies of answers are shown.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct cim_class;
struct control_snapshot;
struct feature;

extern uint32_t client_timeout_ms;  /* for requests to extensions */
extern uint32_t client_position;    /* where to enable extensions */
extern uint32_t client_partition;   /* and in which partition */

/* schema.c */
bool client_read_schema(const char *path);
void client_forget_schemas(void);
bool client_build_layout(char **words, int n, struct buffer *out);
bool client_build_set(char **words, int n, struct buffer *out);
bool client_build_enable(char **words, int n, struct buffer *out);
bool client_build_reference(char **words, int n, struct buffer *out);
bool client_build_partition(char **words, int n, struct buffer *out);
bool client_build_status(char **words, int n, struct buffer *out);
/* The class, and what it is to the switch; does not return without it. */
struct cim_class *client_class(const char *name, struct feature *feature);
struct cim_class *client_look_up(void *arg, const char *name);

/* method.c */
bool client_build_method(char **words, int n, struct buffer *out);

/* The request for a command of 'n' words; false when it is none. */
bool client_build(char **words, int n, struct buffer *out);
void client_print_block(const void *block, uint32_t size);
void client_print_snapshot(const struct control_snapshot *snapshot);

#endif
