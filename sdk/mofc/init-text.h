/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MOFC_INIT_TEXT_H
#define XVS_MOFC_INIT_TEXT_H

/*
 * The templates of xvs-mofc init.  "@word@" stands for what the project
 * calls it; lines between "%if CLASS..." and "%end" are for these classes
 * of extensions only; these do not nest.
 */

struct init_text {
    const char *name;           /* of the file; NULL behind the last */
    const char *text;
};

extern const struct init_text init_texts[];

#endif
