/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Looks through a shared object for what a protection domain cannot have; see
 * scan.h.
 */

#include <config.h>

#include "stage/domain/scan.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"

#define TAGS_LIMIT 4096u        /* of the dynamic section */

static const char *const words[SCAN_KINDS] = {
    [SCAN_WRPKRU] = "the bytes of wrpkru",
    [SCAN_XRSTOR] = "the bytes of xrstor",
    [SCAN_WRBASE] = "the bytes of wrfsbase or wrgsbase",
    [SCAN_SYSCALL] = "the bytes of syscall",
    [SCAN_SYSENTER] = "the bytes of sysenter",
    [SCAN_INT80] = "the bytes of int 0x80",
    [SCAN_WRITABLE_CODE] = "code that can be written to",
    [SCAN_TEXT_RELOCATIONS] = "relocations of code (build it with -fPIC)",
    [SCAN_STACK_CODE] = "a wish for stacks that can be run (link it with"
        " -z noexecstack)",
    [SCAN_THREAD_DATA] = "data of each thread (thread_local; packet hooks"
        " could not write it)",
    [SCAN_DAMAGED] = "a segment that is not in the file",
    [SCAN_CONSTRUCTORS] = "constructors (they run with all rights when it is"
        " loaded)",
    [SCAN_RESOLVERS] = "resolvers of functions (ifunc; they run with all"
        " rights when it is loaded)",
    [SCAN_LAZY] = "binding at the first call (xvs binds all when it is"
        " loaded)",
};

bool
scan_stops(enum scan_kind kind)
{
    return kind < SCAN_CONSTRUCTORS;
}

bool
scan_passes(const struct scan *scan)
{
    for (unsigned int i = 0; i < SCAN_KINDS; i++) {
        if (scan->found[i].n && scan_stops((enum scan_kind) i)) {
            return false;
        }
    }
    return true;
}

static void
keep(struct scan *scan, const struct elf *elf, enum scan_kind kind,
     uint64_t address)
{
    struct scan_kept *kept = &scan->found[kind];

    if (kept->n++ == 0) {
        kept->address = address;
        elf_find(elf, address, &kept->place);
    }
}

/* ---- Instructions -------------------------------------------------------- */

/* What the bytes behind 0f are; 'before': how many there are in front. */
static enum scan_kind
behind_0f(const uint8_t *at, size_t left, size_t before)
{
    if (left >= 3 && at[1] == 0x01 && at[2] == 0xef) {
        return SCAN_WRPKRU;
    }
    if (left >= 3 && at[1] == 0xae) {
        unsigned int mode = at[2] >> 6, number = (at[2] >> 3) & 7;
        /* The prefix f3 may have one of its own (REX) behind it. */
        bool is_f3 = (before >= 1 && at[-1] == 0xf3)
            || (before >= 2 && at[-2] == 0xf3 && (at[-1] & 0xf0) == 0x40);

        if (mode != 3 && number == 5) {
            return SCAN_XRSTOR;
        }
        return mode == 3 && is_f3 && (number == 2 || number == 3)
            ? SCAN_WRBASE : SCAN_KINDS;
    }
    return left < 2 ? SCAN_KINDS
        : at[1] == 0x05 ? SCAN_SYSCALL
        : at[1] == 0x34 ? SCAN_SYSENTER : SCAN_KINDS;
}

/* At every byte, because a jump can go to every byte. */
static void
scan_code(struct scan *scan, const struct elf *elf, const uint8_t *code,
          uint64_t size, uint64_t address)
{
    for (uint64_t i = 0; i < size; i++) {
        enum scan_kind kind = SCAN_KINDS;

        if (code[i] == 0x0f) {
            kind = behind_0f(code + i, size - i, i);
        } else if (code[i] == 0xcd && size - i >= 2 && code[i + 1] == 0x80) {
            kind = SCAN_INT80;
        }
        if (kind != SCAN_KINDS) {
            keep(scan, elf, kind, address + i);
        }
    }
}

/* ---- Segments ------------------------------------------------------------ */

/* The loader maps whole pages: what is in front of a segment and behind it
 * in the file can be run too. */
static void
scan_pages(struct scan *scan, const struct elf *elf, const Elf64_Phdr *one)
{
    uint64_t page = 4095, front = one->p_offset & page;
    uint64_t begin = one->p_offset - front;
    uint64_t end = (one->p_offset + one->p_filesz + page) & ~page;

    if (end > elf->size || end < begin) {
        end = elf->size;
    }
    scan_code(scan, elf, elf->data + begin, end - begin,
              one->p_vaddr - front);
}

static void
scan_segment(struct scan *scan, const struct elf *elf, const Elf64_Phdr *one)
{
    if (one->p_type == PT_TLS && one->p_memsz) {
        keep(scan, elf, SCAN_THREAD_DATA, one->p_vaddr);
    }
    if (one->p_type == PT_GNU_STACK && (one->p_flags & PF_X)) {
        keep(scan, elf, SCAN_STACK_CODE, 0);
    }
    if (one->p_type != PT_LOAD) {
        return;
    }
    if (!elf_bytes(elf, one->p_offset, one->p_filesz)) {
        keep(scan, elf, SCAN_DAMAGED, one->p_vaddr);
        return;
    }
    if (one->p_flags & PF_X) {
        if (one->p_flags & PF_W) {
            keep(scan, elf, SCAN_WRITABLE_CODE, one->p_vaddr);
        }
        scan_pages(scan, elf, one);
    }
}

/* ---- What the loader is told --------------------------------------------- */

/* Values of the dynamic section that we look at. */
struct dynamic {
    bool is_there;
    bool binds_now;
    bool has_text_relocations;
    uint64_t init_array, init_size;
    uint64_t relocations, relocations_size;
    uint64_t jumps, jumps_size;
};

static void
take_tag(struct dynamic *dynamic, const Elf64_Dyn *tag)
{
    uint64_t value = tag->d_un.d_val;

    switch (tag->d_tag) {
    case DT_BIND_NOW: dynamic->binds_now = true; break;
    case DT_TEXTREL: dynamic->has_text_relocations = true; break;
    case DT_FLAGS:
        dynamic->binds_now |= (value & DF_BIND_NOW) != 0;
        dynamic->has_text_relocations |= (value & DF_TEXTREL) != 0;
        break;
    case DT_FLAGS_1: dynamic->binds_now |= (value & DF_1_NOW) != 0; break;
    case DT_INIT_ARRAY: dynamic->init_array = value; break;
    case DT_INIT_ARRAYSZ: dynamic->init_size = value; break;
    case DT_RELA: dynamic->relocations = value; break;
    case DT_RELASZ: dynamic->relocations_size = value; break;
    case DT_JMPREL: dynamic->jumps = value; break;
    case DT_PLTRELSZ: dynamic->jumps_size = value; break;
    default: break;
    }
}

static void
read_dynamic(const struct elf *elf, const Elf64_Phdr *segment,
             struct dynamic *dynamic)
{
    const uint8_t *at = elf_bytes(elf, segment->p_offset, segment->p_filesz);
    uint64_t n = at ? segment->p_filesz / sizeof(Elf64_Dyn) : 0;

    dynamic->is_there = true;
    for (uint64_t i = 0; i < n && i < TAGS_LIMIT; i++) {
        Elf64_Dyn tag;

        memcpy(&tag, at + i * sizeof tag, sizeof tag);
        if (tag.d_tag == DT_NULL) {
            break;
        }
        take_tag(dynamic, &tag);
    }
}

/* Whether a table has a relocation that calls a function. */
static void
scan_relocations(struct scan *scan, const struct elf *elf, uint64_t table,
                 uint64_t size)
{
    const uint8_t *at = elf_loaded(elf, table, size);

    for (uint64_t i = 0; at && i < size / sizeof(Elf64_Rela); i++) {
        Elf64_Rela one;

        memcpy(&one, at + i * sizeof one, sizeof one);
        if (ELF64_R_TYPE(one.r_info) == R_X86_64_IRELATIVE) {
            keep(scan, elf, SCAN_RESOLVERS, (uint64_t) one.r_addend);
        }
    }
}

/* A compiler's own start files have one function in the list. */
static void
scan_dynamic(struct scan *scan, const struct elf *elf,
             const struct dynamic *dynamic)
{
    if (dynamic->has_text_relocations) {
        keep(scan, elf, SCAN_TEXT_RELOCATIONS, 0);
    }
    if (dynamic->init_size > sizeof(uint64_t)) {
        keep(scan, elf, SCAN_CONSTRUCTORS, dynamic->init_array);
    }
    if (!dynamic->binds_now) {
        keep(scan, elf, SCAN_LAZY, 0);
    }
    scan_relocations(scan, elf, dynamic->relocations,
                     dynamic->relocations_size);
    scan_relocations(scan, elf, dynamic->jumps, dynamic->jumps_size);
}

bool
scan_file(const void *data, size_t size, const char *file,
          struct scan *scan, struct error *error)
{
    struct dynamic dynamic = { 0 };
    struct elf elf;

    memset(scan, 0, sizeof *scan);
    if (!elf_open(&elf, data, size, file, error)) {
        return false;
    }
    for (uint32_t i = 0; i < elf.head.e_phnum; i++) {
        Elf64_Phdr one;

        elf_segment(&elf, i, &one);
        scan_segment(scan, &elf, &one);
        if (one.p_type == PT_DYNAMIC && !dynamic.is_there) {
            read_dynamic(&elf, &one, &dynamic);
        }
    }
    scan_dynamic(scan, &elf, &dynamic);
    return true;
}

/* ---- For people ---------------------------------------------------------- */

void
scan_say(const struct scan *scan, enum scan_kind kind, struct buffer *out)
{
    const struct scan_kept *kept = &scan->found[kind];
    const struct elf_place *place = &kept->place;

    buffer_puts(out, words[kind]);
    if (kept->address) {
        buffer_printf(out, " at 0x%" PRIx64, kept->address);
    }
    if (kept->address && place->symbol[0]) {
        buffer_printf(out, " (%s+0x%" PRIx64 "%s%s)", place->symbol,
                      place->into, place->section[0] ? " in " : "",
                      place->section);
    } else if (kept->address && place->section[0]) {
        buffer_printf(out, " (%s)", place->section);
    }
    if (kept->n > 1) {
        buffer_printf(out, ", and %" PRIu64 " more", kept->n - 1);
    }
}

bool
scan_judge(const void *data, size_t size, const char *path,
           const char *file, struct error *error)
{
    BUFFER_AUTO struct buffer line = BUFFER_INIT;
    struct scan scan;

    if (!scan_file(data, size, file, &scan, error)) {
        return false;
    }
    for (unsigned int i = 0; i < SCAN_KINDS; i++) {
        if (scan.found[i].n && scan_stops((enum scan_kind) i)) {
            scan_say(&scan, (enum scan_kind) i, &line);
            error_set(error, ERROR_UNSUPPORTED, "%s cannot run in a domain:"
                      " it has %s", file, buffer_string(&line));
            return error_hint(error, "xvsctl ext scan %s tells all; partition"
                              " process takes it as it is", path);
        }
    }
    return true;
}
