/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_KEYS_H
#define XVS_STAGE_DOMAIN_KEYS_H

/*
 * Protection keys of the processor (PKU).  Each page has one of 16, and each
 * thread says for each of them whether it may read and write it; to change
 * that takes some ten nanoseconds and no call of the system.
 *
 *     0           all memory that nobody gave another one: that of xvs-switch
 *     packets     buffers of packets
 *     signals     stacks of signal handlers, which a domain must be able to
 *                 write: older kernels write there with its rights
 *     the others  one for each stage in a domain: its data, heap, stacks
 *
 * A thread begins with the rights of the one that made it, so all keys are
 * taken before there is another thread: then all threads of xvs-switch have
 * all rights, and only a gate takes some away.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* Takes all keys; before there is another thread, once.  False with an error:
 * this processor or its kernel has none. */
bool keys_open(struct error *error);
bool keys_are_there(void);
/* What is to be told to who wants a domain where there are no keys. */
bool keys_refuse(struct error *error);

/* A key for a stage; 0 with an error: all are in use.  Any thread. */
int keys_take(struct error *error);
void keys_give(int key);
int keys_packets(void);
int keys_signals(void);

/* Gives whole pages a key; 0: only the protection, for tests. */
bool keys_tag(void *memory, size_t size, int protection, int key,
              struct error *error);
/* The rights of a stage: all of its own memory, nothing of other stages', and
 * to read what belongs to xvs-switch and packets, or to write these too. */
uint32_t keys_rights(int key, bool writes_packets);

#endif
