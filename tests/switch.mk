# SPDX-License-Identifier: BSD-3-Clause

# Drives xvs-switch without xvsd.
check_PROGRAMS += switch-client
switch_client_SOURCES = switch/client.c switch/client.h switch/build.c
switch_client_LDADD = ../core/libcontrol.a ../core/libbase.a

switch_scripts = test-switch-traffic.sh
EXTRA_DIST += $(switch_scripts)
TESTS += $(switch_scripts)
