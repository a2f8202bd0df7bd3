#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients of channel-churn.sh: each of so many does one thing after another
until the time is over, and is told what it must be told.

    churn-clients.py FOLDER SECONDS CLIENTS CORPUS

FOLDER/ports has a line for each place ("proxy 20000"); proxy.pem, bob.pem and
bob.key are there for TLS.  CORPUS is tests/fuzz/corpus, whose inputs are what
hostile clients say.  Prints "NAME COUNT" for each thing, "late" for those that
waited too long on a busy machine, and "unexpected NAME COUNT EXAMPLE" for what
came out otherwise.
"""

import asyncio
import collections
import os
import pathlib
import random
import socket
import ssl
import struct
import sys
import time

TOKEN = '0123456789abcdef'
NO_LINGER = struct.pack('ii', 1, 0)
WAIT = 60               # seconds, for what has to come
folder = pathlib.Path(sys.argv[1])
ports = {name: int(port) for name, port in
         (line.split() for line in open(folder / 'ports'))}
corpus = [(kind, file.read_bytes())
          for kind in ('channel-http', 'channel-http2', 'channel-line')
          for file in sorted((pathlib.Path(sys.argv[4]) / kind).iterdir())]
done = collections.Counter()
wrong = collections.Counter()
examples = {}
tls = ssl.create_default_context(cafile=folder / 'proxy.pem')
tls_bob = ssl.create_default_context(cafile=folder / 'proxy.pem')
tls_bob.load_cert_chain(folder / 'bob.pem', folder / 'bob.key')
tls_blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
tls_blind.check_hostname = False
tls_blind.verify_mode = ssl.CERT_NONE


class Wrong(Exception):
    """What came is not what had to come."""


class Late(Exception):
    """The proxy, or we, had no time."""


# ---- Connections ------------------------------------------------------------

class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def say(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def read(self, size):
        return await self.reader.readexactly(size)

    async def rest(self):
        """All that comes; a reset is an end as well."""
        data = b''
        try:
            while more := await self.reader.read(65536):
                data += more
        except OSError:
            pass
        return data

    def reset(self):
        self.writer.get_extra_info('socket').setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.writer.transport.abort()


class At:
    """async with At(place): a connection, which is closed behind it."""
    def __init__(self, place, **options):
        self.place, self.options = place, options

    async def __aenter__(self):
        if self.place == 'local':
            streams = await asyncio.open_unix_connection(folder / 'local.sock')
        else:
            streams = await asyncio.open_connection(
                '127.0.0.1', ports[self.place], **self.options)
        self.connection = Connection(*streams)
        return self.connection

    async def __aexit__(self, *error):
        self.connection.writer.close()


def head(target, who=None):
    token = f'Proxy-Authorization: Bearer {TOKEN}{who}\r\n' if who else ''
    return (f'CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{token}\r\n'
            ).encode()


async def status_of(connection):
    answer = await connection.reader.readuntil(b'\r\n\r\n')
    return int(answer.split()[1])


async def connect(connection, target, who=None, want=(200,)):
    await connection.say(head(target, who))
    status = await status_of(connection)
    if status not in want:
        if status in (408, 504):
            raise Late
        raise Wrong(f'{target} as {who}: {status}, not {want}')
    return status


# ---- Conversations ----------------------------------------------------------

VMS = ('fixed', 'hybrid', 'agent')
AWAY = ('agent2', 'guest')      # come and go meanwhile
GONE = (200, 404, 429, 502, 503)


async def use(connection, how):
    """What a client does with a service."""
    if how == 'echo' or how == 'half':
        data = random.randbytes(random.choice((1, 100, 5000, 70000)))
        await connection.say(b'E' + data)
        if how == 'half':
            connection.writer.write_eof()
        if await connection.read(len(data)) != data:
            raise Wrong('other bytes')
        if how == 'half' and await connection.reader.read(1):
            raise Wrong('no end')
    elif how == 'unread':
        await connection.say(b'B')
        await connection.reader.read(1000)
    elif how == 'reset':
        await connection.say(b'B')
        await connection.reader.read(1000)
        connection.reset()
    elif how == 'blast':
        await connection.say(b'B')
        await connection.read(200000)
    elif how == 'bye':
        await connection.say(b'H')
        if await connection.read(3) != b'bye' or await connection.reader.read():
            raise Wrong('not bye')
    else:
        await connection.say(how.encode())
        if await connection.rest():
            raise Wrong(f'bytes behind {how}')


USES = ('echo', 'echo', 'half', 'unread', 'reset', 'blast', 'bye', 'Q', 'R')


async def converse():
    async with At(random.choice(('proxy', 'proxy', 'local'))) as connection:
        await connect(connection, random.choice(VMS) + ':22', 'alice')
        await use(connection, random.choice(USES))


async def converse_away():
    """With VMs that are forgotten or killed meanwhile."""
    vm = random.choice(AWAY)
    async with At('proxy') as connection:
        try:
            if await connect(connection, vm + ':22', 'alice', GONE) == 200:
                await use(connection, random.choice(USES))
        except (OSError, asyncio.IncompleteReadError):
            pass


async def refusal():
    target, who, want = random.choice((
        ('nobody:22', 'alice', 404), ('fixed:22', 'mallory', 407),
        ('fixed:22', None, 407), ('fixed:22', 'carol', 403),
        ('agent:24', 'alice', 403), ('agent:23', 'alice', 502),
        ('fixed:23', 'alice', 502), ('hybrid:9', 'alice', 502),
        ('hybrid:11', 'alice', 503), ('absent:22', 'alice', 503),
        ('fixed:24', 'alice', 503), ('elsewhere:22', 'alice', 421),
        ('moved:22', 'alice', 508), ('x' * 9000 + ':1', None, 431)))
    async with At('proxy') as connection:
        await connect(connection, target, who, (want,))
        await connection.rest()


async def silence():
    async with At('proxy') as connection:
        await connect(connection, 'hybrid:10', 'alice', (504,))


async def gives_up():
    """Before the VM answers."""
    async with At('proxy') as connection:
        await connection.say(head(random.choice(VMS) + ':22', 'alice'))
        if random.random() < 0.5:
            connection.reset()


async def limits():
    who = random.choice(('idler', 'brief', 'slow', 'few'))
    async with At('proxy') as connection:
        status = await connect(connection, random.choice(VMS) + ':22', who,
                               (200, 429) if who == 'few' else (200,))
        if who == 'few' and status == 200:
            await asyncio.sleep(0.2)
        elif who == 'slow':
            await connection.say(b'B')
            await connection.reader.readexactly(30000)
        elif who != 'few':
            await connection.say(b'E')
            await connection.rest()


async def slow_head():
    async with At('proxy') as connection:
        request = head('fixed:22', 'alice')
        at = random.randrange(1, len(request) - 1)
        await connection.say(request[:at // 2])
        await asyncio.sleep(0.1)
        await connection.say(request[at // 2:at])
        if await status_of(connection) != 408:
            raise Wrong('not 408')


async def no_head():
    async with At(random.choice(('proxy', 'local', 'tls', 'host'))) as one:
        await one.rest()


# ---- Other protocols --------------------------------------------------------

def socks(name, port, token):
    user, token = b'alice', token.encode()
    return (b'\5\1\2', b'\1' + bytes([len(user)]) + user
            + bytes([len(token)]) + token,
            b'\5\1\0\3' + bytes([len(name)]) + name + struct.pack('>H', port))


async def over_socks():
    name, port, token, want = random.choice((
        (b'fixed', 22, TOKEN + 'alice', 0), (b'agent', 22, TOKEN + 'alice', 0),
        (b'fixed', 23, TOKEN + 'alice', 5), (b'nobody', 22, TOKEN + 'alice', 4),
        (b'fixed', 22, TOKEN + 'no', None)))
    methods, login, request = socks(name, port, token)
    async with At('proxy') as connection:
        await connection.say(methods)
        if await connection.read(2) != b'\5\2':
            raise Wrong('method')
        await connection.say(login)
        if (await connection.read(2) == b'\1\0') != (want is not None):
            raise Wrong('login')
        if want is None:
            return
        await connection.say(request)
        answer = await connection.read(10)
        if answer[1] != want:
            raise Wrong(f'{name} {port}: {answer[1]}, not {want}')
        if want == 0:
            await use(connection, 'echo')


async def over_tls():
    async with At('tls', ssl=tls_bob, server_hostname='localhost') as one:
        await connect(one, random.choice(VMS) + ':22')
        await use(one, random.choice(('echo', 'blast', 'bye', 'Q')))


async def bad_tls():
    """Without a certificate, without TLS, and gone in the middle."""
    how = random.randrange(3)
    if how == 0:
        try:
            async with At('tls', ssl=tls, server_hostname='localhost') as one:
                await connect(one, 'fixed:22')
        except (OSError, asyncio.IncompleteReadError):
            return
        raise Wrong('let through without a certificate')
    async with At('tls') as one:
        if how == 1:
            await one.say(head('fixed:22', 'alice'))
            await one.rest()
        else:
            await one.say(hello('localhost')[:random.randrange(1, 300)])
            one.reset()


def hello(name):
    out = ssl.MemoryBIO()
    try:
        tls_blind.wrap_bio(ssl.MemoryBIO(), out,
                           server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


async def as_inside():
    """By the name in Host or in TLS."""
    name = random.choice(('open', 'nobody'))
    async with At('host') as one:
        if random.random() < 0.5:
            await one.say(hello(name))
        else:
            await one.say(f'GET / HTTP/1.1\r\nHost: {name}\r\n\r\n'.encode())
        await one.rest()


def frame(kind, flags, stream, payload):
    return (len(payload).to_bytes(3, 'big') + bytes([kind, flags])
            + stream.to_bytes(4, 'big') + payload)


def fields(*pairs):
    return b''.join(b'\0' + bytes([len(n)]) + n + bytes([len(v)]) + v
                    for n, v in pairs)


async def over_http2():
    count = random.randrange(1, 9)
    async with At('proxy') as one:
        await one.say(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + frame(4, 0, 0, b''))
        for i in range(count):
            vm = random.choice(VMS + ('nobody',)).encode() + b':22'
            await one.say(
                frame(1, 4, 2 * i + 1, fields(
                    (b':method', b'CONNECT'), (b':authority', vm),
                    (b'proxy-authorization', b'Bearer '
                     + TOKEN.encode() + b'alice')))
                + frame(0, random.randrange(2), 2 * i + 1, b'Ehello'))
        left = count
        while left:
            size = int.from_bytes(await one.read(3), 'big')
            kind, flags = await one.read(2)
            await one.read(4 + size)
            left -= kind == 1 or (kind == 3)
        if random.random() < 0.5:
            one.reset()


async def hostile():
    kind, data = random.choice(corpus)
    at = 'host' if kind == 'channel-line' and data[:1] == b't' else 'proxy'
    data = bytearray(data[1:])
    if data and random.random() < 0.5:
        data[random.randrange(len(data))] = random.randrange(256)
    async with At(at) as one:
        await one.say(bytes(data))
        if random.random() < 0.2:
            one.reset()
        elif random.random() < 0.5:
            one.writer.write_eof()
            await one.rest()


async def of_guest():
    """What the guest's programs open, by way of the agent."""
    if random.random() < 0.3:
        try:
            async with At('offer-none') as one:
                await one.rest()
        except OSError:         # so soon
            pass
        return
    async with At('offer') as one:
        await use(one, random.choice(('echo', 'bye', 'Q', 'reset')))


async def name_service():
    question = (random.randbytes(2) + b'\1\0\0\1\0\0\0\0\0\0'
                + random.choice((b'\5fixed\2vm\10internal', b'\5other\3org',
                                 b'\6nobody\2vm\10internal'))
                + b'\0' + random.choice((b'\0\1', b'\0\x21', b'\0\xff'))
                + b'\0\1')
    async with At('dns') as one:
        if random.random() < 0.2:
            await one.say(random.randbytes(random.randrange(1, 40)))
            one.reset()
            return
        await one.say(struct.pack('>H', len(question)) + question)
        size = int.from_bytes(await one.read(2), 'big')
        if (await one.read(size))[:2] != question[:2]:
            raise Wrong('another question')


THINGS = ((converse, 40), (converse_away, 10), (refusal, 20), (silence, 1),
          (gives_up, 8), (limits, 3), (slow_head, 1), (no_head, 1),
          (over_socks, 8), (over_tls, 4), (bad_tls, 6), (as_inside, 4),
          (over_http2, 6), (hostile, 10), (of_guest, 8), (name_service, 4))


# ---- All of them ------------------------------------------------------------

async def client(until):
    while time.monotonic() < until:
        thing = random.choices([t for t, _ in THINGS],
                               [weight for _, weight in THINGS])[0]
        name = thing.__name__
        try:
            await asyncio.wait_for(thing(), WAIT)
            done[name] += 1
        except Late:
            done['late'] += 1
        except (Wrong, OSError, EOFError, asyncio.TimeoutError) as error:
            wrong[name] += 1
            examples[name] = f'{type(error).__name__} {error}'


async def main():
    until = time.monotonic() + float(sys.argv[2])
    await asyncio.gather(*(client(until) for _ in range(int(sys.argv[3]))))

random.seed(os.environ.get('CHURN_SEED'))
asyncio.run(main())
for name, count in done.items():
    print(name, count)
for name, count in wrong.items():
    print('unexpected', name, count, examples[name])
