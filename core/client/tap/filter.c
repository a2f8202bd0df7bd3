/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * libpcap's compiler, for Ethernet.  The library and what it needs are loaded
 * when there is a filter to compile, and not at the start of every command.
 */

#include <config.h>

#include "client/tap/filter.h"

#include <dlfcn.h>
#include <pcap/pcap.h>

#include "base/error.h"
#include "schema/value.h"

#define LONGEST_FRAME 65600

/* What we use of libpcap. */
struct library {
    __typeof__(pcap_open_dead) *open_dead;
    __typeof__(pcap_compile) *compile;
    __typeof__(pcap_geterr) *geterr;
    __typeof__(pcap_freecode) *freecode;
    __typeof__(pcap_close) *close;
};

#define FIND(handle, library, name) \
    (((library)->name = (__typeof__((library)->name)) (uintptr_t) \
      dlsym(handle, "pcap_" #name)) != NULL)

/* It stays loaded. */
static bool
load(struct library *library, struct error *error)
{
    void *handle = dlopen("libpcap.so.0.8", RTLD_NOW);

    if (!handle) {
        handle = dlopen("libpcap.so.1", RTLD_NOW);
    }
    if (!handle || !FIND(handle, library, open_dead)
        || !FIND(handle, library, compile)
        || !FIND(handle, library, geterr)
        || !FIND(handle, library, freecode)
        || !FIND(handle, library, close)) {
        const char *why = dlerror();

        error_set(error, ERROR_IO, "cannot load libpcap: %s",
                  why ? why : "a function is missing");
        error_hint(error, "install libpcap (package libpcap0.8), or leave the"
                   " filter out");
        return false;
    }
    return true;
}

bool
filter_compile(const char *text, struct value *program, struct error *error)
{
    struct bpf_program compiled;
    struct library lib = { NULL };
    pcap_t *pcap;

    if (!load(&lib, error)) {
        return false;
    }
    pcap = lib.open_dead(DLT_EN10MB, LONGEST_FRAME);
    if (!pcap
        || lib.compile(pcap, &compiled, text, 1, PCAP_NETMASK_UNKNOWN)) {
        error_set(error, ERROR_INVALID, "filter '%.200s': %s", text,
                  pcap ? lib.geterr(pcap) : "no memory");
        error_hint(error, "pcap-filter(7) describes the language");
        if (pcap) {
            lib.close(pcap);
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
    lib.freecode(&compiled);
    lib.close(pcap);
    return true;
}
