/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_UNIT_H
#define XVS_TESTS_UNIT_H

/*
 * Runs a table of tests as one CUnit suite; the result is an exit status.
 */

#include <CUnit/Basic.h>

struct unit_test {
    const char *name;       /* shown when it fails */
    void (*run)(void);      /* uses CU_ASSERT... */
};

static inline int
unit_main(const char *suite_name, const struct unit_test *tests, size_t n)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 99;
    }
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);

    for (size_t i = 0; i < n; i++) {
        if (!CU_add_test(suite, tests[i].name, tests[i].run)) {
            return 99;
        }
    }
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned int n_failed = CU_get_number_of_failures();

    CU_cleanup_registry();
    return n_failed != 0;
}

#define UNIT_MAIN(suite, tests) \
    int main(void) \
    { \
        return unit_main(suite, tests, sizeof(tests) / sizeof((tests)[0])); \
    }

#endif
