/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * libpcap's compiler, for Ethernet.
 */

#include <config.h>

#include "client/tap/filter.h"

#include <pcap/pcap.h>

#include "base/error.h"
#include "schema/value.h"

#define LONGEST_FRAME 65600

bool
filter_compile(const char *text, struct value *program, struct error *error)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, LONGEST_FRAME);
    struct bpf_program compiled;

    if (!pcap
        || pcap_compile(pcap, &compiled, text, 1, PCAP_NETMASK_UNKNOWN)) {
        error_set(error, ERROR_INVALID, "filter '%.200s': %s", text,
                  pcap ? pcap_geterr(pcap) : "no memory");
        error_hint(error, "pcap-filter(7) describes the language");
        if (pcap) {
            pcap_close(pcap);
        }
        return false;
    }
    *program = value_array(CIM_UINT64, compiled.bf_len);
    for (unsigned int i = 0; i < compiled.bf_len; i++) {
        const struct bpf_insn *one = &compiled.bf_insns[i];

        program->items[i] =
            value_u64(CIM_UINT64, (uint64_t) one->code << 48
                                  | (uint64_t) one->jt << 40
                                  | (uint64_t) one->jf << 32 | one->k);
    }
    pcap_freecode(&compiled);
    pcap_close(pcap);
    return true;
}
