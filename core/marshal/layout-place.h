/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MARSHAL_LAYOUT_PLACE_H
#define XVS_MARSHAL_LAYOUT_PLACE_H

/*
 * Where a C compiler puts the members of the structs that extensions are
 * compiled with, as libffi knows it of this machine.  Internal to
 * core/marshal.
 */

struct layout;

/* Places the members of all parts, innermost first.  The layout has been
 * arranged (layout_arrange), which must have come to the same. */
void layout_place(struct layout *layout);

#endif
