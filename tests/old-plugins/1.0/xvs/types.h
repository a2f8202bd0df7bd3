/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TYPES_H
#define XVS_TYPES_H

/*
 * Words that every other header of the SDK uses: identifiers, results,
 * scopes, and the values of a block's members.  Plain data, no functions
 * that allocate.  All integers on the wire and in blocks are little-endian.
 */

#include <stddef.h>
#include <stdint.h>

/* A GUID in the byte order of the UUID("...") qualifier's C form. */
struct xvs_guid {
    uint32_t a;
    uint16_t b, c;
    uint8_t d[8];
};

/* What a hook returns, and what an OID request ends with. */
enum xvs_result {
    XVS_SUCCESS = 0,
    XVS_PENDING = 1,            /* reserved: no hook may return it yet */
    XVS_NOT_SUPPORTED = 2,      /* not mine */
    XVS_NOT_ACCEPTED = 3,       /* final veto */
    XVS_RESOURCES = 4,          /* not now: the core retries, bounded */
    XVS_INVALID_LENGTH = 5,     /* buffer too small: see 'needed' */
    XVS_INVALID_PARAMETER = 6,  /* no such instance, port or value */
    /* From the core only: nobody takes it, no answer in time, it failed. */
    XVS_NO_CONSUMER = 7, XVS_TIMED_OUT = 8, XVS_PROVIDER_FAILED = 9
};

enum xvs_scope { XVS_SCOPE_PORT = 1, XVS_SCOPE_SWITCH = 2 };

#define XVS_PORT_NONE UINT32_MAX
#define XVS_NAME_SIZE 64        /* of a switch, port or extension, with NUL */

/*
 * A reference to variable data: 'count' bytes of a string (UTF-8; a NUL that
 * is not counted follows) or elements of an array, 'offset' bytes from the
 * start of the block's body.  Use the checked accessors of xvs/block.h.
 */
struct xvs_ref {
    uint32_t count, offset;
};

/* A CIM datetime.  Point in time: microseconds since 1970 UTC. */
struct xvs_datetime {
    int64_t microseconds;
    int16_t utc_minutes;        /* offset of the local time it names */
    uint8_t is_interval;        /* 1: a duration */
    uint8_t precision;          /* significant digits of 20; 0: all */
    uint32_t reserved;          /* 0 */
};

#endif
