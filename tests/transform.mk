# SPDX-License-Identifier: BSD-3-Clause
# The extensions compress and encrypt, and the chain of both.
transform_host = unit/transform-host.c unit/transform-host.h
compress_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/compress \
	-I$(top_builddir)/plugins/compress -I$(top_srcdir)/tests/unit
compress_libs = ../plugins/compress/libcompress.a ../core/libpacket.a \
	$(LZ4_LIBS)
encrypt_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/encrypt \
	-I$(top_builddir)/plugins/encrypt -I$(top_srcdir)/tests/unit
encrypt_libs = ../plugins/encrypt/libencrypt.a ../core/libpacket.a \
	$(NETTLE_LIBS)
transform_programs = unit/test-compress unit/test-encrypt
check_PROGRAMS += $(transform_programs)
TESTS += $(transform_programs) test-encrypt.sh test-worked-example.sh
EXTRA_DIST += test-encrypt.sh test-worked-example.sh
unit_test_compress_CPPFLAGS = $(compress_flags)
unit_test_compress_SOURCES = unit/test-compress.c unit/unit.h $(transform_host)
unit_test_compress_LDADD = $(compress_libs) $(CUNIT_LIBS)
unit_test_encrypt_CPPFLAGS = $(encrypt_flags)
unit_test_encrypt_SOURCES = unit/test-encrypt.c unit/unit.h $(transform_host)
unit_test_encrypt_LDADD = $(encrypt_libs) $(CUNIT_LIBS)
check_PROGRAMS += fuzz/fuzz-compress fuzz/fuzz-encrypt
TESTS += fuzz/corpus-compress.sh fuzz/corpus-encrypt.sh
EXTRA_DIST += fuzz/corpus/compress fuzz/corpus-compress.sh \
	fuzz/corpus/encrypt fuzz/corpus-encrypt.sh
fuzz_fuzz_compress_CPPFLAGS = $(compress_flags)
fuzz_fuzz_compress_SOURCES = fuzz/fuzz-compress.c $(transform_host) \
	$(FUZZ_MAIN)
fuzz_fuzz_compress_LDADD = $(compress_libs)
fuzz_fuzz_compress_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_encrypt_CPPFLAGS = $(encrypt_flags)
fuzz_fuzz_encrypt_SOURCES = fuzz/fuzz-encrypt.c $(transform_host) \
	$(FUZZ_MAIN)
fuzz_fuzz_encrypt_LDADD = $(encrypt_libs)
fuzz_fuzz_encrypt_LDFLAGS = $(FUZZ_LDFLAGS)
