# SPDX-License-Identifier: BSD-3-Clause
pkginclude_HEADERS += sdk/include/xvs/block.h sdk/include/xvs/extension.h \
	sdk/include/xvs/oid.h sdk/include/xvs/packet.h sdk/include/xvs/types.h
