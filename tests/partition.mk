# SPDX-License-Identifier: BSD-3-Clause

# Partitions: stages in processes of their own.
partition_unit = unit/test-flight unit/test-lanes
check_PROGRAMS += $(partition_unit)
TESTS += $(partition_unit)
unit_test_flight_SOURCES = unit/test-flight.c \
	unit/stage-process.c unit/stage-process.h unit/unit.h
unit_test_flight_LDADD = ../core/libswitch.a ../core/libstage.a \
	../core/libtap.a ../core/libport.a ../core/libcontrol.a \
	../core/libmarshal.a ../core/libpacket.a ../core/libbase.a \
	$(URCU_LIBS) $(LIBFFI_LIBS) $(PCAP_LIBS) $(CUNIT_LIBS) -ldl -lpthread
unit_test_lanes_SOURCES = unit/test-lanes.c \
	unit/stage-process.c unit/stage-process.h unit/unit.h
unit_test_lanes_LDADD = ../core/libstage.a ../core/libpacket.a \
	../core/libbase.a $(URCU_LIBS) $(CUNIT_LIBS) -lpthread
