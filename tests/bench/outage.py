#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""
For how long no frame comes when processes of a stage end; outage.sh made them.

    outage.py TAG SWITCH_PID ROUNDS WHAT...

Numbered frames go from guest TAG-a to guest TAG-b through stage fault of switch
lan, one in 100 us.  WHAT is active, both (and its standby), all (and the spare),
or poison: a frame that ends each process that has it.  Prints milliseconds.
"""

import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

TYPE = 0x88b6
HEAD = bytes.fromhex("ffffffffffff02000000000188b6")
SO_RCVBUFFORCE = 33
GOOD, CRASHES = 0, 1            # what fault.so does with a frame
EVERY = 0.0001
BEFORE, AFTER = 0.1, 0.4        # seconds of frames, around the end


def open_in(namespace):
    """A packet socket on its eth0."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(there, 0) != 0:
        sys.exit(f"cannot enter {namespace}: {os.strerror(ctypes.get_errno())}")
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                           socket.htons(TYPE))
    # What comes at once after an outage must have room.
    opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    opened.bind(("eth0", TYPE))
    libc.setns(home, 0)
    return opened


def stage():
    said = subprocess.run(["xvsctl", "stage", "show", "fault", "lan", "--json"],
                          capture_output=True, check=True, text=True).stdout
    known = json.loads(said)
    return known[0] if isinstance(known, list) else known


def processes(host):
    found = subprocess.run(["pgrep", "-P", host, "-x", "xvs-stage"],
                           capture_output=True, check=False, text=True).stdout
    return [int(pid) for pid in found.split()]


def whole(host):
    """The stage when all its processes are there: the active one, the standby,
    all."""
    end = time.time() + 60
    while time.time() < end:
        now, pids = stage(), processes(host)
        both = [now["ProcessId"], now["StandbyProcessId"]]
        if len(pids) == 3 and all(both):
            return both, pids
        time.sleep(0.01)
    sys.exit("the stage does not get its processes")


class Stream:
    def __init__(self, tag):
        self.source = open_in(f"{tag}-a")
        self.sink = open_in(f"{tag}-b")
        self.sink.setblocking(False)
        self.sent = self.came = 0
        self.last = 0.0

    def send(self, kind):
        self.source.send(HEAD + bytes([kind]) + bytes(7)
                         + struct.pack(">Q", self.sent) + bytes(40))

    def take(self):
        """What has come; the longest time without."""
        worst = 0.0
        try:
            while self.sink.recv(2048):
                now = time.perf_counter()
                worst = max(worst, now - self.last)
                self.last = now
                self.came += 1
        except BlockingIOError:
            pass
        return worst

    def run(self, seconds):
        worst, begun = 0.0, time.perf_counter()
        while (now := time.perf_counter()) - begun < seconds:
            self.send(GOOD)
            self.sent += 1
            worst = max(worst, self.take())
            while time.perf_counter() - now < EVERY:
                pass
        return worst


def strike(stream, what, both, pids):
    if what == "poison":
        stream.send(CRASHES)
        return
    for pid in {"active": both[:1], "both": both, "all": pids}[what]:
        os.kill(pid, signal.SIGKILL)


def main():
    tag, host, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    stream = Stream(tag)
    for what in sys.argv[4:]:
        times = []
        for _ in range(rounds):
            both, pids = whole(host)
            stream.last = time.perf_counter()
            stream.run(BEFORE)
            strike(stream, what, both, pids)
            times.append(stream.run(AFTER) * 1000)
        times.sort()
        print(f"{what:8} {rounds} times: no frame for {times[0]:.2f} ms (least),"
              f" {times[rounds // 2]:.2f} (median), {times[-1]:.2f} (most)",
              flush=True)
    time.sleep(0.5)
    stream.take()
    print(f"{stream.sent} frames, {stream.sent - stream.came} of them missing")


if __name__ == "__main__":
    main()
