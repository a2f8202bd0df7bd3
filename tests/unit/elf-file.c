/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Making shared objects; see elf-file.h.  Sections: .text, and a table of
 * symbols with the function "hook", which has all of the code.
 */

#include <config.h>

#include "elf-file.h"

#include <string.h>

#define SEGMENTS sizeof(Elf64_Ehdr)
#define TAGS 0x200u
#define SECTIONS 0x300u
#define SYMBOLS 0x600u
#define NAMES 0x700u

static const char names[] = "\0.text\0hook\0.symtab";

Elf64_Ehdr *
elf_file_head(struct elf_file *file)
{
    return (Elf64_Ehdr *) (void *) file->bytes;
}

Elf64_Phdr *
elf_file_segment(struct elf_file *file, unsigned int i)
{
    return (Elf64_Phdr *) (void *) (file->bytes + SEGMENTS) + i;
}

Elf64_Dyn *
elf_file_tag(struct elf_file *file, unsigned int i)
{
    return (Elf64_Dyn *) (void *) (file->bytes + TAGS) + i;
}

static void
make_sections(struct elf_file *file, size_t size)
{
    Elf64_Shdr *sections = (void *) (file->bytes + SECTIONS);
    Elf64_Sym *symbols = (void *) (file->bytes + SYMBOLS);

    sections[1] = (Elf64_Shdr) { .sh_name = 1, .sh_flags = SHF_ALLOC,
        .sh_type = SHT_PROGBITS, .sh_addr = ELF_FILE_CODE,
        .sh_offset = ELF_FILE_CODE, .sh_size = size };
    sections[2] = (Elf64_Shdr) { .sh_name = 12, .sh_type = SHT_SYMTAB,
        .sh_offset = SYMBOLS, .sh_size = 2 * sizeof *symbols, .sh_link = 3 };
    sections[3] = (Elf64_Shdr) { .sh_type = SHT_STRTAB, .sh_offset = NAMES,
        .sh_size = sizeof names };
    symbols[1] = (Elf64_Sym) { .st_name = 7, .st_shndx = 1,
        .st_value = ELF_FILE_CODE, .st_size = size };
    memcpy(file->bytes + NAMES, names, sizeof names);
}

void
elf_file_make(struct elf_file *file, const void *code, size_t size)
{
    memset(file, 0, sizeof *file);
    file->size = ELF_FILE_CODE + size;
    *elf_file_head(file) = (Elf64_Ehdr) {
        .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
        .e_type = ET_DYN, .e_machine = EM_X86_64, .e_version = 1,
        .e_phoff = SEGMENTS, .e_phnum = 3,
        .e_phentsize = sizeof(Elf64_Phdr), .e_shoff = SECTIONS, .e_shnum = 4,
        .e_shentsize = sizeof(Elf64_Shdr), .e_shstrndx = 3 };
    *elf_file_segment(file, 0) = (Elf64_Phdr) {
        .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = ELF_FILE_CODE,
        .p_vaddr = ELF_FILE_CODE, .p_filesz = size, .p_memsz = size };
    *elf_file_segment(file, 1) = (Elf64_Phdr) {
        .p_type = PT_DYNAMIC, .p_offset = TAGS, .p_vaddr = TAGS,
        .p_filesz = 4 * sizeof(Elf64_Dyn),
        .p_memsz = 4 * sizeof(Elf64_Dyn) };
    *elf_file_tag(file, 0) = (Elf64_Dyn) { DT_FLAGS, { DF_BIND_NOW } };
    make_sections(file, size);
    memcpy(file->bytes + ELF_FILE_CODE, code, size);
}
