# SPDX-License-Identifier: BSD-3-Clause
# xvs-connect: what it reads, and what it does with proxies good and bad.
connect_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/channel/connect
connect_libs = ../plugins/channel/connect/libconnect.a

check_PROGRAMS += unit/test-connect fuzz/fuzz-connect
TESTS += unit/test-connect fuzz/corpus-connect.sh test-connect.sh
EXTRA_DIST += fuzz/corpus-connect.sh fuzz/corpus/connect test-connect.sh \
	connect-peer.sh
unit_test_connect_CPPFLAGS = $(connect_flags)
unit_test_connect_SOURCES = unit/test-connect.c unit/unit.h
unit_test_connect_LDADD = $(connect_libs) $(CUNIT_LIBS)
fuzz_fuzz_connect_CPPFLAGS = $(connect_flags)
fuzz_fuzz_connect_SOURCES = fuzz/fuzz-connect.c $(FUZZ_MAIN)
fuzz_fuzz_connect_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_connect_LDADD = $(connect_libs)
