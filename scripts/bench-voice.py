#!/usr/bin/env python3
"""Measures psparty's own share of the way from a member's offer in a push frame to our answer on the wire.

A service of a few lines sends an offer, an engine of a few lines answers it at once and says when it heard it and when it
answered; the rest of the time until the answer has arrived is psparty's, with both TLS connections in it.
"""

import asyncio
import base64
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
ME, THEM = "1000000000000000002", "1000000000000000001"
# A profile may send 300 requests in 15 minutes, so there are several.
PROFILES, ROUNDS = 3, 200
SDP = "v=0\r\n" + "a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host\r\n" * 80

ENGINE = """
import json, sys, time
answer = json.dumps({"type": "answer", "peer": "%s/MOBILE_APP", "sdp": %s})
for line in sys.stdin:
    heard = time.monotonic()
    if json.loads(line)["type"] == "offer":
        said = time.monotonic()
        print(answer, flush=True)
        print(heard, said, file=sys.stderr, flush=True)
""" % (THEM, json.dumps(SDP))


def offer_frame(number):
    endpoints = [{"account_id": account, "platform": 100001} for account in (THEM, ME)]
    signal = {"from": endpoints[0], "global_seq_num": number, "sdp": SDP, "sdp_sequence_number": str(number),
              "to": endpoints[1], "type": "offer", "users": endpoints[:1]}
    text = b"1/1/1\n" + json.dumps(signal, separators=(",", ":")).encode()
    header = struct.pack("<IIIIQI12xI", 1, 0, 1, 0, int(THEM), 100001, len(text))
    payload = "ver=1.0, type=binary, body=" + base64.b64encode(header + text).decode()
    sender = {"accountId": THEM, "platform": "MOBILE_APP"}
    data = {"customProperties": {"from": sender}, "sessionId": PARTY,
            "customMessage": {"channel": "miranda:12", "payload": payload}}
    kind = "psn:sessionManager:sys:v2:ps:customMessage:noSeq:created"
    return json.dumps({"version": "3.0", "method": 3001, "dataType": kind, "body": {"data": data}}).encode()


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
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                if "/customMessage" in words[0]:
                    self.answers.put_nowait((time.monotonic(), len(body)))
                    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                    continue
                answer = json.dumps(self.answer(words[0])).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def answer(self, request):
        if "/serveraddr" in request:
            return {"fqdn": "push.playstation.net", "keepAliveStatus": {}}
        members = [{"accountId": account, "platform": "MOBILE_APP"} for account in (THEM, ME)]
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


async def measure(folder, profile, seconds):
    service = Service()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=context)
    claims = base64.urlsafe_b64encode(json.dumps({"account_id": ME, "iat": 0, "exp": 9999999999}).encode()).decode()
    home = folder / f"home-{profile}"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "PSPARTY_CA_FILE": str(folder / "cert.pem"),
        "PSPARTY_SERVER": f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        "PSPARTY_ACCESS_TOKEN": f"e30.{claims.rstrip('=')}.x", "PSPARTY_STATE_HOME": str(home / "state"),
    }
    run = await asyncio.create_subprocess_exec(
        BIN / "psparty", "voice", "run", PARTY, "--no-bridge", "--quiet", "--", sys.executable, "-c", ENGINE,
        env=environment, stderr=subprocess.PIPE)
    try:
        async with asyncio.timeout(seconds):
            socket = await service.push.get()
            await asyncio.sleep(1)
            return [await one_round(service, socket, run, number) for number in range(1, ROUNDS + 1)]
    finally:
        run.terminate()
        await run.wait()
        server.close()


async def one_round(service, socket, run, number):
    frame = offer_frame(number)
    start = time.monotonic()
    socket.write(bytes([0x81, 126]) + struct.pack(">H", len(frame)) + frame)
    end, _ = await service.answers.get()
    heard, said = map(float, (await run.stderr.readline()).split())
    await asyncio.sleep(0.005)
    return (end - start - (said - heard)) * 1000


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        shares = []
        for profile in range(PROFILES):
            shares += asyncio.run(measure(folder, profile, seconds=60))
        cuts = statistics.quantiles(shares, n=100)
        print(f"from a member's offer to our answer, psparty's share of {len(shares)} rounds: median {cuts[49]:.2f} ms, "
              f"p99 {cuts[98]:.2f} ms, worst {max(shares):.2f} ms (p99 at most 2)")


if __name__ == "__main__":
    main()
