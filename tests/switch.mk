# SPDX-License-Identifier: BSD-3-Clause

# Drives xvs-switch without xvsd: knows schemas, as xvsd does.
check_PROGRAMS += switch-client
switch_client_SOURCES = switch/build.c switch/client.c switch/client.h \
	switch/method.c switch/schema.c
switch_client_LDADD = ../core/libcontrol.a ../core/libmarshal.a \
	../core/libobject.a ../core/libschema.a ../core/libbase.a \
	$(EXPAT_LIBS) $(LIBFFI_LIBS)

check_PROGRAMS += switch-seal
switch_seal_SOURCES = switch/seal.c
switch_seal_LDADD = ../core/libbase.a

check_PROGRAMS += switch-frame
switch_frame_SOURCES = switch/frame.c switch/frame.h switch/stream.c
switch_frame_LDADD = ../core/libbase.a

check_PROGRAMS += pipe-liar pipe-peer
pipe_liar_SOURCES = switch/pipe-liar.c
pipe_liar_LDADD = ../core/libbase.a
pipe_peer_SOURCES = switch/pipe-peer.c
pipe_peer_LDADD = ../libxvs-pipe.a ../core/libbase.a

# Plays guests behind vhost-user ports.
check_PROGRAMS += vhost-guest
vhost_guest_SOURCES = switch/front-end.c switch/front-end.h \
	switch/traffic.c switch/traffic.h switch/vhost-guest.c \
	unit/virtio-driver.c unit/virtio-driver.h

# Extensions that break the contract, each in its own way.
plugin_cflags = $(AM_CFLAGS) -fPIC
check_PROGRAMS += plugins/bad-status.so plugins/crash-init.so \
	plugins/hang-setting.so plugins/nested.so plugins/no-symbol.so plugins/raw-oid.so plugins/secret.so \
	plugins/veto.so plugins/wrong-abi.so plugins/wrong-hash.so
plugins_bad_status_so_SOURCES = plugins/bad-status.c
nodist_plugins_bad_status_so_SOURCES = plugins/bad-status.h
plugins_bad_status_so_CFLAGS = $(plugin_cflags)
plugins_bad_status_so_LDFLAGS = -shared
plugins_crash_init_so_SOURCES = plugins/crash-init.c
plugins_crash_init_so_CFLAGS = $(plugin_cflags)
plugins_crash_init_so_LDFLAGS = -shared
plugins_hang_setting_so_SOURCES = plugins/hang-setting.c
nodist_plugins_hang_setting_so_SOURCES = plugins/hang-setting.h
plugins_hang_setting_so_CFLAGS = $(plugin_cflags)
plugins_hang_setting_so_LDFLAGS = -shared
plugins_nested_so_SOURCES = plugins/nested.c
nodist_plugins_nested_so_SOURCES = plugins/nested.h
plugins_nested_so_CFLAGS = $(plugin_cflags)
plugins_nested_so_LDFLAGS = -shared
plugins_no_symbol_so_SOURCES = plugins/no-symbol.c
plugins_no_symbol_so_CFLAGS = $(plugin_cflags)
plugins_no_symbol_so_LDFLAGS = -shared
plugins_raw_oid_so_SOURCES = plugins/raw-oid.c
nodist_plugins_raw_oid_so_SOURCES = plugins/raw-oid.h
plugins_raw_oid_so_CFLAGS = $(plugin_cflags)
plugins_raw_oid_so_LDFLAGS = -shared
plugins_secret_so_SOURCES = plugins/secret.c
nodist_plugins_secret_so_SOURCES = plugins/secret.h
plugins_secret_so_CFLAGS = $(plugin_cflags)
plugins_secret_so_LDFLAGS = -shared
plugins_veto_so_SOURCES = plugins/veto.c
nodist_plugins_veto_so_SOURCES = plugins/veto.h
plugins_veto_so_CFLAGS = $(plugin_cflags)
plugins_veto_so_LDFLAGS = -shared
plugins_wrong_abi_so_SOURCES = plugins/wrong-abi.c
plugins_wrong_abi_so_CFLAGS = $(plugin_cflags)
plugins_wrong_abi_so_LDFLAGS = -shared
plugins_wrong_hash_so_SOURCES = plugins/wrong-hash.c
nodist_plugins_wrong_hash_so_SOURCES = plugins/wrong-hash.h
plugins_wrong_hash_so_CFLAGS = $(plugin_cflags)
plugins_wrong_hash_so_LDFLAGS = -shared

# Versions of one extension, and wishes about places.
check_PROGRAMS += plugins/mark.so plugins/mark-2.so plugins/mark-bad.so
plugins_mark_so_SOURCES = plugins/mark.c
plugins_mark_so_CFLAGS = $(plugin_cflags)
plugins_mark_so_LDFLAGS = -shared
plugins_mark_2_so_SOURCES = plugins/mark.c
plugins_mark_2_so_CPPFLAGS = $(AM_CPPFLAGS) -DMARK_TOS=0x10 \
	-DMARK_VERSION=0x0200
plugins_mark_2_so_CFLAGS = $(plugin_cflags)
plugins_mark_2_so_LDFLAGS = -shared
plugins_mark_bad_so_SOURCES = plugins/mark.c
plugins_mark_bad_so_CPPFLAGS = $(AM_CPPFLAGS) -DMARK_REFUSES
plugins_mark_bad_so_CFLAGS = $(plugin_cflags)
plugins_mark_bad_so_LDFLAGS = -shared
check_PROGRAMS += plugins/order-a.so plugins/order-b.so \
	plugins/order-c.so plugins/order-d.so
plugins_order_a_so_SOURCES = plugins/order.c
plugins_order_a_so_CPPFLAGS = $(AM_CPPFLAGS) -DORDER_NUMBER=1 \
	-DORDER_CLASS=XVS_CLASS_FILTER -DORDER_NAME='"order-a"' \
	-DORDER_BEFORE='"order-b"' -DORDER_AFTER=NULL
plugins_order_a_so_CFLAGS = $(plugin_cflags)
plugins_order_a_so_LDFLAGS = -shared
plugins_order_b_so_SOURCES = plugins/order.c
plugins_order_b_so_CPPFLAGS = $(AM_CPPFLAGS) -DORDER_NUMBER=2 \
	-DORDER_CLASS=XVS_CLASS_FILTER -DORDER_NAME='"order-b"' \
	-DORDER_BEFORE=NULL -DORDER_AFTER=NULL
plugins_order_b_so_CFLAGS = $(plugin_cflags)
plugins_order_b_so_LDFLAGS = -shared
plugins_order_c_so_SOURCES = plugins/order.c
plugins_order_c_so_CPPFLAGS = $(AM_CPPFLAGS) -DORDER_NUMBER=3 \
	-DORDER_CLASS=XVS_CLASS_FILTER -DORDER_NAME='"order-c"' \
	-DORDER_BEFORE='"order-a"' -DORDER_AFTER='"order-b"'
plugins_order_c_so_CFLAGS = $(plugin_cflags)
plugins_order_c_so_LDFLAGS = -shared
plugins_order_d_so_SOURCES = plugins/order.c
plugins_order_d_so_CPPFLAGS = $(AM_CPPFLAGS) -DORDER_NUMBER=4 \
	-DORDER_CLASS=XVS_CLASS_CAPTURE -DORDER_NAME='"order-d"' \
	-DORDER_BEFORE=NULL -DORDER_AFTER='"mark"'
plugins_order_d_so_CFLAGS = $(plugin_cflags)
plugins_order_d_so_LDFLAGS = -shared

plugin_schemas = plugins/bad-status.mof plugins/hang-setting.mof \
	plugins/nested.mof \
	plugins/raw-oid.mof plugins/secret.mof plugins/veto.mof \
	plugins/wrong-hash.mof
plugin_headers = $(plugin_schemas:.mof=.h)
EXTRA_DIST += $(plugin_schemas)
CLEANFILES += $(plugin_headers)
$(plugins_bad_status_so_OBJECTS): plugins/bad-status.h
$(plugins_hang_setting_so_OBJECTS): plugins/hang-setting.h
$(plugins_nested_so_OBJECTS): plugins/nested.h
$(plugins_raw_oid_so_OBJECTS): plugins/raw-oid.h
$(plugins_secret_so_OBJECTS): plugins/secret.h
$(plugins_veto_so_OBJECTS): plugins/veto.h
$(plugins_wrong_hash_so_OBJECTS): plugins/wrong-hash.h
$(plugin_headers): %.h: %.mof $(top_builddir)/xvs-mofc
	$(AM_V_GEN)$(MKDIR_P) plugins && $(top_builddir)/xvs-mofc header $< \
		>$@.new && mv $@.new $@

switch_scripts = test-contradictions.sh test-switch-churn.sh \
	test-switch-frames.sh test-switch-stages.sh test-switch-traffic.sh \
	test-vhost-user.sh test-xdp.sh test-kernel-ports.sh
EXTRA_DIST += $(switch_scripts)
TESTS += $(switch_scripts)

check_PROGRAMS += unit/test-tap
TESTS += unit/test-tap
unit_test_tap_SOURCES = unit/test-tap.c unit/unit.h
unit_test_tap_LDADD = ../core/libtap.a ../core/libpacket.a \
	../core/libbase.a $(URCU_LIBS) $(PCAP_LIBS) $(CUNIT_LIBS) -lpthread
chain_scripts = test-capture.sh test-chain-live.sh test-stage-counters.sh \
	test-trace.sh
EXTRA_DIST += $(chain_scripts)
TESTS += $(chain_scripts)

switch_unit = unit/test-chain unit/test-control unit/test-fixed \
	unit/test-flows \
	unit/test-headers unit/test-mac unit/test-meter unit/test-offload \
	unit/test-parse unit/test-pool unit/test-ring unit/test-thread \
	unit/test-vhost-hostile unit/test-vhost-ring unit/test-workers
check_PROGRAMS += $(switch_unit) fuzz/fuzz-control fuzz/fuzz-packet \
	fuzz/fuzz-pipe fuzz/fuzz-vhost-front fuzz/fuzz-vhost-ring
TESTS += $(switch_unit) fuzz/corpus-switch.sh
EXTRA_DIST += fuzz/corpus-switch.sh fuzz/corpus/control fuzz/corpus/packet \
	fuzz/corpus/pipe fuzz/corpus/vhost-front fuzz/corpus/vhost-ring
forward_libs = ../core/libswitch.a ../core/libstage.a ../core/libtap.a \
	../core/libport.a \
	../core/libpacket.a ../core/libbase.a $(URCU_LIBS) $(CUNIT_LIBS) \
	-lpthread
unit_test_chain_SOURCES = unit/test-chain.c unit/unit.h
unit_test_chain_LDADD = ../core/libstage.a ../core/libtap.a \
	../core/libcontrol.a ../core/libpacket.a ../core/libbase.a $(URCU_LIBS) $(PCAP_LIBS) \
	$(CUNIT_LIBS)
unit_test_control_SOURCES = unit/test-control.c unit/messages.h unit/unit.h
unit_test_control_LDADD = ../core/libcontrol.a ../core/libbase.a \
	$(CUNIT_LIBS)
unit_test_headers_SOURCES = unit/test-headers.c unit/unit.h
unit_test_headers_LDADD = ../core/libpacket.a ../core/libbase.a \
	$(CUNIT_LIBS)
unit_test_fixed_SOURCES = unit/test-fixed.c unit/unit.h
unit_test_fixed_LDADD = $(forward_libs)
unit_test_flows_SOURCES = unit/test-flows.c unit/unit.h
unit_test_flows_LDADD = $(unit_test_workers_LDADD)
unit_test_mac_SOURCES = unit/test-mac.c unit/unit.h
unit_test_mac_LDADD = $(forward_libs)
unit_test_meter_SOURCES = unit/test-meter.c unit/unit.h
unit_test_meter_LDADD = $(forward_libs)
unit_test_offload_SOURCES = unit/test-offload.c unit/unit.h
unit_test_offload_LDADD = ../core/libpacket.a ../core/libbase.a \
	$(CUNIT_LIBS)
unit_test_workers_SOURCES = unit/test-workers.c unit/unit.h
unit_test_workers_LDADD = ../core/libswitch.a ../core/libstage.a \
	../core/libtap.a \
	../core/libport.a ../core/libcontrol.a ../core/libmarshal.a \
	../core/libpacket.a ../core/libbase.a $(URCU_LIBS) $(LIBFFI_LIBS) \
	$(PCAP_LIBS) $(CUNIT_LIBS) -ldl -lpthread
unit_test_pool_SOURCES = unit/test-pool.c unit/unit.h
unit_test_pool_LDADD = ../core/libpacket.a ../core/libbase.a $(CUNIT_LIBS)
unit_test_ring_SOURCES = unit/test-ring.c unit/unit.h
unit_test_ring_LDADD = ../core/libbase.a $(CUNIT_LIBS)
unit_test_thread_SOURCES = unit/test-thread.c unit/unit.h
unit_test_thread_LDADD = ../core/libstage.a ../core/libtap.a \
	../core/libpacket.a ../core/libbase.a $(URCU_LIBS) $(PCAP_LIBS) \
	$(CUNIT_LIBS) -lpthread
unit_test_parse_SOURCES = unit/test-parse.c unit/unit.h
unit_test_parse_LDADD = ../core/libpacket.a ../core/libbase.a $(CUNIT_LIBS)
ring_guest = unit/ring-guest.c unit/ring-guest.h unit/unit.h \
	unit/virtio-driver.c unit/virtio-driver.h
ring_guest_libs = ../core/libport.a ../core/libpacket.a ../core/libbase.a \
	$(URCU_LIBS) $(CUNIT_LIBS)
unit_test_vhost_hostile_SOURCES = unit/test-vhost-hostile.c $(ring_guest)
unit_test_vhost_hostile_LDADD = $(ring_guest_libs)
unit_test_vhost_ring_SOURCES = unit/test-vhost-ring.c $(ring_guest)
unit_test_vhost_ring_LDADD = $(ring_guest_libs)
fuzz_fuzz_control_SOURCES = fuzz/fuzz-control.c $(FUZZ_MAIN)
fuzz_fuzz_control_LDADD = ../core/libcontrol.a ../core/libmarshal.a \
	../core/libbase.a
fuzz_fuzz_control_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_packet_SOURCES = fuzz/fuzz-packet.c $(FUZZ_MAIN)
fuzz_fuzz_packet_LDADD = ../core/libpacket.a ../core/libbase.a
fuzz_fuzz_packet_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_pipe_SOURCES = fuzz/fuzz-pipe.c $(FUZZ_MAIN)
fuzz_fuzz_pipe_LDADD = ../core/libport.a ../core/libpacket.a \
	../core/libbase.a $(URCU_LIBS)
fuzz_fuzz_pipe_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_vhost_front_SOURCES = fuzz/fuzz-vhost-front.c $(FUZZ_MAIN)
fuzz_fuzz_vhost_front_LDADD = ../core/libport.a ../core/libcontrol.a \
	../core/libmarshal.a ../core/libpacket.a ../core/libbase.a \
	$(URCU_LIBS) $(LIBFFI_LIBS) $(PCAP_LIBS) -lpthread
fuzz_fuzz_vhost_front_LDFLAGS = $(FUZZ_LDFLAGS)
fuzz_fuzz_vhost_ring_SOURCES = fuzz/fuzz-vhost-ring.c $(FUZZ_MAIN)
fuzz_fuzz_vhost_ring_LDADD = ../core/libport.a ../core/libpacket.a \
	../core/libbase.a -lpthread
fuzz_fuzz_vhost_ring_LDFLAGS = $(FUZZ_LDFLAGS)
