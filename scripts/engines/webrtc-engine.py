#!/usr/bin/env python3
"""An engine for `psparty voice run` on aiortc: WebRTC audio with the members of a party and with its bridge.

It sends silence, a tone (--tone), or raw sound from a file descriptor (--send-fd), and plays what the members say
(--play), hands it on as raw sound (--play-fd) or, only if told so, records it (--record). Raw sound is signed 16-bit
little-endian, 48000 Hz, one channel. The protocol is in docs/voice-engine.md.
"""

import argparse
import asyncio
import fractions
import json
import math
import os
import random
import re
import shutil
import signal
import stat
import struct
import sys
import time
import wave
import weakref

import aioice.ice
from aiortc import (
    MediaStreamTrack, RTCCertificate, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

RATE = 48000
SAMPLES = RATE // 50  # of one packet, 20 ms
PACKET = SAMPLES * 2  # bytes

# In seconds.
CONNECT_TIMEOUT = 30  # from the exchange of descriptions until a connection is up
WORK_TIMEOUT = 20  # for one message
LONGEST_PAUSE = 60  # before a failed connection is replaced; the first pause is 1, each later one is twice as long
STABLE = 60  # a connection that was up for so long begins with the shortest pause again

# A description with more than this is an attack: each section and each candidate costs sockets and time.
SECTIONS_LIMIT = 8
CANDIDATES_LIMIT = 64

# Four checks in a row without an answer end a connection, after about 10 s. aioice would take 33 s.
aioice.ice.CONSENT_INTERVAL = 2
aioice.ice.CONSENT_FAILURES = 4

PLAYERS = [  # in the order in which they are looked for
    # PipeWire 1.4 takes raw sound from a pipe only if it is told so; older ones take nothing else, and do not know --raw.
    ["pw-cat", "--playback", "--raw", "--format", "s16", "--rate", str(RATE), "--channels", "1", "-"],
    ["pw-cat", "--playback", "--format", "s16", "--rate", str(RATE), "--channels", "1", "-"],
    ["pacat", "--playback", "--format", "s16le", "--rate", str(RATE), "--channels", "1", "--latency-msec", "60"],
    ["aplay", "--quiet", "--format", "S16_LE", "--rate", str(RATE), "--channels", "1"],
]


def tell(text):
    print(f"webrtc-engine: {text}", file=sys.stderr, flush=True)


# The service names Opus by a rate of 16000, which no WebRTC stack knows; the payload itself is ordinary Opus, whose
# rate in a session description is always 48000 (RFC 7587). So it is called 48000 in here and 16000 on the wire.
def from_wire(sdp):
    return re.sub(r"(?mi)^(a=rtpmap:\d+ opus)/16000/2", r"\1/48000/2", sdp)


def to_wire(sdp):
    return re.sub(r"(?mi)^(a=rtpmap:\d+ opus)/48000/2", r"\1/16000/2", sdp)


def accept_rsa():
    """aiortc offers only cipher suites for ECDSA certificates. GStreamer has an RSA certificate, other peers may too."""
    create = RTCCertificate._create_ssl_context

    def create_for_both(self, **options):
        context = create(self, **options)
        kinds = ["AES128-GCM-SHA256", "CHACHA20-POLY1305", "AES128-SHA", "AES256-SHA"]
        context.set_cipher_list(":".join(f"ECDHE-{key}-{kind}" for key in ("ECDSA", "RSA") for kind in kinds).encode())
        return context

    RTCCertificate._create_ssl_context = create_for_both


def remote(sdp, kind):
    """A description of a member, which may be anything."""
    lines = sdp.splitlines()
    sections, candidates = (sum(line.startswith(start) for line in lines) for start in ("m=", "a=candidate:"))
    if sections > SECTIONS_LIMIT or candidates > CANDIDATES_LIMIT:
        raise ValueError("the description has too many sections or candidates")
    return RTCSessionDescription(from_wire(sdp), kind)


def origin(sdp):
    """What stays the same in a description as long as the connection does."""
    names = re.findall(r"(?m)^o=\S+ (\S+)", sdp)[:1]
    return names + re.findall(r"(?m)^a=(?:fingerprint|ice-ufrag):\S.*", sdp)


class Source(MediaStreamTrack):
    """What we send on one connection: silence, a tone, or what comes from a file descriptor, 20 ms at a time."""

    kind = "audio"

    def __init__(self, tone, reader):
        super().__init__()
        self.tone, self.position, self.start = tone, 0, None
        self.packets = reader.subscribe(self) if reader else None

    async def recv(self):
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(await self.sound())
        frame.pts, frame.sample_rate, frame.time_base = self.position, RATE, fractions.Fraction(1, RATE)
        self.position += SAMPLES
        return frame

    async def sound(self):
        if self.packets:
            return await self.packets.get()
        self.start = self.start or time.monotonic()
        await asyncio.sleep(max(0.0, self.start + self.position / RATE - time.monotonic()))
        if not self.tone:
            return bytes(PACKET)
        step = 2 * math.pi * self.tone / RATE
        return struct.pack(f"<{SAMPLES}h", *(round(8000 * math.sin(step * (self.position + i))) for i in range(SAMPLES)))


class Input:
    """Raw sound from a file descriptor, read as fast as it is spoken and the same for all connections."""

    START = PACKET * 3  # so much is waited for, after a gap as well, so that a late writer makes no gaps of its own
    LIMIT = PACKET * 5  # more is left to the writer, who has to wait

    def __init__(self, descriptor):
        self.descriptor, self.buffer = descriptor, bytearray()
        self.is_over, self.is_flowing = False, False
        self.sources = weakref.WeakSet()
        os.set_blocking(descriptor, False)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            # What a pipe holds by now is old, and would keep us behind for good.
            self.read(1 << 20)
            self.buffer.clear()

    def subscribe(self, source):
        self.sources.add(source)
        return asyncio.Queue(25)

    async def run(self):
        async for _ in packets():
            self.read(self.LIMIT - len(self.buffer))
            data = self.take()
            for source in list(self.sources):
                if source.packets.full():  # not connected yet
                    source.packets.get_nowait()
                source.packets.put_nowait(data)

    def read(self, count):
        while count > 0 and not self.is_over:
            try:
                data = os.read(self.descriptor, count)
            except BlockingIOError:
                return
            except OSError as error:
                tell(f"--send-fd {self.descriptor}: {error.strerror}")
                data = b""
            self.is_over = not data
            self.buffer += data
            count -= len(data)

    def take(self):
        self.is_flowing = len(self.buffer) >= (PACKET if self.is_flowing else self.START)
        if not self.is_flowing and not self.is_over:
            return bytes(PACKET)
        data = bytes(self.buffer[:PACKET])
        del self.buffer[:PACKET]
        return data.ljust(PACKET, b"\0")


async def packets():
    """Comes round each 20 ms."""
    begin, count = time.monotonic(), 0
    while True:
        count += 1
        await asyncio.sleep(max(0.0, begin + count * 0.02 - time.monotonic()))
        yield count


class Mixer:
    """Adds up what the members say and hands it on, 20 ms at a time."""

    def __init__(self, outputs):
        self.outputs, self.waiting = outputs, {}

    def put(self, peer, data):
        waiting = self.waiting.setdefault(peer, bytearray())
        waiting += data
        if len(waiting) > RATE // 2:
            del waiting[: len(waiting) - RATE // 2]

    async def run(self):
        async for _ in packets():
            total = [0] * SAMPLES
            for waiting in self.waiting.values():
                data = bytes(waiting[:PACKET]).ljust(PACKET, b"\0")
                del waiting[:PACKET]
                total = [a + b for a, b in zip(total, struct.unpack(f"<{SAMPLES}h", data))]
            sound = struct.pack(f"<{SAMPLES}h", *(max(-32768, min(32767, value)) for value in total))
            for output in self.outputs:
                output(sound)


class Meter:
    """Says which tone a member sends, once half a second of it was heard."""

    LENGTH = RATE // 2

    def __init__(self, frequency):
        self.frequency, self.samples = frequency, []

    def hears(self, data):
        """The share of the sound's power that is in the tone, once a measure is full."""
        self.samples += struct.unpack(f"<{len(data) // 2}h", data)
        if len(self.samples) < self.LENGTH:
            return None
        samples, self.samples = self.samples[: self.LENGTH], []
        power = sum(value * value for value in samples) / len(samples)
        if power < 100:
            return 0.0
        # Goertzel's algorithm.
        coefficient = 2 * math.cos(2 * math.pi * self.frequency / RATE)
        last, before = 0.0, 0.0
        for value in samples:
            last, before = value + coefficient * last - before, last
        tone = last * last + before * before - coefficient * last * before
        return tone * 2 / (len(samples) * len(samples)) / power


class Engine:
    def __init__(self, options, reader, mixer):
        self.options, self.reader, self.mixer = options, reader, mixer
        self.connections = {}  # peer -> connection; a failed one stays until another replaces it
        self.failed = weakref.WeakSet()  # connections
        self.failures = {}  # peer -> connections that failed in a row
        self.connected_at = {}  # peer -> time
        self.origins = {}
        self.accounts = set()  # those about whom the notice of the recording was given
        self.tasks = set()
        self.turn = asyncio.Lock()  # one message is handled at a time

    def say(self, kind, peer, sdp=None):
        message = {"type": kind, "peer": peer}
        if sdp:
            message["sdp"] = to_wire(sdp)
        print(json.dumps(message), flush=True)

    def connection(self, peer):
        servers = [RTCIceServer(urls=url) for url in self.options.ice_server]
        # Without servers of its own choice aiortc asks one of Google's.
        connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self.connections[peer] = connection

        @connection.on("track")
        def on_track(track):
            self.start(self.listen(peer, track))

        @connection.on("connectionstatechange")
        async def on_change():
            if self.connections.get(peer) is not connection:
                return
            state = connection.connectionState
            if state in ("failed", "closed"):
                self.fail(peer, connection, state)
                return
            if state == "connected":
                self.connected_at[peer] = time.monotonic()
                transports = [r for r in (await connection.getStats()).values() if r.type == "transport"]
                state += f", DTLS {transports[0].dtlsState}" if transports else ""
            tell(f"{peer}: {state}")

        return connection

    def start(self, work):
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def fail(self, peer, connection, reason):
        """Replaces a connection after a pause, unless the peer offers first or leaves."""
        if self.connections.get(peer) is not connection or connection in self.failed:
            return
        self.failed.add(connection)
        self.start(connection.close())
        lasted = time.monotonic() - self.connected_at.pop(peer, math.inf)
        count = 0 if lasted > STABLE else self.failures.get(peer, 0)
        self.failures[peer] = count + 1
        # Both sides see the failure: with a random part one of them is first.
        pause = min(2 ** min(count, 10), LONGEST_PAUSE) * random.uniform(0.6, 1)
        way = "asking for an offer" if peer == "bridge" else "offering anew"
        tell(f"{peer}: {reason}; {way} in {pause:.1f} s")
        self.start(self.replace(peer, connection, pause))

    async def replace(self, peer, connection, pause):
        await asyncio.sleep(pause)
        if peer == "bridge":  # it makes the offers
            if self.connections.get(peer) is connection:
                self.say("want-offer", peer)
            return
        await self.obey({"type": "want-offer", "peer": peer}, lambda: self.connections.get(peer) is connection)

    async def expect(self, peer, connection):
        """Waits for a connection to come up: one with a nonsensical description may wait for ever."""
        await asyncio.sleep(CONNECT_TIMEOUT)
        if connection.connectionState != "connected":
            self.fail(peer, connection, "not connected in time")

    def add_voice(self, connection):
        connection.addTrack(Source(self.options.tone, self.reader))

    async def want_offer(self, peer):
        connection = self.connections.get(peer)
        if not connection or connection in self.failed or connection.signalingState != "have-local-offer":
            await self.close(peer)
            connection = self.connection(peer)
            self.add_voice(connection)
            # The captured clients have one as well.
            connection.createDataChannel("data")
            await connection.setLocalDescription(await connection.createOffer())
        self.say("offer", peer, connection.localDescription.sdp)

    async def offer(self, peer, sdp):
        connection = self.connections.get(peer)
        works = connection and connection not in self.failed and connection.signalingState == "stable"
        same = works and self.origins.get(peer) == origin(sdp)
        if not same:
            # Another connection of theirs, or an offer of ours that fell: this begins anew.
            await self.close(peer)
            connection = self.connection(peer)
        self.origins[peer] = origin(sdp)
        await connection.setRemoteDescription(remote(sdp, "offer"))
        if not same:
            self.add_voice(connection)
        # A connection that never comes up must not hold this up: aiortc begins it in here, and waits elsewhere.
        await connection.setLocalDescription(await connection.createAnswer())
        self.say("answer", peer, connection.localDescription.sdp)
        self.start(self.expect(peer, connection))

    async def answer(self, peer, sdp):
        connection = self.connections.get(peer)
        if connection and connection.signalingState == "have-local-offer":
            self.origins[peer] = origin(sdp)
            await connection.setRemoteDescription(remote(sdp, "answer"))
            self.start(self.expect(peer, connection))

    async def close(self, peer):
        connection = self.connections.pop(peer, None)
        self.origins.pop(peer, None)
        self.connected_at.pop(peer, None)
        self.mixer.waiting.pop(peer, None)
        if connection:
            # A connection that is still being tried takes its time to close.
            self.start(connection.close())

    async def listen(self, peer, track):
        if track.kind != "audio":
            return
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        meter = Meter(self.options.expect_tone) if self.options.expect_tone else None
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            for piece in resampler.resample(frame):
                data = bytes(piece.planes[0])[: piece.samples * 2]
                if self.mixer.outputs:
                    self.mixer.put(peer, data)
                share = meter.hears(data) if meter else None
                if share is not None:
                    tell(f"{peer}: {share:.2f} of the sound is {self.options.expect_tone:g} Hz")

    async def obey(self, message, is_meant=lambda: True):
        kind, peer = message.get("type"), message.get("peer")
        async with self.turn:
            if not is_meant():
                return
            try:
                await asyncio.wait_for(self.act(kind, peer, message.get("sdp")), WORK_TIMEOUT)
            except Exception as error:  # one peer's nonsense must not cost the others their voice
                tell(f"{peer}: {kind} failed: {type(error).__name__}: {error}")
                await self.close(peer)
                self.say("bye", peer)

    async def act(self, kind, peer, sdp):
        if kind in ("want-offer", "offer"):
            self.notify(peer)
        if kind == "want-offer":
            await self.want_offer(peer)
        elif kind == "offer":
            await self.offer(peer, sdp)
        elif kind == "answer":
            await self.answer(peer, sdp)
        elif kind == "bye":
            self.failures.pop(peer, None)
            await self.close(peer)

    def notify(self, peer):
        """Repeats the notice of a recording for each account that is new."""
        account = peer.split("/")[0]
        if self.options.record and peer != "bridge" and account not in self.accounts:
            self.accounts.add(account)
            tell(f"RECORDING {peer} to {self.options.record}: this member has to know and agree")


class Player:
    """Plays sound on the default output, by the first program that is there and works."""

    def __init__(self):
        self.process, self.write = None, lambda data: None

    async def run(self):
        """Ends when no program is left that might play."""
        found = [words for words in PLAYERS if shutil.which(words[0])]
        for words in found:
            read, write = os.pipe()
            # What it says is for people: our standard output is for the protocol alone.
            self.process = await asyncio.create_subprocess_exec(*words, stdin=read, stdout=sys.stderr.fileno())
            os.close(read)
            self.write = writer(write, words[0])
            status = await self.process.wait()
            self.process, self.write = None, lambda data: None
            os.close(write)
            tell(f"{words[0]} ended with status {status}")
        names = ", ".join(dict.fromkeys(words[0] for words in PLAYERS))
        tell(f"--play: none of {names} plays on this machine" if found else f"--play needs one of {names}")

    def close(self):
        if self.process:
            self.process.terminate()


def outputs(options, player):
    """Where what is heard goes, and what has to be closed in the end."""
    sinks, closers = [], []
    if player:
        sinks.append(lambda data: player.write(data))
        closers.append(player.close)
    if options.play_fd is not None:
        sinks.append(writer(options.play_fd, f"--play-fd {options.play_fd}"))
    if options.record:
        tell(f"RECORDING to {options.record}: everybody in the party has to know and agree")
        file = wave.open(options.recording, "wb")
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        sinks.append(file.writeframes)
        closers += [file.close, options.recording.close]
    return sinks, closers


def writer(descriptor, name):
    """Writes what is taken; a reader that lags loses sound, and one that has left costs nothing else."""
    os.set_blocking(descriptor, False)
    rest, is_over = bytearray(), False

    def write(data):
        nonlocal is_over
        if is_over:
            return
        try:
            # What was begun comes first: the reader must not end up in the middle of a sample.
            if rest:
                del rest[: os.write(descriptor, rest)]
            if not rest:
                rest.extend(data[os.write(descriptor, data) :])
        except BlockingIOError:
            pass
        except OSError as error:
            is_over = True
            tell(f"{name}: {error.strerror}")

    return write


async def run(options):
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    player = Player() if options.play else None
    sinks, closers = outputs(options, player)
    mixer = Mixer(sinks)
    reader = Input(options.send_fd) if options.send_fd is not None else None
    engine = Engine(options, reader, mixer)
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    status = 0

    async def read():
        try:
            while line := await lines.readline():
                await engine.obey(json.loads(line))
        finally:
            over.set()

    async def play():
        nonlocal status
        await player.run()
        status = 1
        over.set()

    works = [read()]
    works += [mixer.run()] if sinks else []
    works += [reader.run()] if reader else []
    works += [play()] if player else []
    tasks = [asyncio.ensure_future(work) for work in works]
    await over.wait()
    for task in tasks:
        task.cancel()
    for close in closers:
        close()
    # The others see the end of the connections sooner if they are told. It has to be quick: psparty is on its way out.
    closing = [asyncio.ensure_future(connection.close()) for connection in engine.connections.values()]
    if closing:
        await asyncio.wait(closing, timeout=0.15)
    return status


def descriptor(text):
    """An open file of the user's, and none of those that are taken."""
    number = int(text)
    if number < 3:
        raise argparse.ArgumentTypeError("0, 1 and 2 are taken by the protocol and the messages")
    try:
        # What we start has no use for it, and would keep it open.
        os.set_inheritable(number, False)
    except OSError as error:
        hint = "the shell opens 3 to 9, as in 3< file"
        raise argparse.ArgumentTypeError(f"{number} is not open; {hint}") from error
    return number


def recording(path, force):
    """A file that only the user can read. An earlier recording is not lost by mistake."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL), 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tone", type=float, metavar="HZ", help="send a tone in place of silence")
    parser.add_argument("--send-fd", type=descriptor, metavar="N", help="send raw sound from file descriptor N")
    parser.add_argument("--play", action="store_true", help="play what is heard on the default output")
    parser.add_argument("--play-fd", type=descriptor, metavar="N",
                        help="write what is heard to file descriptor N as raw sound")
    parser.add_argument("--record", metavar="FILE", help="record what is heard as a WAV file; only with everyone's consent")
    parser.add_argument("--force", action="store_true", help="let --record overwrite a file")
    parser.add_argument("--ice-server", action="append", default=[], metavar="URL",
                        help="ask this STUN or TURN server; none by default, so that only direct ways are tried")
    parser.add_argument("--expect-tone", type=float, metavar="HZ", help="say how much of each member's sound is this tone")
    parser.add_argument("--bind", action="append", metavar="ADDRESS", help="use these local addresses alone")
    options = parser.parse_args()
    if options.bind:
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: options.bind
    if options.record:
        try:
            options.recording = recording(options.record, options.force)
        except FileExistsError:
            parser.error(f"--record: {options.record} exists; --force overwrites it")
        except OSError as error:
            parser.error(f"--record: {options.record}: {error.strerror}")
    accept_rsa()
    status = asyncio.run(run(options))
    # Connections that are still being tried would hold the end up.
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
