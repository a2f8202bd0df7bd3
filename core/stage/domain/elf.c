/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Reading ELF without trust; see elf.h.
 */

#include <config.h>

#include "stage/domain/elf.h"

#include <string.h>

#include "base/error.h"

/* A damaged file must not cost minutes. */
#define SEGMENTS_LIMIT 64u
#define TABLES_LIMIT 4u         /* of symbols */
#define SYMBOLS_LIMIT (1u << 20)

const uint8_t *
elf_bytes(const struct elf *elf, uint64_t offset, uint64_t size)
{
    return offset <= elf->size && size <= elf->size - offset
        ? elf->data + offset : NULL;
}

static bool
is_for_us(const Elf64_Ehdr *head)
{
    return memcmp(head->e_ident, ELFMAG, SELFMAG) == 0
        && head->e_ident[EI_CLASS] == ELFCLASS64
        && head->e_ident[EI_DATA] == ELFDATA2LSB
        && head->e_machine == EM_X86_64 && head->e_type == ET_DYN;
}

bool
elf_open(struct elf *elf, const void *data, size_t size, const char *file,
         struct error *error)
{
    *elf = (struct elf) { .data = data, .size = size };
    if (size < sizeof elf->head) {
        return error_set(error, ERROR_INVALID, "%s is no shared object: it"
                         " has %zu bytes", file, size);
    }
    memcpy(&elf->head, data, sizeof elf->head);
    if (!is_for_us(&elf->head)) {
        return error_set(error, ERROR_INVALID, "%s is no shared object of"
                         " x86-64", file);
    }
    if (elf->head.e_phentsize != sizeof(Elf64_Phdr) || !elf->head.e_phnum
        || !elf_bytes(elf, elf->head.e_phoff,
                      (uint64_t) elf->head.e_phnum * sizeof(Elf64_Phdr))) {
        return error_set(error, ERROR_INVALID, "%s is damaged: its program"
                         " headers are not in the file", file);
    }
    if (elf->head.e_phnum > SEGMENTS_LIMIT) {
        return error_set(error, ERROR_LIMIT, "%s has %u program headers; %u"
                         " is the limit", file, elf->head.e_phnum,
                         SEGMENTS_LIMIT);
    }
    return true;
}

void
elf_segment(const struct elf *elf, uint32_t i, Elf64_Phdr *segment)
{
    memcpy(segment, elf->data + elf->head.e_phoff + i * sizeof *segment,
           sizeof *segment);
}

const uint8_t *
elf_loaded(const struct elf *elf, uint64_t address, uint64_t size)
{
    for (uint32_t i = 0; i < elf->head.e_phnum; i++) {
        Elf64_Phdr one;

        elf_segment(elf, i, &one);
        if (one.p_type == PT_LOAD && address >= one.p_vaddr
            && address - one.p_vaddr <= one.p_filesz
            && size <= one.p_filesz - (address - one.p_vaddr)
            && one.p_offset <= UINT64_MAX - (address - one.p_vaddr)) {
            return elf_bytes(elf, one.p_offset + (address - one.p_vaddr),
                             size);
        }
    }
    return NULL;
}

/* ---- Names --------------------------------------------------------------- */

static bool
get_section(const struct elf *elf, uint32_t i, Elf64_Shdr *section)
{
    const uint8_t *at = NULL;

    if (elf->head.e_shentsize == sizeof *section && i < elf->head.e_shnum
        && elf->head.e_shoff <= elf->size) {
        at = elf_bytes(elf, elf->head.e_shoff + i * sizeof *section,
                       sizeof *section);
    }
    if (at) {
        memcpy(section, at, sizeof *section);
    }
    return at;
}

/* Copies a name from a table of names, printable and never too long. */
static void
copy_name(const struct elf *elf, const Elf64_Shdr *names, uint64_t at,
          char name[ELF_NAME])
{
    const uint8_t *text = elf_bytes(elf, names->sh_offset, names->sh_size);
    size_t n = 0;

    while (text && at < names->sh_size && text[at] && n < ELF_NAME - 1) {
        uint8_t c = text[at++];

        name[n++] = (char) (c > ' ' && c < 0x7f ? c : '?');
    }
    name[n] = 0;
}

static void
find_section(const struct elf *elf, uint64_t address, char name[ELF_NAME])
{
    Elf64_Shdr one, names;

    if (!get_section(elf, elf->head.e_shstrndx, &names)) {
        return;
    }
    for (uint32_t i = 0; get_section(elf, i, &one); i++) {
        if ((one.sh_flags & SHF_ALLOC) && address >= one.sh_addr
            && address - one.sh_addr < one.sh_size) {
            copy_name(elf, &names, one.sh_name, name);
            return;
        }
    }
}

/* The symbol of this table that has the address; its name, when it has. */
static void
search(const struct elf *elf, const Elf64_Shdr *table, uint64_t address,
       struct elf_place *place)
{
    const uint8_t *at = elf_bytes(elf, table->sh_offset, table->sh_size);
    uint64_t n = at ? table->sh_size / sizeof(Elf64_Sym) : 0;
    Elf64_Shdr names;

    if (!get_section(elf, table->sh_link, &names)) {
        return;
    }
    for (uint64_t i = 0; i < n && i < SYMBOLS_LIMIT; i++) {
        Elf64_Sym one;

        memcpy(&one, at + i * sizeof one, sizeof one);
        if (one.st_shndx != SHN_UNDEF && address >= one.st_value
            && address - one.st_value < one.st_size) {
            copy_name(elf, &names, one.st_name, place->symbol);
            place->into = address - one.st_value;
            return;
        }
    }
}

void
elf_find(const struct elf *elf, uint64_t address, struct elf_place *place)
{
    uint32_t n_tables = 0;
    Elf64_Shdr one;

    memset(place, 0, sizeof *place);
    find_section(elf, address, place->section);
    for (uint32_t i = 0; !place->symbol[0] && n_tables < TABLES_LIMIT
                         && get_section(elf, i, &one); i++) {
        if (one.sh_type == SHT_SYMTAB || one.sh_type == SHT_DYNSYM) {
            search(elf, &one, address, place);
            n_tables++;
        }
    }
}
