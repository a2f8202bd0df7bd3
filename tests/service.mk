# SPDX-License-Identifier: BSD-3-Clause
check_PROGRAMS += unit/test-store
TESTS += unit/test-store
unit_test_store_SOURCES = unit/test-store.c
unit_test_store_LDADD = ../core/libservice.a ../core/libbase.a $(CUNIT_LIBS)

check_PROGRAMS += unit/test-config-text
TESTS += unit/test-config-text
unit_test_config_text_SOURCES = unit/test-config-text.c
unit_test_config_text_LDADD = ../core/libservice.a ../core/libobject.a \
	../core/libschema.a ../core/libbase.a $(LIBCONFIG_LIBS) \
	$(EXPAT_LIBS) $(CUNIT_LIBS) -lm

check_PROGRAMS += fuzz/fuzz-state
TESTS += fuzz/corpus-state.sh
EXTRA_DIST += fuzz/corpus/state fuzz/corpus-state.sh
fuzz_fuzz_state_SOURCES = fuzz/fuzz-state.c $(FUZZ_MAIN)
fuzz_fuzz_state_LDADD = ../core/libservice.a ../core/libbase.a
fuzz_fuzz_state_LDFLAGS = $(FUZZ_LDFLAGS)

check_PROGRAMS += fuzz/fuzz-config
TESTS += fuzz/corpus-config.sh
EXTRA_DIST += fuzz/corpus/config fuzz/corpus-config.sh
fuzz_fuzz_config_SOURCES = fuzz/fuzz-config.c $(FUZZ_MAIN)
fuzz_fuzz_config_LDADD = ../core/libservice.a ../core/libcontrol.a \
	../core/libmarshal.a \
	../core/libobject.a ../core/libschema.a ../core/libbase.a \
	$(LIBCONFIG_LIBS) $(EXPAT_LIBS) $(LIBFFI_LIBS) -lm
fuzz_fuzz_config_LDFLAGS = $(FUZZ_LDFLAGS)

# Files of packets that ended processes, read back.
check_PROGRAMS += fuzz/fuzz-kept
EXTRA_DIST += fuzz/corpus/kept
fuzz_fuzz_kept_SOURCES = fuzz/fuzz-kept.c $(FUZZ_MAIN)
fuzz_fuzz_kept_LDADD = ../core/libservice.a ../core/libtap.a ../core/libbase.a
fuzz_fuzz_kept_LDFLAGS = $(FUZZ_LDFLAGS)

service_tests = test-absent-extension.sh test-absent-port.sh \
	test-bad-input.sh \
	test-change-events.sh test-crash.sh test-full-disk.sh \
	test-keeper.sh test-secret.sh test-units.sh
TESTS += $(service_tests)
EXTRA_DIST += $(service_tests)
