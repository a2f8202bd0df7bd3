/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A child process is ended at every step of a durable write: what is on the
 * disk afterwards is the old version or the new one, whole.
 */
#include <config.h>

#include "base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "unit.h"

static char folder[] = "/tmp/xvs-durable-XXXXXX";
static int dirfd_;

static bool
put(const char *name, const char *keep, const char *text)
{
    struct error error;

    return durable_write(dirfd_, name, keep, text, strlen(text), &error);
}

static bool
holds(const char *name, const char *text)
{
    BUFFER_AUTO struct buffer buffer = BUFFER_INIT;
    struct error error;

    return durable_read(dirfd_, name, 1000, &buffer, &error)
           && strcmp(buffer_string(&buffer), text) == 0;
}

/*
 * Writes in a child under XVS_FAULT; its exit status.  The child is a new
 * program, because XVS_FAULT is read once per process.
 */
static int
put_with_fault(const char *fault, const char *text)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        setenv("XVS_FAULT", fault, 1);
        execl("/proc/self/exe", "test-durable", folder, text, (char *) NULL);
        _exit(99);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_plain(void)
{
    BUFFER_AUTO struct buffer buffer = BUFFER_INIT;
    struct error error;

    CU_ASSERT(put("state", NULL, "one"));
    CU_ASSERT(holds("state", "one"));
    CU_ASSERT(put("state", "state.old", "two"));
    CU_ASSERT(holds("state", "two"));
    CU_ASSERT(holds("state.old", "one"));
    CU_ASSERT(put("empty", "empty.old", ""));
    CU_ASSERT(holds("empty", ""));
    CU_ASSERT_FALSE(durable_read(dirfd_, "state", 2, &buffer, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_LIMIT);
    CU_ASSERT_FALSE(durable_read(dirfd_, "none", 2, &buffer, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_NOT_FOUND);
    CU_ASSERT(durable_remove(dirfd_, "empty", &error));
    CU_ASSERT(durable_remove(dirfd_, "empty", &error));
}

static void
test_killed_at_each_step(void)
{
    static const struct {
        const char *fault;
        bool is_new;
    } rows[] = {
        { "durable-create:1", false }, { "durable-write:1", false },
        { "durable-fsync:1", false },  { "durable-rename:1", false },
        { "durable-dirsync:1", true },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT(put("state", "state.old", "before"));
        CU_ASSERT_EQUAL(put_with_fault(rows[i].fault, "after"), 77);
        CU_ASSERT(holds("state", rows[i].is_new ? "after" : "before"));
        CU_ASSERT(put("state", "state.old", "later"));
        CU_ASSERT(holds("state", "later"));
    }
    CU_ASSERT_EQUAL(put_with_fault("durable-write:2", "x"), 0);
    CU_ASSERT(holds("state", "x"));
}

/* A full disk: the error is reported and nothing changes. */
static void
test_errno_at_each_step(void)
{
    static const char *const points[] = { "durable-create", "durable-write",
                                          "durable-fsync",
                                          "durable-rename" };
    char fault[64];

    CU_ASSERT(put("state", "state.old", "before"));
    for (size_t i = 0; i < 4; i++) {
        snprintf(fault, sizeof(fault), "%s:1:%d", points[i], ENOSPC);
        CU_ASSERT_EQUAL(put_with_fault(fault, "after"), 1);
        CU_ASSERT(holds("state", "before"));
        CU_ASSERT_EQUAL(faccessat(dirfd_, ".state.new", F_OK, 0), -1);
    }
}

static void
test_mkdir(void)
{
    struct error error;
    char path[100];
    struct stat status;

    umask(077);
    snprintf(path, sizeof(path), "%s/a/b/c", folder);
    CU_ASSERT(durable_mkdir(path, &error));
    CU_ASSERT(durable_mkdir(path, &error));
    CU_ASSERT(stat(path, &status) == 0 && S_ISDIR(status.st_mode));
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0700);
    path[strlen(path) - 2] = 0;
    CU_ASSERT(stat(path, &status) == 0 && S_ISDIR(status.st_mode));
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0755);
    CU_ASSERT(put("file", NULL, ""));
    snprintf(path, sizeof(path), "%s/file/b", folder);
    CU_ASSERT_FALSE(durable_mkdir(path, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "is not a directory"));
}

static const struct unit_test tests[] = {
    { "write, keep, read, remove", test_plain },
    { "killed at each step", test_killed_at_each_step },
    { "an error at each step", test_errno_at_each_step },
    { "directories", test_mkdir },
};

int
main(int argc, char **argv)
{
    char command[64];

    if (argc == 3) {
        dirfd_ = open(argv[1], O_RDONLY | O_DIRECTORY);
        return put("state", "state.old", argv[2]) ? 0 : 1;
    }
    if (!mkdtemp(folder)
        || (dirfd_ = open(folder, O_RDONLY | O_DIRECTORY)) < 0) {
        return 99;
    }
    int status = unit_main("durable", tests,
                           sizeof(tests) / sizeof(tests[0]));

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command) ? 99 : status;
}
