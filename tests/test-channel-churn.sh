#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Clients, VMs and settings of the management channel come and go for a few
# seconds: everybody is told what he must be told, and no descriptor is left.
# (For an hour, and memory: make -C tests channel-churn.)
top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
export top_srcdir
CHURN_SECONDS=3 CHURN_PERIOD=3 CHURN_CLIENTS=24 CHURN_GROWTH=none \
    exec "$top_srcdir/tests/lab/channel-churn.sh"
