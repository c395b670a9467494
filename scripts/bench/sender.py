#!/usr/bin/env python3
"""A push service that only sends, as fast as TLS goes: the other side of bench-stream.py.

Answers the look-up, takes the upgrade, answers pings, and on each line of standard input, `COUNT SIZE PAUSE_US`, sends so many
frames down every open push connection. Says `PORT` first and `done` after each.
"""

import base64
import hashlib
import json
import selectors
import socket
import ssl
import struct
import sys
import threading
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PARTY = "11111111-2222-4333-8444-555555555555"
CHUNK = 64
# Stamps are nanoseconds from here on, which gives all of them the same number of digits.
EPOCH = 1 << 60


def message(number, size, stamp):
    """An event of a member who joined, one of sixteen, of that many bytes."""
    account = str(1000000000000000001 + number % 16)
    member = {"accountId": account, "onlineId": f"psparty-user-{number % 16}", "platform": "MOBILE_APP", "joinOrder": number % 16}
    body = {"customProperties": {"from": member}, "members": [member], "sessionId": PARTY, "stamp": stamp, "padding": ""}
    frame = {
        "version": "3.0",
        "method": 3001,
        "dataType": "psn:sessionManager:sys:v2:ps:members:created",
        "to": {"accountId": 1000000000000000001, "onlineId": "psparty-user-a", "platform": ["MOBILE_APP"]},
        "body": {"data": body},
    }
    body["padding"] = "x" * max(0, size - len(json.dumps(frame, separators=(",", ":"))))
    return json.dumps(frame, separators=(",", ":")).encode()


def framed(opcode, payload):
    if len(payload) < 126:
        return bytes([0x80 | opcode, len(payload)]) + payload
    return struct.pack(">BBH", 0x80 | opcode, 126, len(payload)) + payload


class Push:
    """An open push connection; all of it on one thread, as OpenSSL wants."""

    def __init__(self, connection, rest):
        self.connection, self.buffer, self.orders, self.open = connection, rest, [], True
        self.wake, self.bell = socket.socketpair()
        self.selector = selectors.DefaultSelector()
        self.selector.register(connection, selectors.EVENT_READ)
        self.selector.register(self.wake, selectors.EVENT_READ)

    def order(self, count, size, pause, done):
        self.orders.append((count, size, pause, done))
        self.bell.send(b"!")

    def hear(self):
        while True:
            data = self.connection.recv(65536)
            if not data:
                self.open = False
                return
            self.buffer += data
            if not self.connection.pending():
                break
        while len(self.buffer) >= 6:
            length, head = self.buffer[1] & 0x7F, 2
            if length == 126:
                length, head = struct.unpack(">H", self.buffer[2:4])[0], 4
            if len(self.buffer) < head + 4 + length:
                break
            opcode, mask = self.buffer[0] & 15, self.buffer[head : head + 4]
            payload = bytes(b ^ mask[i % 4] for i, b in enumerate(self.buffer[head + 4 : head + 4 + length]))
            self.buffer = self.buffer[head + 4 + length :]
            if opcode == 9:
                self.connection.sendall(framed(10, payload))
            elif opcode == 8:
                self.connection.sendall(framed(8, payload))
                self.open = False

    def run(self):
        try:
            while self.open:
                for key, _ in self.selector.select():
                    if key.fileobj is self.wake:
                        self.wake.recv(1)
                        self.send(*self.orders.pop(0))
                    else:
                        self.hear()
        except OSError:
            pass
        self.open = False
        for *_, done in self.orders:
            done.set()

    def send(self, count, size, pause, done):
        try:
            if pause:
                for number in range(count):
                    time.sleep(pause / 1e6)
                    before, after = framed(1, message(number, size, EPOCH)).split(str(EPOCH).encode())
                    # Nothing but the write itself is between the stamp and the client.
                    self.connection.sendall(b"%s%d%s" % (before, EPOCH + time.monotonic_ns(), after))
            else:
                chunk = b"".join(framed(1, message(number, size, 0)) for number in range(CHUNK))
                for _ in range(count // CHUNK):
                    self.connection.sendall(chunk)
                    if self.selector.select(0):
                        self.hear()
        finally:
            done.set()


def serve(connection, pushes, port):
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return
            data += piece
        head, data = data.split(b"\r\n\r\n", 1)
        lines = head.split(b"\r\n")
        fields = {k.strip().lower(): v.strip() for k, v in (line.split(b":", 1) for line in lines[1:])}
        if b"sec-websocket-key" in fields:
            accept = base64.b64encode(hashlib.sha1(fields[b"sec-websocket-key"] + GUID).digest()).decode()
            connection.sendall(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Protocol: np-pushpacket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
            )
            push = Push(connection, data)
            pushes.append(push)
            return push.run()
        answer = {"v2PartySessions": []}
        if b"/np/serveraddr" in lines[0]:
            answer = {"fqdn": f"127.0.0.1:{port}", "keepAliveStatus": {"clientKeepAliveInterval": 60000}}
        body = json.dumps(answer).encode()
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    print(port, flush=True)
    pushes = []

    def connected(raw):
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(raw, server_side=True) as connection:
                serve(connection, pushes, port)
        except OSError:
            pass

    def accept():
        while True:
            raw, _ = listener.accept()
            threading.Thread(target=connected, args=(raw,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    for line in sys.stdin:
        if line.startswith("wait"):
            while not any(push.open for push in pushes):
                time.sleep(0.01)
        else:
            count, size, pause = map(int, line.split())
            waits = []
            for push in [push for push in pushes if push.open]:
                done = threading.Event()
                push.order(count, size, pause, done)
                waits.append(done)
            for done in waits:
                done.wait()
        print("done", flush=True)


if __name__ == "__main__":
    main()
