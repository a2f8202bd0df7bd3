# SPDX-License-Identifier: BSD-3-Clause
# The lab: real guests and other switches, for tests and for the bench.
EXTRA_DIST += lab/channel-guest.sh lab/channel-hosts.sh lab/channel-proof.sh \
	lab/channel-start lab/channel-vm.sh lab/vsock/device.c \
	lab/vsock/packet-in.c lab/vsock/packet-out.c lab/vsock/ring.c \
	lab/vsock/stream.c lab/vsock/vsock.c lab/vsock/vsock.h
EXTRA_DIST += lab/channel-churn.sh lab/churn-clients.py lab/churn-guest.py
EXTRA_DIST += lab/chaos.awk lab/chaos.sh lab/guest-init lab/guest-tool.c lab/guest.sh lab/peers.sh \
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

# The fault matrix: make -C tests fault-matrix MATRIX_SECONDS=100
MATRIX_SECONDS = 100
EXTRA_DIST += lab/fault-matrix.sh
.PHONY: fault-matrix
fault-matrix: $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) MATRIX_SECONDS='$(MATRIX_SECONDS)' \
		$(srcdir)/lab/fault-matrix.sh

# The same with stages in domains, in an emulated guest.
EXTRA_DIST += lab/fault-matrix-domain.sh lab/domain-matrix.sh
.PHONY: fault-matrix-domain
fault-matrix-domain: $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) MATRIX_SECONDS='$(MATRIX_SECONDS)' \
		$(srcdir)/lab/fault-matrix-domain.sh

# An hour of changes under traffic, which must leave nothing behind.
SOAK_SECONDS = 3600
.PHONY: soak
soak: $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) SOAK_SECONDS='$(SOAK_SECONDS)' \
		$(srcdir)/lab/soak.sh

# The management channel with guests that have no network card.
.PHONY: channel-vm
channel-vm:
	$(AM_TESTS_ENVIRONMENT) SHOWS='$(SHOWS)' \
		$(srcdir)/lab/channel-proof.sh

# Clients, VMs and settings of the channel come and go, for an hour:
# make -C tests channel-churn CHURN_SECONDS=3600
CHURN_SECONDS = 3600
.PHONY: channel-churn
channel-churn: bench/channel/load xvs-agent
	$(AM_TESTS_ENVIRONMENT) CHURN_SECONDS='$(CHURN_SECONDS)' \
		$(srcdir)/lab/channel-churn.sh
