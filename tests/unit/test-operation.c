/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Operations as a client sees them: each request with what its answer has to
 * hold, then the cases that need more than one request.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manage/manage.h"
#include "unit/fake-service.h"
#include "unit/talk.h"
#include "unit/unit.h"

#define VALUE(name, text) \
    "<IPARAMVALUE NAME=\"" name "\"><VALUE>" text "</VALUE></IPARAMVALUE>"
#define CLASS(name, text) \
    "<IPARAMVALUE NAME=\"" name "\"><CLASSNAME NAME=\"" text "\"/>" \
    "</IPARAMVALUE>"
#define ITEM(id) \
    "<INSTANCENAME CLASSNAME=\"Test_Item\"><KEYBINDING NAME=\"Id\">" \
    "<KEYVALUE VALUETYPE=\"numeric\">" id "</KEYVALUE></KEYBINDING>" \
    "</INSTANCENAME>"
#define NAME(name, id) \
    "<IPARAMVALUE NAME=\"" name "\">" ITEM(id) "</IPARAMVALUE>"
#define LIST(...) \
    "<IPARAMVALUE NAME=\"PropertyList\"><VALUE.ARRAY>" __VA_ARGS__ \
    "</VALUE.ARRAY></IPARAMVALUE>"
#define NEW(id) \
    "<INSTANCE CLASSNAME=\"Test_Item\"><QUALIFIER NAME=\"Version\" " \
    "TYPE=\"string\"><VALUE>1</VALUE></QUALIFIER><PROPERTY NAME=\"Id\" " \
    "TYPE=\"uint32\"><VALUE>" id "</VALUE></PROPERTY><PROPERTY " \
    "NAME=\"Name\" TYPE=\"string\"><VALUE>n &lt;1&gt;</VALUE></PROPERTY>" \
    "</INSTANCE>"

#define CLASS_PATH(text) \
    "<OBJECTPATH><CLASSPATH><NAMESPACEPATH><HOST>here</HOST>" \
    "<LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"></NAMESPACE>" \
    "<NAMESPACE NAME=\"xvs\"></NAMESPACE></LOCALNAMESPACEPATH>" \
    "</NAMESPACEPATH><CLASSNAME NAME=\"" text "\"></CLASSNAME></CLASSPATH>" \
    "</OBJECTPATH>"

/* One call and texts that its answer has, or with '!' in front has not. */
struct expectation {
    const char *operation;
    const char *parameters;
    const char *texts[5];
};

static const struct expectation table[] = {
    { "GetInstance", NAME("InstanceName", "1"),
      { "<IRETURNVALUE><INSTANCE CLASSNAME=\"Test_Item\">",
        "<VALUE>item &lt;1&gt;</VALUE>", "MESSAGE ID=\"17\"",
        "NAME=\"Note\" TYPE=\"string\"></PROPERTY>", "!CLASSORIGIN" } },
    { "GetInstance", NAME("InstanceName", "1") LIST("<VALUE>name</VALUE>")
      VALUE("IncludeClassOrigin", "TRUE"),
      { "NAME=\"Name\"", "CLASSORIGIN=\"Test_Item\"", "!NAME=\"Id\"" } },
    { "GetInstance", NAME("InstanceName", "1") LIST(""),
      { "<INSTANCE CLASSNAME=\"Test_Item\"></INSTANCE>" } },
    { "GetInstance", NAME("InstanceName", "9"),
      { "CODE=\"6\"", "XVS-Error: not-found", "!IRETURNVALUE" } },
    { "GetInstance", "", { "CODE=\"4\"", "InstanceName is missing" } },
    { "GetInstance", CLASS("InstanceName", "Test_Item"),
      { "CODE=\"4\"", "names a class" } },
    { "GetInstance", VALUE("InstanceName", "x"), { "CODE=\"4\"" } },
    { "GetInstance", NAME("InstanceName", "1") VALUE("LocalOnly", "maybe"),
      { "CODE=\"4\"", "TRUE or FALSE" } },
    { "GetInstance", NAME("InstanceName", "1") VALUE("Bogus", "1"),
      { "CODE=\"4\"", "Bogus" } },
    { "GetInstance", NAME("InstanceName", "1") NAME("InstanceName", "2"),
      { "CODE=\"4\"", "twice" } },
    { "EnumerateInstances", CLASS("ClassName", "test_item"),
      { "<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME=\"Test_Item\">"
        "<KEYBINDING NAME=\"Id\"><KEYVALUE VALUETYPE=\"numeric\">1<",
        "Content-Length" } },
    { "EnumerateInstances", CLASS("ClassName", "Test_Itme"),
      { "CODE=\"5\"", "did you mean Test_Item?" } },
    { "EnumerateInstances", CLASS("ClassName", "Test_SubItem"),
      { "<IRETURNVALUE></IRETURNVALUE>" } },
    { "EnumerateInstances", CLASS("ClassName", "Test_Slow"),
      { "<VALUE>3</VALUE>" } },
    { "EnumerateInstanceNames", CLASS("ClassName", "Test_Link"),
      { "<KEYBINDING NAME=\"Left\"><VALUE.REFERENCE><INSTANCENAME",
        "!<INSTANCE " } },
    { "EnumerateInstanceNames", CLASS("ClassName", "Test_Broken"),
      { "CODE=\"1\"", "the extension broke", "XVS-Error: provider",
        "!<INSTANCENAME" } },
    { "CreateInstance",
      "<IPARAMVALUE NAME=\"NewInstance\">" NEW("50") "</IPARAMVALUE>",
      { "<IRETURNVALUE><INSTANCENAME CLASSNAME=\"Test_Item\">", ">50<" } },
    { "CreateInstance",
      "<IPARAMVALUE NAME=\"NewInstance\">" NEW("50") "</IPARAMVALUE>",
      { "CODE=\"11\"" } },
    { "CreateInstance",
      "<IPARAMVALUE NAME=\"NewInstance\">" NEW("-1") "</IPARAMVALUE>",
      { "<ERROR", "Test_Item.Id" } },
    { "CreateInstance", "<IPARAMVALUE NAME=\"NewInstance\"><INSTANCE "
      "CLASSNAME=\"No_Such\"></INSTANCE></IPARAMVALUE>", { "CODE=\"5\"" } },
    { "CreateInstance", "<IPARAMVALUE NAME=\"NewInstance\"><INSTANCE "
      "CLASSNAME=\"Test_Item\"><PROPERTY NAME=\"Nmae\" TYPE=\"string\">"
      "</PROPERTY></INSTANCE></IPARAMVALUE>", { "CODE=\"12\"", "Name" } },
    { "ModifyInstance", "<IPARAMVALUE NAME=\"ModifiedInstance\">"
      "<VALUE.NAMEDINSTANCE>" ITEM("50") "<INSTANCE CLASSNAME=\"Test_Item\">"
      "<PROPERTY NAME=\"Note\" TYPE=\"string\"><VALUE>new</VALUE></PROPERTY>"
      "</INSTANCE></VALUE.NAMEDINSTANCE></IPARAMVALUE>",
      { "<IMETHODRESPONSE NAME=\"ModifyInstance\"></IMETHODRESPONSE>" } },
    { "ModifyInstance", "<IPARAMVALUE NAME=\"ModifiedInstance\">" NEW("1")
      "</IPARAMVALUE>", { "CODE=\"4\"" } },
    { "GetProperty", NAME("InstanceName", "50")
      VALUE("PropertyName", "Note"),
      { "<IRETURNVALUE><VALUE>new</VALUE></IRETURNVALUE>" } },
    { "GetProperty", NAME("InstanceName", "50")
      VALUE("PropertyName", "Name"), { "<VALUE>n &lt;1&gt;</VALUE>" } },
    { "GetProperty", NAME("InstanceName", "50")
      VALUE("PropertyName", "Nope"), { "CODE=\"12\"" } },
    { "SetProperty", NAME("InstanceName", "50") VALUE("PropertyName", "Level")
      VALUE("NewValue", "-7"), { "></IMETHODRESPONSE>" } },
    { "SetProperty", NAME("InstanceName", "50") VALUE("PropertyName", "Level")
      VALUE("NewValue", "x"), { "CODE=\"" } },
    { "GetProperty", NAME("InstanceName", "50")
      VALUE("PropertyName", "Level"), { "<VALUE>-7</VALUE>" } },
    { "DeleteInstance", NAME("InstanceName", "50"),
      { "></IMETHODRESPONSE>" } },
    { "DeleteInstance", NAME("InstanceName", "50"), { "CODE=\"6\"" } },
    { "GetClass", CLASS("ClassName", "Test_SubItem"),
      { "NAME=\"More\"", "!NAME=\"Mac\"" } },
    { "GetClass", CLASS("ClassName", "Test_SubItem")
      VALUE("LocalOnly", "FALSE"), { "NAME=\"More\"", "NAME=\"Mac\"" } },
    { "GetClass", CLASS("ClassName", "Test_Item")
      LIST("<VALUE>Mac</VALUE>"), { "NAME=\"Mac\"", "!NAME=\"Level\"" } },
    { "EnumerateClassNames", CLASS("ClassName", "Test_Item"),
      { "<CLASSNAME NAME=\"Test_SubItem\"></CLASSNAME>", "!\"Test_Many\"" } },
    { "EnumerateClassNames", "", { "\"Test_Item\"", "!\"Test_SubItem\"" } },
    { "EnumerateClasses", VALUE("DeepInheritance", "true"),
      { "<CLASS NAME=\"Test_SubItem\"", "<CLASS NAME=\"XVS_Switch\"" } },
    { "GetQualifier", VALUE("QualifierName", "No-such"), { "CODE=\"6\"" } },
    { "EnumerateQualifiers", "", { "</IMETHODRESPONSE>", "!<ERROR" } },
    { "SetQualifier", "", { "CODE=\"7\"" } },
    { "EnumerationCount", "", { "CODE=\"7\"", "unsupported" } },
    { "Nonsense", "", { "CODE=\"7\"", "Nonsense" } },
    { "CreateClass", "<IPARAMVALUE NAME=\"NewClass\"><CLASS NAME=\"T_New\">"
      "<PROPERTY NAME=\"P\" TYPE=\"uint8\"></PROPERTY></CLASS></IPARAMVALUE>",
      { "></IMETHODRESPONSE>" } },
    { "CreateClass", "<IPARAMVALUE NAME=\"NewClass\"><CLASS NAME=\"T_New\">"
      "</CLASS></IPARAMVALUE>", { "CODE=\"11\"" } },
    { "CreateClass", "<IPARAMVALUE NAME=\"NewClass\"><CLASS NAME=\"T_Bad\" "
      "SUPERCLASS=\"Nope\"></CLASS></IPARAMVALUE>", { "CODE=\"10\"" } },
    { "ModifyClass", "<IPARAMVALUE NAME=\"ModifiedClass\"><CLASS "
      "NAME=\"T_New\"><PROPERTY NAME=\"Q\" TYPE=\"uint8\"></PROPERTY></CLASS>"
      "</IPARAMVALUE>", { "></IMETHODRESPONSE>" } },
    { "ModifyClass", "<IPARAMVALUE NAME=\"ModifiedClass\"><CLASS "
      "NAME=\"Test_Item\"></CLASS></IPARAMVALUE>", { "schema test" } },
    { "GetClass", CLASS("ClassName", "T_New"), { "\"Q\"", "!\"P\"" } },
    { "DeleteClass", CLASS("ClassName", "T_New"), { "></IMETHODRESPONSE>" } },
    { "DeleteClass", CLASS("ClassName", "T_New"), { "CODE=\"6\"" } },
    { "DeleteClass", CLASS("ClassName", "XVS_Switch"), { "built in" } },
    { "Associators", NAME("ObjectName", "1"),
      { "<VALUE.OBJECTWITHPATH><INSTANCEPATH><NAMESPACEPATH><HOST>here<",
        ">item &lt;2&gt;<", ">item &lt;3&gt;<", "!>item &lt;1&gt;<" } },
    { "Associators", NAME("ObjectName", "2") VALUE("Role", "Left"),
      { "<IRETURNVALUE></IRETURNVALUE>" } },
    { "Associators", NAME("ObjectName", "2") VALUE("ResultRole", "left"),
      { ">item &lt;1&gt;<", "!>item &lt;3&gt;<" } },
    { "Associators", NAME("ObjectName", "1")
      CLASS("ResultClass", "Test_SubItem"),
      { "<IRETURNVALUE></IRETURNVALUE>" } },
    { "Associators", NAME("ObjectName", "1") CLASS("AssocClass", "Nope"),
      { "CODE=\"4\"" } },
    { "AssociatorNames", NAME("ObjectName", "1"),
      { "<OBJECTPATH><INSTANCEPATH>", ">2</KEYVALUE>", ">3</KEYVALUE>",
        "!<INSTANCE " } },
    { "References", NAME("ObjectName", "3"),
      { "<INSTANCE CLASSNAME=\"Test_Link\">", "<VALUE.OBJECTWITHPATH>" } },
    { "ReferenceNames", NAME("ObjectName", "1")
      CLASS("ResultClass", "XVS_SwitchPort"),
      { "<IRETURNVALUE></IRETURNVALUE>" } },
    { "Associators", CLASS("ObjectName", "test_item"),
      { "<VALUE.OBJECTWITHPATH><CLASSPATH><NAMESPACEPATH><HOST>here<",
        "<CLASSNAME NAME=\"Test_Many\"></CLASSNAME></CLASSPATH><CLASS "
        "NAME=\"Test_Many\">", "<CLASS NAME=\"Test_Item\"",
        "!<QUALIFIER", "!CLASSORIGIN" } },
    { "Associators", CLASS("ObjectName", "Test_Item")
      CLASS("ResultClass", "Test_Many") LIST("<VALUE>text</VALUE>")
      VALUE("IncludeQualifiers", "true") VALUE("IncludeClassOrigin", "true"),
      { "NAME=\"Text\"", "!NAME=\"Id\"", "CLASSORIGIN=\"Test_Many\"",
        "!<CLASS NAME=\"Test_Item\"" } },
    { "AssociatorNames", CLASS("ObjectName", "Test_Item")
      CLASS("AssocClass", "Test_Link"),     /* four ways to one class */
      { "<IRETURNVALUE>" CLASS_PATH("Test_Item") "</IRETURNVALUE>" } },
    { "AssociatorNames", CLASS("ObjectName", "Test_Item")
      CLASS("ResultClass", "Test_Item"),
      { "\"Test_Item\"", "\"Test_SubItem\"", "!\"Test_Many\"" } },
    { "AssociatorNames", CLASS("ObjectName", "Test_Item")
      VALUE("ResultRole", "part"),
      { "<IRETURNVALUE>" CLASS_PATH("Test_Many") "</IRETURNVALUE>" } },
    { "AssociatorNames", CLASS("ObjectName", "Test_SubItem")
      VALUE("Role", "by"),
      { "\"Test_Item\"", "\"Test_Many\"", "!\"Test_SubItem\"" } },
    { "AssociatorNames", CLASS("ObjectName", "Test_Item")
      VALUE("Role", "By"), { "<IRETURNVALUE></IRETURNVALUE>" } },
    { "AssociatorNames", CLASS("ObjectName", "Test_Slow"),
      { "<IRETURNVALUE></IRETURNVALUE>" } },
    { "References", CLASS("ObjectName", "Test_SubItem"),
      { "<CLASS NAME=\"Test_Link\">", "SUPERCLASS=\"Test_Link\">",
        "<CLASS NAME=\"Test_Part\">", "REFERENCECLASS=\"Test_Many\"",
        "!<QUALIFIER" } },
    { "References", CLASS("ObjectName", "Test_Many")
      VALUE("IncludeQualifiers", "TRUE") LIST("<VALUE>Part</VALUE>"),
      { "<QUALIFIER NAME=\"Association\"", "NAME=\"Part\"",
        "!NAME=\"Whole\"" } },
    { "ReferenceNames", CLASS("ObjectName", "Test_Item")
      CLASS("ResultClass", "Test_Link"),
      { "<IRETURNVALUE>" CLASS_PATH("Test_Link") CLASS_PATH("Test_SubLink")
        "</IRETURNVALUE>" } },
    { "ReferenceNames", CLASS("ObjectName", "Test_Many")
      VALUE("Role", "Whole"), { "<IRETURNVALUE></IRETURNVALUE>" } },
    { "ReferenceNames", CLASS("ObjectName", "XVS_Port"),
      { CLASS_PATH("XVS_SwitchPort"), "!\"Test_Link\"" } },
    { "ReferenceNames", CLASS("ObjectName", "Nope"),
      { "CODE=\"4\"", "XVS-Error: no-class" } },
    { "References", CLASS("ObjectName", "Test_Item")
      CLASS("ResultClass", "Nope"), { "CODE=\"4\"" } },
    { "AssociatorNames", CLASS("ObjectName", "Test_Item") LIST(""),
      { "CODE=\"4\"", "PropertyList" } },
    { "AssociatorNames", "", { "CODE=\"4\"", "ObjectName is missing" } },
    { "OpenAssociatorInstances", CLASS("InstanceName", "Test_Item"),
      { "CODE=\"4\"" } },
    { "ExecQuery", VALUE("QueryLanguage", "WQL")
      VALUE("Query", "SELECT Name FROM Test_Item WHERE Id &gt; 2"),
      { "<VALUE.OBJECTWITHPATH><INSTANCEPATH>", ">item &lt;3&gt;<",
        "!>item &lt;2&gt;<",
        "!PROPERTY NAME=\"Id\"" } },
    { "ExecQuery", VALUE("QueryLanguage", "CQL") VALUE("Query", "x"),
      { "CODE=\"14\"" } },
    { "ExecQuery", VALUE("QueryLanguage", "WQL") VALUE("Query", "SELECT"),
      { "CODE=\"15\"" } },
    { "ExecQuery", VALUE("QueryLanguage", "WQL")
      VALUE("Query", "SELECT * FROM Nope"), { "CODE=\"5\"" } },
    { "ExecQuery", VALUE("QueryLanguage", "WQL")
      VALUE("Query", "ASSOCIATORS OF {Test_Item.Id=2}"),
      { ">item &lt;1&gt;<" } },
    { "PullInstances", VALUE("EnumerationContext", "x")
      VALUE("MaxObjectCount", "1"), { "CODE=\"21\"" } },
    { "CloseEnumeration", VALUE("EnumerationContext", "x"),
      { "CODE=\"21\"" } },
    { "OpenEnumerateInstances", CLASS("ClassName", "Test_Item")
      VALUE("ContinueOnError", "TRUE"), { "CODE=\"26\"" } },
    { "OpenEnumerateInstances", CLASS("ClassName", "Test_Item")
      VALUE("OperationTimeout", "0"), { "CODE=\"22\"" } },
};

static bool
holds(const char *answer, const char *text)
{
    return *text == '!' ? !strstr(answer, text + 1)
                        : strstr(answer, text) != NULL;
}

static void
expect(const struct expectation *expected, const char *answer)
{
    for (int i = 0; i < 5 && expected->texts[i]; i++) {
        if (!holds(answer, expected->texts[i])) {
            fprintf(stderr, "%s(%s): not so: %s\n%s\n", expected->operation,
                    expected->parameters, expected->texts[i], answer);
            CU_FAIL("another answer");
        }
    }
}

static void
run_table(bool answers_later)
{
    struct talk talk;

    fake_knobs = (struct fake_knobs){ .n_many = 5, .n_before_error = 2,
                                      .answers_later = answers_later };
    talk_start(&talk, NULL);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *answer =
            talk_call(&talk, table[i].operation, table[i].parameters);

        expect(&table[i], answer);
        CU_ASSERT(strstr(answer, "/>") == NULL);    /* picky readers */
        free(answer);
    }
    CU_ASSERT_EQUAL(fake_cursors(), 0);
    talk_stop(&talk);
}

static void
test_table(void)
{
    run_table(false);
    run_table(true);
}

static void
test_methods(void)
{
    static const char item[] = ITEM("1");
    struct expectation reset = { "Reset", "", {
        "<METHODRESPONSE NAME=\"Reset\"><RETURNVALUE PARAMTYPE=\"uint32\">"
        "<VALUE>25</VALUE></RETURNVALUE><PARAMVALUE NAME=\"text\" "
        "PARAMTYPE=\"string\"><VALUE>x</VALUE></PARAMVALUE>"
        "</METHODRESPONSE>", "!nothing" } };
    struct expectation forget = { "Forget", "", {
        "<RETURNVALUE PARAMTYPE=\"uint32\"><VALUE>0</VALUE>", ">7<" } };
    struct expectation unknown = { "Nope", "", { "CODE=\"17\"" } };
    struct expectation wrong = { "Reset", "", { "CODE=\"4\"", "bogus" } };
    struct expectation type = { "Reset", "", { "<ERROR", "count" } };
    struct talk talk;
    char *answer;

    talk_start(&talk, NULL);
    answer = talk_invoke(&talk, "Reset", item,
                         "<PARAMVALUE NAME=\"force\"><VALUE>true</VALUE>"
                         "</PARAMVALUE><PARAMVALUE NAME=\"COUNT\"><VALUE>25"
                         "</VALUE></PARAMVALUE><PARAMVALUE NAME=\"name\">"
                         "<VALUE>x</VALUE></PARAMVALUE>");
    expect(&reset, answer);
    free(answer);
    answer = talk_invoke(&talk, "forget", "<CLASSNAME NAME=\"Test_Item\"/>",
                         "");
    expect(&forget, answer);
    free(answer);
    answer = talk_invoke(&talk, "Nope", item, "");
    expect(&unknown, answer);
    free(answer);
    answer = talk_invoke(&talk, "Reset", item, "<PARAMVALUE NAME=\"bogus\">"
                         "</PARAMVALUE>");
    expect(&wrong, answer);
    free(answer);
    answer = talk_invoke(&talk, "Reset", item, "<PARAMVALUE NAME=\"count\">"
                         "<VALUE>many</VALUE></PARAMVALUE>");
    expect(&type, answer);
    free(answer);
    talk_stop(&talk);
}

/* One request of each kind of refusal at HTTP's level. */
static void
test_refusals(void)
{
    static const struct {
        const char *fields, *body;
        const char *texts[2];
    } cases[] = {
        { "", "<CIM",
          { "HTTP/1.1 400", "CIMError: request-not-well-formed" } },
        { "", "", { "HTTP/1.1 400", "CIMError: request-not-well-formed" } },
        { "", "<!DOCTYPE CIM [<!ENTITY a \"b\">]><CIM>&a;</CIM>",
          { "HTTP/1.1 400", "request-not-well-formed" } },
        { "", "<HTML/>",
          { "HTTP/1.1 400", "CIMError: request-not-loosely-valid" } },
        { "", "<CIM CIMVERSION=\"3.0\" DTDVERSION=\"2.0\"/>",
          { "HTTP/1.1 501", "CIMError: unsupported-cim-version" } },
        { "", "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"3.0\"/>",
          { "HTTP/1.1 501", "CIMError: unsupported-dtd-version" } },
        { "", "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" "
              "PROTOCOLVERSION=\"2.0\"/></CIM>",
          { "HTTP/1.1 501", "CIMError: unsupported-protocol-version" } },
        { "", "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" "
              "PROTOCOLVERSION=\"1.0\"><MULTIREQ/></MESSAGE></CIM>",
          { "HTTP/1.1 501", "CIMError: multiple-requests-unsupported" } },
        { "", "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" "
              "PROTOCOLVERSION=\"1.0\"><SIMPLERSP/></MESSAGE></CIM>",
          { "HTTP/1.1 501", "CIMError: unsupported-operation" } },
        { "CIMOperation: Other\r\n", "",
          { "HTTP/1.1 400", "CIMError: unsupported-operation" } },
        { "CIMProtocolVersion: 2.0\r\n", "",
          { "HTTP/1.1 501", "CIMError: unsupported-protocol-version" } },
        { "Accept: image/png\r\n", "", { "HTTP/1.1 406", "" } },
    };
    struct talk talk;

    talk_start(&talk, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *answer = talk_post(&talk, cases[i].fields, cases[i].body);

        for (int k = 0; k < 2; k++) {
            if (!strstr(answer, cases[i].texts[k])) {
                fprintf(stderr, "%s%s: no %s in\n%s\n", cases[i].fields,
                        cases[i].body, cases[i].texts[k], answer);
                CU_FAIL("another refusal");
            }
        }
        free(answer);
    }
    talk_stop(&talk);
}

static void
test_head_fields(void)
{
    static const char body[] =
        "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" "
        "PROTOCOLVERSION=\"1.0\"><SIMPLEREQ><METHODCALL NAME=\"Forget\">"
        "<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/>"
        "<NAMESPACE NAME=\"cimv2\"/></LOCALNAMESPACEPATH>" ITEM("1")
        "</LOCALINSTANCEPATH></METHODCALL></SIMPLEREQ></MESSAGE></CIM>";
    static const struct {
        const char *fields;
        bool matches;
    } cases[] = {
        { "CIMMethod: Forget\r\n", true },
        { "CIMMethod: Reset\r\n", false },
        { "CIMObject: root%2Fcimv2%3ATest_Item.Id=1\r\n", true },
        { "CIMObject: root/cimv2:Test_Item.Id=1\r\n", true },
        { "CIMObject: root/cimv2:Test_Item.Id=1,N=\"x&<\"\r\n", true },
        { "CIMObject: //h:5988/ROOT/cimv2:test_item\r\n", true },
        { "CIMObject: root/xvs:Test_Item.Id=1\r\n", false },
        { "CIMObject: root/cimv2:Test_Items\r\n", false },
        { "CIMObject: root/cimv2\r\n", false },
        { "CIMObject: %\r\n", false },
    };
    struct talk talk;

    talk_start(&talk, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *answer = talk_post(&talk, cases[i].fields, body);
        bool matches = strncmp(answer, "HTTP/1.1 200", 12) == 0;

        CU_ASSERT_EQUAL(matches, cases[i].matches);
        CU_ASSERT(matches || strstr(answer, "CIMError: header-mismatch"));
        free(answer);
    }
    talk_stop(&talk);
}

static const struct unit_test tests[] = {
    { "operations", test_table },
    { "methods", test_methods },
    { "refused messages", test_refusals },
    { "fields of the head", test_head_fields },
};

UNIT_MAIN("operation", tests)
