#include "wire.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void auk_http_wire_disconnect(auk_http_wire *wire)
{
    if (wire->socket >= 0)
        close(wire->socket);
    wire->socket = -1;
    wire->reused = false;
}

auk_code auk_http_wire_open(auk_http_wire *wire, auk_span host, auk_span port, auk_error *err)
{
    char name[256];
    char service[8];
    *wire = (auk_http_wire){.socket = -1};
    auk_buffer_init(&wire->address, AUK_BUFFER_NO_LIMIT);
    if (host.size >= sizeof name || port.size >= sizeof service)
        return auk_fail(err, AUK_INVALID, "malformed address \"%.*s\"", AUK_SPAN_ARG(host));
    memcpy(name, host.data, host.size);
    name[host.size] = 0;
    memcpy(service, port.data, port.size);
    service[port.size] = 0;
    bool v6 = strchr(name, ':') != NULL;
    auk_buffer_printf(&wire->address, v6 ? "[%s]:%s" : "%s:%s", name, service);
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int failure = getaddrinfo(name, service, &wanted, &wire->found);
    if (failure)
        return auk_fail(err, AUK_IO, "cannot find \"%s\": %s", name, gai_strerror(failure));
    return AUK_OK;
}

void auk_http_wire_close(auk_http_wire *wire)
{
    auk_http_wire_disconnect(wire);
    if (wire->found)
        freeaddrinfo(wire->found);
    auk_buffer_deinit(&wire->address);
}

auk_code auk_http_wire_fail(const auk_http_wire *wire, auk_error *err, const char *what)
{
    return auk_fail(err, AUK_IO, "%.*s: %s", AUK_SPAN_ARG(auk_buffer_span(&wire->address)), what);
}

/* Waits for one of the events; AUK_IO when none comes in time. */
static auk_code await(const auk_http_wire *wire, short wanted, uint32_t timeout_ms, short *got,
                      auk_error *err)
{
    struct pollfd one = {.fd = wire->socket, .events = wanted};
    int count;
    do
        count = poll(&one, 1, (int)timeout_ms);
    while (count < 0 && errno == EINTR);
    if (count == 0)
        return auk_http_wire_fail(wire, err, "no answer in time");
    if (count < 0)
        return auk_http_wire_fail(wire, err, strerror(errno));
    *got = one.revents;
    return AUK_OK;
}

static auk_code connect_one(auk_http_wire *wire, const struct addrinfo *at, auk_error *err)
{
    int yes = 1;
    int failure = 0;
    short got;
    wire->socket = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (wire->socket < 0)
        return auk_http_wire_fail(wire, err, strerror(errno));
    if (connect(wire->socket, at->ai_addr, at->ai_addrlen) != 0) {
        if (errno != EINPROGRESS)
            return auk_http_wire_fail(wire, err, strerror(errno));
        auk_code code = await(wire, POLLOUT, wire->connect_timeout_ms, &got, err);
        if (code != AUK_OK)
            return code;
        socklen_t size = sizeof failure;
        getsockopt(wire->socket, SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure)
            return auk_http_wire_fail(wire, err, strerror(failure));
    }
    setsockopt(wire->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return AUK_OK;
}

auk_code auk_http_wire_connect(auk_http_wire *wire, auk_error *err)
{
    auk_code code = AUK_IO;
    for (const struct addrinfo *at = wire->found; at; at = at->ai_next) {
        code = connect_one(wire, at, err);
        if (code == AUK_OK)
            return code;
        auk_http_wire_disconnect(wire);
    }
    return code;
}

void auk_http_wire_drop_stale(auk_http_wire *wire)
{
    char byte;
    if (wire->socket < 0)
        return;
    ssize_t got = recv(wire->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        auk_http_wire_disconnect(wire);
}

/* Sends what the socket takes of head and body; *sent counts over both. */
static bool send_some(int socket, auk_span head, auk_span body, size_t *sent)
{
    size_t in_head = *sent < head.size ? *sent : head.size;
    auk_span rest = auk_span_from(head, in_head);
    size_t in_body = *sent - in_head;
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)rest.data, .iov_len = rest.size},
        {.iov_base = (void *)(uintptr_t)(body.size ? body.data + in_body : NULL),
         .iov_len = body.size - in_body},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t count = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    *sent += (size_t)count;
    return true;
}

auk_code auk_http_wire_send(auk_http_wire *wire, auk_span head, auk_span body, bool *complete,
                            auk_error *err)
{
    size_t sent = 0;
    *complete = false;
    for (;;) {
        if (!send_some(wire->socket, head, body, &sent)) {
            int reason = errno;
            short got = 0;
            /* refused early: the answer may be there although the socket takes no more */
            if (await(wire, POLLIN, 0, &got, NULL) == AUK_OK && (got & POLLIN))
                return AUK_OK;
            return auk_http_wire_fail(wire, err, strerror(reason));
        }
        *complete = sent == head.size + body.size;
        if (*complete)
            return AUK_OK;
        short got;
        auk_code code = await(wire, POLLIN | POLLOUT, wire->silence_timeout_ms, &got, err);
        if (code != AUK_OK || (got & POLLIN))
            return code;
    }
}

auk_code auk_http_wire_receive(auk_http_wire *wire, char *at, size_t room, size_t *size,
                               auk_error *err)
{
    for (;;) {
        short got;
        ssize_t count = recv(wire->socket, at, room, 0);
        if (count >= 0) {
            *size = (size_t)count;
            return AUK_OK;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return auk_http_wire_fail(wire, err, strerror(errno));
        auk_code code = await(wire, POLLIN, wire->silence_timeout_ms, &got, err);
        if (code != AUK_OK)
            return code;
    }
}
