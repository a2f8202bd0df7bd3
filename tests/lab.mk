# SPDX-License-Identifier: BSD-3-Clause
# The lab: real guests and other switches, for tests and for the bench.
EXTRA_DIST += lab/guest-init lab/guest-tool.c lab/guest.sh lab/peers.sh \
	lab/smoke.sh lab/vm.sh

# vhost-user ports with guests that are not ours.
lab_tests = test-testpmd.sh test-vm.sh
TESTS += $(lab_tests)
EXTRA_DIST += $(lab_tests)
