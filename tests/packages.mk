# SPDX-License-Identifier: BSD-3-Clause
# The Debian packages in a clean root: needs root, a mirror, and minutes.
EXTRA_DIST += packages/channel.sh packages/root.sh packages/run.sh \
	packages/systemctl packages/systemd.sh tutorial.sh
.PHONY: packages packages-systemd
packages: $(check_PROGRAMS)
	top_builddir='$(abs_top_builddir)' top_srcdir='$(abs_top_srcdir)' \
		$(SHELL) $(srcdir)/packages/run.sh

# The same with systemd, booted in a container.
packages-systemd:
	top_builddir='$(abs_top_builddir)' top_srcdir='$(abs_top_srcdir)' \
		$(SHELL) $(srcdir)/packages/systemd.sh
