# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libservice.a
core_libservice_a_SOURCES = \
	core/service/change.c core/service/change.h \
	core/service/change-extension.c \
	core/service/change-port.c \
	core/service/change-schema.c core/service/schema-watch.h \
	core/service/change-settings.c \
	core/service/change-stage.c \
	core/service/change-switch.c \
	core/service/committer.c core/service/committer.h \
	core/service/config-name.h core/service/config-read.c \
	core/service/config-text.c core/service/config-text.h \
	core/service/cursor.c core/service/cursor.h \
	core/service/cursor-settings.c \
	core/service/document.c core/service/document.h \
	core/service/events.c core/service/events.h \
	core/service/import.c \
	core/service/index.c core/service/index.h \
	core/service/internal.h \
	core/service/journal.c core/service/journal.h \
	core/service/journal-format.c core/service/journal-format.h \
	core/service/links.c \
	core/service/load.c core/service/persist.c core/service/persist.h \
	core/service/host-methods.c core/service/host-methods.h \
	core/service/method.c \
	core/service/objects.c core/service/objects.h \
	core/service/objects-stage.c \
	core/service/peer.c core/service/peer.h \
	core/service/plan.c core/service/plan.h \
	core/service/read-entry.c \
	core/service/reconcile.c core/service/reconcile.h \
	core/service/reconcile-remove.c \
	core/service/reconcile-settings.c \
	core/service/request.c core/service/request.h \
	core/service/service.c core/service/service.h \
	core/service/setting-judge.c core/service/setting-judge.h \
	core/service/settings.c core/service/settings.h \
	core/service/snapshot.c core/service/snapshot.h \
	core/service/state.c core/service/state.h \
	core/service/status.c \
	core/service/store.c core/service/store.h \
	core/service/store-load.c core/service/store-load.h \
	core/service/store-payload.c \
	core/service/switch-events.c core/service/switch-events.h \
	core/service/transfer.c
