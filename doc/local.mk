# SPDX-License-Identifier: BSD-3-Clause
dist_doc_DATA = README.md NEWS COPYING doc/architecture.md doc/formats.md \
	doc/operations.md doc/performance.md doc/security.md
