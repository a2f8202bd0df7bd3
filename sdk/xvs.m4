# SPDX-License-Identifier: BSD-3-Clause
# xvs.m4 - for extensions that are built with Autoconf

# XVS_SDK([MINIMUM-VERSION])
# --------------------------
# Finds the SDK.  Sets and substitutes XVS_CFLAGS, XVS_MOFC (the schema
# compiler), xvspluginsdir and xvsschemadir (where to install; given as
# --with-xvs-pluginsdir and --with-xvs-schemadir, else as in the SDK).
# A plugin's Makefile.am then needs no more than
#
#     xvsplugins_PROGRAMS = mine.so
#     mine_so_SOURCES = mine.c
#     mine_so_CFLAGS = $(XVS_CFLAGS) -fPIC
#     mine_so_LDFLAGS = -shared
#     BUILT_SOURCES = mine.h
#     mine.h: mine.mof; $(XVS_MOFC) header $< >$@
AC_DEFUN([XVS_SDK], [
AC_REQUIRE([PKG_PROG_PKG_CONFIG])
m4_ifblank([$1], [PKG_CHECK_MODULES([XVS], [xvs])],
           [PKG_CHECK_MODULES([XVS], [xvs >= $1])])
PKG_CHECK_VAR([XVS_MOFC], [xvs], [mofc])
_XVS_DIR([pluginsdir], [plugins])
_XVS_DIR([schemadir], [schemas])
])

# _XVS_DIR(VARIABLE, WHAT)
# ------------------------
m4_define([_XVS_DIR], [
AC_ARG_WITH([xvs-$1],
    [AS_HELP_STRING([--with-xvs-$1=DIR], [where xvs looks for $2])],
    [xvs$1=$withval],
    [PKG_CHECK_VAR([xvs$1], [xvs], [$1])])
AC_SUBST([xvs$1])
])
