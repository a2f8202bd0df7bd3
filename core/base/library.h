/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_LIBRARY_H
#define XVS_BASE_LIBRARY_H

/*
 * Libraries that few runs of a program need, loaded when they are needed: to
 * load GnuTLS with what it needs takes longer than a whole command.  What is
 * used of a library is listed once, as a macro, and makes a table of pointers
 * of the right types:
 *
 *     #define USED(symbol) symbol(pcap_compile) symbol(pcap_close)
 *     static struct { USED(LIBRARY_MEMBER) } pcap;
 *     static const char *const symbols[] = { USED(LIBRARY_NAME) NULL };
 *
 * Calls are pcap.pcap_close(...), a variable is *table.variable.
 */

#include <stdbool.h>

struct error;

#define LIBRARY_MEMBER(name) __typeof__(name) *name;
#define LIBRARY_NAME(name) #name,

struct library {
    const char *name;           /* as people call it */
    const char *package;        /* of Debian, that has it */
    const char *const *files;   /* any of them will do; best first, NULL */
    const char *const *symbols; /* what we use; NULL ends */
};

/*
 * Fills the table, which has a pointer per symbol, unless it was filled
 * before; the library stays loaded.  False: it is not there, or not
 * complete, and the table is untouched.  One thread.
 */
bool library_load(const struct library *library, void *table,
                  struct error *error);

#endif
