# SPDX-License-Identifier: BSD-3-Clause
# Scripts that drive the whole: daemons, command, plugins, ports.
feature_tests = test-first-switch.sh test-settings.sh test-restart.sh \
	test-transaction.sh test-plugins.sh test-config.sh test-monitor.sh \
	test-privileges.sh test-schema.sh test-tap.sh test-pipe.sh \
	test-pcap.sh
TESTS += $(feature_tests)
EXTRA_DIST += $(feature_tests) check-layers.sh check-docs.sh \
	check-analysis.sh fuzz/one.sh fuzz/run.sh fuzz/replay.c

# What has threads, for a build with --enable-sanitizer=thread.
thread_units = unit/test-loop unit/test-log unit/test-store \
	unit/test-acl-threads unit/test-guard-threads unit/test-lanes \
	unit/test-pool \
	unit/test-snoop-table unit/test-snoop-threads unit/test-thread \
	unit/test-workers unit/test-egress
thread_scripts = test-settings.sh test-restart.sh test-transaction.sh \
	test-acl.sh test-switch-traffic.sh test-switch-stages.sh \
	test-snoop.sh test-pipe.sh test-pcap.sh test-failover.sh
.PHONY: check-threads
check-threads: $(thread_units)
	$(MAKE) $(filter-out unit/% fuzz/% bench/%,$(check_PROGRAMS))
	$(MAKE) check-TESTS check_PROGRAMS= \
		TESTS="$(thread_units) $(thread_scripts)"

# Fuzz targets at length, beside other work:
#     make -C tests fuzz-long [FUZZ_TARGETS='mux dns'] [FUZZ_RUNS=N]
# FUZZ_SECONDS is then the most that each may take, FUZZ_FAST=yes a build that
# is faster and sees less; see fuzz/run.sh.
FUZZ_RUNS = 100000000
FUZZ_TARGETS = channel-client channel-http channel-http2 channel-line \
	connect dns mux
.PHONY: fuzz-long
fuzz-long:
	cd $(abs_top_builddir) && FUZZ_RUNS='$(FUZZ_RUNS)' \
		FUZZ_SECONDS='$(FUZZ_SECONDS)' FUZZ_FAST='$(FUZZ_FAST)' \
		FUZZ_REPORT="$${FUZZ_REPORT:-60}" nice -n 19 \
		sh $(abs_top_srcdir)/tests/fuzz/run.sh $(abs_top_srcdir) \
		$(FUZZ_TARGETS)
