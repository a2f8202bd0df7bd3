# SPDX-License-Identifier: BSD-3-Clause

# The link of the management channel: frames, both ends of it.
wire_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/channel \
	-I$(top_srcdir)/plugins/channel/wire
wire_unit = unit/test-mux unit/test-mux-bulk unit/test-mux-cheat
check_PROGRAMS += $(wire_unit) fuzz/fuzz-mux
TESTS += $(wire_unit) fuzz/corpus-mux.sh
EXTRA_DIST += fuzz/corpus-mux.sh fuzz/corpus/mux
unit_test_mux_CPPFLAGS = $(wire_cppflags)
unit_test_mux_SOURCES = unit/test-mux.c unit/mux-pair.c unit/mux-pair.h \
	unit/unit.h
unit_test_mux_LDADD = ../plugins/channel/libchannel.a $(CUNIT_LIBS)
unit_test_mux_bulk_CPPFLAGS = $(wire_cppflags)
unit_test_mux_bulk_SOURCES = unit/test-mux-bulk.c unit/unit.h
unit_test_mux_bulk_LDADD = ../plugins/channel/libchannel.a $(CUNIT_LIBS)
unit_test_mux_cheat_CPPFLAGS = $(wire_cppflags)
unit_test_mux_cheat_SOURCES = unit/test-mux-cheat.c unit/mux-pair.c \
	unit/mux-pair.h unit/unit.h
unit_test_mux_cheat_LDADD = ../plugins/channel/libchannel.a $(CUNIT_LIBS)
fuzz_fuzz_mux_CPPFLAGS = $(wire_cppflags)
fuzz_fuzz_mux_SOURCES = fuzz/fuzz-mux.c $(FUZZ_MAIN)
fuzz_fuzz_mux_LDADD = ../plugins/channel/libchannel.a
fuzz_fuzz_mux_LDFLAGS = $(FUZZ_LDFLAGS)

# The link with a real agent: the one for tests has our sanitizers.
check_PROGRAMS += xvs-agent unit/test-link-mux
TESTS += unit/test-link-mux
xvs_agent_SOURCES =
xvs_agent_LDADD = ../plugins/channel/agent/libagent.a
unit_test_link_mux_CPPFLAGS = $(wire_cppflags)
unit_test_link_mux_SOURCES = unit/test-link-mux.c unit/agent-host.c \
	unit/agent-host.h unit/unit.h
unit_test_link_mux_LDADD = ../plugins/channel/libchannel.a $(CUNIT_LIBS)

TESTS += test-agent.sh test-channel-agent.sh
EXTRA_DIST += test-agent.sh test-channel-agent.sh
