/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What keeps a file out of a domain is found wherever it is, and what only
 * looks like it is not.
 */

#include <config.h>

#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "elf-file.h"
#include "stage/domain/scan.h"
#include "unit.h"

static struct elf_file file;

static bool
scan(struct scan *out)
{
    struct error error;

    return scan_file(file.bytes, file.size, "x.so", out, &error);
}

/* How often the code has it; SCAN_KINDS: anything that stops it. */
static uint64_t
count(const char *code, size_t size, enum scan_kind kind)
{
    struct scan out;

    elf_file_make(&file, code, size);
    CU_ASSERT(scan(&out));
    return kind == SCAN_KINDS ? !scan_passes(&out) : out.found[kind].n;
}

#define COUNT(code, kind) count(code, sizeof(code) - 1, kind)

static void
test_instructions(void)
{
    CU_ASSERT_EQUAL(COUNT("\x0f\x01\xef", SCAN_WRPKRU), 1);
    CU_ASSERT_EQUAL(COUNT("\x90\x90\x90\x0f\x01\xef\x90", SCAN_WRPKRU), 1);
    /* Inside another one: mov $0xef010f, %eax. */
    CU_ASSERT_EQUAL(COUNT("\xb8\x0f\x01\xef\x00", SCAN_WRPKRU), 1);
    CU_ASSERT_EQUAL(COUNT("\x0f\x05\x0f\x05", SCAN_SYSCALL), 2);
    CU_ASSERT_EQUAL(COUNT("\x0f\x34", SCAN_SYSENTER), 1);
    CU_ASSERT_EQUAL(COUNT("\xcd\x80", SCAN_INT80), 1);
    CU_ASSERT_EQUAL(COUNT("\x0f\xae\x2f", SCAN_XRSTOR), 1);
    CU_ASSERT_EQUAL(COUNT("\x48\x0f\xae\xaf", SCAN_XRSTOR), 1);
    CU_ASSERT_EQUAL(COUNT("\xf3\x0f\xae\xd7", SCAN_WRBASE), 1);
    CU_ASSERT_EQUAL(COUNT("\xf3\x48\x0f\xae\xd8", SCAN_WRBASE), 1);
}

/* rdpkru, lfence, xsave, rdfsbase, and beginnings at the very end. */
static void
test_harmless(void)
{
    CU_ASSERT_EQUAL(COUNT("\x0f\x01\xee", SCAN_KINDS), 0);
    CU_ASSERT_EQUAL(COUNT("\x0f\xae\xe8", SCAN_KINDS), 0);
    CU_ASSERT_EQUAL(COUNT("\x0f\xae\x27", SCAN_KINDS), 0);
    CU_ASSERT_EQUAL(COUNT("\xf3\x48\x0f\xae\xc0", SCAN_KINDS), 0);
    CU_ASSERT_EQUAL(COUNT("\x0f", SCAN_KINDS), 0);
    CU_ASSERT_EQUAL(COUNT("\x0f\x01", SCAN_KINDS), 0);
    CU_ASSERT_EQUAL(COUNT("\xcd", SCAN_KINDS), 0);
}

/* The rest of a page is mapped with the segment. */
static void
test_page(void)
{
    struct scan out;

    elf_file_make(&file, "\x90\x90\x90\x90\x90\x0f\x05", 7);
    elf_file_segment(&file, 0)->p_filesz = 2;
    CU_ASSERT(scan(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_SYSCALL].n, 1);
    elf_file_segment(&file, 0)->p_offset += 2;
    elf_file_segment(&file, 0)->p_vaddr += 2;
    memcpy(file.bytes + ELF_FILE_CODE, "\xcd\x80", 2);
    CU_ASSERT(scan(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_INT80].n, 1);
    CU_ASSERT_EQUAL(out.found[SCAN_INT80].address, ELF_FILE_CODE);
}

static void
test_segments(void)
{
    struct scan out;

    elf_file_make(&file, "\xc3", 1);
    elf_file_segment(&file, 0)->p_flags |= PF_W;
    *elf_file_segment(&file, 2) = (Elf64_Phdr) {
        .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W | PF_X };
    CU_ASSERT(scan(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_WRITABLE_CODE].n, 1);
    CU_ASSERT_EQUAL(out.found[SCAN_STACK_CODE].n, 1);
    *elf_file_segment(&file, 2) = (Elf64_Phdr) { .p_type = PT_TLS,
                                                 .p_memsz = 4 };
    CU_ASSERT(scan(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_THREAD_DATA].n, 1);
    CU_ASSERT(!scan_passes(&out));
    elf_file_segment(&file, 0)->p_flags = PF_R | PF_X;
    elf_file_segment(&file, 0)->p_filesz = UINT64_MAX;
    CU_ASSERT(scan(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_DAMAGED].n, 1);
}

static void
test_dynamic(void)
{
    struct scan out;

    elf_file_make(&file, "\xc3", 1);
    CU_ASSERT(scan(&out) && scan_passes(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_LAZY].n, 0);
    *elf_file_tag(&file, 0) = (Elf64_Dyn) { DT_INIT_ARRAYSZ, { 8 } };
    CU_ASSERT(scan(&out) && scan_passes(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_CONSTRUCTORS].n, 0);
    CU_ASSERT_EQUAL(out.found[SCAN_LAZY].n, 1);
    *elf_file_tag(&file, 0) = (Elf64_Dyn) { DT_INIT_ARRAYSZ, { 16 } };
    CU_ASSERT(scan(&out) && scan_passes(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_CONSTRUCTORS].n, 1);
    *elf_file_tag(&file, 1) = (Elf64_Dyn) { DT_FLAGS, { DF_TEXTREL } };
    CU_ASSERT(scan(&out) && !scan_passes(&out));
    CU_ASSERT_EQUAL(out.found[SCAN_TEXT_RELOCATIONS].n, 1);
}

static void
test_words(void)
{
    BUFFER_AUTO struct buffer line = BUFFER_INIT;
    struct scan out;

    elf_file_make(&file, "\x90\x0f\x05\x0f\x05", 5);
    CU_ASSERT(scan(&out));
    scan_say(&out, SCAN_SYSCALL, &line);
    CU_ASSERT_STRING_EQUAL(buffer_string(&line), "the bytes of syscall at"
                           " 0x1001 (hook+0x1 in .text), and 1 more");
}

/* Neither the file nor what it points to is there. */
static void
test_refused(void)
{
    struct scan out;

    elf_file_make(&file, "\xc3", 1);
    file.size = sizeof(Elf64_Ehdr) - 1;
    CU_ASSERT(!scan(&out));
    file.size = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr) - 1;
    CU_ASSERT(!scan(&out));
    elf_file_make(&file, "\xc3", 1);
    elf_file_head(&file)->e_phoff = UINT64_MAX;
    CU_ASSERT(!scan(&out));
    elf_file_make(&file, "\xc3", 1);
    elf_file_head(&file)->e_machine = EM_AARCH64;
    CU_ASSERT(!scan(&out));
    elf_file_make(&file, "\x0f\x05", 2);
    elf_file_head(&file)->e_shoff = UINT64_MAX - 8;
    CU_ASSERT(scan(&out));
    CU_ASSERT_STRING_EQUAL(out.found[SCAN_SYSCALL].place.symbol, "");
}

static const struct unit_test tests[] = {
    { "instructions", test_instructions },
    { "what only looks like them", test_harmless },
    { "whole pages", test_page },
    { "segments", test_segments },
    { "what the loader is told", test_dynamic },
    { "in words", test_words },
    { "refused", test_refused },
};

UNIT_MAIN("scan", tests)
