/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MAIN_XVSD_OPTIONS_H
#define XVS_MAIN_XVSD_OPTIONS_H

/*
 * What xvsd was told: the configuration file, then the command line, which
 * wins.  Both have the same names.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/log.h"

struct error;

struct xvsd_options {
    char *config;           /* the file; NULL: the default, when there */
    char *state_dir;
    char *socket;
    char *control;
    char *user;             /* to become, when we are root; NULL: stay */
    char *host_name;        /* NULL: the system's */
    char *listen;           /* NULL: no TCP */
    char *certificate;
    char *key;
    char *client_ca;
    char *password_file;
    char *admin_group;
    char *reader_group;
    char **plugin_dirs;     /* ends with NULL */
    size_t n_plugin_dirs;
    char *vendor_partition; /* where extensions of others run */
    char *quarantine;       /* folder; NULL: in the state */
    uint32_t quarantine_files;      /* in it, at most */
    uint32_t timeout;       /* ms, of one request to an extension */
    uint32_t max_connections;
    uint32_t idle_timeout;  /* s */
    uint32_t max_contexts;
    uint32_t max_body;      /* bytes */
    int spawn_switch;       /* -1: when we are root */
    enum log_level log_level;
};

/*
 * Reads both.  Returns -1 to go on, else the exit status (after --help,
 * --version, or a message about what is wrong).
 */
int xvsd_options_read(struct xvsd_options *options, int argc, char **argv);
void xvsd_options_free(struct xvsd_options *options);

#endif
