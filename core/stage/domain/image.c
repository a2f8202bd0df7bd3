/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Loading a plugin's copy; see image.h.
 */

#include <config.h>

#include "stage/domain/image.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/durable.h"
#include "base/error.h"
#include "stage/domain/heap.h"
#include "stage/domain/keys.h"
#include "stage/domain/pages.h"
#include "stage/domain/scan.h"
#include "stage/plugin/description.h"
#include "stage/plugin/descriptor.h"
#include "stage/plugin/plugin.h"

#define FILE_LIMIT (256u << 20)
#define PAGE 4096u

/* ---- The file ------------------------------------------------------------- */

static bool
copy_file(struct image *image, const struct buffer *data, const char *name,
          struct error *error)
{
    size_t done = 0;

    image->file = memfd_create(name, MFD_CLOEXEC);
    while (image->file >= 0 && done < data->size) {
        ssize_t n = write(image->file, data->data + done, data->size - done);

        if (n <= 0) {
            break;
        }
        done += (size_t) n;
    }
    return done == data->size
        || error_set_errno(error, errno, "%s cannot be copied to memory",
                           name);
}

/* The loader knows files by their names: as long as this descriptor is open,
 * no other file has this one. */
static bool
open_copy(struct image *image, const char *name, struct error *error)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", image->file);
    image->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    return image->handle
        || error_set(error, ERROR_INVALID, "%s cannot be loaded: %s", name,
                     dlerror());
}

/* Behind all changes: what it says of itself has functions in it, too. */
static bool
check_copy(struct image *image, const struct plugin *plugin,
           struct error *error)
{
    const struct xvs_extension *theirs =
        dlsym(image->handle, XVS_SYMBOL_NAME);

    if (!theirs) {
        return error_set(error, ERROR_INVALID, "%s is not an xvs plugin: it"
                         " has no symbol " XVS_SYMBOL_NAME, plugin->file);
    }
    return descriptor_copy(theirs, plugin->file, &image->extension, error)
        && (description_fits(&plugin->description, &image->extension,
                             plugin->file)
            || error_set(error, ERROR_INVALID, "%s says something else of"
                         " itself here than where it was tried",
                         plugin->file));
}

/* ---- Its tables ----------------------------------------------------------- */

/* What of the dynamic section is needed; addresses as they are in memory. */
struct tables {
    const ElfW(Sym) *symbols;
    const char *names;
    const ElfW(Rela) *relocations[2];
    size_t n[2];
};

static void
find_tables(const struct link_map *map, struct tables *tables)
{
    memset(tables, 0, sizeof *tables);
    for (const ElfW(Dyn) *one = map->l_ld; one->d_tag != DT_NULL; one++) {
        const void *at = (const void *) one->d_un.d_ptr;

        switch (one->d_tag) {
        case DT_SYMTAB: tables->symbols = at; break;
        case DT_STRTAB: tables->names = at; break;
        case DT_RELA: tables->relocations[0] = at; break;
        case DT_JMPREL: tables->relocations[1] = at; break;
        case DT_RELASZ:
            tables->n[0] = one->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_PLTRELSZ:
            tables->n[1] = one->d_un.d_val / sizeof(ElfW(Rela));
            break;
        default: break;
        }
    }
}

static void
lead_one(const struct link_map *map, const struct tables *tables,
         const ElfW(Rela) *one)
{
    uint64_t type = ELF64_R_TYPE(one->r_info);
    const ElfW(Sym) *symbol = &tables->symbols[ELF64_R_SYM(one->r_info)];
    void *function;

    if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT
        && type != R_X86_64_64) {
        return;
    }
    function = symbol->st_shndx == SHN_UNDEF
        ? heap_function(tables->names + symbol->st_name) : NULL;
    if (function) {
        *(void **) (map->l_addr + one->r_offset) = function;
    }
}

/* Has the plugin's own calls for memory come to us. */
static void
lead(const struct link_map *map)
{
    struct tables tables;

    find_tables(map, &tables);
    for (int i = 0; i < 2; i++) {
        for (size_t j = 0; tables.symbols && j < tables.n[i]; j++) {
            lead_one(map, &tables, &tables.relocations[i][j]);
        }
    }
}

/* ---- Its pages ------------------------------------------------------------ */

/* A look at the segments of one image. */
struct look {
    struct image *image;
    const struct link_map *map;
    int key;
    bool good;
    struct error *error;
};

static bool
tag(const struct look *look, const ElfW(Phdr) *one, int protection, int key)
{
    uintptr_t start = look->map->l_addr + one->p_vaddr;
    uintptr_t end = start + one->p_memsz;

    start &= ~(uintptr_t) (PAGE - 1);
    /* What the loader makes read-only ends with a whole page. */
    end = protection & PROT_WRITE ? (end + PAGE - 1) & ~(uintptr_t) (PAGE - 1)
                                  : end & ~(uintptr_t) (PAGE - 1);
    return end <= start || keys_tag((void *) start, end - start, protection,
                                    key, look->error);
}

static void
bring(const struct look *look, const ElfW(Phdr) *one)
{
    uintptr_t start = look->map->l_addr + one->p_vaddr;
    uintptr_t page = start & ~(uintptr_t) (PAGE - 1);

    pages_bring((void *) page, one->p_memsz + (start - page),
                one->p_flags & PF_W);
}

static void
measure(struct image *image, uintptr_t base, const ElfW(Phdr) *one)
{
    uintptr_t end = base + one->p_vaddr + one->p_memsz;

    if (end - image->start > image->size) {
        image->size = end - image->start;
    }
}

/* All that can be written gets the key; with the tables still writable it is
 * changed, and then they are read-only again. */
static bool
treat(struct look *look, const struct dl_phdr_info *info)
{
    bool good = true;

    for (unsigned int i = 0; i < info->dlpi_phnum && good; i++) {
        const ElfW(Phdr) *one = &info->dlpi_phdr[i];

        if (one->p_type != PT_LOAD) {
            continue;
        }
        measure(look->image, info->dlpi_addr, one);
        if (one->p_flags & PF_W) {
            good = tag(look, one, PROT_READ | PROT_WRITE, look->key);
        }
        bring(look, one);
    }
    if (good) {
        lead(look->map);
    }
    for (unsigned int i = 0; i < info->dlpi_phnum && good; i++) {
        if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
            good = tag(look, &info->dlpi_phdr[i], PROT_READ, look->key);
        }
    }
    return good;
}

static int
look_at(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct look *look = arg;

    (void) size;
    if (strcmp(info->dlpi_name, look->map->l_name) != 0) {
        return 0;
    }
    look->good = treat(look, info);
    return 1;
}

static bool
treat_pages(struct image *image, int key, struct error *error)
{
    struct look look = { .image = image, .key = key, .error = error };
    struct link_map *map = NULL;

    error_set(error, ERROR_FAILED, "the loader does not say where it is");
    if (dlinfo(image->handle, RTLD_DI_LINKMAP, &map) != 0) {
        return false;
    }
    look.map = map;
    image->start = map->l_addr;
    dl_iterate_phdr(look_at, &look);
    return look.good;
}

bool
image_read(const struct plugin *plugin, struct buffer *file,
           struct error *error)
{
    return plugin_is_there(plugin, error)
        && durable_read(AT_FDCWD, plugin->path, FILE_LIMIT, file, error)
        && scan_judge(file->data, file->size, plugin->path, plugin->file,
                      error);
}

bool
image_load(struct image *image, const struct plugin *plugin,
           const struct buffer *file, int key, struct error *error)
{
    *image = (struct image) { .file = -1 };
    if (copy_file(image, file, plugin->file, error)
        && open_copy(image, plugin->file, error)
        && treat_pages(image, key, error)
        && check_copy(image, plugin, error)) {
        return true;
    }
    image_unload(image);
    return false;
}

void
image_unload(struct image *image)
{
    if (image->handle) {
        dlclose(image->handle);
    }
    if (image->file >= 0) {
        close(image->file);
    }
    *image = (struct image) { .file = -1 };
}
