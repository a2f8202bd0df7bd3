/* SPDX-License-Identifier: BSD-3-Clause */

#include <config.h>

#include "manage/entry.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "manage/auth/auth.h"
#include "manage/cim/operation.h"
#include "manage/http/exchange.h"
#include "manage/http/http-parse.h"

#define ENTRY_METHODS "GET, HEAD, POST, M-POST, OPTIONS"

static bool
refuse(struct exchange *exchange, int status, const char *cim_error,
       const char *text)
{
    if (cim_error) {
        exchange_field(exchange, "CIMError", cim_error);
    }
    exchange_refuse(exchange, status, text);
    return false;
}

/* "application/xml; charset=utf-8" and the like. */
static bool
is_xml(const char *type)
{
    size_t n = type ? strcspn(type, "; \t") : 0;
    const char *charset = type ? strcasestr(type, "charset=") : NULL;

    if (!((n == 15 && strncasecmp(type, "application/xml", n) == 0)
          || (n == 8 && strncasecmp(type, "text/xml", n) == 0))) {
        return false;
    }
    if (!charset) {
        return true;
    }
    charset += 8;
    charset += *charset == '"' || *charset == '\'';
    return strncasecmp(charset, "utf-8", 5) == 0
           && !strchr("0123456789-", charset[5] ? charset[5] : 'x');
}

static bool
accepts_xml(const char *accept)
{
    return !accept || strcasestr(accept, "/xml") || strstr(accept, "*/*")
           || strcasestr(accept, "application/*")
           || strcasestr(accept, "text/*");
}

static bool
check_method(struct exchange *exchange, const char *method)
{
    bool is_mpost = strcmp(method, "M-POST") == 0;

    if (is_mpost && !request_head_field(exchange->request, "CIMOperation")) {
        return refuse(exchange, 510, NULL, "M-POST needs the Man field of "
                      "CIM and its CIMOperation.");
    }
    if (!is_mpost && strcmp(method, "POST") != 0
        && strcmp(method, "OPTIONS") != 0) {
        exchange_field(exchange, "Allow", ENTRY_METHODS);
        return refuse(exchange, 405, NULL, "CIM-XML requests are POSTed, and "
                      "nothing here takes this method.");
    }
    return true;
}

/* The authority of an Origin, "https://host:port"; "" when it has none. */
static const char *
authority_of(const char *origin)
{
    const char *colon = strstr(origin, "://");

    return colon ? colon + 3 : "";
}

/*
 * A browser adds the password or certificate that it knows for us to requests
 * that pages of others make.  Such pages cannot hide where they are from:
 * browsers say it with every POST.  Other clients say nothing.
 */
static bool
check_origin(struct exchange *exchange)
{
    const struct http_parser *head = exchange->request;
    const char *site = http_field(head, "Sec-Fetch-Site");
    const char *origin = http_field(head, "Origin");
    const char *host = http_field(head, "Host");

    if ((site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        || (origin && !text_equal_fold(authority_of(origin),
                                       host ? host : ""))) {
        exchange_field(exchange, "XVS-Error", "denied");
        return refuse(exchange, 403, NULL, "Pages of other sites may not ask "
                      "for anything here.");
    }
    return true;
}

bool
entry_accept(struct exchange *exchange)
{
    const struct http_parser *head = exchange->request;
    const char *operation, *version;

    if (!check_origin(exchange)) {
        return false;
    }
    if (!check_method(exchange, head->method)) {
        return false;
    }
    if (strcmp(head->method, "OPTIONS") == 0) {
        return true;
    }
    operation = request_head_field(head, "CIMOperation");
    version = request_head_field(head, "CIMProtocolVersion");
    if (operation && !text_equal_fold(operation, "MethodCall")) {
        return refuse(exchange, 400, "unsupported-operation",
                      "CIMOperation is MethodCall.");
    }
    if (version && strncmp(version, "1.", 2) != 0) {
        return refuse(exchange, 501, "unsupported-protocol-version",
                      "The protocol version is 1.x.");
    }
    if (!is_xml(http_field(head, "Content-Type"))) {
        return refuse(exchange, 415, NULL, "The content is application/xml "
                      "or text/xml in UTF-8.");
    }
    return accepts_xml(http_field(head, "Accept"))
           || refuse(exchange, 406, NULL, "The answer is application/xml.");
}

void
entry_options(struct exchange *exchange)
{
    exchange_field(exchange, "Allow", ENTRY_METHODS);
    exchange_field(exchange, "CIMOpt",
                   "http://www.dmtf.org/cim/mapping/http/v1.0; ns=48");
    exchange_field(exchange, "48-CIMProtocolVersion", "1.0");
    exchange_field(exchange, "48-CIMSupportedFunctionalGroups",
                   "Basic-Read, Basic-Write, Schema-Manipulation, "
                   "Instance-Manipulation, Association-Traversal, "
                   "Query-Execution");
    exchange_field(exchange, "48-CIMSupportedQueryLanguages", "WQL");
    exchange_field(exchange, "XVS-Role",
                   auth_allows(exchange->principal, RIGHT_CHANGE)
                       ? "admin" : "reader");
    exchange_done(exchange);
}
