# SPDX-License-Identifier: BSD-3-Clause
# Queues of ports, and the extension qos that says what they are like.
qos_unit = unit/test-egress unit/test-queue
check_PROGRAMS += $(qos_unit)
unit_test_egress_SOURCES = unit/test-egress.c unit/unit.h
unit_test_egress_LDADD = $(unit_test_workers_LDADD)
unit_test_queue_SOURCES = unit/test-queue.c unit/unit.h
unit_test_queue_LDADD = $(forward_libs)
qos_scripts = test-qos.sh test-time-share.sh
TESTS += $(qos_unit) $(qos_scripts)
EXTRA_DIST += $(qos_scripts)
