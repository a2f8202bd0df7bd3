/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Object paths as CIM-XML, written and read: INSTANCENAME and its longer
 * forms with namespace and host, CLASSNAME and its longer forms.
 */

#include <config.h>

#include "object/forms.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "object/path.h"

static void
put_reference(const struct path *path, struct buffer *out)
{
    buffer_puts(out, "<VALUE.REFERENCE>");
    if (path->name_space) {
        path_write_xml_full(path, path->host, path->name_space, out);
    } else {
        path_write_xml(path, out);
    }
    buffer_puts(out, "</VALUE.REFERENCE>");
}

static void
put_key(const struct path_key *key, struct buffer *out)
{
    const char *type = "string";

    if (key->reference) {
        put_reference(key->reference, out);
        return;
    }
    if (!key->is_text) {
        type = text_equal_fold(key->text, "true")
                       || text_equal_fold(key->text, "false")
                   ? "boolean" : "numeric";
    }
    buffer_puts(out, "<KEYVALUE");
    xml_put_attribute(out, "VALUETYPE", type);
    buffer_putc(out, '>');
    xml_escape(out, key->text, strlen(key->text));
    buffer_puts(out, "</KEYVALUE>");
}

void
path_write_xml(const struct path *path, struct buffer *out)
{
    if (!path->n_keys) {
        buffer_puts(out, "<CLASSNAME");
        xml_put_attribute(out, "NAME", path->class_name);
        buffer_puts(out, "></CLASSNAME>");
        return;
    }
    buffer_puts(out, "<INSTANCENAME");
    xml_put_attribute(out, "CLASSNAME", path->class_name);
    buffer_putc(out, '>');
    for (uint32_t i = 0; i < path->n_keys; i++) {
        const struct path_key *key = &path->keys[i];

        if (!key->name[0]) {
            put_key(key, out);
            continue;
        }
        buffer_puts(out, "<KEYBINDING");
        xml_put_attribute(out, "NAME", key->name);
        buffer_putc(out, '>');
        put_key(key, out);
        buffer_puts(out, "</KEYBINDING>");
    }
    buffer_puts(out, "</INSTANCENAME>");
}

/* <LOCALNAMESPACEPATH>: one NAMESPACE element per part. */
static void
put_namespace(const char *name_space, struct buffer *out)
{
    buffer_puts(out, "<LOCALNAMESPACEPATH>");
    while (*name_space) {
        size_t n = strcspn(name_space, "/");

        buffer_puts(out, "<NAMESPACE NAME=\"");
        xml_escape(out, name_space, n);
        buffer_puts(out, "\"></NAMESPACE>");
        name_space += n + (name_space[n] == '/');
    }
    buffer_puts(out, "</LOCALNAMESPACEPATH>");
}

void
path_write_xml_full(const struct path *path, const char *host,
                    const char *name_space, struct buffer *out)
{
    const char *kind = path->n_keys ? "INSTANCEPATH" : "CLASSPATH";

    buffer_printf(out, "<%s%s>", host ? "" : "LOCAL", kind);
    if (host) {
        buffer_puts(out, "<NAMESPACEPATH><HOST>");
        xml_escape(out, host, strlen(host));
        buffer_puts(out, "</HOST>");
    }
    put_namespace(name_space, out);
    if (host) {
        buffer_puts(out, "</NAMESPACEPATH>");
    }
    path_write_xml(path, out);
    buffer_printf(out, "</%s%s>", host ? "" : "LOCAL", kind);
}

/* Reading. ---------------------------------------------------------------- */

static bool
fail(const struct xml_node *node, struct error *error, const char *what)
{
    return error_set(error, ERROR_SYNTAX, "CIM-XML line %u: <%s> %s",
                     node->line, node->name, what);
}

/* Empty is none. */
static char *
or_null(char *text)
{
    if (text && !*text) {
        free(text);
        return NULL;
    }
    return text;
}

static char *
read_namespace(const struct xml_node *node)
{
    struct buffer text = BUFFER_INIT;

    for (const struct xml_node *at = node->children; at; at = at->next) {
        const char *name = xml_attribute(at, "NAME");

        if (xml_is(at, "NAMESPACE") && name) {
            buffer_printf(&text, "%s%s", text.size ? "/" : "", name);
        }
    }
    return or_null(buffer_steal(&text));
}

/* The child of KEYBINDING, or of INSTANCENAME when the key has no name. */
static bool
read_key(const struct xml_node *node, const char *name, struct path *path,
         struct error *error)
{
    if (xml_is(node, "KEYVALUE")) {
        const char *type = xml_attribute(node, "VALUETYPE");
        const char *text = node->text;

        path_add_key(path, name, mem_strdup(text),
                     !type || text_equal_fold(type, "string")
                         || !path_is_bare(text));
        return true;
    }
    if (node && xml_is(node, "VALUE.REFERENCE") && node->children) {
        struct path *reference = path_read_xml(node->children, error);
        struct buffer text = BUFFER_INIT;
        struct path_key *key;

        if (!reference) {
            return false;
        }
        path_print(reference, &text);
        key = path_add_key(path, name, buffer_steal(&text), true);
        key->reference = reference;
        return true;
    }
    return error_set(error, ERROR_SYNTAX,
                     "CIM-XML: key '%s' of %s has no KEYVALUE", name,
                     path->class_name);
}

static bool
read_keys(const struct xml_node *node, struct path *path, struct error *error)
{
    for (const struct xml_node *at = node->children; at; at = at->next) {
        const char *name = xml_attribute(at, "NAME");
        bool ok;

        if (!xml_is(at, "KEYBINDING")) {
            ok = read_key(at, "", path, error);
        } else if (!name || !path_name_ok(name)) {
            ok = fail(at, error, "has no NAME that can be one");
        } else if (path_key(path, name)) {
            ok = fail(at, error, "repeats a key");
        } else {
            ok = read_key(at->children, name, path, error);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* INSTANCENAME or CLASSNAME. */
static bool
read_name(const struct xml_node *node, struct path *path, struct error *error)
{
    bool is_instance = xml_is(node, "INSTANCENAME");
    const char *name =
        xml_attribute(node, is_instance ? "CLASSNAME" : "NAME");

    if (!is_instance && !xml_is(node, "CLASSNAME")) {
        return fail(node, error, "is not a path: expected INSTANCENAME");
    }
    if (!name || !path_name_ok(name)) {
        return fail(node, error, "does not name a class");
    }
    path->class_name = mem_strdup(name);
    return !is_instance || read_keys(node, path, error);
}

/* Host and namespace must not be taken for another part of the path. */
static bool
is_plain(const char *text, char separator)
{
    return !strchr(text, separator)
           && text[strcspn(text, "\"'=,{} \t\r\n\\")] == '\0';
}

static bool
read_place(const struct xml_node *node, struct path *path, struct error *error)
{
    const struct xml_node *space = node;

    if (xml_is(node, "NAMESPACEPATH")) {
        const struct xml_node *host = xml_child(node, "HOST");

        path->host = host ? or_null(mem_strdup(host->text)) : NULL;
        space = xml_child(node, "LOCALNAMESPACEPATH");
    }
    if (space) {
        path->name_space = read_namespace(space);
    }
    if ((path->host && !is_plain(path->host, '/'))
        || (path->name_space && !is_plain(path->name_space, ':'))) {
        return fail(node, error, "has a host or namespace that cannot be "
                                 "one");
    }
    return true;
}

struct path *
path_read_xml(const struct xml_node *node, struct error *error)
{
    struct path *path = mem_zalloc(sizeof *path);
    const struct xml_node *name = node;
    bool ok = true;

    if (xml_is(node, "INSTANCEPATH") || xml_is(node, "LOCALINSTANCEPATH")
        || xml_is(node, "CLASSPATH") || xml_is(node, "LOCALCLASSPATH")) {
        const struct xml_node *place = node->children;

        name = place ? place->next : NULL;
        ok = name ? read_place(place, path, error)
                  : fail(node, error, "has no name in it");
    }
    if (!ok || !read_name(name, path, error)) {
        path_destroy(path);
        return NULL;
    }
    return path;
}
