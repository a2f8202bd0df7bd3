/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_DOMAIN_ELF_H
#define XVS_STAGE_DOMAIN_ELF_H

/*
 * A shared object's bytes, read by somebody who does not trust them: each
 * offset and size is checked when it is used, tables are copied out entry by
 * entry (they need not be aligned), and names end where their table ends.
 * Only what the loader needs must be right.  Sections and symbols are for
 * telling people a place; where they are wrong or missing, there is no name.
 */

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct elf {
    const uint8_t *data;        /* the file; the caller's */
    size_t size;
    Elf64_Ehdr head;
};

#define ELF_NAME 96

/* Where something is, for people. */
struct elf_place {
    char section[ELF_NAME];     /* "" when nothing tells */
    char symbol[ELF_NAME];      /* the function or object; the same */
    uint64_t into;              /* bytes behind the symbol's begin */
};

/* False with an error that begins with 'file': it is no shared object of
 * x86-64 whose program headers are in the file. */
bool elf_open(struct elf *elf, const void *data, size_t size,
              const char *file, struct error *error);
/* Program header 'i' of head.e_phnum. */
void elf_segment(const struct elf *elf, uint32_t i, Elf64_Phdr *segment);
/* 'size' bytes at 'offset' of the file; NULL: they are not all there. */
const uint8_t *elf_bytes(const struct elf *elf, uint64_t offset,
                         uint64_t size);
/* The same of what is loaded from the file to 'address'. */
const uint8_t *elf_loaded(const struct elf *elf, uint64_t address,
                          uint64_t size);
void elf_find(const struct elf *elf, uint64_t address,
              struct elf_place *place);

#endif
