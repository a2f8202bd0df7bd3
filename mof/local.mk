# SPDX-License-Identifier: BSD-3-Clause
schema_DATA = mof/xvs_acl.mof mof/xvs_channel.mof mof/xvs_compress.mof \
	mof/xvs_encrypt.mof mof/xvs_ethernet.mof \
	mof/xvs_flowexport.mof mof/xvs_guard.mof mof/xvs_qos.mof mof/xvs_snoop.mof
EXTRA_DIST += mof/xvs_core.mof $(schema_DATA)
