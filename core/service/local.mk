# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libservice.a
core_libservice_a_SOURCES = \
	core/service/committer.c core/service/committer.h \
	core/service/document.c core/service/document.h \
	core/service/journal.c core/service/journal.h \
	core/service/journal-format.c core/service/journal-format.h \
	core/service/store.c core/service/store.h \
	core/service/store-load.c core/service/store-load.h \
	core/service/store-payload.c
