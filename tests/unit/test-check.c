/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a class must satisfy to be registered, and what makes it a feature.
 */

#include <config.h>

#include "mof.h"
#include "base/text.h"
#include "schema/feature.h"
#include "unit.h"

#define U "UUID(\"EB29F0F2-F5DC-45C6-81BB-3CD9F219BBBB\")"
#define E "ExtensionId(\"37d9eae6-5bae-48c5-bff1-63a7cdd7e4f4\")"
#define V "InterfaceVersion(\"1\"), InterfaceRevision(0)"
#define D "DisplayName(\"n\")"
#define HEAD "[" U "," E "," V "," D "]\n"
#define PORT ": XVS_PortFeatureSettings "
#define STATUS ": XVS_SwitchFeatureStatus "

static void
test_features(void)
{
    static const struct mof_case rows[] = {
        { HEAD "class V_A " PORT "{ [Write] uint8 x; };", "" },
        { HEAD "class V_A " STATUS "{ [Read] uint8 x; };", "" },
        { "[" U "," E "," V "]\nclass V_A " PORT "{ uint8 x; };",
          "warning 2:7 class V_A: it has no DisplayName" },
        { "[" E "," V "," D "]\nclass V_A " PORT "{ };", "error 2:7 class "
          "V_A has no UUID qualifier, which every feature needs" },
        { "[" U "," V "," D "]\nclass V_A " PORT "{ };", "error 2:7 class "
          "V_A has no ExtensionId qualifier" },
        { "[" U "," E ",InterfaceVersion(1)," D "]\nclass V_A " PORT "{ };",
          "error 2:7 class V_A has no InterfaceRevision qualifier" },
        { "[" U "," E ",InterfaceVersion(256), InterfaceRevision(0)," D "]\n"
          "class V_A " PORT "{ };", "error 2:7 InterfaceVersion of class V_A "
          "is not a number from 0 to 255" },
        { "[" U "," E ",InterfaceVersion(\"x\"), InterfaceRevision(0)," D
          "]\nclass V_A " PORT "{ };", "error 2:7 InterfaceVersion of class" },
        { "[UUID(\"zz\")," E "," V "," D "]\nclass V_A " PORT "{ };",
          "error 2:7 UUID(\"zz\") of class V_A is not a GUID" },
        { "[" U "," E "," V "," D ", MigrationPolicy(\"stay\")]\nclass V_A "
          PORT "{ };", "error 2:7 MigrationPolicy(\"stay\") of class V_A is "
          "not block, park or drop" },
        /* A UUID is not inherited. */
        { HEAD "class V_A " PORT "{ };\n[" D "] class V_B : V_A { };",
          "error 3:26 class V_B has no UUID qualifier" },
        { "[Abstract] class V_A " PORT "{ };", "" },
        /* Kinds. */
        { HEAD "class V_A " STATUS "{ [Write] uint8 x; };", "error 2:53 "
          "property x of class V_A: a status class has no property with "
          "Write" },
        { HEAD "class V_AStatus " PORT "{ [Write] uint8 x; };", "error 2:7 "
          "class V_AStatus: a status class cannot be derived from a base for "
          "settings" },
        { HEAD "class V_A " PORT "{ [Read] uint8 x; [Read] uint8 y; };",
          "error 2:7 class V_A: a status class cannot be derived" },
        { "[" U "," E "," V "," D ", Applicability(\"1\")]\nclass V_A " PORT
          "{ };", "" },
        { "[" U "," E "," V "," D ", Applicability(\"2\")]\nclass V_A " PORT
          "{ };", "error 2:7 class V_A: Applicability(\"2\") contradicts its "
          "base, which is for a port: \"1\" is expected" },
        { HEAD "class Va " PORT "{ };", "error 2:7 class Va: its name has no "
          "vendor prefix: Vendor_Va is expected" },
        { "class Va { };", "warning 1:7 class Va: its name has no vendor "
          "prefix" },
        /* A class of a Windows driver. */
        { "[WMI, Dynamic, Provider(\"WMIProv\"), Locale(\"MS\\\\0x409\"),\n"
          " guid(\"{bba21300-6dd3-11d2-b844-00c04fad5171}\"),\n"
          " Description(\"d\")] class V_W {\n"
          " [key, read] string InstanceName; [read] boolean Active;\n"
          " [WmiDataId(1), read, write, DisplayInHex, WmiSizeIs(\"Active\"),\n"
          "  WmiScale(0), WmiVersion(1)] uint32 x[];\n"
          " [WmiMethodId(1), Implemented] void M([in, Id(0)] uint8 y); };",
          "warning 6:16 property x of class V_W: qualifier WmiVersion is not "
          "declared (did you mean" },
        { HEAD "class V_A " PORT "{ void M(uint8 x[]); };", "warning 2:7 class "
          "V_A: parameter x of method M: an extension cannot be called with "
          "arrays" },
    };

    MOF_CASES(rows, MOF_CHECK, false);
}

static void
test_ids(void)
{
    static const struct mof_case rows[] = {
        { "class V_A { [WmiDataId(2)] uint8 x; [WmiDataId(1)] uint8 y; };",
          "" },
        { "class V_A { [WmiDataId(1)] uint8 x; [WmiDataId(3)] uint8 y; };",
          "error 1:58 property y of class V_A: WmiDataId(3) leaves a gap: 2 "
          "is expected next" },
        { "class V_A { [WmiDataId(2)] uint8 x; };", "error 1:34 property x of "
          "class V_A: WmiDataId(2) leaves a gap: 1 is expected next" },
        { "class V_A { [WmiDataId(1)] uint8 x; [WmiDataId(1)] uint8 y; };",
          "error 1:58 property y of class V_A: WmiDataId(1) belongs to x "
          "already" },
        { "class V_A { [WmiDataId(1)] uint8 x; uint8 y; };", "warning 1:43 "
          "property y of class V_A: it has no WmiDataId, but others have" },
        { HEAD "class V_A " PORT "{ [WmiDataId(1)] uint8 x;\nuint8 y; };",
          "error 3:7 property y of class V_A: it has no WmiDataId" },
        /* Over the whole chain, above the built-in base. */
        { "class V_A { [WmiDataId(1)] uint8 x; };\n"
          "class V_B : V_A { [WmiDataId(1)] uint8 y; };",
          "error 2:40 property y of class V_B: WmiDataId(1) belongs to x" },
        { HEAD "class V_A " PORT "{ [Write, WmiDataId(1)] uint8 x; };", "" },
    };

    MOF_CASES(rows, MOF_CHECK, false);
}

static void
test_values(void)
{
    static const struct mof_case rows[] = {
        { "class V_A { [MinValue(-5), MaxValue(5)] sint8 x = -5; };", "" },
        { "class V_A { [MinValue(1)] uint8 x = 0; };", "error 1:33 property x "
          "of class V_A: the default is less than MinValue(1)" },
        { "class V_A { [MaxValue(9)] uint64 x = 18446744073709551615; };",
          "error 1:34 property x of class V_A: the default is more than "
          "MaxValue(9)" },
        { "class V_A { [MinValue(0)] real32 x = -0.5; };", "error 1:34 "
          "property x of class V_A: the default is less than MinValue(0)" },
        { "class V_A { [MaxValue(3)] uint8 x[] = {1,2,4}; };", "error 1:33 "
          "property x of class V_A: the default is more than MaxValue(3)" },
        { "class V_A { [MinValue(3), MaxValue(2)] uint8 x; };", "error 1:46 "
          "property x of class V_A: MinValue(3) is more than MaxValue(2)" },
        { "class V_A { [MaxLen(3)] string x = \"\xc3\xa9\xc3\xa9\xc3\xa9\"; };",
          "" },
        { "class V_A { [MaxLen(2)] string x = \"abc\"; };", "error 1:32 "
          "property x of class V_A: the default has 3 characters, MaxLen "
          "allows 2" },
        { "class V_A { [ValueMap{\"a\",\"b\"}] string x = \"c\"; };", "error "
          "1:40 property x of class V_A: the default 'c' is not in its "
          "ValueMap" },
        { "class V_A { [ValueMap{\"1\",\"4..6\",\"9..\"}] uint8 x[] = {1, 5, "
          "200}; };", "" },
        { "class V_A { [ValueMap{\"1\",\"4..6\"}] uint8 x = 3; };", "error "
          "1:42 property x of class V_A: the default '3' is not in its "
          "ValueMap" },
        { "class V_A { [ValueMap{\"1\",\"..\"}] uint8 x = 3; };", "" },
        { "class V_A { [ValueMap{\"1\"}, Values{\"a\",\"b\"}] uint8 x; };",
          "warning 1:52 property x of class V_A: ValueMap has 1 entries, "
          "Values 2" },
        { "class V_A { [MaxLen(3)] uint8 x; };", "warning 1:31 property x of "
          "class V_A: MaxLen is for strings" },
        { "class V_A { [Max(3)] uint8 x; };", "warning 1:28 property x of "
          "class V_A: Max is for arrays" },
    };

    MOF_CASES(rows, MOF_CHECK, false);
}

static void
test_feature_of_class(void)
{
    static const char text[] =
        "[" U "," E ",InterfaceVersion(\"2\"), InterfaceRevision(3), "
        "Singleton, MigrationPolicy(\"Park\")]\n"
        "class V_A : Msvm_EthernetSwitchPortFeatureSettingData { };\n"
        "class V_B { }; class V_C : CIM_SettingData { };\n";
    struct mof_run run = { .ok = true };
    struct feature feature;
    struct error error;
    char guid[GUID_TEXT_SIZE];

    mof_run_text(&run, text, MOF_RESOLVE);
    CU_ASSERT_EQUAL_FATAL(run.unit.n_classes, 3);
    CU_ASSERT(feature_of_class(run.unit.classes[0], &feature, &error));
    CU_ASSERT_EQUAL(feature.kind, FEATURE_SETTING);
    CU_ASSERT_EQUAL(feature.scope, XVS_SCOPE_PORT);
    CU_ASSERT_EQUAL(feature.version, 0x203);
    CU_ASSERT_EQUAL(feature.on_absence, FEATURE_PARK);
    CU_ASSERT(feature.singleton);
    CU_ASSERT_STRING_EQUAL(feature.display_name, "V_A");
    CU_ASSERT_STRING_EQUAL(guid_format(&feature.uuid, guid),
                           "EB29F0F2-F5DC-45C6-81BB-3CD9F219BBBB");
    for (size_t i = 1; i < 3; i++) {
        CU_ASSERT_FALSE(feature_of_class(run.unit.classes[i], &feature,
                                         &error));
        CU_ASSERT_EQUAL(feature.kind, FEATURE_NONE);
        CU_ASSERT_EQUAL(error.text[0], 0);
    }
    mof_run_clear(&run);
}

/* The built-in classes satisfy the rules themselves. */
static void
test_prelude(void)
{
    struct cim_class **classes;
    size_t n = prelude_classes(&classes);

    CU_ASSERT(n > 30);
    for (size_t i = 0; i < n; i++) {
        const struct cim_class *cls = classes[i];

        CU_ASSERT(cls->is_resolved && cls->is_builtin);
        CU_ASSERT_PTR_EQUAL(prelude_lookup(cls->name), cls);
        CU_ASSERT(!cls->super || prelude_lookup(cls->super_name)
                                     == cls->super);
    }
    CU_ASSERT(class_is_a(prelude_lookup("msvm_ethernetswitchdata"),
                         "XVS_SwitchFeatureStatus"));
    CU_ASSERT_PTR_NULL(prelude_lookup("Nothing"));
    CU_ASSERT(prelude_lookup("XVS_StageExtension")->is_association);
    CU_ASSERT(prelude_lookup("XVS_Event")->is_indication);
    CU_ASSERT_FALSE(prelude_lookup("XVS_Switch")->is_abstract);
}

static const struct unit_test tests[] = {
    { "features", test_features }, { "ids", test_ids },
    { "values", test_values }, { "feature_of_class", test_feature_of_class },
    { "prelude", test_prelude },
};

UNIT_MAIN("check", tests)
