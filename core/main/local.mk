# SPDX-License-Identifier: BSD-3-Clause

# xvs-switch: no schema, no XML; only what the data path needs.
sbin_PROGRAMS += xvs-switch
dist_man_MANS += core/main/xvs-switch.8
xvs_switch_SOURCES = core/main/xvs-switch.c \
	core/main/privilege.c core/main/privilege.h
xvs_switch_LDADD = core/libswitch.a core/libstage.a core/libtap.a \
	core/libport.a core/libcontrol.a core/libmarshal.a core/libpacket.a \
	core/libbase.a $(URCU_LIBS) $(PCAP_LIBS) $(LIBFFI_LIBS) \
	$(SYSTEMD_LIBS) $(CAPNG_LIBS) -ldl -lpthread

# xvs-stage: an extension in a process of its own.
pkglibexec_PROGRAMS += xvs-stage
xvs_stage_SOURCES = core/main/xvs-stage.c
xvs_stage_LDADD = core/libstage.a core/libtap.a core/libport.a \
	core/libcontrol.a core/libmarshal.a core/libpacket.a core/libbase.a \
	$(URCU_LIBS) $(PCAP_LIBS) $(LIBFFI_LIBS) $(SECCOMP_LIBS) -ldl -lpthread

# xvsctl: a client; knows nothing of what the daemons are made of, but scans
# plugin files as xvs-switch does.
bin_PROGRAMS += xvsctl
xvsctl_SOURCES = core/main/xvsctl.c
xvsctl_LDADD = core/libclient.a core/libstage.a core/libtap.a core/libobject.a \
	core/libschema.a core/libbase.a $(EXPAT_LIBS) -ldl -lm
dist_man_MANS += core/main/xvsctl.1

# xvsd: the object manager.
sbin_PROGRAMS += xvsd
xvsd_SOURCES = core/main/xvsd.c \
	core/main/keeper.c core/main/keeper.h \
	core/main/privilege.c core/main/privilege.h \
	core/main/xvsd-options.c core/main/xvsd-options.h
xvsd_LDADD = core/libmanage.a core/libservice.a core/libtap.a \
	core/libcontrol.a \
	core/libmarshal.a core/libobject.a core/libschema.a core/libbase.a \
	$(EXPAT_LIBS) $(LIBCONFIG_LIBS) $(GNUTLS_LIBS) $(LIBFFI_LIBS) \
	$(SYSTEMD_LIBS) $(CAPNG_LIBS) -lpthread
dist_man_MANS += core/main/xvsd.8
