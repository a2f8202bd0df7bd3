/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UNIT_ELF_FILE_H
#define UNIT_ELF_FILE_H

/*
 * A shared object made piece by piece, for what reads them.
 */

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_FILE_CODE 0x1000u   /* where the code is, in file and memory */

struct elf_file {
    uint8_t bytes[0x4000];
    size_t size;
};

/* One segment to run, with this code, and a dynamic section that has only
 * the flag to bind now. */
void elf_file_make(struct elf_file *file, const void *code, size_t size);
Elf64_Ehdr *elf_file_head(struct elf_file *file);
/* 0: the code, 1: the dynamic section, 2: another one, of no type. */
Elf64_Phdr *elf_file_segment(struct elf_file *file, unsigned int i);
/* Of 4, all but the first end the list at first. */
Elf64_Dyn *elf_file_tag(struct elf_file *file, unsigned int i);

#endif
