# SPDX-License-Identifier: BSD-3-Clause
# The extension ethernet, and what the switch does for it.
ethernet_scripts = test-ethernet-vlan.sh test-ethernet-limits.sh \
	test-ethernet-loop.sh test-port-enabled.sh
TESTS += $(ethernet_scripts)
EXTRA_DIST += $(ethernet_scripts) ethernet.sh
