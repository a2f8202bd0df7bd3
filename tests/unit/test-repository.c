/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Schemas come, are replaced and go; what a change does not touch stays the
 * same object; what must be refused is refused and changes nothing.
 */
#include <config.h>

#include "schema/repository.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "unit/host.h"
#include "unit/unit.h"

#define FEATURE(uuid)                                                      \
    "[UUID(\"" uuid "\"), ExtensionId(\"6466e1ea-0000-4000-8000-0000000000" \
    "01\"), InterfaceVersion(\"1\"), InterfaceRevision(\"0\"), "           \
    "DisplayName(\"x\")] "

#define U1 "6466e1ea-0000-4000-8000-000000000011"
#define U2 "6466e1ea-0000-4000-8000-000000000012"

static struct error_list errors;

static struct repository *
open_empty(const char *path)
{
    error_list_clear(&errors);
    return repository_open(path, &errors);
}

static bool
put(struct repository *repository, const char *name, const char *text)
{
    error_list_clear(&errors);
    return repository_register(repository, name, text, strlen(text), false,
                               &errors);
}

/* The last change failed and says so. */
static bool
says(const char *text)
{
    char line[1024];

    for (size_t i = 0; i < errors.n; i++) {
        if (strstr(error_format(&errors.items[i], line, sizeof line), text)) {
            return true;
        }
    }
    fprintf(stderr, "expected '%s', got:\n", text);
    host_print_errors(&errors);
    return false;
}

static void
test_life(void)
{
    struct repository *repository = open_empty(NULL);
    uint64_t generation = repository_generation(repository);
    const char *const *names;
    struct cim_class *cls;
    struct error error;
    size_t size;

    CU_ASSERT(repository_schemas(repository, &names) == 1);
    CU_ASSERT_STRING_EQUAL(names[0], "xvs_core");
    CU_ASSERT(repository_class(repository, "xvs_PORT") != NULL);
    CU_ASSERT(put(repository, "b", "class B_One { uint8 X; };"));
    CU_ASSERT(put(repository, "a", "class A_One : B_One { uint8 Y; };"));
    CU_ASSERT(repository_generation(repository) == generation + 2);
    CU_ASSERT_FATAL(repository_schemas(repository, &names) == 3);
    CU_ASSERT_STRING_EQUAL(names[1], "a");
    CU_ASSERT_STRING_EQUAL(repository_text(repository, "b", &size),
                           "class B_One { uint8 X; };");
    CU_ASSERT(size == 25);
    cls = repository_class(repository, "A_One");
    CU_ASSERT_FATAL(cls != NULL);
    CU_ASSERT_STRING_EQUAL(repository_schema_of(repository, cls), "a");
    CU_ASSERT(!repository_unregister(repository, "b", &error));
    CU_ASSERT(strstr(error.text, "A_One of schema a") != NULL);
    CU_ASSERT(!repository_unregister(repository, "nothing", &error));
    CU_ASSERT(!repository_unregister(repository, "xvs_core", &error));
    CU_ASSERT(repository_unregister(repository, "a", &error));
    CU_ASSERT(repository_unregister(repository, "b", &error));
    CU_ASSERT(repository_class(repository, "B_One") == NULL);
    repository_close(repository);
}

static void
test_touched(void)
{
    struct repository *repository = open_empty(NULL);
    struct cim_class *port = repository_class(repository, "XVS_Port");
    struct cim_class *other, *derived;

    CU_ASSERT(put(repository, "base", "class T_Base { uint8 A; };"
                                      "class T_Other { uint8 A; };"));
    CU_ASSERT(put(repository, "more",
                  "class T_Derived : T_Base { uint8 B; };"
                  "class T_Holder { T_Base Inner; };"
                  "class T_Free { uint8 C; };"));
    other = class_ref(repository_class(repository, "T_Free"));
    derived = class_ref(repository_class(repository, "T_Derived"));
    CU_ASSERT(put(repository, "base", "class T_Base { uint8 A; uint8 A2; };"
                                      "class T_Other { uint8 A; };"));
    CU_ASSERT(repository_class(repository, "T_Free") == other);
    CU_ASSERT(repository_class(repository, "XVS_Port") == port);
    CU_ASSERT(repository_class(repository, "T_Derived") != derived);
    CU_ASSERT(derived->n_properties == 2);
    CU_ASSERT(repository_class(repository, "T_Derived")->n_properties == 3);
    CU_ASSERT(class_property(repository_class(repository, "T_Holder"),
                             "Inner")->embedded_hash
              == class_hash(repository_class(repository, "T_Base")));
    CU_ASSERT(!put(repository, "base", "class T_Other { uint8 A; };"));
    CU_ASSERT(says("T_Base is used by class T_"));
    CU_ASSERT(repository_class(repository, "T_Base") != NULL);
    class_unref(other);
    class_unref(derived);
    repository_close(repository);
}

static void
test_refused(void)
{
    static const struct {
        const char *name, *text, *says;
    } rows[] = {
        { "x", "class X_A : X_Nowhere {};", "X_Nowhere" },
        { "x", "class X_A { uint8 A };", "x.mof:1:" },
        { "x", "class Y_A { uint8 A; };", "schema y" },
        { "x", "class XVS_Port { uint8 A; };", "built in" },
        { "x", "class CIM_SettingData { uint8 A; };",
          "no string Caption" },
        { "x", "#pragma namespace(\"root/elsewhere\")\nclass X_A {};",
          "root/elsewhere" },
        { ".x", "class X_A {};", "not a name" },
        { "xvs_core", "class X_A {};", "built in" },
        { "x", FEATURE(U1) "class X_F : XVS_PortFeatureSettings {"
               "  uint8 A; };", "y.mof" },
        { "x", "<CLASS NAME=\"X_A\"><PROPERTY></PROPERTY></CLASS>",
          "x.xml:1" },
        { "x", "<!DOCTYPE x [<!ENTITY e \"x\">]><CLASS NAME=\"X_A\"/>",
          "document type" },
    };
    struct repository *repository = open_empty(NULL);
    uint64_t generation;

    CU_ASSERT(put(repository, "y", "class Y_A { uint8 A; };"
                  FEATURE(U1) "class Y_F : XVS_PortFeatureSettings {"
                  "  uint8 A; };"));
    generation = repository_generation(repository);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT(!put(repository, rows[i].name, rows[i].text));
        CU_ASSERT(says(rows[i].says));
    }
    CU_ASSERT(repository_generation(repository) == generation);
    repository_close(repository);
}

static void
test_accepted(void)
{
    static const char *const texts[] = {
        "#pragma namespace(\"\\\\\\\\.\\\\root\\\\virtualization\\\\v2\")\n"
        "class X_A {};",
        "#pragma namespace(\"ROOT/xvs\")\nclass X_A {};",
        "#pragma namespace(\"interop\")\nclass X_A {};",
        "<CIM><DECLARATION><DECLGROUP><VALUE.OBJECT><CLASS NAME=\"X_A\">"
        "<PROPERTY NAME=\"P\" TYPE=\"uint8\"><VALUE>3</VALUE></PROPERTY>"
        "</CLASS></VALUE.OBJECT></DECLGROUP></DECLARATION></CIM>",
    };
    struct repository *repository = open_empty(NULL);

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CU_ASSERT(put(repository, "x", texts[i]) || says(""));
        CU_ASSERT(repository_class(repository, "X_A") != NULL);
    }
    repository_close(repository);
}

static void
test_feature(void)
{
    struct repository *repository = open_empty(NULL);
    struct xvs_guid guid;

    CU_ASSERT(put(repository, "f",
                  FEATURE(U1) "class F_A : XVS_PortFeatureSettings {"
                  "  uint8 A; };"));
    CU_ASSERT(guid_parse(U1, &guid));
    CU_ASSERT(repository_feature(repository, &guid)
              == repository_class(repository, "F_A"));
    CU_ASSERT(put(repository, "f",
                  FEATURE(U2) "class F_A : XVS_PortFeatureSettings {"
                  "  uint8 A; };"));
    CU_ASSERT(repository_feature(repository, &guid) == NULL);
    repository_close(repository);
}

/* A longer CIM class takes the place of ours, and gives it back. */
static void
test_builtin_replaced(void)
{
    struct repository *repository = open_empty(NULL);
    struct cim_class *port;
    struct error error;

    CU_ASSERT(put(repository, "f",
                  FEATURE(U1) "class F_A : XVS_PortFeatureSettings {"
                  "  uint8 A; };"));
    CU_ASSERT(put(repository, "dmtf",
                  "[Abstract] class CIM_ManagedElement { string Caption; "
                  "string Description; string ElementName; "
                  "uint64 Generation; };") || says(""));
    port = repository_class(repository, "XVS_Port");
    CU_ASSERT(class_property(port, "Generation") != NULL);
    CU_ASSERT(port->is_builtin);
    CU_ASSERT(class_property(repository_class(repository, "F_A"),
                             "Generation") != NULL);
    CU_ASSERT_STRING_EQUAL(
        repository_schema_of(repository,
                             repository_class(repository,
                                              "CIM_ManagedElement")),
        "dmtf");
    CU_ASSERT(repository_unregister(repository, "dmtf", &error));
    port = repository_class(repository, "XVS_Port");
    CU_ASSERT(class_property(port, "Generation") == NULL);
    CU_ASSERT_STRING_EQUAL(
        repository_schema_of(repository,
                             repository_class(repository,
                                              "CIM_ManagedElement")),
        "xvs_core");
    repository_close(repository);
}

/* Declarations of qualifiers count for the schema's classes. */
static void
test_qualifiers(void)
{
    static const char declaring[] =
        "Qualifier QNice : uint8 = 3, Scope(any), "
        "Flavor(DisableOverride, Translatable);"
        "[QNice] class Q_A {};";
    struct repository *repository = open_empty(NULL);
    const struct qualifier *qualifier;

    CU_ASSERT(put(repository, "q", declaring) || says(""));
    qualifier = class_qualifier(repository_class(repository, "Q_A"),
                                "QNice");
    CU_ASSERT_FATAL(qualifier != NULL);
    CU_ASSERT_EQUAL(qualifier->value.u, 3);
    CU_ASSERT_EQUAL(qualifier->flavor,
                    FLAVOR_TO_SUBCLASS | FLAVOR_TRANSLATABLE);
    CU_ASSERT(put(repository, "r", "[QNice(7)] class R_A {};") || says(""));
    qualifier = class_qualifier(repository_class(repository, "R_A"),
                                "QNice");
    CU_ASSERT(qualifier && qualifier->value.type == CIM_UINT8);
    CU_ASSERT(!put(repository, "r", "Qualifier QNice : string, Scope(any);"
                                    "class R_A {};"));
    CU_ASSERT(says("QNice is declared differently at q.mof"));
    CU_ASSERT(put(repository, "q", "Qualifier QNice : uint16 = 4, "
                                   "Scope(any); [QNice] class Q_A {};"));
    CU_ASSERT_EQUAL(repository_qualifier(repository, "qnice")->value.type,
                    CIM_UINT16);
    repository_close(repository);
}

/* Guard and watch. */

static struct repository_change seen;
static bool refuse;

static bool
guard(void *arg, const struct repository_change *change, struct error *error)
{
    (void) arg;
    (void) change;
    return !refuse || error_set(error, ERROR_IN_USE, "held by a test");
}

static void
watch(void *arg, const struct repository_change *change)
{
    (void) arg;
    seen = *change;
}

static void
test_guard(void)
{
    struct repository *repository = open_empty(NULL);
    struct error error;

    repository_set_guard(repository, guard, watch, NULL);
    refuse = false;
    CU_ASSERT(put(repository, "g", "class G_A {}; class G_B : G_A {};"));
    CU_ASSERT(seen.n_added == 2 && !seen.n_replaced && !seen.n_removed);
    CU_ASSERT(put(repository, "g", "class G_A {}; class G_C {};"));
    CU_ASSERT(seen.n_added == 1 && seen.n_replaced == 1
              && seen.n_removed == 1);
    refuse = true;
    CU_ASSERT(!put(repository, "g", "class G_D {};"));
    CU_ASSERT(says("held by a test"));
    CU_ASSERT(!repository_unregister(repository, "g", &error));
    CU_ASSERT_STRING_EQUAL(error.text, "held by a test");
    CU_ASSERT(repository_class(repository, "G_C") != NULL);
    refuse = false;
    CU_ASSERT(repository_unregister(repository, "g", &error));
    CU_ASSERT(seen.n_removed == 2);
    repository_close(repository);
}

/* On disk. */

static void
write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CU_ASSERT_FATAL(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void
test_restart(void)
{
    char dir[] = "/tmp/xvs-repository-XXXXXX";
    struct repository *repository;
    char path[200];
    char command[100];

    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    repository = open_empty(dir);
    CU_ASSERT_FATAL(repository != NULL);
    /* "a" needs "b", though it is first by name. */
    CU_ASSERT(put(repository, "b", "class B_One { uint8 X; };"));
    CU_ASSERT(put(repository, "a", "class A_One : B_One { uint8 Y; };"));
    CU_ASSERT(put(repository, "c", "class C_One { uint8 X; };"));
    CU_ASSERT(put(repository, "c", "<CLASS NAME=\"C_One\"></CLASS>"));
    repository_close(repository);
    snprintf(path, sizeof path, "%s/c.mof", dir);
    CU_ASSERT(access(path, F_OK) != 0);
    snprintf(path, sizeof path, "%s/c.xml", dir);
    CU_ASSERT(access(path, F_OK) == 0);

    repository = open_empty(dir);
    CU_ASSERT(errors.n_errors == 0);
    CU_ASSERT(repository_class(repository, "A_One") != NULL);
    CU_ASSERT(repository_class(repository, "C_One") != NULL);
    repository_close(repository);

    write_text(path, "<CLASS NAME=\"C_One\">");
    repository = open_empty(dir);
    CU_ASSERT(errors.n_errors == 1);
    CU_ASSERT(says("c.xml:1"));
    CU_ASSERT(repository_class(repository, "A_One") != NULL);
    CU_ASSERT(repository_class(repository, "C_One") == NULL);
    repository_close(repository);
    CU_ASSERT(access(path, F_OK) != 0);
    snprintf(path, sizeof path, "%s/c.xml.damaged", dir);
    CU_ASSERT(access(path, F_OK) == 0);

    repository = open_empty(dir);
    CU_ASSERT(errors.n_errors == 0);
    repository_close(repository);
    snprintf(command, sizeof command, "rm -r %s", dir);
    CU_ASSERT(system(command) == 0);
}

/*
 * The process ends at each step of a write in turn; what is found then is
 * the text from before, or the new one whole.
 */
static void
test_killed(void)
{
    static const char *const points[] = { "durable-create", "durable-write",
                                          "durable-fsync", "durable-rename",
                                          "durable-dirsync" };
    static const char before[] = "class K_One { uint8 X; };";
    static const char after[] = "class K_One { uint16 X; };";
    char dir[] = "/tmp/xvs-repository-XXXXXX";
    char command[100];

    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        struct repository *repository = open_empty(dir);
        const char *text;
        int status;
        pid_t child;

        CU_ASSERT(put(repository, "k", before));
        child = fork();
        if (child == 0) {
            char fault[64];

            snprintf(fault, sizeof fault, "%s:1", points[i]);
            setenv("XVS_FAULT", fault, 1);
            execl("/proc/self/exe", "test-repository", dir, after,
                  (char *) NULL);
            _exit(1);
        }
        CU_ASSERT(waitpid(child, &status, 0) == child);
        CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 77);
        repository_close(repository);
        repository = open_empty(dir);
        CU_ASSERT(errors.n_errors == 0);
        text = repository_text(repository, "k", NULL);
        CU_ASSERT_FATAL(text != NULL);
        CU_ASSERT(strcmp(text, i < 4 ? before : after) == 0);
        repository_close(repository);
    }
    snprintf(command, sizeof command, "rm -r %s", dir);
    CU_ASSERT(system(command) == 0);
}

/* What test_killed() runs: registers and is ended on the way. */
static int
register_and_die(const char *dir, const char *text)
{
    struct repository *repository = open_empty(dir);

    return repository && put(repository, "k", text) ? 0 : 1;
}

static const struct unit_test tests[] = {
    { "register, show, unregister", test_life },
    { "only touched classes are made again", test_touched },
    { "what is refused", test_refused },
    { "what is accepted", test_accepted },
    { "features by UUID", test_feature },
    { "a built-in class replaced", test_builtin_replaced },
    { "qualifier declarations", test_qualifiers },
    { "guard and watch", test_guard },
    { "restart", test_restart },
    { "ended while writing", test_killed },
};

int
main(int argc, char **argv)
{
    int status;

    if (argc == 3) {
        return register_and_die(argv[1], argv[2]);
    }
    status = unit_main("repository", tests, sizeof tests / sizeof tests[0]);
    error_list_clear(&errors);
    return status;
}
