# SPDX-License-Identifier: BSD-3-Clause
# Not built here: they are built out of the tree, as a vendor does.
EXTRA_DIST += samples/first-switch.sh samples/worked-example.sh \
	samples/01-null/Makefile samples/01-null/null.c \
	samples/02-counter/Makefile samples/02-counter/counter.c \
	samples/02-counter/ports.c samples/02-counter/ports.h \
	samples/02-counter/sample_counter.mof \
	samples/03-mirror/Makefile samples/03-mirror/README.md \
	samples/03-mirror/mirror.c samples/03-mirror/sample_mirror.mof \
	samples/04-limiter/Makefile samples/04-limiter/README.md \
	samples/04-limiter/limiter.c samples/04-limiter/sample_limiter.mof \
	samples/05-forwarder/Makefile samples/05-forwarder/README.md \
	samples/05-forwarder/cross.c samples/05-forwarder/sample_cross.mof \
	samples/06-cpp/Makefile samples/06-cpp/README.md \
	samples/06-cpp/block.cc samples/06-cpp/sample_block.mof \
	samples/07-reader/Makefile samples/07-reader/README.md \
	samples/07-reader/reader.c \
	samples/08-service/Makefile samples/08-service/README.md \
	samples/08-service/greeter.c samples/08-service/sample_greeter.mof
