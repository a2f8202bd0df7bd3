# SPDX-License-Identifier: BSD-3-Clause
# "make bench": what is measured, and the script that runs all of it.
EXTRA_PROGRAMS += bench/bench-durable
bench_bench_durable_SOURCES = bench/bench-durable.c
EXTRA_DIST += bench/run.sh

.PHONY: bench
bench: bench/bench-durable bench/bench-cim bench/bench-marshal bench/bench-xml
	$(AM_TESTS_ENVIRONMENT) sh $(srcdir)/bench/run.sh
