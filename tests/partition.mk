# SPDX-License-Identifier: BSD-3-Clause

# Partitions: stages in processes of their own.
check_PROGRAMS += unit/test-lanes
TESTS += unit/test-lanes
unit_test_lanes_SOURCES = unit/test-lanes.c unit/unit.h
unit_test_lanes_LDADD = ../core/libstage.a ../core/libpacket.a \
	../core/libbase.a $(URCU_LIBS) $(CUNIT_LIBS) -lpthread
