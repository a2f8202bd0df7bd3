# SPDX-License-Identifier: BSD-3-Clause
# Not built here: they are built out of the tree, as a vendor does.
EXTRA_DIST += samples/first-switch.sh samples/worked-example.sh \
	samples/01-null/Makefile samples/01-null/null.c \
	samples/02-counter/Makefile samples/02-counter/counter.c \
	samples/02-counter/sample_counter.mof
