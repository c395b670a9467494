#!/usr/bin/env python3
"""Measures how fast `psparty voice run` takes signals, with a service and an engine of a few lines each.

1. The way from a member's offer in a push frame to our answer on the wire, one offer at a time. The engine says when it
   heard the offer and when it answered; the rest of the time is psparty's, with both TLS connections in it.
2. Answers a second, when all members offer at once.
3. Signals a second that are read and judged without an answer, and how long an offer takes that comes behind them.

psparty takes six offers of a member at once and then one every 20 s, so every round has an offer that no quota holds back:
15 members send six each, and later runs begin anew.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import time

BIN = pathlib.Path(__file__).resolve().parent.parent / ".build" / "release"
PARTY = "11111111-2222-4333-8444-555555555555"
FIRST = 1000000000000000001
MEMBERS = [str(FIRST + number) for number in range(15)]
# Larger than the others': they offer and we answer.
ME = str(FIRST + 15)
# Offers that are taken of one member at once.
AT_ONCE = 6
RUNS = 5
# Signals of a type that is passed over; no quota counts them.
FLOOD = 20_000
SDP = "v=0\r\n" + "a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host\r\n" * 80

ENGINE = """
import json, sys, time
for line in sys.stdin:
    heard = time.monotonic()
    message = json.loads(line)
    if message["type"] == "offer":
        answer = json.dumps({"type": "answer", "peer": message["peer"], "sdp": %s})
        said = time.monotonic()
        print(answer, flush=True)
        print(heard, said, file=sys.stderr, flush=True)
""" % json.dumps(SDP)


def signal_frame(number, sender, kind="offer"):
    """The frame and its WebSocket head."""
    endpoints = [{"account_id": account, "platform": 100001} for account in (sender, ME)]
    signal = {"from": endpoints[0], "global_seq_num": number, "sdp": SDP, "sdp_sequence_number": str(number),
              "to": endpoints[1], "type": kind, "users": endpoints[:1]}
    text = b"1/1/1\n" + json.dumps(signal, separators=(",", ":")).encode()
    header = struct.pack("<IIIIQI12xI", 1, 0, 1, 0, int(sender), 100001, len(text))
    payload = "ver=1.0, type=binary, body=" + base64.b64encode(header + text).decode()
    data = {"customProperties": {"from": {"accountId": sender, "platform": "MOBILE_APP"}}, "sessionId": PARTY,
            "customMessage": {"channel": "miranda:12", "payload": payload}}
    name = "psn:sessionManager:sys:v2:ps:customMessage:noSeq:created"
    frame = json.dumps({"version": "3.0", "method": 3001, "dataType": name, "body": {"data": data}}).encode()
    return bytes([0x81, 126]) + struct.pack(">H", len(frame)) + frame


class Service:
    def __init__(self):
        self.push = asyncio.Queue()
        self.answers = asyncio.Queue()

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                words = head.decode().split("\r\n")
                fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in words[1:])}
                if "upgrade" in fields:
                    return await self.serve_push(reader, writer, fields)
                await reader.readexactly(int(fields.get("content-length", 0)))
                if "/customMessage" in words[0]:
                    self.answers.put_nowait(time.monotonic())
                    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                    continue
                answer = json.dumps(self.answer(words[0])).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def answer(self, request):
        if "/serveraddr" in request:
            return {"fqdn": "push.playstation.net", "keepAliveStatus": {}}
        members = [{"accountId": account, "platform": "MOBILE_APP"} for account in MEMBERS + [ME]]
        return {"v2PartySessions": [{"sessionId": PARTY, "members": members}]}

    async def serve_push(self, reader, writer, fields):
        key = fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: np-pushpacket\r\n\r\n".encode())
        self.push.put_nowait(writer)
        while True:
            first, second = await reader.readexactly(2)
            size = second & 127
            if size == 126:
                size = int.from_bytes(await reader.readexactly(2), "big")
            mask = await reader.readexactly(4)
            data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(await reader.readexactly(size)))
            if first & 15 == 9:
                writer.write(bytes([0x8A, len(data)]) + data)


class Member:
    """Our run in the party, and the service around it."""

    def __init__(self, service, run):
        self.service, self.run = service, run
        self.number = 0

    def offer(self, sender):
        self.number += 1
        self.socket.write(signal_frame(self.number, sender))

    async def wait_until_ready(self):
        self.socket = await self.service.push.get()
        await self.run.stdout.readline()  # voice.started

    async def answer(self):
        return await self.service.answers.get()

    async def engine_times(self):
        return map(float, (await self.run.stderr.readline()).split())


@contextlib.asynccontextmanager
async def member(folder, name):
    service = Service()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=context)
    claims = base64.urlsafe_b64encode(json.dumps({"account_id": ME, "iat": 0, "exp": 9999999999}).encode()).decode()
    home = folder / f"home-{name}"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "PSPARTY_CA_FILE": str(folder / "cert.pem"),
        "PSPARTY_SERVER": f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        "PSPARTY_ACCESS_TOKEN": f"e30.{claims.rstrip('=')}.x", "PSPARTY_STATE_HOME": str(home / "state"),
    }
    run = await asyncio.create_subprocess_exec(
        BIN / "psparty", "voice", "run", PARTY, "--no-bridge", "--quiet", "--json", "--", sys.executable, "-c", ENGINE,
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        async with asyncio.timeout(60):
            found = Member(service, run)
            await found.wait_until_ready()
            yield found
    finally:
        run.terminate()
        await run.wait()
        server.close()


async def shares(folder, name):
    """Milliseconds of psparty's own for each offer, one at a time."""
    found = []
    async with member(folder, f"one-{name}") as ours:
        for _ in range(AT_ONCE):
            for sender in MEMBERS:
                start = time.monotonic()
                ours.offer(sender)
                end = await ours.answer()
                heard, said = await ours.engine_times()
                found.append((end - start - (said - heard)) * 1000)
                await asyncio.sleep(0.005)
    return found


async def answers_a_second(folder, name):
    """All members offer, and offer again as soon as all are answered."""
    async with member(folder, f"all-{name}") as ours:
        start = time.monotonic()
        for _ in range(AT_ONCE):
            for sender in MEMBERS:
                ours.offer(sender)
            for _ in MEMBERS:
                end = await ours.answer()
        return AT_ONCE * len(MEMBERS) / (end - start)


async def flood(folder):
    """Signals a second that are passed over, and the milliseconds of one offer behind the last 1,000 of them."""
    async with member(folder, "flood") as ours:
        frames = [signal_frame(number, MEMBERS[0], kind="candidate") for number in range(1000)]
        start = time.monotonic()
        for count in range(FLOOD):
            ours.socket.write(frames[count % len(frames)])
            if count % 100 == 99:
                await ours.socket.drain()
        ours.offer(MEMBERS[1])
        rate = FLOOD / (await ours.answer() - start)
        start = time.monotonic()
        ours.socket.write(b"".join(frames))
        ours.offer(MEMBERS[2])
        return rate, (await ours.answer() - start) * 1000


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        # The first answer of a run opens the connection to the service.
        firsts, *later = zip(*(asyncio.run(shares(folder, name)) for name in range(RUNS)))
        found = [share for column in later for share in column]
        cuts = statistics.quantiles(found, n=100)
        print(f"from a member's offer to our answer, psparty's share of {len(found)} rounds: median {cuts[49]:.2f} ms, "
              f"p99 {cuts[98]:.2f} ms, worst {max(found):.2f} ms (p99 at most 2); "
              f"first of a run, which connects: median {statistics.median(firsts):.2f} ms")
        rates = [asyncio.run(answers_a_second(folder, name)) for name in range(RUNS)]
        print(f"answers a second while {len(MEMBERS)} members offer at once: {statistics.median(rates):.0f}, "
              f"median of {RUNS} runs of {AT_ONCE * len(MEMBERS)}")
        rate, wait = asyncio.run(flood(folder))
        print(f"signals that are passed over: {rate:.0f} a second, measured with {FLOOD}; "
              f"an offer behind 1000 of them is answered in {wait:.0f} ms")


if __name__ == "__main__":
    main()
