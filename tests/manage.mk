# SPDX-License-Identifier: BSD-3-Clause
manage_libs = ../core/libmanage.a ../core/libobject.a ../core/libschema.a \
	../core/libbase.a $(LIBXML_LIBS) $(GNUTLS_LIBS) $(LIBS) -lpthread -lm

check_PROGRAMS += unit/fake-host
unit_fake_host_SOURCES = unit/fake-host.c unit/fake-service.c \
	unit/fake-service.h
unit_fake_host_LDADD = $(manage_libs)
