#!/usr/bin/python3
"""Plays a collector, written from feed.md alone, so that any program can receive an agent's feed.

Needs Debian's python3-websockets. Every frame is printed as one line of JSON; the lines of each source are written, as
they stand in the file, to DIR/NODE/SOURCE.log at their offsets, and acknowledged when they are on disk. What was received
is remembered in DIR, so that it can be killed and started again.
"""

import argparse
import asyncio
import hashlib
import hmac
import http
import json
import os
import pathlib
import re
import signal
import ssl
import sys
import zlib

try:
    import websockets
    # The same from Debian 12 to 13; the interface that came with websockets 14 names its arguments otherwise.
    from websockets.legacy.server import serve
except ImportError:
    sys.exit("python3-websockets is missing: apt-get install --no-install-recommends python3-websockets")

MAX_MESSAGE = 4 << 20
CREDIT = 4 << 20
NODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
SOURCE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Refused(Exception):
    """Ends a connection with a code and a reason."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


def need(condition, reason):
    if not condition:
        raise Refused(1002, reason)


def decode(data):
    if isinstance(data, str):
        data = data.encode()
    head, end, body = data.partition(b"\n")
    need(end, "no line feed ends the header")
    try:
        header = json.loads(head)
    except ValueError:
        raise Refused(1002, "the header is not JSON") from None
    need(isinstance(header, dict) and "type" in header, "the header has no type")
    need(header.get("v") == 1, "this receiver speaks version 1")
    need(not body or header["type"] == "logs", "only logs have a body")
    return header, body


def inflate(header, body):
    size = header["to"] - header["from"]
    need(0 < size <= MAX_MESSAGE, "not a range")
    if header.get("encoding") == "deflate":
        unpacker = zlib.decompressobj()
        try:
            body = unpacker.decompress(body, size + 1)
        except zlib.error:
            raise Refused(1002, "the body is not in zlib format") from None
    need(len(body) == size, "the body holds %d bytes, from and to say %d" % (len(body), size))
    lines = body.count(b"\n") + (0 if body.endswith(b"\n") else 1)
    need(lines == header["lines"], "the body holds %d lines, the header says %s" % (lines, header["lines"]))
    return body


class Acks:
    """An agent bears 100 frames a second, so acks of the same source melt into one until their turn."""

    def __init__(self):
        self.ranges = {}
        self.lost = {}
        self.spools = {}

    def source(self, header):
        self.ranges.setdefault(header["source"], []).append([header["from"], header["to"]])

    def loss(self, header):
        if header["to"] == -1:
            self.lost.setdefault(header["source"], set()).add(header["from"])
        else:
            self.source(header)

    async def send_at_their_pace(self, socket):
        while True:
            await asyncio.sleep(0.02)
            if self.spools:
                spool, seq = self.spools.popitem()
                await send(socket, {"v": 1, "type": "ack", "spool": spool, "seq": seq})
            elif self.lost:
                source, begins = self.lost.popitem()
                await send(socket, {"v": 1, "type": "ack", "source": source, "lost": sorted(begins)[:64]})
                if sorted(begins)[64:]:
                    self.lost[source] = set(sorted(begins)[64:])
            elif self.ranges:
                source = next(iter(self.ranges))
                ranges = merged(self.ranges.pop(source))
                if ranges[64:]:
                    self.ranges[source] = ranges[64:]
                await send(socket, {"v": 1, "type": "ack", "source": source, "ranges": ranges[:64]})


def merged(ranges):
    result = []
    for begin, end in sorted(ranges):
        if result and begin <= result[-1][1]:
            result[-1][1] = max(end, result[-1][1])
        else:
            result.append([begin, end])
    return result


class Receiver:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(options.dir)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys_file = self.folder / "keys.json"
        self.keys = json.loads(self.keys_file.read_text()) if self.keys_file.exists() else {}
        self.token = pathlib.Path(options.token_file).read_text().strip()

    async def check(self, path, headers):
        if path != "/feed":
            return http.HTTPStatus.NOT_FOUND, [], b""
        if not hmac.compare_digest(headers.get("Authorization", ""), "Bearer " + self.token):
            return http.HTTPStatus.UNAUTHORIZED, [], b""
        if not 16 <= len(headers.get("Farrier-Node-Key", "")) <= 256:
            return http.HTTPStatus.BAD_REQUEST, [], b""
        return None

    def bind(self, node, key):
        if not NODE.fullmatch(node):
            raise Refused(1008, "not a node name")
        known = self.keys.get(node)
        if known is None and key not in self.keys.values():
            self.keys[node] = key
            write(self.keys_file, json.dumps(self.keys).encode())
        elif known != key:
            raise Refused(1008, "name and key do not belong together")

    async def serve(self, socket, path=None):
        try:
            await self.receive(socket)
        except Refused as refused:
            say({"refused": str(refused), "code": refused.code})
            await socket.close(refused.code, str(refused)[:120])
        except websockets.ConnectionClosed as closed:
            say({"closed": closed.code})

    async def receive(self, socket):
        hello, _ = decode(await socket.recv())
        need(hello["type"] == "hello", "the first frame must be hello")
        self.bind(hello["node"], hashlib.sha256(socket.request_headers["Farrier-Node-Key"].encode()).hexdigest())
        say(hello)
        encodings = [one for one in hello["encodings"] if one == "deflate"]
        welcome = {"v": 1, "type": "welcome", "credit": CREDIT}
        if encodings:
            welcome["encoding"] = encodings[0]
        await send(socket, welcome)
        acks = Acks()
        pacing = asyncio.ensure_future(acks.send_at_their_pace(socket))
        try:
            await self.receive_frames(socket, hello, acks)
        finally:
            pacing.cancel()

    async def receive_frames(self, socket, hello, acks):
        sources = set()
        folder = self.folder / hello["node"]
        folder.mkdir(exist_ok=True)
        async for data in socket:
            header, body = decode(data)
            say({**header, "node": hello["node"]})
            kind = header["type"]
            if kind == "source":
                need(SOURCE.fullmatch(header["source"]), "not a source id")
                sources.add(header["source"])
            elif kind == "logs":
                need(header["source"] in sources, "the source was not announced")
                body = inflate(header, body)
                store(folder / (header["source"] + ".log"), header["from"], body)
                acks.source(header)
            elif kind == "lost":
                need(header["source"] in sources, "the source was not announced")
                acks.loss(header)
            elif kind == "event":
                self.keep(folder, header)
                acks.spools[header["spool"]] = header["seq"]
            else:
                need(kind == "progress", "the type is not known")

    @staticmethod
    def keep(folder, event):
        """States replace each other; outcomes are appended once."""
        highest_file = folder / "spools.json"
        highest = json.loads(highest_file.read_text()) if highest_file.exists() else {}
        if event["seq"] <= highest.get(event["spool"], -1):
            return
        if event["topic"] == "outcome":
            with open(folder / "outcomes.jsonl", "ab") as file:
                file.write(json.dumps(event).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        else:
            write(folder / (re.sub("[^a-z_]", "", event["topic"]) + ".json"), json.dumps(event).encode())
        highest[event["spool"]] = event["seq"]
        write(highest_file, json.dumps(highest).encode())


def store(file, offset, body):
    """The same bytes at the same place: storing twice changes nothing."""
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.pwrite(descriptor, body, offset)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(file, data):
    temporary = file.with_name("." + file.name)
    with open(temporary, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, file)


async def send(socket, header):
    await socket.send(json.dumps(header, separators=(",", ":")).encode() + b"\n")


def say(what):
    print(json.dumps(what), flush=True)


async def main(options):
    receiver = Receiver(options)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    stop = asyncio.get_running_loop().create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, lambda: stop.done() or stop.set_result(None))
    async with serve(
        receiver.serve,
        options.host,
        options.port,
        ssl=context,
        compression=None,
        max_size=MAX_MESSAGE,
        process_request=receiver.check,
    ) as server:
        say({"listening": server.sockets[0].getsockname()[1]})
        await stop


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; it is printed")
    parser.add_argument("--cert", required=True, help="PEM")
    parser.add_argument("--key", required=True, help="PEM")
    parser.add_argument("--token-file", required=True, help="the agent's token")
    parser.add_argument("--dir", required=True, help="where to keep what is received")
    asyncio.run(main(parser.parse_args()))
