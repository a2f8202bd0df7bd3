# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libstage.a
core_libstage_a_SOURCES = \
	core/stage/deliver.c core/stage/deliver.h core/stage/host.c \
	core/stage/host.h core/stage/inforce.c core/stage/inforce.h \
	core/stage/inline.c core/stage/partition.h core/stage/stage.c \
	core/stage/stage.h core/stage/task.c core/stage/task.h \
	core/stage/thread.c core/stage/thread.h \
	core/stage/call/call.c core/stage/call/call.h \
	core/stage/call/check.c core/stage/call/nested.c \
	core/stage/call/nested.h core/stage/call/telling.c \
	core/stage/call/telling.h \
	core/stage/chain/chain.c core/stage/chain/chain.h \
	core/stage/chain/chain-away.c core/stage/chain/chain-inside.h \
	core/stage/chain/chain-judge.c core/stage/chain/chain-tell.c \
	core/stage/chain/partners.c \
	core/stage/chain/partners.h core/stage/chain/rights.h \
	core/stage/chain/slice.c core/stage/chain/slice.h \
	core/stage/chain/undo.c core/stage/chain/undo.h \
	core/stage/domain/domain.c core/stage/domain/domain.h \
	core/stage/domain/domain-inside.h core/stage/domain/elf.c \
	core/stage/domain/elf.h core/stage/domain/gate.c \
	core/stage/domain/gate.h core/stage/domain/gate-say.c \
	core/stage/domain/heap.c core/stage/domain/heap.h \
	core/stage/domain/image.c core/stage/domain/image.h \
	core/stage/domain/keys.c core/stage/domain/keys.h \
	core/stage/domain/mend.c core/stage/domain/own.c \
	core/stage/domain/pages.h core/stage/domain/partition.c \
	core/stage/domain/rescue.c core/stage/domain/resident.c \
	core/stage/domain/scan.c core/stage/domain/scan.h \
	core/stage/domain/spare.c core/stage/domain/spares.c \
	core/stage/domain/support.c core/stage/domain/support.h \
	core/stage/domain/taking.c \
	core/stage/grant/connections.c core/stage/grant/connections.h \
	core/stage/grant/diag.c core/stage/grant/diag.h \
	core/stage/grant/grants.c core/stage/grant/grants.h \
	core/stage/grant/listeners.c core/stage/grant/listeners.h \
	core/stage/grant/opens.c core/stage/grant/unix-sockets.c \
	core/stage/grant/unix-sockets.h \
	core/stage/inside/crash.c core/stage/inside/crash.h \
	core/stage/inside/filter.c core/stage/inside/filter.h \
	core/stage/inside/flows.c core/stage/inside/hooks.c \
	core/stage/inside/host.c core/stage/inside/inside.c \
	core/stage/inside/inside.h core/stage/inside/keep.c \
	core/stage/inside/parts.c core/stage/inside/parts.h \
	core/stage/inside/root.c core/stage/inside/root.h \
	core/stage/inside/sandbox.c core/stage/inside/sandbox.h \
	core/stage/inside/sockets.c \
	core/stage/keep/here.c core/stage/keep/here.h core/stage/keep/keep.c \
	core/stage/keep/keep.h core/stage/keep/log.c core/stage/keep/log.h \
	core/stage/keep/segment.c core/stage/keep/segment.h \
	core/stage/lane/copies.c core/stage/lane/copies.h \
	core/stage/lane/lane-fault.c core/stage/lane/lane-forsaken.c \
	core/stage/lane/lane-poison.c core/stage/lane/lane-undo.c \
	core/stage/lane/lanes.c core/stage/lane/lanes.h \
	core/stage/lane/lanes-inside.h core/stage/lane/serve.c \
	core/stage/lane/serve.h core/stage/lane/share.c \
	core/stage/lane/share.h \
	core/stage/pair/attend.c core/stage/pair/member.c \
	core/stage/pair/mend.c core/stage/pair/pair.c core/stage/pair/pair.h \
	core/stage/pair/pair-inside.h core/stage/pair/partition.c \
	core/stage/pair/poison.c core/stage/pair/roster.c \
	core/stage/pair/roster.h \
	core/stage/plugin/description.c core/stage/plugin/description.h \
	core/stage/plugin/descriptor.c core/stage/plugin/descriptor.h \
	core/stage/plugin/plugin.c core/stage/plugin/plugin.h \
	core/stage/plugin/plugin-layout.c core/stage/plugin/plugin-scan.c \
	core/stage/plugin/probe.c core/stage/plugin/probe.h \
	core/stage/process/end.c core/stage/process/end.h \
	core/stage/process/filters.c core/stage/process/filters.h \
	core/stage/process/process.c core/stage/process/process.h \
	core/stage/process/schedule.c core/stage/process/schedule.h \
	core/stage/process/spawn.c core/stage/process/spawn.h \
	core/stage/process/usage.c core/stage/process/usage.h \
	core/stage/process/watch.c core/stage/process/watch.h
