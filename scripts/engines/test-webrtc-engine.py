#!/usr/bin/env python3
"""Tests webrtc-engine.py without psparty: this program passes the messages of two engines on, over loopback.

Run it with the Python of .build-voice; with names of tests as arguments it runs those alone.
"""

import asyncio
import importlib.util
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

import aioice.ice

ENGINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "webrtc-engine.py")
ANN, BOB = "1000000000000000001/PS5", "1000000000000000002/PS5"
NONSENSE = [
    "v=0",
    "v=0\r\nm=audio",
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio x UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:sha-256\r\n",
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n" * 500,
    "v=0\r\n\0\ud7ff\uffff" + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * 500,
    "v=0\ro=- 1 1 IN IP4 127.0.0.1\rs=-\rt=0 0\r" + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r" * 500,
]


class Engine:
    """A running engine, what it says to psparty, and what it says to people."""

    async def start(self, name, *options):
        self.name, self.errors, self.others, self.heard = name, [], {}, asyncio.Event()
        self.said = asyncio.Queue()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, ENGINE, "--bind", "127.0.0.1", *options,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, limit=1 << 20)
        self.tasks = [asyncio.ensure_future(self.read()), asyncio.ensure_future(self.watch())]
        self.tell({"type": "hello", "version": 1, "party": "test", "me": name})
        return self

    def tell(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")

    async def read(self):
        async for line in self.process.stdout:
            message = json.loads(line)
            other = self.others.get(message["peer"])
            if other and message["type"] != "bye":
                other.tell({**message, "peer": self.name})
            self.said.put_nowait(message)

    async def watch(self):
        async for line in self.process.stderr:
            self.errors.append(line.decode())
            self.heard.set()

    async def says(self, words, seconds=30, start=0):
        """Waits for these words, from line `start` on, and returns the number of their line."""
        async def wait():
            while (number := next((i for i in range(start, len(self.errors)) if words in self.errors[i]), None)) is None:
                self.heard.clear()
                await self.heard.wait()
            return number

        try:
            return await asyncio.wait_for(wait(), seconds)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.name} does not say {words!r}: {self.errors[-10:]}") from None

    async def stop(self):
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.close()
        await asyncio.wait_for(self.process.wait(), 10)
        await asyncio.gather(*self.tasks)


class EngineTests(unittest.IsolatedAsyncioTestCase):
    async def engine(self, name, *options):
        engine = await Engine().start(name, *options)
        self.addAsyncCleanup(engine.stop)
        return engine

    async def pair(self, *options):
        ann, bob = await self.engine(ANN, "--tone", "440"), await self.engine(BOB, "--expect-tone", "440", *options)
        ann.others[BOB], bob.others[ANN] = bob, ann
        ann.tell({"type": "want-offer", "peer": BOB})
        await bob.says("1.00 of the sound is 440 Hz")
        return ann, bob

    async def test_sound_comes_back_after_a_stop(self):
        """So long that the other engine has given the connection up."""
        ann, bob = await self.pair()
        for stopped, other in ((bob, ann), (ann, bob)):
            start, stopped_start = len(other.errors), len(stopped.errors)
            stopped.process.send_signal(signal.SIGSTOP)
            await other.says("offering anew", 30, start)
            start = len(bob.errors)
            stopped.process.send_signal(signal.SIGCONT)
            await stopped.says("connected, DTLS", 15, stopped_start)
            connected = await bob.says("connected, DTLS", 15, start)
            await bob.says("1.00 of the sound is 440 Hz", 15, connected)

    async def test_sound_comes_back_although_the_offer_was_lost(self):
        """The engine that was stopped notices by itself."""
        ann, bob = await self.pair()
        start = len(ann.errors)
        bob.process.send_signal(signal.SIGSTOP)
        ann.others.clear()
        await ann.says("offering anew", 30, start)
        await asyncio.wait_for(self.offer(ann), 10)
        ann.others[BOB] = bob
        start = len(bob.errors)
        bob.process.send_signal(signal.SIGCONT)
        await bob.says("connected, DTLS", 20, start)

    async def offer(self, engine):
        while (await engine.said.get())["type"] != "offer" or not engine.said.empty():
            pass

    async def test_a_bridge_that_fails_is_asked_for_an_offer(self):
        """The bridge makes the offers itself, so the engine may not offer to it."""
        engine, bridge = await self.engine(ANN), await self.engine("bridge")
        engine.others["bridge"], bridge.others[ANN] = bridge, engine
        bridge.tell({"type": "want-offer", "peer": ANN})
        await engine.says("bridge: connected, DTLS")
        while not engine.said.empty():
            engine.said.get_nowait()
        bridge.process.kill()
        said = await asyncio.wait_for(engine.said.get(), 30)
        self.assertEqual(said, {"type": "want-offer", "peer": "bridge"})

    async def test_nonsense_ends_nothing(self):
        ann, bob = await self.pair()
        for number, sdp in enumerate(NONSENSE):
            peer = f"100000000000000001{number}/PS5"
            ann.tell({"type": "offer", "peer": peer, "sdp": sdp})
            while (said := await asyncio.wait_for(ann.said.get(), 10))["peer"] != peer:
                pass
            self.assertIn(said["type"], ("answer", "bye"))
            ann.tell({"type": "want-offer", "peer": peer})
            ann.tell({"type": "answer", "peer": peer, "sdp": sdp})
        ann.tell({"type": "bye", "peer": BOB})
        ann.tell({"type": "want-offer", "peer": BOB})
        start = len(bob.errors)
        await bob.says("connected, DTLS", 20, start)

    async def test_a_peer_with_an_rsa_certificate_connects(self):
        for is_offering in (True, False):
            engine = await self.engine(ANN)
            await RSAPeer().connect(engine, is_offering)
            await engine.says("connected, DTLS")

    async def test_a_recording_is_private_and_is_not_overwritten(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "talk.wav")
            ann, bob = await self.pair("--record", path)
            await bob.says(f"RECORDING to {path}: everybody")
            await bob.says(f"RECORDING {ANN} to {path}")
            bob.tell({"type": "want-offer", "peer": ANN.replace("PS5", "MOBILE_APP")})
            bob.tell({"type": "want-offer", "peer": "1000000000000000003/PS5"})
            await bob.says("RECORDING 1000000000000000003/PS5")
            self.assertEqual(sum("RECORDING 1000000000000000001" in line for line in bob.errors), 1)
            await bob.stop()
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            size = os.stat(path).st_size
            self.assertGreater(size, 1000)

            again = await self.engine(BOB, "--record", path)
            self.assertEqual(await asyncio.wait_for(again.process.wait(), 10), 2)
            await again.says("exists; --force overwrites it")
            self.assertEqual(os.stat(path).st_size, size)

            os.chmod(path, 0o644)
            forced = await self.engine(BOB, "--record", path, "--force")
            await forced.says("RECORDING to")
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertLess(os.stat(path).st_size, size)


class RSAPeer:
    """A peer on aiortc whose certificate is an RSA one, as GStreamer's is."""

    async def connect(self, engine, is_offering):
        from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
        from aiortc.mediastreams import AudioStreamTrack
        from aiortc.rtcdtlstransport import RTCCertificate, generate_certificate
        from cryptography.hazmat.primitives.asymmetric import rsa

        module = importlib.util.module_from_spec(spec := importlib.util.spec_from_file_location("engine", ENGINE))
        spec.loader.exec_module(module)
        original = RTCCertificate._create_ssl_context
        module.accept_rsa()
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = RTCCertificate(key=key, cert=generate_certificate(key))
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connection._RTCPeerConnection__certificates = [certificate]
        connection.addTrack(AudioStreamTrack())
        if is_offering:
            await connection.setLocalDescription(await connection.createOffer())
            engine.tell({"type": "offer", "peer": BOB, "sdp": module.to_wire(connection.localDescription.sdp)})
        else:
            engine.tell({"type": "want-offer", "peer": BOB})
        said = await asyncio.wait_for(engine.said.get(), 10)
        await connection.setRemoteDescription(RTCSessionDescription(module.from_wire(said["sdp"]), said["type"]))
        if not is_offering:
            await connection.setLocalDescription(await connection.createAnswer())
            engine.tell({"type": "answer", "peer": BOB, "sdp": module.to_wire(connection.localDescription.sdp)})
        await engine.says("connected, DTLS")
        RTCCertificate._create_ssl_context = original
        await connection.close()


if __name__ == "__main__":
    unittest.main()
