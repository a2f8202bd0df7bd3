/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_INSIDE_PARTS_H
#define XVS_STAGE_INSIDE_PARTS_H

/*
 * What a stage's process is confined with.  A host may lack some of it; then
 * the process does with the rest, and says so.
 */

#include <stddef.h>
#include <stdint.h>

enum sandbox_part {
    SANDBOX_USER,               /* namespaces of its own */
    SANDBOX_MOUNT,
    SANDBOX_PID,
    SANDBOX_IPC,
    SANDBOX_NET,
    SANDBOX_UTS,
    SANDBOX_CGROUP,
    SANDBOX_ROOT,               /* a root folder with libraries alone */
    SANDBOX_CAPABILITIES,       /* none, and none to be had */
    SANDBOX_LIMITS,             /* of resources */
    SANDBOX_LANDLOCK,           /* files: none */
    SANDBOX_NO_NEW_PRIVS,
    SANDBOX_SECCOMP,            /* few system calls */
    SANDBOX_MDWE,               /* memory that was written is never run */
    SANDBOX_PARTS
};

/* "user namespace"; never NULL. */
const char *sandbox_part_name(enum sandbox_part part);
/* The names of the bits in 'parts', with commas; "" when there are none. */
void sandbox_names(uint32_t parts, char *out, size_t size);

/* 1 when this is built with a sanitizer, which needs more than we do. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
