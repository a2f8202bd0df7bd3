/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Processes of stages are children of xvs-switch, of whichever of its
 * threads; their second word is the extension's name.
 */

#include <config.h>

#include "matrix.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t
children_things(pid_t pid)
{
    static const char *const folders[] = { "fd", "task" };
    uint32_t n = 0;
    char path[64];
    DIR *folder;

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, folders[i]);
        folder = opendir(path);
        while (folder && readdir(folder)) {
            n++;
        }
        if (folder) {
            closedir(folder);
        }
    }
    return n;
}

/* Whether the process is one of the stage. */
static bool
is_of(pid_t pid, const char *stage)
{
    char path[64], line[128] = "";
    size_t size = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    file = fopen(path, "r");
    if (file) {
        size = fread(line, 1, sizeof line - 1, file);
        fclose(file);
    }
    /* (Of one that is dying it is empty.) */
    return size > sizeof "xvs-stage" && strcmp(line, "xvs-stage") == 0
        && strcmp(line + sizeof "xvs-stage", stage) == 0;
}

/* Those of one thread. */
static uint32_t
of_thread(pid_t parent, const char *thread, const char *stage, pid_t *out,
          uint32_t n)
{
    uint32_t found = 0;
    char path[128];
    FILE *file;
    int pid;

    snprintf(path, sizeof path, "/proc/%d/task/%.20s/children", parent,
             thread);
    file = fopen(path, "r");
    while (file && found < n && fscanf(file, "%d", &pid) == 1) {
        if (is_of(pid, stage)) {
            out[found++] = pid;
        }
    }
    if (file) {
        fclose(file);
    }
    return found;
}

uint32_t
children_of(pid_t parent, const char *stage, pid_t *out, uint32_t n)
{
    const struct dirent *entry;
    uint32_t found = 0;
    char path[64];
    DIR *folder;

    snprintf(path, sizeof path, "/proc/%d/task", parent);
    folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        if (entry->d_name[0] != '.') {
            found += of_thread(parent, entry->d_name, stage, out + found,
                               n - found);
        }
    }
    if (folder) {
        closedir(folder);
    }
    return found;
}
