/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Shared objects of strangers: whatever the file says, it is scanned within
 * its bytes, and what is told of it can be printed.  What an honest look at
 * the bytes finds in the first segment that can be run, the scan has found.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "stage/domain/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole file is read into memory that ends with it. */
static bool
has_wrpkru(const uint8_t *code, size_t size)
{
    for (size_t i = 0; i + 3 <= size; i++) {
        if (memcmp(code + i, "\x0f\x01\xef", 3) == 0) {
            return true;
        }
    }
    return false;
}

static void
check(const uint8_t *data, size_t size, const struct scan *scan)
{
    struct error error;
    struct elf elf;

    if (!elf_open(&elf, data, size, "x", &error)) {
        abort();
    }
    for (uint32_t i = 0; i < elf.head.e_phnum; i++) {
        Elf64_Phdr one;
        const uint8_t *code;

        elf_segment(&elf, i, &one);
        code = elf_bytes(&elf, one.p_offset, one.p_filesz);
        if (one.p_type == PT_LOAD && (one.p_flags & PF_X)
            && (!code ? !scan->found[SCAN_DAMAGED].n
                : has_wrpkru(code, one.p_filesz)
                  && !scan->found[SCAN_WRPKRU].n)) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct scan scan;
    struct error error;
    uint8_t *copy = malloc(size + !size);

    memcpy(copy, data, size);
    if (size >= sizeof(Elf64_Ehdr)) {
        Elf64_Ehdr head;

        /* A frame that fits, so that the inside is what is tried. */
        memcpy(&head, copy, sizeof head);
        memcpy(head.e_ident, ELFMAG "\2\1", 6);
        head.e_type = ET_DYN;
        head.e_machine = EM_X86_64;
        head.e_phentsize = sizeof(Elf64_Phdr);
        memcpy(copy, &head, sizeof head);
    }
    if (scan_file(copy, size, "x.so", &scan, &error)) {
        for (unsigned int i = 0; i < SCAN_KINDS; i++) {
            scan_say(&scan, (enum scan_kind) i, &out);
        }
        for (size_t i = 0; i < out.size; i++) {
            if (out.data[i] < ' ' || out.data[i] > '~') {
                abort();
            }
        }
        check(copy, size, &scan);
    } else if (strncmp(error.text, "x.so ", 5) != 0) {
        abort();
    }
    free(copy);
    return 0;
}
