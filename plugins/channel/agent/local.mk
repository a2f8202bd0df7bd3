# SPDX-License-Identifier: BSD-3-Clause
# xvs-agent runs in guests of any kind, so it is static and small: built with
# musl, whatever C library everything else has.  (Not with -Os, which copies by
# "rep movsb", nor with vectors: emulated guests are slow at both.)
agent_dir = $(srcdir)/plugins/channel/agent
agent_wire = $(srcdir)/plugins/channel/wire
agent_sources = $(agent_dir)/door.c $(agent_dir)/inner.c \
	$(agent_dir)/link.c \
	$(agent_dir)/local.c $(agent_dir)/loop.c \
	$(agent_dir)/main.c $(agent_dir)/offer.c $(agent_dir)/options.c \
	$(agent_dir)/stream.c $(agent_wire)/mux.c $(agent_wire)/mux-input.c \
	$(agent_wire)/mux-output.c $(agent_wire)/mux-stream.c
agent_headers = $(agent_dir)/agent.h $(agent_wire)/mux.h \
	$(agent_wire)/mux-inside.h config.h

if HAVE_MUSL
sbin_SCRIPTS = xvs-agent
dist_man_MANS += plugins/channel/agent/xvs-agent.8
systemdsystemunit_DATA += conf/xvs-agent.service
dist_sysconf_DATA = conf/xvs-agent.conf
endif
CLEANFILES += xvs-agent
EXTRA_DIST += conf/xvs-agent.service.in conf/xvs-agent.init

xvs-agent: $(agent_sources) $(agent_headers)
	$(AM_V_CCLD)$(MUSL_CC) -std=gnu11 -D_GNU_SOURCE -O2 \
	  -fno-tree-vectorize \
	  -ffunction-sections -fdata-sections $(XVS_WARNINGS) \
	  -I$(builddir) -I$(agent_wire) -static -s -Wl,--gc-sections \
	  -o $@ $(agent_sources)

# The same with our compiler, for tests: with sanitizers where they are asked
# for.
noinst_LIBRARIES += plugins/channel/agent/libagent.a
plugins_channel_agent_libagent_a_CPPFLAGS = -D_GNU_SOURCE -I$(builddir) \
	-I$(agent_wire)
plugins_channel_agent_libagent_a_SOURCES = plugins/channel/agent/agent.h \
	plugins/channel/agent/door.c plugins/channel/agent/inner.c \
	plugins/channel/agent/link.c \
	plugins/channel/agent/local.c \
	plugins/channel/agent/loop.c plugins/channel/agent/main.c \
	plugins/channel/agent/offer.c plugins/channel/agent/options.c \
	plugins/channel/agent/stream.c plugins/channel/wire/mux.c \
	plugins/channel/wire/mux-input.c plugins/channel/wire/mux-output.c \
	plugins/channel/wire/mux-stream.c plugins/channel/wire/mux.h \
	plugins/channel/wire/mux-inside.h
