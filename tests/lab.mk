# SPDX-License-Identifier: BSD-3-Clause
# The lab: real guests and other switches, for tests and for the bench.
EXTRA_DIST += lab/chaos.sh lab/guest-init lab/guest-tool.c lab/guest.sh lab/peers.sh \
	lab/smoke.sh lab/soak-churn.sh lab/soak.awk lab/soak.sh lab/vm.sh

# vhost-user ports with guests that are not ours.
lab_tests = test-testpmd.sh test-vm.sh
TESTS += $(lab_tests)
EXTRA_DIST += $(lab_tests)

# Processes of extensions that end, under traffic and changes.
CHAOS_KILLS = 10000
.PHONY: chaos
chaos: $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) CHAOS_KILLS='$(CHAOS_KILLS)' \
		$(srcdir)/lab/chaos.sh

# An hour of changes under traffic, which must leave nothing behind.
SOAK_SECONDS = 3600
.PHONY: soak
soak: $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) SOAK_SECONDS='$(SOAK_SECONDS)' \
		$(srcdir)/lab/soak.sh
