# SPDX-License-Identifier: BSD-3-Clause
dist_doc_DATA = README.md NEWS COPYING doc/abi.md doc/architecture.md doc/concepts.md doc/formats.md \
	doc/install.md doc/operations.md doc/performance.md doc/security.md doc/tutorial.md \
	doc/concepts-chain.svg doc/concepts-daemons.svg doc/concepts-failover.svg \
	doc/page-form.png doc/page-vms.png doc/page-overview.png doc/page-switch.png
