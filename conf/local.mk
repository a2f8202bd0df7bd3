# SPDX-License-Identifier: BSD-3-Clause
systemdsystemunit_DATA = conf/xvsd.service conf/xvs-switch.service
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = conf/xvs.conf
# Shown commented out: what holds without it.
xvsdconfdir = $(sysconfdir)/xvs
dist_xvsdconf_DATA = conf/connect.conf conf/xvsd.conf
EXTRA_DIST += conf/xvsd.service.in conf/xvs-switch.service.in
CLEANFILES += $(systemdsystemunit_DATA)

conf/%.service: conf/%.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
	  $(srcdir)/conf/$*.service.in > $@

# For monitoring: what scrapes, alarms and shows.
prometheusdir = $(docdir)/prometheus
dist_prometheus_DATA = conf/prometheus/prometheus.yml \
	conf/prometheus/alerts.yml conf/prometheus/dashboard.json

# Completion; bash wants a file of the command's name.
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = conf/xvs-connect conf/xvsctl
zshfunctionsdir = $(datadir)/zsh/site-functions
dist_zshfunctions_DATA = conf/_xvs-connect conf/_xvsctl
EXTRA_DIST += conf/xvs-connect.bash conf/xvsctl.bash
CLEANFILES += $(bashcompletion_DATA)

conf/xvs-connect conf/xvsctl: conf/%: conf/%.bash
	$(AM_V_GEN)$(MKDIR_P) conf && cp $< $@

# Debian packages of what is here, in ./deb; a release puts conf/debian at the
# top of its sources.
debian_files = conf/debian/changelog conf/debian/control \
	conf/debian/copyright conf/debian/not-installed conf/debian/rules \
	conf/debian/source/format conf/debian/xvs-agent.examples \
	conf/debian/xvs-agent.install conf/debian/xvs-connect.install \
	conf/debian/xvs.install \
	conf/debian/xvs.postrm \
	conf/debian/xvs-plugins.install conf/debian/xvs-sdk.install
EXTRA_DIST += $(debian_files)

.PHONY: deb
deb: dist
	rm -rf deb && $(MKDIR_P) deb
	xz -dc $(distdir).tar.xz | (cd deb && tar -xf -)
	cp -R deb/$(distdir)/conf/debian deb/$(distdir)/debian
	cd deb/$(distdir) && dpkg-buildpackage -us -uc -b
	rm -rf deb/$(distdir)
