/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * WQL: what parses, what each condition says about one object, and the
 * columns that errors name.
 */
#include <config.h>

#include "object/wql.h"

#include <string.h>

#include "base/buffer.h"
#include "object/instance.h"
#include "unit/host.h"
#include "unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct repository *repository;
static struct instance *object;

/* NO, YES or BROKEN for the object. */
enum outcome { NO, YES, BROKEN };

static void
test_conditions(void)
{
    static const struct {
        const char *condition;
        enum outcome outcome;
    } rows[] = {
        { "U = 5", YES },
        { "5 = U", YES },
        { "U = 0x5", YES },
        { "U <> 5", NO },
        { "U != 4", YES },
        { "U < 5", NO },
        { "U <= 5", YES },
        { "4 < U", YES },
        { "5 < U", NO },
        { "U > 4.5", YES },
        { "U = '5'", YES },
        { "U = 'x'", BROKEN },
        { "U = TRUE", NO },
        { "Big = 18446744073709551615", YES },
        { "Big > 18446744073709551614", YES },
        { "Big = 18446744073709551614", NO },
        { "Low = -9223372036854775808", YES },
        { "Low < Big", YES },
        { "R = 1.5", YES },
        { "R < 2", YES },
        { "B = TRUE", YES },
        { "B = false", NO },
        { "S = 'vm1'", YES },
        { "S = \"VM1\"", YES },
        { "S < 'vm2'", YES },
        { "S = 5", BROKEN },
        { "S LIKE 'vm%'", YES },
        { "S LIKE 'VM_'", YES },
        { "S LIKE 'v[a-m]1'", YES },
        { "S LIKE 'v[^a-m]1'", NO },
        { "S LIKE '%'", YES },
        { "S LIKE ''", NO },
        { "S LIKE 'vm'", NO },
        { "S LIKE '%m%1%'", YES },
        { "S NOT LIKE 'x%'", YES },
        { "U LIKE '5'", BROKEN },
        { "Quoted = 'a''b\\\\c\"d'", YES },
        { "Quoted = 'a\\'b\\c\"d'", YES },
        { "N IS NULL", YES },
        { "U IS NULL", NO },
        { "U IS NOT NULL", YES },
        { "N = NULL", YES },
        { "U <> NULL", YES },
        { "NULL = N", YES },
        { "N = 5", NO },
        { "N <> 5", NO },
        { "NOT N = 5", NO },
        { "N = 5 OR U = 5", YES },
        { "N = 5 AND U = 4", NO },
        { "NOT (N = 5 AND U = 4)", YES },
        { "List IS NOT NULL", YES },
        { "List = 1", YES },
        { "List = 7", NO },
        { "List <> 1", BROKEN },
        { "List = 'x'", BROKEN },
        { "List = List", BROKEN },
        { "S = List", BROKEN },
        { "'two' = Names", YES },
        { "S = Names", NO },
        { "Names = 'o'", NO },
        { "NOT Names = 'one'", NO },
        { "T > '20260101000000.000000+000'", YES },
        { "T < '20260101000000.000000+000'", NO },
        { "T = 'today'", BROKEN },
        { "C = 'x'", YES },
        { "Link = 'T_In.X=1'", YES },
        { "Link = 't_in.x=0x1'", YES },
        { "Link < 'T_In.X=1'", BROKEN },
        { "In ISA 'T_In'", YES },
        { "In ISA T_Base", YES },
        { "In ISA 'T_All'", NO },
        { "In = 5", BROKEN },
        { "U ISA 'T_In'", BROKEN },
        { "__CLASS = 'T_All'", YES },
        { "__CLASS ISA 'T_Base'", NO },
        { "__THIS ISA 'T_All'", YES },
        { "__CLASS LIKE 'T%'", YES },
        { "U = 4 OR U = 5 AND S = 'x'", NO },
        { "(U = 4 OR U = 5) AND S = 'vm1'", YES },
        { "NOT U = 4 AND S = 'vm1'", YES },
        { "NOT NOT U = 5", YES },
        { "1 = 1", YES },
        { "'a' = 'b'", NO },
        { "U = U", YES },
        { "Nowhere = 5", BROKEN },
        { "U = 4 AND Nowhere = 5", NO },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error error = { 0 };
        enum outcome outcome;
        char text[200];
        struct wql *wql;
        bool matches;

        snprintf(text, sizeof text, "SELECT * FROM T_All WHERE %s",
                 rows[i].condition);
        wql = wql_parse(text, &error);
        if (!wql) {
            fprintf(stderr, "%s: %s\n", text, error.text);
            CU_FAIL("does not parse");
            continue;
        }
        outcome = !wql_matches(wql, object, &matches, &error) ? BROKEN
                  : matches ? YES : NO;
        if (outcome != rows[i].outcome) {
            fprintf(stderr, "%s: %d %s\n", text, outcome, error.text);
            CU_FAIL("another outcome");
        }
        wql_destroy(wql);
    }
}

static void
test_malformed(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "column 1: expected SELECT" },
        { "SELEC * FROM A", "column 1: expected SELECT" },
        { "SELECT FROM A", "column 13: expected FROM" },
        { "SELECT * FROM", "expected the name of a class, got the end" },
        { "SELECT a, FROM A", "column 16: expected FROM" },
        { "SELECT a b FROM A", "column 10: expected FROM, got 'b'" },
        { "SELECT * FROM A WHERE", "a property or a literal" },
        { "SELECT * FROM A X", "column 17: expected WHERE" },
        { "SELECT * FROM A WHERE x", "expected a comparison" },
        { "SELECT * FROM A WHERE x =", "a property or a literal" },
        { "SELECT * FROM A WHERE x = 1 y", "expected AND, OR or the end" },
        { "SELECT * FROM A WHERE (x = 1", "expected ')'" },
        { "SELECT * FROM A WHERE x = 'a", "column 27: the string has no" },
        { "SELECT * FROM A WHERE x = 1a", "'1a' is not a number" },
        { "SELECT * FROM A WHERE x ; 1", "column 25: ';' is not part" },
        { "SELECT * FROM A WHERE x LIKE y", "expected a 'pattern'" },
        { "SELECT * FROM A WHERE x IS 5", "expected NULL or NOT NULL" },
        { "SELECT * FROM A WHERE x NOT 5", "expected LIKE" },
        { "SELECT * FROM A WHERE AND", "a property or a literal" },
        { "ASSOCIATORS {A.K=1}", "expected OF" },
        { "ASSOCIATORS OF A", "column 16: expected {path}" },
        { "ASSOCIATORS OF {A.K=1", "not closed" },
        { "ASSOCIATORS OF {A.K=}", "WQL: object path" },
        { "ASSOCIATORS OF {A.K=1} WHERE Foo = B", "expected AssocClass=" },
        { "ASSOCIATORS OF {A.K=1} WHERE Role", "expected '='" },
        { "REFERENCES OF {A.K=1} WHERE AssocClass = B", "ResultClass=" },
        { "REFERENCES OF {A.K=1} WHERE Role = a Role = b", "once" },
        { "SELECT * FROM A WHERE x = \xff", "not UTF-8" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error error = { 0 };

        CU_ASSERT(!wql_parse(rows[i].text, &error));
        if (!strstr(error.text, rows[i].says)) {
            fprintf(stderr, "%s: %s\n", rows[i].text, error.text);
            CU_FAIL("another error");
        }
    }
}

static void
test_parts(void)
{
    struct wql *wql = wql_parse("select Name,  u from T_All", NULL);
    const char *const *names;
    struct error error;

    CU_ASSERT_FATAL(wql != NULL);
    CU_ASSERT_EQUAL(wql_kind(wql), WQL_SELECT);
    CU_ASSERT_STRING_EQUAL(wql_class(wql), "T_All");
    CU_ASSERT_EQUAL_FATAL(wql_columns(wql, &names), 2);
    CU_ASSERT_STRING_EQUAL(names[1], "u");
    CU_ASSERT(!wql_check(wql, object->cls, &error));
    CU_ASSERT(strstr(error.text, "no property Name") != NULL);
    wql_destroy(wql);
    wql = wql_parse("select * from T_All where (u = 1 and Oops = 2)", NULL);
    CU_ASSERT_FATAL(wql != NULL);
    CU_ASSERT_EQUAL(wql_columns(wql, &names), 0);
    CU_ASSERT(!wql_check(wql, object->cls, &error));
    CU_ASSERT(strstr(error.text, "no property Oops") != NULL);
    wql_destroy(wql);
    wql = wql_parse("Associators of {T_In.X=1,S=\"}\"} where "
                    "AssocClass=T_Link resultclass = 'T_All' ClassDefsOnly",
                    NULL);
    CU_ASSERT_FATAL(wql != NULL);
    CU_ASSERT_EQUAL(wql_kind(wql), WQL_ASSOCIATORS);
    CU_ASSERT_STRING_EQUAL(wql_path(wql), "T_In.X=1,S=\"}\"");
    CU_ASSERT_STRING_EQUAL(wql_class(wql), "T_In");
    CU_ASSERT_STRING_EQUAL(wql_filter(wql, "ResultClass"), "T_All");
    CU_ASSERT_STRING_EQUAL(wql_filter(wql, "ClassDefsOnly"), "true");
    CU_ASSERT(wql_filter(wql, "Role") == NULL);
    wql_destroy(wql);
    wql_destroy(NULL);
}

/* What must be looked at, as "property=text ...". */
static void
test_keys(void)
{
    static const struct {
        const char *condition, *keys;
    } rows[] = {
        { "Id = 'a'", "Id=a" },
        { "'a' = id AND U = 4", "id=a" },
        { "U = 4 AND (Id = 'a' OR Names = 'b')", "Id=a Names=b" },
        { "Id = 'a' AND Names = 'b'", "Id=a" },
        { "Id = 'a' OR U = 4", "" },
        { "NOT Id = 'a'", "" },
        { "Id = ''", "" },
        { "Id = NULL", "" },
        { "Id <> 'a'", "" },
        { "Id LIKE 'a'", "" },
        { "Id = S", "" },
        { "S = 'a'", "" },
        { "Word = 'a'", "" },
        { "Nowhere = 'a'", "" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        BUFFER_AUTO struct buffer text = BUFFER_INIT;
        BUFFER_AUTO struct buffer found = BUFFER_INIT;
        struct wql_key keys[WQL_KEYS];
        struct wql *wql;
        size_t n;

        buffer_printf(&text, "SELECT * FROM T_All WHERE %s",
                      rows[i].condition);
        wql = wql_parse(buffer_string(&text), NULL);
        CU_ASSERT_FATAL(wql != NULL);
        n = wql_keys(wql, object->cls, keys);
        for (size_t j = 0; j < n; j++) {
            buffer_printf(&found, "%s%s=%s", j ? " " : "", keys[j].property,
                          keys[j].text);
        }
        CU_ASSERT_STRING_EQUAL(buffer_string(&found), rows[i].keys);
        wql_destroy(wql);
    }
}

static void
test_fixed(void)
{
    struct wql *wql = wql_parse("select * from T_All where U = 1 and "
                                "('x' = s and Id = 'y') and (C = 'a' or "
                                "C = 'b')", NULL);

    CU_ASSERT_FATAL(wql != NULL);
    CU_ASSERT_STRING_EQUAL(wql_fixed(wql, "S"), "x");
    CU_ASSERT_STRING_EQUAL(wql_fixed(wql, "Id"), "y");
    CU_ASSERT_PTR_NULL(wql_fixed(wql, "C"));
    CU_ASSERT_PTR_NULL(wql_fixed(wql, "U"));
    wql_destroy(wql);
}

/* One key more than there is room for: all must be looked at. */
static void
test_many_keys(void)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct wql_key keys[WQL_KEYS];

    buffer_puts(&text, "SELECT * FROM T_All WHERE Id = 'a'");
    for (size_t n = 1; n <= WQL_KEYS + 1; n++) {
        struct wql *wql = wql_parse(buffer_string(&text), NULL);

        CU_ASSERT_FATAL(wql != NULL);
        CU_ASSERT_EQUAL(wql_keys(wql, object->cls, keys),
                        n <= WQL_KEYS ? n : 0);
        wql_destroy(wql);
        buffer_puts(&text, " OR Id = 'a'");
    }
}

static void
test_limits(void)
{
    BUFFER_AUTO struct buffer text = BUFFER_INIT;
    struct error error;
    struct wql *wql;
    bool matches;

    buffer_puts(&text, "SELECT * FROM T_All WHERE ");
    for (int i = 0; i < 100; i++) {
        buffer_putc(&text, '(');
    }
    CU_ASSERT(!wql_parse(buffer_string(&text), &error));
    CU_ASSERT(strstr(error.text, "deep") != NULL);
    text.size = 0;
    buffer_puts(&text, "SELECT * FROM T_All WHERE U = 1");
    for (int i = 0; i < 5000; i++) {
        buffer_puts(&text, " OR U = 1");
    }
    wql = wql_parse(buffer_string(&text), &error);
    CU_ASSERT_FATAL(wql != NULL);
    CU_ASSERT(wql_matches(wql, object, &matches, &error) && !matches);
    wql_destroy(wql);
    for (int i = 0; i < 5000; i++) {
        buffer_puts(&text, " OR U = 1");
    }
    CU_ASSERT(!wql_parse(buffer_string(&text), &error));
    CU_ASSERT_EQUAL(error.code, ERROR_LIMIT);
}

static const struct unit_test tests[] = {
    { "conditions", test_conditions },
    { "malformed", test_malformed },
    { "parts", test_parts },
    { "keys", test_keys },
    { "fixed", test_fixed },
    { "many keys", test_many_keys },
    { "limits", test_limits },
};

int
main(void)
{
    struct cim_class *inner;
    int status;

    repository = host_open(
        "class T_Base {}; class T_In : T_Base { uint8 X; };"
        "class T_All { uint8 U = 5; uint64 Big = 18446744073709551615;"
        "  sint64 Low = -9223372036854775808; real64 R = 1.5;"
        "  boolean B = TRUE; string S = \"vm1\"; uint8 N; uint8 List[] = {1};"
        "  [Indexed] string Names[] = {\"one\", \"Two\"};"
        "  [Indexed] string Id; [Indexed, Secret] string Word;"
        "  string Quoted = \"a'b\\\\c\\\"d\"; char16 C = 'x';"
        "  datetime T = \"20261121030405.000000+000\"; T_In REF Link;"
        "  T_In In; };");
    object = instance_create(repository_class(repository, "T_All"));
    inner = repository_class(repository, "T_In");
    instance_set_string(object, "Link", "T_In.X=1");
    if (!instance_set(object, "In",
                      (struct value){ .type = CIM_EMBEDDED,
                                      .object = instance_create(inner) },
                      NULL)) {
        return 99;
    }
    status = unit_main("wql", tests, COUNT(tests));
    instance_destroy(object);
    repository_close(repository);
    return status;
}
