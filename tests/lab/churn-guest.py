#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Services in VMs of channel-churn.sh, and a hybrid vsock in front of them.

    churn-guest.py PORT HYBRID

They are at 127.0.0.1:PORT and, behind a line CONNECT N, at the unix socket
HYBRID: N is 22 for a service, 9 where nobody listens, 10 for silence, 11 for
what is no hybrid vsock.  The first byte of a client says what to do: E echo,
B many bytes, Q hang up, R reset, H a word, half close, read the rest.
"""

import asyncio
import socket
import struct
import sys

BLAST = bytes(200000)
NO_LINGER = struct.pack('ii', 1, 0)


async def serve(reader, writer):
    what = await reader.read(1)
    if what == b'E':
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    elif what == b'B':
        writer.write(BLAST)
        await writer.drain()
    elif what == b'R':
        writer.get_extra_info('socket').setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    elif what == b'H':
        writer.write(b'bye')
        writer.write_eof()
        while await reader.read(65536):
            pass


async def hybrid(reader, writer):
    port = (await reader.readline()).strip().removeprefix(b'CONNECT ')
    if port == b'22':
        writer.write(b'OK 1073741824\n')
        await serve(reader, writer)
    elif port == b'10':
        await reader.read(1)
    elif port == b'11':
        writer.write(b'HTTP/1.1 400 Bad Request\r\n\r\n')


def closing(handler):
    async def handle(reader, writer):
        try:
            await handler(reader, writer)
        except (OSError, ValueError):
            pass
        finally:
            writer.close()
    return handle


async def main():
    await asyncio.start_server(closing(serve), '127.0.0.1', int(sys.argv[1]),
                               backlog=1024)
    await asyncio.start_unix_server(closing(hybrid), sys.argv[2], backlog=1024)
    await asyncio.Event().wait()

asyncio.run(main())
