/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_INSIDE_SANDBOX_H
#define XVS_STAGE_INSIDE_SANDBOX_H

/*
 * How the process of a stage gives up what it does not need, in this order:
 *
 *     sandbox_leave()     new namespaces; a child goes on in them
 *     sandbox_enclose()   root folder, capabilities, limits, Landlock
 *     sandbox_load()      system calls that loading a plugin needs
 *         the plugin is loaded: its constructors run
 *     sandbox_close()     no files at all, system calls for hooks alone
 *
 * Each returns the bits (enum sandbox_part) of what this host did not let it
 * do; the rest is done all the same.  A thread that calls hooks must be there
 * before sandbox_load(): no more can be made after it.
 */

#include <stdint.h>

#include "stage/inside/parts.h"

/* Single-threaded.  A process that is forked next is in the namespaces. */
uint32_t sandbox_leave(void);
/* 'folder' is where the plugin is; it is there under the same path.
 * 'sockets': bits of enum call_sockets. */
uint32_t sandbox_enclose(const char *folder, uint32_t sockets);
uint32_t sandbox_load(uint32_t sockets);
uint32_t sandbox_close(uint32_t sockets);

#endif
