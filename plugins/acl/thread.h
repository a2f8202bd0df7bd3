/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_THREAD_H
#define ACL_THREAD_H

/*
 * Threads that run packet hooks have numbers, so that each can have what it
 * writes often for itself, most of the time.
 */

/* The same for a thread every time; counted from 0 as threads come. */
unsigned int acl_thread_number(void);

#endif
