# SPDX-License-Identifier: BSD-3-Clause
noinst_LIBRARIES += core/libport.a
core_libport_a_SOURCES = \
	core/port/bell.c core/port/bell.h core/port/elsewhere.c core/port/ethtool.c \
	core/port/frames.c core/port/frames.h \
	core/port/interface.c core/port/interface.h \
	core/port/packet/packet.c \
	core/port/packet/plain.c core/port/packet/plain.h \
	core/port/packet/ring.c core/port/packet/ring.h core/port/packet/tag.h \
	core/port/packet/ways.c core/port/packet/ways.h \
	core/port/pcap/capture.h core/port/pcap/file.c \
	core/port/pcap/pcap.c core/port/pcap/record.c \
	core/port/pcap/replay.c \
	core/port/pipe/message.h core/port/pipe/pipe.c \
	core/port/pipe/peer.c core/port/pipe/peer.h \
	core/port/port.c core/port/port.h \
	core/port/ring.h \
	core/port/tap.c core/port/tap.h core/port/tap-change.c \
	core/port/tap-reserve.c \
	core/port/vector.c core/port/vector.h \
	core/port/vhost/connect.c \
	core/port/vhost/driver.c \
	core/port/vhost/features.h \
	core/port/vhost/front.c core/port/vhost/front.h \
	core/port/vhost/lanes.c \
	core/port/vhost/message.c core/port/vhost/message.h \
	core/port/vhost/request-memory.c \
	core/port/vhost/request-ring.c \
	core/port/vhost/request.c core/port/vhost/request.h \
	core/port/vhost/vhost.h \
	core/port/vhost/wire.h \
	core/port/vhost/ring/copy.h \
	core/port/vhost/ring/dirty.c core/port/vhost/ring/dirty.h \
	core/port/vhost/ring/fault.c core/port/vhost/ring/fault.h \
	core/port/vhost/ring/inflight.c core/port/vhost/ring/inflight.h \
	core/port/vhost/ring/memory.c core/port/vhost/ring/memory.h \
	core/port/vhost/ring/notify.c core/port/vhost/ring/notify.h \
	core/port/vhost/ring/packed.c \
	core/port/vhost/ring/receive.c \
	core/port/vhost/ring/ring.c core/port/vhost/ring/ring.h \
	core/port/vhost/ring/split.c \
	core/port/vhost/ring/transmit.c \
	core/port/xdp/program.c core/port/xdp/program.h \
	core/port/xdp/ring.h core/port/xdp/xdp.c \
	core/port/xdp/xsk.c core/port/xdp/xsk.h
