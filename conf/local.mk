# SPDX-License-Identifier: BSD-3-Clause
systemdsystemunit_DATA = conf/xvsd.service conf/xvs-switch.service
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = conf/xvs.conf
# Shown commented out: what holds without it.
xvsdconfdir = $(sysconfdir)/xvs
dist_xvsdconf_DATA = conf/xvsd.conf
EXTRA_DIST += conf/xvsd.service.in conf/xvs-switch.service.in
CLEANFILES += $(systemdsystemunit_DATA)

conf/%.service: conf/%.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
	  $(srcdir)/conf/$*.service.in > $@

# Completion of xvsctl; bash wants a file of the command's name.
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = conf/xvsctl
zshfunctionsdir = $(datadir)/zsh/site-functions
dist_zshfunctions_DATA = conf/_xvsctl
EXTRA_DIST += conf/xvsctl.bash
CLEANFILES += conf/xvsctl

conf/xvsctl: conf/xvsctl.bash
	$(AM_V_GEN)$(MKDIR_P) conf && cp $(srcdir)/conf/xvsctl.bash $@
