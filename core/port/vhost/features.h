/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_PORT_VHOST_FEATURES_H
#define XVS_PORT_VHOST_FEATURES_H

/*
 * What we offer to guests.  Numbers that headers of older kernels lack
 * are from the virtio specification, version 1.3.
 */

#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <stdint.h>

#include "port/vhost/wire.h"

#define FEATURE(number) (UINT64_C(1) << (number))

#define VHOST_F_LOG_ALL 26
#define VHOST_F_PROTOCOL 30     /* the front end may ask for more of it */

#ifndef VIRTIO_F_IN_ORDER
#define VIRTIO_F_IN_ORDER 35
#endif
#ifndef VIRTIO_NET_F_GUEST_USO4
#define VIRTIO_NET_F_GUEST_USO4 54
#define VIRTIO_NET_F_GUEST_USO6 55
#define VIRTIO_NET_F_HOST_USO 56
#endif

#define FEATURES_OFFERED \
    (FEATURE(VIRTIO_NET_F_CSUM) | FEATURE(VIRTIO_NET_F_GUEST_CSUM) \
     | FEATURE(VIRTIO_NET_F_MTU) \
     | FEATURE(VIRTIO_NET_F_GUEST_TSO4) | FEATURE(VIRTIO_NET_F_GUEST_TSO6) \
     | FEATURE(VIRTIO_NET_F_GUEST_ECN) | FEATURE(VIRTIO_NET_F_GUEST_USO4) \
     | FEATURE(VIRTIO_NET_F_GUEST_USO6) \
     | FEATURE(VIRTIO_NET_F_HOST_TSO4) | FEATURE(VIRTIO_NET_F_HOST_TSO6) \
     | FEATURE(VIRTIO_NET_F_HOST_ECN) | FEATURE(VIRTIO_NET_F_HOST_USO) \
     | FEATURE(VIRTIO_NET_F_MRG_RXBUF) | FEATURE(VIRTIO_NET_F_STATUS) \
     | FEATURE(VIRTIO_NET_F_CTRL_VQ) \
     | FEATURE(VIRTIO_NET_F_GUEST_ANNOUNCE) | FEATURE(VIRTIO_NET_F_MQ) \
     | FEATURE(VIRTIO_F_ANY_LAYOUT) | FEATURE(VIRTIO_F_VERSION_1) \
     | FEATURE(VIRTIO_RING_F_INDIRECT_DESC) \
     | FEATURE(VIRTIO_RING_F_EVENT_IDX) | FEATURE(VIRTIO_F_RING_PACKED) \
     | FEATURE(VIRTIO_F_IN_ORDER) \
     | FEATURE(VHOST_F_LOG_ALL) | FEATURE(VHOST_F_PROTOCOL))

#define PROTOCOL_OFFERED \
    (WIRE_F_MQ | WIRE_F_LOG_SHMFD | WIRE_F_RARP | WIRE_F_REPLY_ACK \
     | WIRE_F_MTU | WIRE_F_INFLIGHT | WIRE_F_RESET_DEVICE | WIRE_F_MEM_SLOTS \
     | WIRE_F_STATUS)

#endif
