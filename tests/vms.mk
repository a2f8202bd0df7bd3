# SPDX-License-Identifier: BSD-3-Clause

# VMs behind the management channel: which there are, who may reach them.
vm_flags = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/channel
vm_unit = unit/test-channel-rules unit/test-channel-services unit/test-dns \
	unit/test-vm-map
check_PROGRAMS += $(vm_unit)
TESTS += $(vm_unit)
unit_test_channel_rules_CPPFLAGS = $(vm_flags)
unit_test_channel_rules_SOURCES = unit/test-channel-rules.c unit/unit.h
unit_test_channel_rules_LDADD = ../plugins/channel/libchannel.a \
	$(NETTLE_LIBS) $(CUNIT_LIBS)
unit_test_channel_services_CPPFLAGS = $(vm_flags)
unit_test_channel_services_SOURCES = unit/test-channel-services.c unit/unit.h
unit_test_channel_services_LDADD = ../plugins/channel/libchannel.a \
	$(CUNIT_LIBS)
unit_test_dns_CPPFLAGS = $(vm_flags)
unit_test_dns_SOURCES = unit/test-dns.c unit/unit.h
unit_test_dns_LDADD = ../plugins/channel/libchannel.a $(CUNIT_LIBS)
unit_test_vm_map_CPPFLAGS = $(vm_flags)
unit_test_vm_map_SOURCES = unit/test-vm-map.c unit/unit.h
unit_test_vm_map_LDADD = ../plugins/channel/libchannel.a $(CUNIT_LIBS)
check_PROGRAMS += fuzz/fuzz-dns
TESTS += fuzz/corpus-dns.sh
EXTRA_DIST += fuzz/corpus-dns.sh fuzz/corpus/dns
fuzz_fuzz_dns_CPPFLAGS = $(vm_flags)
fuzz_fuzz_dns_SOURCES = fuzz/fuzz-dns.c $(FUZZ_MAIN)
fuzz_fuzz_dns_LDADD = ../plugins/channel/libchannel.a
fuzz_fuzz_dns_LDFLAGS = $(FUZZ_LDFLAGS)

vm_scripts = test-channel.sh test-vm-many.sh
EXTRA_DIST += $(vm_scripts) many-vms.sh bench/bench-vms.sh
TESTS += $(vm_scripts)
