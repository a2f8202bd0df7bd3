/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_SHOW_CLASS_TEXT_H
#define XVS_CLIENT_SHOW_CLASS_TEXT_H

/*
 * A class shown to people and programs: MOF, CIM-XML or JSON.
 */

#include <stdbool.h>

struct run;

/* Prints the class in the form that the run's options ask for. */
bool class_text_show(struct run *run, const char *name);

#endif
