# SPDX-License-Identifier: BSD-3-Clause
# What feature tests share.  Source it first: . "$top_srcdir/tests/functions.sh"
