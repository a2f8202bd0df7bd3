# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libstage.a
core_libstage_a_SOURCES = \
	core/stage/chain.c core/stage/chain.h \
	core/stage/deliver.c core/stage/deliver.h \
	core/stage/descriptor.c core/stage/descriptor.h \
	core/stage/host.c core/stage/host.h \
	core/stage/inline.c core/stage/partition.h \
	core/stage/inforce.c core/stage/inforce.h \
	core/stage/plugin.c core/stage/plugin.h \
	core/stage/probe.c core/stage/probe.h \
	core/stage/process/lanes.c core/stage/process/lanes.h \
	core/stage/process/serve.c core/stage/process/serve.h \
	core/stage/process/share.c core/stage/process/share.h \
	core/stage/stage.c core/stage/stage.h \
	core/stage/task.c core/stage/task.h \
	core/stage/thread.c core/stage/thread.h
