# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libstage.a
core_libstage_a_SOURCES = \
	core/stage/chain.c core/stage/chain.h \
	core/stage/chain-away.c core/stage/chain-inside.h \
	core/stage/chain-tell.c \
	core/stage/partners.c core/stage/partners.h \
	core/stage/slice.c core/stage/slice.h \
	core/stage/deliver.c core/stage/deliver.h \
	core/stage/domain/domain.c core/stage/domain/domain.h \
	core/stage/domain/domain-inside.h \
	core/stage/domain/elf.c core/stage/domain/elf.h \
	core/stage/domain/gate.c core/stage/domain/gate.h \
	core/stage/domain/gate-say.c \
	core/stage/domain/heap.c core/stage/domain/heap.h \
	core/stage/domain/image.c core/stage/domain/image.h \
	core/stage/domain/mend.c \
	core/stage/domain/own.c \
	core/stage/domain/rescue.c \
	core/stage/domain/resident.c core/stage/domain/taking.c \
	core/stage/domain/keys.c core/stage/domain/keys.h \
	core/stage/domain/pages.h \
	core/stage/domain/partition.c \
	core/stage/domain/scan.c core/stage/domain/scan.h \
	core/stage/domain/spare.c core/stage/domain/spares.c \
	core/stage/domain/support.c core/stage/domain/support.h \
	core/stage/description.c core/stage/description.h \
	core/stage/descriptor.c core/stage/descriptor.h \
	core/stage/host.c core/stage/host.h \
	core/stage/inline.c core/stage/partition.h \
	core/stage/inforce.c core/stage/inforce.h \
	core/stage/plugin.c core/stage/plugin.h core/stage/plugin-layout.c \
	core/stage/plugin-scan.c \
	core/stage/rights.h \
	core/stage/inside/crash.c core/stage/inside/crash.h \
	core/stage/inside/filter.c core/stage/inside/filter.h \
	core/stage/inside/flows.c \
	core/stage/inside/hooks.c core/stage/inside/host.c \
	core/stage/inside/inside.c core/stage/inside/inside.h \
	core/stage/inside/keep.c \
	core/stage/keep/keep.c core/stage/keep/keep.h \
	core/stage/keep/here.c core/stage/keep/here.h \
	core/stage/keep/log.c core/stage/keep/log.h \
	core/stage/keep/segment.c core/stage/keep/segment.h \
	core/stage/inside/parts.c core/stage/inside/parts.h \
	core/stage/inside/root.c core/stage/inside/root.h \
	core/stage/inside/sandbox.c core/stage/inside/sandbox.h \
	core/stage/inside/sockets.c \
	core/stage/process/call.c core/stage/process/call.h \
	core/stage/process/check.c \
	core/stage/process/copies.c core/stage/process/copies.h \
	core/stage/process/end.c core/stage/process/end.h \
	core/stage/process/attend.c \
	core/stage/process/member.c core/stage/process/mend.c \
	core/stage/process/opens.c \
	core/stage/process/filters.c core/stage/process/filters.h \
	core/stage/process/connections.c \
	core/stage/process/connections.h \
	core/stage/process/diag.c core/stage/process/diag.h \
	core/stage/process/unix-sockets.c \
	core/stage/process/unix-sockets.h \
	core/stage/process/grants.c core/stage/process/grants.h \
	core/stage/process/listeners.c core/stage/process/listeners.h \
	core/stage/process/nested.c core/stage/process/nested.h \
	core/stage/process/pair.c core/stage/process/pair.h \
	core/stage/process/pair-inside.h \
	core/stage/process/poison.c core/stage/process/lane-poison.c \
	core/stage/process/partition.c \
	core/stage/process/process.c core/stage/process/process.h \
	core/stage/process/roster.c core/stage/process/roster.h \
	core/stage/process/spawn.c core/stage/process/spawn.h \
	core/stage/process/telling.c core/stage/process/telling.h \
	core/stage/process/watch.c core/stage/process/watch.h \
	core/stage/probe.c core/stage/probe.h \
	core/stage/process/lanes.c core/stage/process/lanes.h \
	core/stage/process/lanes-inside.h core/stage/process/lane-fault.c \
	core/stage/process/lane-forsaken.c core/stage/process/lane-undo.c \
	core/stage/process/schedule.c core/stage/process/schedule.h \
	core/stage/process/serve.c core/stage/process/serve.h \
	core/stage/process/share.c core/stage/process/share.h \
	core/stage/process/usage.c core/stage/process/usage.h \
	core/stage/stage.c core/stage/stage.h \
	core/stage/task.c core/stage/task.h \
	core/stage/thread.c core/stage/thread.h \
	core/stage/undo.c core/stage/undo.h
