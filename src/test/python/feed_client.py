#!/usr/bin/python3
"""Plays an agent against a collector, written from feed.md alone.

Needs Debian's python3-websockets. Ends with 0 when the collector does all that feed.md says, else with 1 and a sentence.
"""

import argparse
import asyncio
import json
import pathlib
import ssl
import sys
import urllib.request
import zlib

try:
    import websockets
    # The same from Debian 12 to 13; the interface that came with websockets 14 names its arguments otherwise.
    from websockets.legacy.client import connect
except ImportError:
    sys.exit("python3-websockets is missing: apt-get install --no-install-recommends python3-websockets")

DEADLINE = 20
CONTROL_TYPES = {"welcome", "ack", "credit"}


class Failed(Exception):
    """The collector did something that feed.md does not say."""


def message(header, body=b""):
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + body


class Feed:
    """One connection."""

    def __init__(self, socket, welcome):
        self.socket = socket
        self.welcome = welcome
        self.acked = {}
        self.lost = {}
        self.events = {}

    @classmethod
    async def open(cls, options, node, key, encodings=()):
        socket = await connect(
            options.url,
            ssl=trust(options),
            compression=None,
            max_size=4096,
            extra_headers={"Authorization": "Bearer " + token(options.token_file), "Farrier-Node-Key": key},
        )
        await socket.send(
            message(
                {
                    "v": 1, "type": "hello", "node": node, "agent": "feed_client.py 1", "boot": "b1",
                    "encodings": list(encodings), "labels": {"cluster": "demo"},
                }
            )
        )
        feed = cls(socket, None)
        feed.welcome = await feed.receive()
        if feed.welcome["type"] != "welcome":
            raise Failed("expected welcome, got %s" % feed.welcome)
        return feed

    async def receive(self):
        data = await asyncio.wait_for(self.socket.recv(), DEADLINE)
        if len(data) > 4096:
            raise Failed("a control frame of %d bytes" % len(data))
        head, end, rest = data.partition(b"\n")
        if not end or rest:
            raise Failed("not one header line: %r" % data)
        frame = json.loads(head)
        if frame["v"] != 1 or frame["type"] not in CONTROL_TYPES:
            raise Failed("a collector must not send %s" % frame)
        return frame

    async def source(self, source, form="plain", container="counter"):
        await self.socket.send(
            message(
                {
                    "v": 1, "type": "source", "source": source, "form": form, "container": container,
                    "labels": {"image": "busybox"},
                }
            )
        )

    async def logs(self, source, data, begin, end, deflate=False):
        body = data[begin:end]
        header = {
            "v": 1, "type": "logs", "source": source, "from": begin, "to": end,
            "lines": body.count(b"\n") + (0 if body.endswith(b"\n") else 1),
        }
        if deflate:
            header["encoding"] = "deflate"
            body = zlib.compress(body)
        await self.socket.send(message(header, body))

    async def event(self, spool, seq, topic, data, at="2026-11-20T10:00:00Z"):
        await self.socket.send(
            message(
                {"v": 1, "type": "event", "spool": spool, "seq": seq, "topic": topic, "at": at, "data": data}
            )
        )

    async def until_acked(self, source, begin, end):
        while not any(a <= begin and end <= b for a, b in merged(self.acked.get(source, []))):
            self.note(await self.receive())

    async def until_loss_acked(self, source, begin):
        while begin not in self.lost.get(source, []):
            self.note(await self.receive())

    async def until_event_acked(self, spool, seq):
        while self.events.get(spool, -1) < seq:
            self.note(await self.receive())

    def note(self, frame):
        if frame["type"] != "ack":
            return
        if "spool" in frame:
            self.events[frame["spool"]] = max(frame["seq"], self.events.get(frame["spool"], -1))
        elif "lost" in frame:
            self.lost.setdefault(frame["source"], []).extend(frame["lost"])
        else:
            self.acked.setdefault(frame["source"], []).extend(map(tuple, frame["ranges"]))

    async def close(self):
        await self.socket.close()


def merged(ranges):
    result = []
    for begin, end in sorted(ranges):
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


def token(file):
    return pathlib.Path(file).read_text().strip()


def trust(options):
    return ssl.create_default_context(cafile=options.ca)


def api(options, path):
    base = options.url.replace("wss:", "https:").replace("/feed", "")
    request = urllib.request.Request(base + path, headers={"Authorization": "Bearer " + token(options.viewer_token_file)})
    with urllib.request.urlopen(request, context=trust(options), timeout=DEADLINE) as answer:
        return json.load(answer)


def numbered(count):
    return b"".join(b"line %06d of python\n" % n for n in range(count))


def starts(data):
    """The offsets at which lines begin, and the end."""
    offsets = [0]
    while offsets[-1] < len(data):
        offsets.append(data.index(b"\n", offsets[-1]) + 1)
    return offsets


def expect(what, seen, wanted):
    if seen != wanted:
        raise Failed("%s: expected %r, saw %r" % (what, wanted, seen))
    print("ok: " + what)


async def expect_closed(what, socket, code):
    try:
        while True:
            await asyncio.wait_for(socket.recv(), DEADLINE)
    except websockets.ConnectionClosed as closed:
        expect(what, closed.code, code)
        if not closed.reason:
            raise Failed(what + ": closed without a reason")


def lines_of(options, node):
    return api(options, "/api/logs?node=%s&container=counter&limit=5000" % node)["lines"]


async def every_line_once_over_reconnects(options):
    data = numbered(2000)
    at = starts(data)
    first = await Feed.open(options, "py-lines", "python-node-key-lines", ["deflate"])
    expect("the welcome names the one encoding that was offered", first.welcome.get("encoding"), "deflate")
    expect("the welcome gives credit", first.welcome["credit"] > 0, True)
    await first.source("py-source")
    await first.logs("py-source", data, at[0], at[500])
    await first.until_acked("py-source", at[0], at[500])
    await first.logs("py-source", data, at[500], at[900])
    await first.close()

    # Nobody knows what became of 500 to 900, so it is read again, and cut differently.
    second = await Feed.open(options, "py-lines", "python-node-key-lines", ["deflate"])
    await second.source("py-source")
    await second.logs("py-source", data, at[300], at[700])
    await second.logs("py-source", data, at[650], at[1400], deflate=True)
    await second.logs("py-source", data, at[1700], at[2000])
    await second.until_acked("py-source", at[1700], at[2000])
    await second.logs("py-source", data, at[1400], at[1700])
    await second.until_acked("py-source", at[300], at[2000])
    await second.close()

    lines = lines_of(options, "py-lines")
    wanted = data.decode().splitlines()
    expect("every line is stored exactly once", sorted(line["text"] for line in lines), wanted)
    expect("with its offset", sorted(line["offset"] for line in lines), at[:-1])


async def forms_are_shown_as_text(options):
    feed = await Feed.open(options, "py-forms", "python-node-key-forms")
    docker = b'{"log":"say \\"hi\\" \\u003c\\u001b[31m\\n","stream":"stderr","time":"2026-11-20T10:00:00.5Z"}\n'
    cri = b"2026-11-20T10:00:00.123456789+02:00 stdout P half a \n"
    await feed.source("py-docker", "docker")
    await feed.source("py-cri", "cri")
    await feed.logs("py-docker", docker, 0, len(docker))
    await feed.logs("py-cri", cri, 0, len(cri))
    await feed.until_acked("py-docker", 0, len(docker))
    await feed.until_acked("py-cri", 0, len(cri))
    await feed.close()
    by_source = {line["source"]: line for line in lines_of(options, "py-forms")}
    expect("docker's JSON is un-escaped", by_source["py-docker"]["text"], 'say "hi" <\x1b[31m')
    expect("docker's stream", by_source["py-docker"]["stream"], "stderr")
    expect("CRI's content", by_source["py-cri"]["text"], "half a ")
    expect("CRI's partial tag", by_source["py-cri"]["partial"], True)


async def losses_are_acked_and_shown(options):
    feed = await Feed.open(options, "py-lost", "python-node-key-lost")
    await feed.source("py-gone")
    lost = {"v": 1, "type": "lost", "source": "py-gone", "reason": "hold budget", "at": "2026-11-20T10:00:00Z"}
    await feed.socket.send(message({**lost, "from": 100, "to": 900}))
    await feed.until_acked("py-gone", 100, 900)
    for _ in range(2):
        await feed.socket.send(message({**lost, "from": 900, "to": -1}))
        await feed.until_loss_acked("py-gone", 900)
        feed.lost.clear()
    await feed.close()
    losses = await until(lambda: api(options, "/api/nodes/py-lost")["losses"], lambda seen: len(seen) == 2)
    expect("losses are shown", sorted((loss["from"], loss["to"]) for loss in losses), [(100, 900), (900, -1)])


async def events_replace_states_and_are_taken_once(options):
    feed = await Feed.open(options, "py-events", "python-node-key-events")
    outcome = {"resource": "docker/certs.d", "result": "applied", "done": [], "withheld": []}
    await feed.event("py-spool", 1, "registries", {"registries": [{"host": "old:5000", "trust": "pending"}]})
    await feed.event("py-spool", 2, "registries", {"registries": [{"host": "new:5000", "trust": "kept"}]})
    await feed.event("py-spool", 5, "outcome", outcome)
    await feed.until_event_acked("py-spool", 5)
    await feed.close()
    again = await Feed.open(options, "py-events", "python-node-key-events")
    await again.event("py-spool", 5, "outcome", outcome)
    await again.until_event_acked("py-spool", 5)
    await again.socket.send(message({"v": 1, "type": "progress", "work": "pull", "about": "a:1", "done": 3, "total": 9, "note": ""}))
    node = await until(lambda: api(options, "/api/nodes/py-events"), lambda seen: seen["progress"])
    expect("a state replaces the one before", [r["host"] for r in node["registries"]], ["new:5000"])
    expect("an event that was sent twice is stored once", len(node["outcomes"]), 1)
    expect("progress is shown", node["progress"][0]["done"], 3)
    expect("a connected node is shown as such", node["connected"], True)
    await again.close()


async def names_belong_to_keys(options):
    owner = await Feed.open(options, "py-owner", "python-node-key-owner")
    await owner.close()
    for what, node, key in (
        ("a name of another key is refused", "py-owner", "python-node-key-thief"),
        ("a key of another name is refused", "py-other", "python-node-key-owner"),
        ("a name that is none is refused", "../etc/passwd", "python-node-key-path"),
    ):
        socket = await connect(
            options.url,
            ssl=trust(options),
            extra_headers={"Authorization": "Bearer " + token(options.token_file), "Farrier-Node-Key": key},
        )
        await socket.send(message({"v": 1, "type": "hello", "node": node, "agent": "x", "boot": "b", "encodings": [], "labels": {}}))
        await expect_closed(what, socket, 1008)
    expect("refusals are counted and shown", api(options, "/api/nodes")["refused"] >= 3, True)


async def wrong_credentials_get_no_socket(options):
    for what, headers, status in (
        ("no token", {"Farrier-Node-Key": "python-node-key-nobody"}, 401),
        ("the viewer's token", {"Authorization": "Bearer " + token(options.viewer_token_file), "Farrier-Node-Key": "python-node-key-nobody"}, 401),
        ("no node key", {"Authorization": "Bearer " + token(options.token_file)}, 400),
    ):
        try:
            await connect(options.url, ssl=trust(options), extra_headers=headers)
        except websockets.InvalidStatusCode as refused:
            expect(what + " is refused", refused.status_code, status)
        else:
            raise Failed(what + " was let in")


async def broken_frames_close(options):
    cases = {
        "no line feed": b'{"v":1,"type":"progress"}',
        "no JSON": b"hello\n",
        "an unknown type": message({"v": 1, "type": "exec", "command": "id"}),
        "a frame only collectors send": message({"v": 1, "type": "credit", "bytes": 1}),
        "a batch of a source that was not announced": message({"v": 1, "type": "logs", "source": "nope", "from": 0, "to": 2, "lines": 1}, b"a\n"),
        "a body of another length": message({"v": 1, "type": "logs", "source": "nope", "from": 0, "to": 20, "lines": 1}, b"a\n"),
        "a second hello": message({"v": 1, "type": "hello", "node": "py-broken", "agent": "x", "boot": "b", "encodings": [], "labels": {}}),
    }
    for what, sent in cases.items():
        feed = await Feed.open(options, "py-broken", "python-node-key-broken")
        await feed.socket.send(sent)
        await expect_closed(what + " closes", feed.socket, 1002)
    feed = await Feed.open(options, "py-broken", "python-node-key-broken")
    await feed.socket.send(b"x" * (5 << 20))
    await expect_closed("a message of 5 MiB closes", feed.socket, 1009)


async def text_messages_work_too(options):
    feed = await Feed.open(options, "py-text", "python-node-key-text")
    await feed.socket.send(message({"v": 1, "type": "event", "spool": "s", "seq": 1, "topic": "node", "at": "2026-11-20T10:00:00Z", "data": {}}).decode())
    await feed.until_event_acked("s", 1)
    await feed.close()
    print("ok: a text message is a frame as well")


async def a_newer_connection_takes_over(options):
    old = await Feed.open(options, "py-twice", "python-node-key-twice")
    new = await Feed.open(options, "py-twice", "python-node-key-twice")
    await expect_closed("the older connection is told", old.socket, 4000)
    await new.close()


async def until(look, good):
    seen = None
    for _ in range(DEADLINE * 10):
        seen = look()
        if good(seen):
            return seen
        await asyncio.sleep(0.1)
    raise Failed("waited %d s, last seen: %r" % (DEADLINE, seen))


async def main(options):
    for check in (
        every_line_once_over_reconnects,
        forms_are_shown_as_text,
        losses_are_acked_and_shown,
        events_replace_states_and_are_taken_once,
        names_belong_to_keys,
        wrong_credentials_get_no_socket,
        broken_frames_close,
        text_messages_work_too,
        a_newer_connection_takes_over,
    ):
        await check(options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="wss://HOST:PORT/feed")
    parser.add_argument("--ca", required=True, help="the collector's CA, PEM")
    parser.add_argument("--token-file", required=True, help="agent.token")
    parser.add_argument("--viewer-token-file", required=True, help="viewer.token")
    try:
        asyncio.run(main(parser.parse_args()))
    except Failed as failure:
        sys.exit("FAILED: %s" % failure)
    print("all as feed.md says")
