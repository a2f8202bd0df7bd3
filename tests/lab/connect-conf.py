#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks a CONNECT proxy from outside (RFC 9110, 9.3.6; RFC 9112; practice).

    connect-conf.py PROXY:PORT --dest NAME:PORT --listen PORT
                    [--closed NAME:PORT] [--elsewhere NAME:PORT]
                    [--head-timeout SECONDS]

It is the VM's service as well: it listens on 127.0.0.1:PORT, to which the
proxy is to lead NAME:PORT.  One line for each check; the exit status is 1 when
one fails.  --closed is a port of the VM on which nobody listens, --elsewhere a
name that the proxy must not know.
"""

import argparse
import socket
import struct
import sys
import threading
import time

WAIT = 60               # seconds, for what has to come
NO_LINGER = struct.pack('ii', 1, 0)


class Service:
    """What is in the VM; the first byte of a client says what to do:
    E echo, C a word and close, R reset, H a word, half close, count."""

    def __init__(self, port):
        self.counted = []
        self.junk = []
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(('127.0.0.1', port))
        self.socket.listen(256)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        try:
            with client:
                self.do(client, client.recv(1))
        except OSError:
            pass

    def do(self, client, what):
        if what == b'E':
            while data := client.recv(65536):
                client.sendall(data)
        elif what == b'C':
            client.sendall(b'bye')
        elif what == b'R':
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        elif what == b'H':
            client.sendall(b'hi')
            client.shutdown(socket.SHUT_WR)
            n = 0
            while data := client.recv(65536):
                n += len(data)
            self.counted.append(n)
        elif what:
            self.junk.append(what)


class Checks:
    def __init__(self, options, service):
        self.options = options
        self.service = service
        self.failed = 0

    # ---- Tools ----------------------------------------------------------

    def connect(self):
        host, port = self.options.proxy.rsplit(':', 1)
        return socket.create_connection((host, int(port)), WAIT)

    def line(self, target=None, fields=b'', version=b'1.1'):
        target = (target or self.options.dest).encode()
        return (b'CONNECT ' + target + b' HTTP/' + version + b'\r\nHost: '
                + target + b'\r\n' + fields + b'\r\n')

    @staticmethod
    def head(client):
        data = b''
        while b'\r\n\r\n' not in data and (byte := client.recv(1)):
            data += byte
        return data

    def ask(self, raw):
        client = self.connect()
        client.sendall(raw)
        return client, self.head(client)

    def open(self, first=b''):
        client, head = self.ask(self.line())
        assert self.code(head) == 200, head
        client.sendall(first)
        return client

    @staticmethod
    def code(head):
        try:
            return int(head.split(b' ', 2)[1])
        except (IndexError, ValueError):
            return 0

    @staticmethod
    def rest(client):
        data = b''
        try:
            while more := client.recv(65536):
                data += more
        except ConnectionResetError:
            pass
        return data

    @staticmethod
    def exactly(client, n):
        data = b''
        while len(data) < n and (more := client.recv(n - len(data))):
            data += more
        return data

    def refused(self, raw, *codes):
        client, head = self.ask(raw)
        client.close()
        return self.code(head) in codes, self.code(head)

    # ---- Checks: each returns whether it is so, and what was seen --------

    def opens(self):
        """a tunnel opens, bytes go both ways"""
        client = self.open(b'Ehello')
        return self.exactly(client, 5) == b'hello', ''

    def no_content(self):
        """a 200 has neither Content-Length nor Transfer-Encoding"""
        _, head = self.ask(self.line())
        return (self.code(head) == 200 and b'content-length' not in head.lower()
                and b'transfer-encoding' not in head.lower()), ''

    def targets(self):
        """what is no name:port is refused with 400"""
        name = self.options.dest.rsplit(':', 1)[0].encode()
        seen = []
        for target in (name, name + b':', name + b':0', name + b':65536',
                       name + b':99999999999', name + b':80x', b':80',
                       b'http://' + name + b':80/', b'a@' + name + b':80',
                       name + b':80/', b'[::1]:80', b'*'):
            seen.append(self.refused(b'CONNECT ' + target + b' HTTP/1.1\r\n'
                                     b'Host: x\r\n\r\n', 400))
        return all(good for good, _ in seen), [code for _, code in seen]

    def early(self):
        """bytes that come with the request reach the VM once"""
        client, head = self.ask(self.line() + b'Eearly')
        client.shutdown(socket.SHUT_WR)
        return self.code(head) == 200 and self.rest(client) == b'early', ''

    def tiny(self):
        """a request in segments of one byte"""
        client = self.connect()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in self.line():
            client.sendall(bytes([byte]))
        good = self.code(self.head(client)) == 200
        client.sendall(b'Eok')
        return good and self.exactly(client, 2) == b'ok', ''

    def client_half(self):
        """after the client's half close everything still comes"""
        client = self.open(b'E' + b'x' * 300000)
        client.shutdown(socket.SHUT_WR)
        n = len(self.rest(client))
        return n == 300000, '%d of 300000 bytes' % n

    def vm_half(self):
        """after the VM's half close everything still arrives"""
        client = self.open(b'H')
        good = self.rest(client) == b'hi'
        client.sendall(b'z' * 100000)
        client.close()
        end = time.time() + WAIT
        while not self.service.counted and time.time() < end:
            time.sleep(0.02)
        return good and self.service.counted[-1:] == [100000], \
            self.service.counted[-1:]

    def vm_closes(self):
        """the VM's last bytes and its end arrive"""
        return self.rest(self.open(b'C')) == b'bye', ''

    def vm_resets(self):
        """a reset of the VM is a reset for the client"""
        client = self.open(b'R')
        try:
            return False, 'an end instead: %r' % client.recv(1)
        except ConnectionResetError:
            return True, ''

    def content(self):
        """a CONNECT with content is refused with 400"""
        seen = [self.refused(self.line(fields=field) + b'abc', 400)
                for field in (b'Content-Length: 3\r\n',
                              b'Transfer-Encoding: chunked\r\n')]
        return all(good for good, _ in seen), [code for _, code in seen]

    def strict(self):
        """what two readers could read in two ways is refused with 400"""
        dest = self.options.dest.encode()
        first = b'CONNECT ' + dest + b' HTTP/1.1\r\n'
        host = b'Host: ' + dest + b'\r\n'
        seen = [self.refused(raw, 400) for raw in (
            first + b'\r\n', first + host + host + b'\r\n',
            first + host + b'X: a\r\n b\r\n\r\n',
            first + host + b'X : a\r\n\r\n', first + host + b'X: a\rb\r\n\r\n',
            first + host + b'X: a\0b\r\n\r\n',
            b'CONNECT ' + dest + b' HTTP/1.1\nHost: x\n\n',
            b'CONNECT  ' + dest + b' HTTP/1.1\r\n' + host + b'\r\n')]
        return all(good for good, _ in seen), [code for _, code in seen]

    def smuggled(self):
        """after a refusal nothing else is served"""
        client = self.connect()
        client.sendall(self.line(self.options.elsewhere) + self.line()
                       + b'Esmuggled')
        data = self.rest(client)
        return data.count(b'HTTP/1.') == 1 and b'smuggled' not in data, ''

    def says_why(self):
        """a refusal has Connection: close, Proxy-Status and a text"""
        client, head = self.ask(self.line(self.options.elsewhere))
        lower = head.lower()
        return (b'\r\nconnection: close\r\n' in lower
                and b'\r\nproxy-status: ' in lower
                and len(self.rest(client)) > 5), ''

    def long_head(self):
        """a head of 100 kB is refused with 431"""
        return self.refused(self.line(fields=b'X: ' + b'a' * 100000
                                      + b'\r\n'), 431)

    def slow_head(self):
        """half a request is ended with 408, in time"""
        client = self.connect()
        begun = time.time()
        client.sendall(self.line()[:-4])
        head = self.head(client)
        seconds = time.time() - begun
        return (self.code(head) == 408
                and seconds >= self.options.head_timeout - 0.5), \
            '%d after %.1f s' % (self.code(head), seconds)

    def old(self):
        """HTTP/1.0"""
        _, head = self.ask(self.line(version=b'1.0'))
        return self.code(head) == 200, self.code(head)

    def elsewhere(self):
        """a name or address that is no VM's is refused: 404, or as if it was"""
        seen = [self.refused(self.line(target), 404, 403, 407) for target in (
            self.options.elsewhere, '127.0.0.1:%d' % self.options.listen,
            '127.0.0.9:%d' % self.options.listen,
            'localhost:%d' % self.options.listen, '2130706433:22')]
        return all(good for good, _ in seen), [code for _, code in seen]

    def closed(self):
        """a port on which nobody listens is refused with 502"""
        return self.refused(self.line(self.options.closed), 502)

    def methods(self):
        """other methods are refused with 405, which says what is allowed"""
        client, head = self.ask(b'GET http://%s/ HTTP/1.1\r\nHost: x\r\n\r\n'
                                % self.options.dest.encode())
        client.close()
        return (self.code(head) == 405
                and b'\r\nallow: connect\r\n' in head.lower()), \
            self.code(head)

    def many(self):
        """200 tunnels at once"""
        clients = [self.open(b'E%03d' % i) for i in range(200)]
        good = [self.exactly(client, 3) == b'%03d' % i
                for i, client in enumerate(clients)]
        for client in clients:
            client.close()
        return all(good), sum(good)

    def no_junk(self):
        """nothing else has reached the VM"""
        return not self.service.junk, self.service.junk[:5]

    # ---- All of them -----------------------------------------------------

    def run(self):
        checks = [self.opens, self.no_content, self.targets, self.early,
                  self.tiny, self.client_half, self.vm_half, self.vm_closes,
                  self.vm_resets, self.content, self.strict, self.smuggled,
                  self.says_why, self.long_head, self.slow_head, self.old,
                  self.elsewhere, self.methods, self.many, self.no_junk]
        if self.options.closed:
            checks.insert(-2, self.closed)
        for check in checks:
            try:
                good, seen = check()
            except (OSError, AssertionError) as problem:
                good, seen = False, repr(problem)
            self.failed += not good
            print('%s %s%s' % ('ok    ' if good else 'FAILED', check.__doc__,
                               ': %s' % seen if seen else ''), flush=True)
        return self.failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('proxy')
    parser.add_argument('--dest', required=True)
    parser.add_argument('--listen', type=int, required=True)
    parser.add_argument('--closed')
    parser.add_argument('--elsewhere', default='nobody.example:22')
    parser.add_argument('--head-timeout', type=float, default=0)
    options = parser.parse_args()
    return 1 if Checks(options, Service(options.listen)).run() else 0


if __name__ == '__main__':
    sys.exit(main())
