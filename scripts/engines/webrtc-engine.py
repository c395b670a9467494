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
import re
import shutil
import signal
import struct
import sys
import time
import wave

import aioice.ice
from aiortc import MediaStreamTrack, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

RATE = 48000
SAMPLES = RATE // 50  # of one packet, 20 ms
PLAYERS = [  # in the order in which they are looked for
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


def origin(sdp):
    """What stays the same in a description as long as the connection does."""
    names = re.findall(r"(?m)^o=\S+ (\S+)", sdp)[:1]
    return names + re.findall(r"(?m)^a=(?:fingerprint|ice-ufrag):\S.*", sdp)


class Source(MediaStreamTrack):
    """What we send: silence, a tone, or what comes from a file descriptor, 20 ms at a time."""

    kind = "audio"

    def __init__(self, tone, reader):
        super().__init__()
        self.tone, self.reader = tone, reader
        self.position, self.start = 0, None

    async def recv(self):
        self.start = self.start or time.monotonic()
        await asyncio.sleep(max(0.0, self.start + self.position / RATE - time.monotonic()))
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(self.sound())
        frame.pts, frame.sample_rate, frame.time_base = self.position, RATE, fractions.Fraction(1, RATE)
        self.position += SAMPLES
        return frame

    def sound(self):
        if self.reader:
            return self.reader.take(SAMPLES * 2)
        if not self.tone:
            return bytes(SAMPLES * 2)
        step = 2 * math.pi * self.tone / RATE
        return struct.pack(f"<{SAMPLES}h", *(round(8000 * math.sin(step * (self.position + i))) for i in range(SAMPLES)))


class Input:
    """Raw sound from a file descriptor; what is not there in time is silence."""

    LIMIT = RATE  # bytes, half a second: what is older is dropped

    def __init__(self, descriptor):
        self.descriptor, self.buffer = descriptor, bytearray()
        os.set_blocking(descriptor, False)
        asyncio.get_running_loop().add_reader(descriptor, self.fill)

    def fill(self):
        try:
            data = os.read(self.descriptor, 65536)
        except BlockingIOError:
            return
        if not data:
            asyncio.get_running_loop().remove_reader(self.descriptor)
        self.buffer += data
        if len(self.buffer) > self.LIMIT:
            del self.buffer[: (len(self.buffer) - self.LIMIT) & ~1]

    def take(self, count):
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data.ljust(count, b"\0")


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
        begin, count = time.monotonic(), 0
        while True:
            count += 1
            await asyncio.sleep(max(0.0, begin + count * 0.02 - time.monotonic()))
            total = [0] * SAMPLES
            for waiting in self.waiting.values():
                data = bytes(waiting[: SAMPLES * 2]).ljust(SAMPLES * 2, b"\0")
                del waiting[: SAMPLES * 2]
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
        self.connections = {}
        self.origins = {}
        self.tasks = set()

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
            if state == "connected":
                transports = [r for r in (await connection.getStats()).values() if r.type == "transport"]
                state += f", DTLS {transports[0].dtlsState}" if transports else ""
            tell(f"{peer}: {state}")

        return connection

    def start(self, work):
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def add_voice(self, connection):
        connection.addTrack(Source(self.options.tone, self.reader))

    async def want_offer(self, peer):
        connection = self.connections.get(peer)
        if connection is None or connection.signalingState != "have-local-offer":
            await self.close(peer)
            connection = self.connection(peer)
            self.add_voice(connection)
            # The captured clients have one as well.
            connection.createDataChannel("data")
            await connection.setLocalDescription(await connection.createOffer())
        self.say("offer", peer, connection.localDescription.sdp)

    async def offer(self, peer, sdp):
        connection = self.connections.get(peer)
        same = connection and connection.signalingState == "stable" and self.origins.get(peer) == origin(sdp)
        if not same:
            # Another connection of theirs, or an offer of ours that fell: this begins anew.
            await self.close(peer)
            connection = self.connection(peer)
        self.origins[peer] = origin(sdp)
        await connection.setRemoteDescription(RTCSessionDescription(from_wire(sdp), "offer"))
        if not same:
            self.add_voice(connection)
        # A connection that never comes up must not hold this up: aiortc begins it in here, and waits elsewhere.
        await connection.setLocalDescription(await connection.createAnswer())
        self.say("answer", peer, connection.localDescription.sdp)

    async def answer(self, peer, sdp):
        connection = self.connections.get(peer)
        if connection and connection.signalingState == "have-local-offer":
            self.origins[peer] = origin(sdp)
            await connection.setRemoteDescription(RTCSessionDescription(from_wire(sdp), "answer"))

    async def close(self, peer):
        connection = self.connections.pop(peer, None)
        self.origins.pop(peer, None)
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

    async def obey(self, message):
        kind, peer = message.get("type"), message.get("peer")
        try:
            if kind == "want-offer":
                await self.want_offer(peer)
            elif kind == "offer":
                await self.offer(peer, message["sdp"])
            elif kind == "answer":
                await self.answer(peer, message["sdp"])
            elif kind == "bye":
                await self.close(peer)
        except Exception as error:  # one peer's nonsense must not cost the others their voice
            tell(f"{peer}: {kind} failed: {type(error).__name__}: {error}")
            await self.close(peer)
            self.say("bye", peer)


def outputs(options):
    """Where what is heard goes, and what has to be closed in the end."""
    sinks, closers = [], []
    if options.play:
        player = next((words for words in PLAYERS if shutil.which(words[0])), None)
        if player is None:
            sys.exit("webrtc-engine: --play needs one of " + ", ".join(words[0] for words in PLAYERS))
        read, write = os.pipe()
        process = os.posix_spawnp(player[0], player, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0)])
        os.close(read)
        sinks.append(writer(write))
        closers.append(lambda: os.kill(process, signal.SIGTERM))
    if options.play_fd is not None:
        sinks.append(writer(options.play_fd))
    if options.record:
        tell(f"RECORDING to {options.record}: everybody in the party has to know and agree")
        file = wave.open(options.record, "wb")
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        sinks.append(file.writeframes)
        closers.append(file.close)
    return sinks, closers


def writer(descriptor):
    """Writes what is taken; a reader that lags loses sound, and one that has left costs nothing else."""
    os.set_blocking(descriptor, False)

    def write(data):
        try:
            os.write(descriptor, data)
        except (BlockingIOError, BrokenPipeError):
            pass

    return write


async def run(options):
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    sinks, closers = outputs(options)
    mixer = Mixer(sinks)
    engine = Engine(options, Input(options.send_fd) if options.send_fd is not None else None, mixer)
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    mixing = asyncio.ensure_future(mixer.run() if sinks else asyncio.sleep(0))

    async def read():
        while line := await lines.readline():
            await engine.obey(json.loads(line))
        over.set()

    reading = asyncio.ensure_future(read())
    await over.wait()
    reading.cancel()
    mixing.cancel()
    for close in closers:
        close()
    # The others see the end of the connections sooner if they are told. It has to be quick: psparty is on its way out.
    await asyncio.wait([asyncio.ensure_future(c.close()) for c in engine.connections.values()] or [asyncio.sleep(0)],
                       timeout=0.15)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tone", type=float, metavar="HZ", help="send a tone in place of silence")
    parser.add_argument("--send-fd", type=int, metavar="N", help="send raw sound from file descriptor N")
    parser.add_argument("--play", action="store_true", help="play what is heard on the default output")
    parser.add_argument("--play-fd", type=int, metavar="N", help="write what is heard to file descriptor N as raw sound")
    parser.add_argument("--record", metavar="FILE", help="record what is heard as a WAV file; only with everyone's consent")
    parser.add_argument("--ice-server", action="append", default=[], metavar="URL",
                        help="ask this STUN or TURN server; none by default, so that only direct ways are tried")
    parser.add_argument("--expect-tone", type=float, metavar="HZ", help="say how much of each member's sound is this tone")
    parser.add_argument("--bind", action="append", metavar="ADDRESS", help="use these local addresses alone")
    options = parser.parse_args()
    if options.bind:
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: options.bind
    asyncio.run(run(options))
    # Connections that are still being tried would hold the end up.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
