# SPDX-License-Identifier: BSD-3-Clause
# Where plugins run: what is tried, described, loaded, and in which process.

place_scripts = test-partition-set.sh
EXTRA_DIST += $(place_scripts)
TESTS += $(place_scripts)
