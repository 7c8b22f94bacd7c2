#!/usr/bin/python3
"""Plays a collector that a node must not trust: after a friendly beginning each connection sees another attack.

Needs Debian's python3-websockets. Each attack's name is printed, one JSON object a line, when it begins.
"""

import argparse
import asyncio
import json
import os
import ssl
import sys
import zlib

try:
    import websockets
    # The same from Debian 12 to 13; the interface that came with websockets 14 names its arguments otherwise.
    from websockets.legacy.server import serve
except ImportError:
    sys.exit("python3-websockets is missing: apt-get install --no-install-recommends python3-websockets")

# An agent that does not leave by itself is left, so that the next attack gets its turn.
PATIENCE = 1.5


def frame(body=b"", **header):
    return json.dumps({"v": 1, **header}).encode() + b"\n" + body


async def random_bytes(socket, friend):
    for _ in range(50):
        await socket.send(os.urandom(200))


async def replayed(socket, friend):
    for _ in range(60):
        await socket.send(friend.ack)


async def acks_of_what_was_never_sent(socket, friend):
    await socket.send(frame(type="ack", source=friend.source, ranges=[[0, 2**62]]))
    await socket.send(frame(type="ack", source="nobody", ranges=[[0, 10]]))
    await socket.send(frame(type="ack", spool=friend.spool, seq=2**62))


async def huge(socket, friend):
    await socket.send(b"{" + b" " * (8 << 20) + b"}\n")


async def slow(socket, friend):
    async def crumbs():
        for _ in range(100):
            yield b" " * 40
            await asyncio.sleep(0.02)

    await socket.send(crumbs())


async def compressed(socket, friend):
    await socket.send(frame(zlib.compress(b"\0" * (64 << 20)), type="logs", source="a", encoding="deflate"))


async def compressed_small(socket, friend):
    bomb = zlib.compress(b"\0" * (2 << 20), 9)
    header = {"type": "logs", "source": "a", "from": 0, "to": 2 << 20, "lines": 1, "encoding": "deflate"}
    await socket.send(frame(bomb, **header))


async def flood(socket, friend):
    for i in range(5000):
        await socket.send(frame(type="credit", bytes=i))


async def commands(socket, friend):
    for kind in ("apply", "restore", "config", "pull", "run"):
        await socket.send(frame(type=kind, verb=kind, path="/etc/docker/daemon.json", command="touch /etc/owned"))


async def an_agents_frames(socket, friend):
    await socket.send(frame(type="hello", node="collector", agent="x", boot="x", encodings=[], labels={}))


async def second_welcome(socket, friend):
    await socket.send(frame(type="welcome", credit=2**60))


async def odd_credit(socket, friend):
    await socket.send(frame(type="credit", bytes=2**62))
    await socket.send(frame(type="credit", bytes=-1))


async def deep(socket, friend):
    await socket.send(b'{"v":1,"type":"ack","ranges":' + b"[" * 2000 + b"\n")


async def forged_reason(socket, friend):
    await socket.close(4000, "\r\n2026-01-01T00:00:00Z FORGED line \x1b]52;c;QUJD\x07\u202e")


ATTACKS = [
    random_bytes,
    replayed,
    acks_of_what_was_never_sent,
    huge,
    slow,
    compressed,
    compressed_small,
    flood,
    commands,
    an_agents_frames,
    second_welcome,
    odd_credit,
    deep,
    forged_reason,
]


class Friend:
    """What an agent told while it was treated well; the ack lets it come back soon."""

    source, spool, ack = "a", "s", b""

    async def meet(self, socket):
        await socket.recv()
        await socket.send(frame(type="welcome", credit=1 << 20, encoding="deflate"))
        while not self.ack:
            header = json.loads((await socket.recv()).partition(b"\n")[0])
            self.source = header.get("source", self.source)
            if header["type"] == "event":
                self.spool = header["spool"]
                self.ack = frame(type="ack", spool=header["spool"], seq=header["seq"])
        await socket.send(self.ack)


class Hostile:
    def __init__(self):
        self.turn = 0

    async def serve(self, socket, path=None):
        friend = Friend()
        try:
            await asyncio.wait_for(friend.meet(socket), PATIENCE)
            attack = ATTACKS[self.turn % len(ATTACKS)]
            self.turn += 1
            print(json.dumps({"attack": attack.__name__}), flush=True)
            await asyncio.wait_for(attack(socket, friend), PATIENCE)
            await asyncio.wait_for(socket.wait_closed(), PATIENCE)
        except (websockets.ConnectionClosed, asyncio.TimeoutError):
            pass


async def main(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    async with serve(
        Hostile().serve, options.host, options.port, ssl=context, compression=None, max_size=8 << 20, close_timeout=0.2
    ) as server:
        print(json.dumps({"listening": server.sockets[0].getsockname()[1], "attacks": len(ATTACKS)}), flush=True)
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; it is printed")
    parser.add_argument("--cert", required=True, help="PEM")
    parser.add_argument("--key", required=True, help="PEM")
    asyncio.run(main(parser.parse_args()))
