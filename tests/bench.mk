# SPDX-License-Identifier: BSD-3-Clause
# "make bench": what is measured, and the script that runs all of it.
EXTRA_PROGRAMS += bench/bench-durable
bench_bench_durable_SOURCES = bench/bench-durable.c
EXTRA_DIST += bench/run.sh
EXTRA_PROGRAMS += bench/bench-acl
bench_bench_acl_CPPFLAGS = $(acl_flags)
bench_bench_acl_SOURCES = bench/bench-acl.c $(acl_linear)
bench_bench_acl_LDADD = ../plugins/acl/libacl.a ../core/libpacket.a
EXTRA_DIST += bench/times.h
EXTRA_PROGRAMS += bench/bench-vm-map
bench_bench_vm_map_CPPFLAGS = $(vm_flags)
bench_bench_vm_map_SOURCES = bench/bench-vm-map.c
bench_bench_vm_map_LDADD = ../plugins/channel/libchannel.a
EXTRA_PROGRAMS += bench/bench-grants
bench_bench_grants_SOURCES = bench/bench-grants.c unit/grant-setting.c \
	unit/grant-setting.h
bench_bench_grants_LDADD = $(grants_libs)
EXTRA_PROGRAMS += bench/bench-forward
bench_bench_forward_CPPFLAGS = $(acl_flags)
bench_bench_forward_SOURCES = bench/bench-forward.c \
	bench/partition/touch.h unit/acl-host.c unit/acl-host.h
bench_bench_forward_LDADD = ../plugins/acl/libacl.a \
	../core/libswitch.a ../core/libstage.a ../core/libtap.a \
	../core/libport.a ../core/libcontrol.a ../core/libmarshal.a \
	../core/libpacket.a ../core/libbase.a $(URCU_LIBS) $(LIBFFI_LIBS) \
	$(PCAP_LIBS) -ldl -lpthread
bench_partition = bench/bench-partition bench/partition/touch.so \
	bench/partition/fail.so
EXTRA_PROGRAMS += $(bench_partition)
bench_bench_partition_SOURCES = bench/partition/main.c \
	bench/partition/cost.c bench/partition/cost.h \
	bench/partition/domain.c bench/partition/domain.h \
	bench/partition/fail.h bench/partition/faults.c \
	bench/partition/faults.h bench/partition/gaps.c \
	bench/partition/gaps.h bench/partition/lab.c bench/partition/lab.h \
	bench/partition/process.c bench/partition/rights.c \
	bench/partition/rights.h bench/partition/touch.h
bench_bench_partition_LDADD = $(unit_test_flight_LDADD)
bench_partition_touch_so_SOURCES = bench/partition/touch.c
bench_partition_touch_so_CFLAGS = $(plugin_cflags) -O2
bench_partition_touch_so_LDFLAGS = -shared
bench_partition_fail_so_SOURCES = bench/partition/touch.c
bench_partition_fail_so_CFLAGS = $(plugin_cflags) -O2 -DFAILING
bench_partition_fail_so_LDFLAGS = -shared

# The data path: guests that cost little, the least switch there can be, and
# kernel interfaces without any.  See bench/data.sh.
data_programs = bench/data/vgen bench/data/least bench/data/kport \
	bench/data/xdploop
data_flags = -O3 -march=native $(AM_CFLAGS)
data_vhost = bench/data/vhost.c bench/data/vhost.h
EXTRA_PROGRAMS += $(data_programs)
EXTRA_DIST += bench/data.sh bench/data/goals bench/data/kernel.sh \
	bench/data/measure.sh bench/data/own.sh bench/data/summary.awk \
	bench/data/touch.c \
	bench/data/vhost.sh
bench_data_vgen_SOURCES = bench/data/guest.c bench/data/guest.h \
	bench/data/guest-open.c bench/data/sample.c bench/data/sample.h \
	bench/data/vgen.c $(data_vhost)
bench_data_vgen_CFLAGS = $(data_flags)
bench_data_least_SOURCES = bench/data/least.c $(data_vhost)
bench_data_least_CFLAGS = $(data_flags)
bench_data_kport_SOURCES = bench/data/kport.c $(data_vhost)
bench_data_kport_CFLAGS = $(data_flags)
bench_data_xdploop_SOURCES = bench/data/xdploop.c $(data_vhost)
bench_data_xdploop_CFLAGS = $(data_flags)
bench_data_xdploop_LDADD = ../core/libport.a ../core/libbase.a

.PHONY: bench bench-data
bench-data: $(data_programs)
	$(AM_TESTS_ENVIRONMENT) sh $(srcdir)/bench/data.sh $(CASES)

bench: bench/bench-acl bench/bench-durable bench/bench-cim \
	bench/bench-forward bench/bench-grants bench/bench-guard \
	bench/bench-marshal $(bench_partition) bench/bench-vm-map \
	bench/bench-xml \
	bench-data
	$(AM_TESTS_ENVIRONMENT) sh $(srcdir)/bench/run.sh

# How long no frame comes when processes of a stage end.
OUTAGE_ROUNDS = 50
EXTRA_DIST += bench/outage.py bench/outage.sh
.PHONY: bench-outage
bench-outage: $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) OUTAGE_ROUNDS='$(OUTAGE_ROUNDS)' \
		sh $(srcdir)/bench/outage.sh

# Stages in domains with real keys, in an emulated guest.
EXTRA_DIST += lab/domain-bench.sh
.PHONY: domain-bench
domain-bench: $(check_PROGRAMS) $(bench_partition)
	$(AM_TESTS_ENVIRONMENT) DOMAIN_FAULTS='$(DOMAIN_FAULTS)' \
		sh $(srcdir)/lab/domain-bench.sh

# The management channel beside other proxies.
EXTRA_DIST += bench/bench-channel.sh
bench_channel_load_SOURCES = bench/channel/load.c bench/channel/load.h \
	bench/channel/load-ceiling.c bench/channel/load-device.c \
	bench/channel/load-many.c \
	bench/channel/load-measure.c bench/channel/load-relay.c \
	bench/channel/load-server.c
bench_channel_load_CFLAGS = -O2 $(AM_CFLAGS)
.PHONY: bench-channel
bench-channel: bench/channel/load
	$(AM_TESTS_ENVIRONMENT) CASES='$(CASES)' FIGURES='$(FIGURES)' \
		sh $(srcdir)/bench/bench-channel.sh

# The same in guests, beside a bare serial port.
EXTRA_DIST += bench/bench-channel-vm.sh
.PHONY: bench-channel-vm
bench-channel-vm:
	$(AM_TESTS_ENVIRONMENT) WAYS='$(WAYS)' \
		sh $(srcdir)/bench/bench-channel-vm.sh
