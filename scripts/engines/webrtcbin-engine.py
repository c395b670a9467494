#!/usr/bin/python3
"""An engine for `psparty voice run` on GStreamer's webrtcbin: it sends silence or a tone and measures what it hears.

The protocol is in docs/voice-engine.md. Debian's packages, which belong to /usr/bin/python3: gstreamer1.0-plugins-base, -good
and -bad, gstreamer1.0-nice, python3-gi, gir1.2-gst-plugins-bad-1.0 and gir1.2-nice-0.1.
"""

import argparse
import json
import math
import os
import random
import re
import struct
import sys
import threading
import time

import gi

for name, version in (("Gst", "1.0"), ("GstSdp", "1.0"), ("GstWebRTC", "1.0"), ("Nice", "0.1")):
    gi.require_version(name, version)
from gi.repository import GLib, Gst, GstSdp, GstWebRTC, Nice  # noqa: E402

RATE = 48000

# In seconds.
CONNECT_TIMEOUT = 30  # from the exchange of descriptions until a connection is up
SILENCE_TIMEOUT = 10  # a peer from which nothing comes for so long, not even RTCP, is gone
LONGEST_PAUSE = 60  # before a failed connection is replaced; the first pause is 1, each later one is twice as long
STABLE = 60  # a connection that was up for so long begins with the shortest pause again

# A description with more than this is an attack: each section and each candidate costs sockets and time.
SECTIONS_LIMIT = 8
CANDIDATES_LIMIT = 64


def tell(text):
    print(f"webrtcbin-engine: {text}", file=sys.stderr, flush=True)


def say(kind, peer, sdp=None):
    message = {"type": kind, "peer": peer}
    if sdp:
        # webrtcbin writes OPUS in capitals.
        message["sdp"] = re.sub(r"(?mi)^(a=rtpmap:\d+) opus/48000/2", r"\1 opus/16000/2", sdp)
    print(json.dumps(message), flush=True)


def from_wire(sdp):
    """The text of a member's description, which may be anything, as webrtcbin wants it."""
    lines = sdp.splitlines()
    for start, limit in (("m=", SECTIONS_LIMIT), ("a=candidate:", CANDIDATES_LIMIT)):
        if sum(line.startswith(start) for line in lines) > limit:
            raise ValueError(f"the description has more than {limit} lines of {start}")
    return re.sub(r"(?mi)^(a=rtpmap:\d+ opus)/16000/2", r"\1/48000/2", sdp)


class Connection:
    """A WebRTC connection with one peer. GStreamer's threads report to the main loop, in which all else happens."""

    def __init__(self, engine, peer, payload_type=96):
        self.engine, self.peer = engine, peer
        self.kind = None  # of the description that is made: offer or answer
        self.said = None  # our offer, until it is answered
        self.has_failed = False
        self.connected_at, self.heard_at = math.inf, math.inf
        tone = engine.options.tone
        source = f"wave=sine freq={tone} volume=0.25" if tone else "wave=silence"
        self.pipeline = Gst.parse_launch(
            f"webrtcbin name=rtc bundle-policy=max-bundle latency=100 audiotestsrc is-live=true {source} ! "
            f"audio/x-raw,rate={RATE},channels=1 ! opusenc ! rtpopuspay pt={payload_type} ! application/x-rtp,media=audio,"
            f"encoding-name=OPUS,payload={payload_type},clock-rate={RATE},encoding-params=(string)2 ! rtc.")
        self.rtc = self.pipeline.get_by_name("rtc")
        self.rtc.connect("pad-added", self.play)
        self.rtc.connect("notify::ice-gathering-state", lambda *_: GLib.idle_add(self.describe))
        self.rtc.connect("notify::connection-state", lambda *_: GLib.idle_add(self.change))
        self.pipeline.set_state(Gst.State.PLAYING)

    def ask(self, action, *arguments):
        """Has webrtcbin do something and waits for the result."""
        promise = Gst.Promise.new()
        self.rtc.emit(action, *arguments, promise)
        promise.wait()
        reply = promise.get_reply()
        if reply and reply.has_field("error"):
            raise ValueError(reply.get_value("error").message)
        self.reply = reply  # it owns the description in it
        return reply

    def make(self, kind):
        """Begins a description; `describe` says it when all candidates are in it, since none can follow later."""
        self.kind = kind
        description = self.ask(f"create-{kind}", None).get_value(kind)
        for source in self.sources():
            agent = source.get_property("agent")
            agent.set_property("ice-tcp", False)
            for text in self.engine.options.bind:
                address = Nice.Address.new()
                address.set_from_string(text)
                agent.add_local_address(address)
        self.ask("set-local-description", description)

    def describe(self):
        gathered = self.rtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if not gathered or not self.kind or not self.is_current():
            return
        sdp = self.rtc.get_property("local-description").sdp.as_text()
        if self.kind == "offer":
            self.said = sdp
        else:
            self.expect()
        say(self.kind, self.peer, sdp)
        self.kind = None

    def sources(self):
        """Where what the peer sends comes in. The property ice-agent would be the way to libnice, but Python's binding frees
        the agent with the last variable that holds it."""
        elements = self.rtc.iterate_recurse()
        while (found := elements.next())[0] == Gst.IteratorResult.OK:
            if found[1].__gtype__.name == "GstNiceSrc":
                yield found[1]

    def take(self, kind, sdp):
        result, message = GstSdp.SDPMessage.new_from_text(sdp)
        if result != GstSdp.SDPResult.OK:
            raise ValueError("GStreamer cannot read the description")
        kinds = {"offer": GstWebRTC.WebRTCSDPType.OFFER, "answer": GstWebRTC.WebRTCSDPType.ANSWER}
        self.ask("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(kinds[kind], message))

    def is_current(self):
        return self.engine.connections.get(self.peer) is self and not self.has_failed

    def expect(self):
        def check():
            if self.connected_at == math.inf:
                self.engine.fail(self, "not connected in time")

        GLib.timeout_add_seconds(CONNECT_TIMEOUT, check)

    def change(self):
        state = self.rtc.get_property("connection-state").value_nick
        if not self.is_current():
            return
        if state in ("failed", "closed"):
            self.engine.fail(self, state)
        elif state == "connected":
            self.connected_at = self.heard_at = time.monotonic()
            self.watch()
            tell(f"{self.peer}: connected")

    def watch(self):
        """Notices a peer that is gone, which libnice does not: each packet but those of ICE itself comes out of nicesrc."""
        def take(_, info):
            self.heard_at = time.monotonic()
            return Gst.PadProbeReturn.OK

        def check():
            if self.is_current() and time.monotonic() - self.heard_at > SILENCE_TIMEOUT:
                self.engine.fail(self, "silent")
            return self.is_current()

        for source in self.sources():
            source.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, take)
        GLib.timeout_add_seconds(1, check)

    def play(self, _, pad):
        """Measures what the peer sends. Called in a thread of GStreamer's."""
        sink = Gst.parse_bin_from_description(
            "rtpopusdepay ! opusdec ! audioconvert ! audioresample ! "
            f"audio/x-raw,format=S16LE,rate={RATE},channels=1 ! appsink name=sink emit-signals=true sync=false", True)
        meter = Meter(self.peer, self.engine.options.expect_tone)
        sink.get_by_name("sink").connect("new-sample", meter.take)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def close(self):
        self.has_failed = True
        self.pipeline.set_state(Gst.State.NULL)


class Meter:
    """Says how much of a peer's sound is a tone, each half second."""

    def __init__(self, peer, frequency):
        self.peer, self.frequency, self.samples = peer, frequency, []

    def take(self, sink):
        buffer = sink.emit("pull-sample").get_buffer()
        if self.frequency:
            data = buffer.extract_dup(0, buffer.get_size())
            self.samples += struct.unpack(f"<{len(data) // 2}h", data)
        while len(self.samples) >= RATE // 2:
            samples, self.samples = self.samples[: RATE // 2], self.samples[RATE // 2:]
            tell(f"{self.peer}: {self.share(samples):.2f} of the sound is {self.frequency:g} Hz")
        return Gst.FlowReturn.OK

    def share(self, samples):
        power = sum(value * value for value in samples) / len(samples)
        if power < 100:
            return 0.0
        # Goertzel's algorithm.
        coefficient = 2 * math.cos(2 * math.pi * self.frequency / RATE)
        last, before = 0.0, 0.0
        for value in samples:
            last, before = value + coefficient * last - before, last
        return (last * last + before * before - coefficient * last * before) * 2 / len(samples) ** 2 / power


class Engine:
    def __init__(self, options):
        self.options = options
        self.connections = {}  # peer -> connection; a failed one stays until another replaces it
        self.failures = {}  # peer -> connections that failed in a row

    def obey(self, message):
        kind, peer, sdp = message.get("type"), message.get("peer"), message.get("sdp")
        try:
            if kind == "want-offer":
                self.want_offer(peer)
            elif kind == "offer":
                self.answer(peer, from_wire(sdp))
            elif kind == "answer":
                self.accept(peer, from_wire(sdp))
            elif kind == "bye":
                self.failures.pop(peer, None)
                self.close(peer)
        except Exception as error:  # nonsense of one peer must not cost the others their voice
            tell(f"{peer}: {kind} failed: {error}")
            self.close(peer)
            say("bye", peer)

    def want_offer(self, peer):
        standing = self.connections.get(peer)
        if standing and not standing.has_failed and standing.kind == "offer":
            return  # it is being made
        if standing and not standing.has_failed and standing.said:
            say("offer", peer, standing.said)
            return
        connection = self.open(peer)
        # The captured clients have one as well. webrtcbin wants it before the offer.
        connection.rtc.emit("create-data-channel", "data", None)
        connection.make("offer")

    def answer(self, peer, sdp):
        """Each offer begins a new connection. An offer of ours that was not answered goes with the old one."""
        payload_type = re.search(r"(?mi)^a=rtpmap:(\d+) opus/48000", sdp)
        if not payload_type:
            raise ValueError("the offer has no Opus")
        connection = self.open(peer, int(payload_type[1]))
        connection.take("offer", sdp)
        connection.make("answer")

    def accept(self, peer, sdp):
        connection = self.connections.get(peer)
        if connection and connection.said and not connection.has_failed:
            connection.said = None
            connection.take("answer", sdp)
            connection.expect()

    def open(self, peer, *arguments):
        self.close(peer)
        connection = Connection(self, peer, *arguments)
        self.connections[peer] = connection
        return connection

    def close(self, peer):
        if connection := self.connections.pop(peer, None):
            connection.close()

    def fail(self, connection, reason):
        """Replaces a connection after a pause, unless the peer offers first or leaves."""
        if not connection.is_current():
            return
        connection.close()
        peer = connection.peer
        count = 0 if time.monotonic() - connection.connected_at > STABLE else self.failures.get(peer, 0)
        self.failures[peer] = count + 1
        # Both sides see the failure: with a random part one of them is first.
        pause = min(2 ** min(count, 10), LONGEST_PAUSE) * random.uniform(0.6, 1)
        tell(f"{peer}: {reason}; {'asking for an offer' if peer == 'bridge' else 'offering anew'} in {pause:.1f} s")

        def replace():
            if self.connections.get(peer) is not connection:
                return
            if peer == "bridge":  # it makes the offers
                say("want-offer", peer)
            else:
                self.obey({"type": "want-offer", "peer": peer})

        GLib.timeout_add(int(pause * 1000), replace)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tone", type=float, metavar="HZ", help="send a tone in place of silence")
    parser.add_argument("--expect-tone", type=float, metavar="HZ", help="say how much of each member's sound is this tone")
    parser.add_argument("--bind", action="append", default=[], metavar="ADDRESS", help="use these local addresses alone")
    engine, loop = Engine(parser.parse_args()), GLib.MainLoop()
    Gst.init(None)

    def read():
        for line in sys.stdin:
            GLib.idle_add(engine.obey, json.loads(line))
        GLib.idle_add(loop.quit)

    threading.Thread(target=read, daemon=True).start()
    loop.run()
    for peer in list(engine.connections):
        engine.close(peer)
    # Python would give back what GStreamer's threads still use.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
