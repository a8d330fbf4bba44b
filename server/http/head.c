#include "head.h"

#include "characters.h"

/* Takes one line, without its CRLF, off the front; a bare CR or LF is refused. */
static bool take_line(auk_span *from, auk_span *line, auk_http_refusal *refusal)
{
    const char *end = memchr(from->data, '\n', from->size);
    if (!end || end == from->data || end[-1] != '\r')
        return auk_http_refuse(refusal, 400, "line of the head does not end in CRLF");
    size_t size = (size_t)(end - from->data);
    *line = (auk_span){from->data, size - 1};
    *from = auk_span_from(*from, size + 1);
    return true;
}

static bool all_text(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!auk_http_is_text(text.data[i]))
            return false;
    return true;
}

static bool parse_field(auk_span line, auk_http_field *field, auk_http_refusal *refusal)
{
    if (auk_http_is_space(line.data[0]))
        return auk_http_refuse(refusal, 400, "folded header line");
    size_t size = 0;
    while (size < line.size && auk_http_is_token(line.data[size]))
        size++;
    if (size == 0)
        return auk_http_refuse(refusal, 400, "header without a name");
    if (size == line.size || line.data[size] != ':')
        return auk_http_refuse(refusal, 400, "header name is not followed by a colon");
    field->name = (auk_span){line.data, size};
    field->value = auk_http_trim(auk_span_from(line, size + 1));
    if (!all_text(field->value))
        return auk_http_refuse(refusal, 400, "control byte in a header");
    return true;
}

static uint32_t count_lines(auk_span lines)
{
    uint32_t count = 0;
    for (size_t i = 0; i < lines.size; i++)
        count += lines.data[i] == '\n';
    return count;
}

bool auk_http_fields_parse(auk_span lines, uint32_t limit, auk_arena *arena,
                           const auk_http_field **fields, uint32_t *count,
                           auk_http_refusal *refusal)
{
    uint32_t room = count_lines(lines);
    if (room > (uint64_t)limit + 1)
        return auk_http_refuse(refusal, 431, "too many headers");
    auk_http_field *out = AUK_ARENA_ARRAY(arena, auk_http_field, (size_t)room + 1);
    uint32_t used = 0;
    for (;;) {
        auk_span line = {0};
        if (!lines.size)
            return auk_http_refuse(refusal, 400, "head without an empty line at its end");
        if (!take_line(&lines, &line, refusal))
            return false;
        if (!line.size)
            break;
        if (!parse_field(line, &out[used++], refusal))
            return false;
    }
    if (lines.size)
        return auk_http_refuse(refusal, 400, "empty line within the head");
    *fields = out;
    *count = used;
    return true;
}

bool auk_http_length_parse(auk_span text, uint64_t *length)
{
    if (text.size == 0 || text.size > 18)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    *length = value;
    return true;
}

bool auk_http_fields_mention(const auk_http_field *fields, uint32_t count, auk_span name,
                             auk_span token)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!auk_http_same(fields[i].name, name))
            continue;
        auk_span list = fields[i].value;
        auk_span member;
        while (auk_http_next_member(&list, &member)) {
            const char *semicolon = memchr(member.data, ';', member.size);
            if (semicolon)
                member = auk_http_trim((auk_span){member.data, (size_t)(semicolon - member.data)});
            if (auk_http_same(member, token))
                return true;
        }
    }
    return false;
}

/* How many headers have the name; the last of them. */
static uint32_t find_fields(const auk_http_head *head, auk_span name, auk_span *value)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (!auk_http_same(head->fields[i].name, name))
            continue;
        *value = head->fields[i].value;
        found++;
    }
    return found;
}

static bool parse_method(auk_span text, auk_http_method *method, auk_http_refusal *refusal)
{
    for (size_t i = 0; i < text.size; i++)
        if (!auk_http_is_token(text.data[i]))
            return auk_http_refuse(refusal, 400, "malformed request method");
    if (!text.size)
        return auk_http_refuse(refusal, 400, "request line without a method");
    for (int i = 0; i < AUK_HTTP_METHOD_COUNT; i++) {
        if (auk_span_is(text, auk_http_method_name((auk_http_method)i))) {
            *method = (auk_http_method)i;
            return true;
        }
    }
    return auk_http_refuse(refusal, 405,
                           "unsupported request method, allowed: GET, HEAD, POST, PUT, DELETE, "
                           "PATCH, OPTIONS");
}

/* method SP target SP version, one space each */
static bool parse_request_line(auk_span line, const auk_http_limits *limits, auk_http_head *head,
                               auk_http_refusal *refusal)
{
    if (line.size > limits->request_line_bytes)
        return auk_http_refuse(refusal, 414, "request line is too long");
    const char *first = memchr(line.data, ' ', line.size);
    if (!first)
        return auk_http_refuse(refusal, 400, "request line without a target");
    auk_span rest = auk_span_from(line, (size_t)(first - line.data) + 1);
    const char *second = memchr(rest.data, ' ', rest.size);
    if (!second)
        return auk_http_refuse(refusal, 400, "request line without a version");
    head->target = (auk_span){rest.data, (size_t)(second - rest.data)};
    auk_span version = auk_span_from(rest, head->target.size + 1);
    head->version_1_0 = auk_span_is(version, "HTTP/1.0");
    if (!head->version_1_0 && !auk_span_is(version, "HTTP/1.1"))
        return auk_http_refuse(refusal, 400, "the version is neither HTTP/1.1 nor HTTP/1.0");
    return parse_method((auk_span){line.data, (size_t)(first - line.data)}, &head->method, refusal);
}

/* Visible bytes; raw UTF-8 is checked when the parts are decoded. */
static bool check_target_bytes(auk_span target, auk_http_refusal *refusal)
{
    for (size_t i = 0; i < target.size; i++) {
        unsigned char byte = (unsigned char)target.data[i];
        if (byte <= 0x20 || byte == 0x7f || byte == '#')
            return auk_http_refuse(refusal, 400, "request target holds a byte that it must not");
    }
    return true;
}

static bool starts_with_same(auk_span text, auk_span prefix)
{
    return text.size >= prefix.size && auk_http_same((auk_span){text.data, prefix.size}, prefix);
}

/* "http://host/path" becomes "/path"; its host must be the one of the Host header. */
static bool settle_target(auk_http_head *head, auk_span host, auk_http_refusal *refusal)
{
    auk_span target = head->target;
    if (!check_target_bytes(target, refusal))
        return false;
    if (target.size && target.data[0] == '/')
        return true;
    if (auk_span_is(target, "*") && head->method == AUK_HTTP_OPTIONS)
        return true;
    size_t scheme = starts_with_same(target, AUK_SPAN("http://"))    ? 7
                    : starts_with_same(target, AUK_SPAN("https://")) ? 8
                                                                     : 0;
    if (!scheme)
        return auk_http_refuse(refusal, 400, "request target does not begin with a slash");
    auk_span rest = auk_span_from(target, scheme);
    const char *slash = memchr(rest.data, '/', rest.size);
    if (!slash)
        return auk_http_refuse(refusal, 400, "absolute request target without a path");
    auk_span authority = {rest.data, (size_t)(slash - rest.data)};
    if (!auk_http_same(authority, host))
        return auk_http_refuse(refusal, 400, "request target and Host header name different hosts");
    head->target = auk_span_from(rest, authority.size);
    return true;
}

static bool host_byte(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || auk_byte_among(byte, "-._~%!$&'()*+,;=:[]");
}

/* "host", "host:" or "host:9200"; an address in brackets holds colons of its own. */
static bool is_host(auk_span host)
{
    size_t i = 0;
    bool bracket = host.size > 0 && host.data[0] == '[';
    for (; i < host.size && (bracket || host.data[i] != ':'); i++) {
        if (!host_byte(host.data[i]))
            return false;
        bracket = bracket && host.data[i] != ']';
    }
    if (bracket || i == host.size)
        return !bracket;
    while (++i < host.size)
        if (host.data[i] < '0' || host.data[i] > '9')
            return false;
    return true;
}

static bool settle_host(auk_http_head *head, auk_span *host, auk_http_refusal *refusal)
{
    uint32_t found = find_fields(head, AUK_SPAN("host"), host);
    if (found > 1)
        return auk_http_refuse(refusal, 400, "more than one Host header");
    if (found == 0 && !head->version_1_0)
        return auk_http_refuse(refusal, 400, "no Host header");
    if (!is_host(*host))
        return auk_http_refuse(refusal, 400, "malformed Host header");
    return true;
}

static bool settle_framing(auk_http_head *head, const auk_http_limits *limits,
                           auk_http_refusal *refusal)
{
    auk_span length = {0};
    auk_span coding = {0};
    uint32_t lengths = find_fields(head, AUK_SPAN("content-length"), &length);
    uint32_t codings = find_fields(head, AUK_SPAN("transfer-encoding"), &coding);
    if (lengths > 1)
        return auk_http_refuse(refusal, 400, "more than one Content-Length");
    if (lengths && codings)
        return auk_http_refuse(refusal, 400, "both Content-Length and Transfer-Encoding");
    if (lengths && !auk_http_length_parse(length, &head->length))
        return auk_http_refuse(refusal, 400, "malformed Content-Length");
    if (codings && head->version_1_0)
        return auk_http_refuse(refusal, 400, "Transfer-Encoding in HTTP/1.0");
    if (codings > 1 || (codings && !auk_http_same(coding, AUK_SPAN("chunked"))))
        return auk_http_refuse(refusal, 400, "Transfer-Encoding is not exactly \"chunked\"");
    head->chunked = codings != 0;
    if (head->length > limits->body_bytes)
        return auk_http_refuse(refusal, 413, "body of %llu bytes is over the limit of %zu bytes",
                               (unsigned long long)head->length, limits->body_bytes);
    return true;
}

static bool settle_expectation(auk_http_head *head, auk_http_refusal *refusal)
{
    auk_span expect = {0};
    uint32_t found = find_fields(head, AUK_SPAN("expect"), &expect);
    if (!found || head->version_1_0)
        return true;
    if (found > 1 || !auk_http_same(expect, AUK_SPAN("100-continue")))
        return auk_http_refuse(refusal, 417, "Expect is not \"100-continue\"");
    head->expects_continue = head->chunked || head->length;
    return true;
}

static bool settle_encoding(auk_http_head *head, auk_http_refusal *refusal)
{
    auk_span encoding = {0};
    uint32_t found = find_fields(head, AUK_SPAN("content-encoding"), &encoding);
    if (found > 1)
        return auk_http_refuse(refusal, 400, "more than one Content-Encoding");
    if (!found || auk_http_same(encoding, AUK_SPAN("identity")) || !encoding.size)
        return true;
    head->gzip_body =
        auk_http_same(encoding, AUK_SPAN("gzip")) || auk_http_same(encoding, AUK_SPAN("x-gzip"));
    if (!head->gzip_body)
        return auk_http_refuse(refusal, 415, "Content-Encoding is neither gzip nor identity");
    return true;
}

static void settle_connection(auk_http_head *head)
{
    auk_span name = AUK_SPAN("connection");
    const auk_http_field *fields = head->fields;
    uint32_t count = head->field_count;
    bool close = auk_http_fields_mention(fields, count, name, AUK_SPAN("close"));
    bool keep = auk_http_fields_mention(fields, count, name, AUK_SPAN("keep-alive"));
    head->keep_alive = !close && (keep || !head->version_1_0);
}

/* q=0, q=0.0, ... */
static bool is_refused_quality(auk_span parameters)
{
    const char *q = memchr(parameters.data, '=', parameters.size);
    if (!q)
        return false;
    auk_span value = auk_http_trim(auk_span_from(parameters, (size_t)(q - parameters.data) + 1));
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] != '0' && value.data[i] != '.')
            return false;
    return true;
}

static bool accepts_gzip(const auk_http_head *head)
{
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (!auk_http_same(head->fields[i].name, AUK_SPAN("accept-encoding")))
            continue;
        auk_span list = head->fields[i].value;
        auk_span member;
        while (auk_http_next_member(&list, &member)) {
            const char *semicolon = memchr(member.data, ';', member.size);
            size_t size = semicolon ? (size_t)(semicolon - member.data) : member.size;
            auk_span coding = auk_http_trim((auk_span){member.data, size});
            if (auk_http_same(coding, AUK_SPAN("gzip")))
                return !semicolon || !is_refused_quality(auk_span_from(member, size));
        }
    }
    return false;
}

bool auk_http_head_parse(auk_span bytes, const auk_http_limits *limits, auk_arena *arena,
                         auk_http_head *head, auk_http_refusal *refusal)
{
    *head = (auk_http_head){0};
    auk_span line = {0};
    auk_span host = {0};
    if (bytes.size > limits->head_bytes)
        return auk_http_refuse(refusal, 431, "request head is too large");
    if (!bytes.size)
        return auk_http_refuse(refusal, 400, "empty request");
    if (!take_line(&bytes, &line, refusal) || !parse_request_line(line, limits, head, refusal))
        return false;
    if (!auk_http_fields_parse(bytes, limits->headers, arena, &head->fields, &head->field_count,
                               refusal))
        return false;
    if (!settle_host(head, &host, refusal) || !settle_target(head, host, refusal) ||
        !settle_framing(head, limits, refusal) || !settle_encoding(head, refusal) ||
        !settle_expectation(head, refusal))
        return false;
    settle_connection(head);
    head->accepts_gzip = accepts_gzip(head);
    return true;
}
