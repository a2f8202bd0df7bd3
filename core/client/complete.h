/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_COMPLETE_H
#define XVS_CLIENT_COMPLETE_H

/*
 * What could stand at the end of a command line, for bash, zsh and "xvsctl
 * shell": from the table of commands and from the server.
 */

#include <stddef.h>

struct run;

/* Candidates that stand for "the shell knows": names of files, folders. */
#define COMPLETE_FILES ":files"
#define COMPLETE_FOLDERS ":folders"

typedef void (*complete_call)(void *arg, const char *candidate);

/*
 * Offers what can take the place of the last of the n words, which may be
 * empty or the start of it.
 */
void complete_line(struct run *run, const char *const *words, size_t n,
                   complete_call call, void *arg);

#endif
