/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SWITCH_REQUEST_REPORT_H
#define XVS_SWITCH_REQUEST_REPORT_H

/*
 * Descriptions for the manager: snapshots, counters, and single extensions.
 */

struct buffer;
struct control_header;
struct driver;
struct plugin;
struct request;

void report_snapshot(struct driver *driver, struct request *request,
                     const struct control_header *message);
void report_counters(struct driver *driver, struct request *request,
                     const struct control_header *message);

/* Appends a control_extension and its lists. */
void report_extension(const struct plugin *plugin, struct buffer *out);

#endif
