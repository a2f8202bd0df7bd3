/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The store survives being killed at every step of writing.
 *
 * A child process runs a scenario of transactions over two openings of the
 * store with a fault armed at the n-th arrival at one point, for every point
 * and every n until none is reached any more.  It counts what was confirmed
 * in shared memory.  A second child opens the store and compares: the state
 * is that after the confirmed transactions, or after one more (killed before
 * it could tell).  With an errno instead of a kill the scenario goes on, and
 * the state is exactly what was confirmed.
 */

#include <config.h>

#include <CUnit/Basic.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/log.h"
#include "base/memory.h"
#include "service/store/store.h"

#define N_CHANGES 12
#define REOPEN_AFTER 6
#define KILLED 77
#define NO_SPACE 28

/* What the scenario tells the test; survives a kill. */
struct outcome {
    unsigned int done[N_CHANGES];   /* 1: confirmed, 2: failed */
    unsigned int n;                 /* changes that were told about */
};

static struct outcome *outcome;
static char folder[64];

static void
change_fill(struct store_change *change, unsigned int i)
{
    char document[32], text[64];

    snprintf(text, sizeof text, "  value = %u;\n", i);
    snprintf(document, sizeof document, "port-a@p%u", i % 3);
    store_put(change, "switch-a", "last", text);
    store_put(change, document, "value", text);
    if (i % 4 == 3) {
        snprintf(document, sizeof document, "port-a@p%u", (i + 1) % 3);
        store_drop(change, document);
    }
    if (i % 5 == 4) {
        store_delete(change, "switch-a", "last");
    }
}

static void
change_told(void *arg, const struct error *error)
{
    bool *told = arg;

    outcome->done[outcome->n++] = error ? 2 : 1;
    *told = true;
}

/* Runs in a child: all changes, with the store opened twice. */
static int
scenario(void)
{
    struct error error;
    struct error_list problems = { 0 };
    struct loop *loop = loop_create(&error);
    struct store *store = store_open(loop, folder, &problems, &error);

    if (!store) {
        return 1;
    }
    for (unsigned int i = 0; i < N_CHANGES; i++) {
        struct store_change *change = store_begin();
        bool told = false;

        if (i == REOPEN_AFTER) {
            store_close(store);
            store = store_open(loop, folder, &problems, &error);
            if (!store) {
                return 2;
            }
        }
        change_fill(change, i);
        store_commit(store, change, change_told, &told);
        while (!told) {
            loop_once(loop, -1);
        }
    }
    store_close(store);
    loop_destroy(loop);
    error_list_clear(&problems);
    return 0;
}

/* All documents and entries as one text, in order of names. */
static int
compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static char *
store_dump(struct store *store)
{
    struct buffer out = BUFFER_INIT;
    char *lines[64];
    size_t n = 0, at = 0;
    const char *document;

    while (store_next_document(store, &at, &document)) {
        const char *entry, *text;
        size_t inner = 0;

        while (store_next_entry(store, document, &inner, &entry, &text)) {
            lines[n++] = mem_printf("%s/%s:%s", document, entry, text);
        }
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++) {
        buffer_puts(&out, lines[i]);
        free(lines[i]);
    }
    return buffer_steal(&out);
}

static void
change_done(void *arg, const struct error *error)
{
    *(bool *) arg = !error;
}

/* The same text for the changes whose outcome is given, in a fresh store. */
static char *
expected_dump(struct loop *loop, const char *place, unsigned int extra)
{
    struct error error;
    struct error_list problems = { 0 };
    struct store *store = store_open(loop, place, &problems, &error);
    bool told = true;
    char *text;

    for (unsigned int i = 0; i < outcome->n + extra && i < N_CHANGES; i++) {
        if (i >= outcome->n || outcome->done[i] == 1) {
            struct store_change *change = store_begin();

            change_fill(change, i);
            told = false;
            store_commit(store, change, change_done, &told);
            while (!told) {
                loop_once(loop, -1);
            }
        }
    }
    text = store_dump(store);
    store_close(store);
    return text;
}

/* Runs in a child: 0 when what is there is what was confirmed. */
static int
verify(bool killed)
{
    struct error error;
    struct error_list problems = { 0 };
    struct loop *loop = loop_create(&error);
    struct store *store = store_open(loop, folder, &problems, &error);
    char place[96];
    char *is, *must;
    int bad;

    if (!store || problems.n) {
        return 1;
    }
    is = store_dump(store);
    snprintf(place, sizeof place, "%s/exact", folder);
    must = expected_dump(loop, place, 0);
    bad = strcmp(is, must) != 0;
    if (bad && killed) {
        free(must);
        snprintf(place, sizeof place, "%s/more", folder);
        must = expected_dump(loop, place, 1);
        bad = strcmp(is, must) != 0;
    }
    if (bad) {
        fprintf(stderr, "confirmed %u\nis:\n%s\nmust be:\n%s", outcome->n, is,
                must);
    }
    free(is);
    free(must);
    store_close(store);
    loop_destroy(loop);
    return bad;
}

static int
in_child(int (*run)(void), const char *fault)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        log_open("test-store", LOG_LEVEL_ERROR);
        if (fault) {
            setenv("XVS_FAULT", fault, 1);
        } else {
            unsetenv("XVS_FAULT");
        }
        _exit(run());
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int
verify_killed(void)
{
    return verify(true);
}

static int
verify_told(void)
{
    return verify(false);
}

static void
fresh_folder(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
    memset(outcome, 0, sizeof *outcome);
}

static const char *const points[] = {
    "journal-prepare", "journal-head", "journal-append", "journal-sync",
    "journal-synced", "checkpoint-switch", "checkpoint-write",
    "checkpoint-done", "durable-create", "durable-write", "durable-fsync",
    "durable-rename", "durable-dirsync",
};

#define N_POINTS (sizeof points / sizeof *points)

/* Sanitizers look for other things than the order of writes, and make forks
 * slow: with them not every arrival is tried. */
#if defined(__SANITIZE_THREAD__)
#define STEP 25
#elif defined(__SANITIZE_ADDRESS__)
#define STEP 15
#else
#define STEP 1
#endif

/* How often a scenario comes to each point when nothing fails. */
static unsigned int reached[N_POINTS];

/* False: the scenario ended before it came to the point 'n' times. */
static bool
arrive(const char *point, unsigned int n, int number)
{
    char fault[80];
    int result;

    snprintf(fault, sizeof fault, number ? "%s:%u:%d" : "%s:%u", point, n,
             number);
    fresh_folder();
    result = in_child(scenario, fault);
    if (result != 0 && result != KILLED) {
        fprintf(stderr, "%s: exit %d\n", fault, result);
        CU_FAIL("the scenario broke");
        return false;
    }
    if (in_child(number ? verify_told : verify_killed, NULL) != 0) {
        fprintf(stderr, "%s\n", fault);
        CU_FAIL("the state is not what was confirmed");
    }
    return number || result == KILLED;
}

static void
test_killed_everywhere(void)
{
    for (size_t i = 0; i < N_POINTS; i++) {
        unsigned int n = 1;

        while (arrive(points[i], n, 0)) {
            reached[i] = n;
            n += STEP;
        }
        CU_ASSERT(reached[i] > 0);
    }
}

/* Once more than it is reached: what fails once is tried again. */
static void
test_full_disk_everywhere(void)
{
    for (size_t i = 0; i < N_POINTS; i++) {
        for (unsigned int n = 1; n <= reached[i] + 1; n += STEP) {
            if (!arrive(points[i], n, NO_SPACE)) {
                break;
            }
        }
    }
}

/* Writes 'text' over the file's bytes at 'offset'. */
static void
damage(const char *file, off_t offset, const char *text)
{
    char path[160];
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, file);
    fd = open(path, O_WRONLY);
    CU_ASSERT(fd >= 0);
    CU_ASSERT(pwrite(fd, text, strlen(text), offset) > 0);
    close(fd);
}

/* In a child: 0 when the one problem names the file, 3 when others do. */
static const char *damaged_file;
static enum error_severity damaged_severity;

static int
verify_damaged(void)
{
    struct error error;
    struct error_list problems = { 0 };
    struct loop *loop = loop_create(&error);
    struct store *store = store_open(loop, folder, &problems, &error);
    int result = 0;

    if (!store || problems.n != 1
        || strcmp(problems.items[0].file, damaged_file) != 0
        || problems.items[0].severity != damaged_severity) {
        result = 3;
    }
    if (store && damaged_severity == SEVERITY_WARNING
        && !store_get(store, "port-a@p2", "value")) {
        result = 4;
    }
    store_close(store);
    loop_destroy(loop);
    error_list_clear(&problems);
    return result;
}

static void
test_damaged_file(void)
{
    fresh_folder();
    CU_ASSERT_EQUAL(in_child(scenario, NULL), 0);
    damage("port-a@p2.cfg", 60, "torn");
    damaged_file = "port-a@p2.cfg";
    damaged_severity = SEVERITY_WARNING;
    CU_ASSERT_EQUAL(in_child(verify_damaged, NULL), 0);
    /* The journal still had what the previous generation lacked. */
    CU_ASSERT_EQUAL(in_child(verify_told, NULL), 0);
}

static void
test_both_damaged(void)
{
    char bad[160];

    fresh_folder();
    CU_ASSERT_EQUAL(in_child(scenario, NULL), 0);
    damage("switch-a.cfg", 3, "!");
    damage("switch-a.cfg.old", 3, "!");
    damaged_file = "switch-a.cfg";
    damaged_severity = SEVERITY_ERROR;
    CU_ASSERT_EQUAL(in_child(verify_damaged, NULL), 0);
    snprintf(bad, sizeof bad, "%s/switch-a.cfg.bad", folder);
    CU_ASSERT_EQUAL(access(bad, R_OK), 0);
}

/* The last record cut off: that change is gone, the others are there. */
static void
test_torn_journal(void)
{
    fresh_folder();
    CU_ASSERT_EQUAL(in_child(scenario, "journal-synced:1"), KILLED);
    damage("journal.0", 4096 + 24, "torn");
    CU_ASSERT_EQUAL(outcome->n, 0);
    CU_ASSERT_EQUAL(in_child(verify_told, NULL), 0);
}

int
main(void)
{
    CU_pSuite suite;
    unsigned int failed;
    char command[128];

    /* In memory: a process is killed here, not a machine, and hundreds of
     * folders would be flushed otherwise. */
    snprintf(folder, sizeof folder, "%s/xvs-test-store.%d",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
             (int) getpid());
    outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcome == MAP_FAILED || CU_initialize_registry() != CUE_SUCCESS) {
        return 99;
    }
    suite = CU_add_suite("store", NULL, NULL);
    CU_add_test(suite, "killed at every step", test_killed_everywhere);
    CU_add_test(suite, "disk full at every step", test_full_disk_everywhere);
    CU_add_test(suite, "damaged file", test_damaged_file);
    CU_add_test(suite, "both generations damaged", test_both_damaged);
    CU_add_test(suite, "torn journal", test_torn_journal);
    CU_basic_run_tests();
    failed = CU_get_number_of_failures();
    CU_cleanup_registry();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 && failed == 0 ? 0 : 1;
}
