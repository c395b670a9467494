"""Kills of engines and of psparty, at several moments: nothing runs on, and the next run of the profile has sound again."""

import asyncio
import dataclasses
import os
import signal

import page
from lab import STACKS, LabTest, progress, until

SPEAKS = STACKS["aiortc"] + ["--tone", "440"]
LISTENS = STACKS["aiortc"] + ["--expect-tone", "440"]


@dataclasses.dataclass(frozen=True)
class Case:
    moment: str  # for the page
    victim: str = "psparty"
    # Requests with that in their path get no answer, so that the run is at that moment for as long as it lives.
    path: str = ""
    shares_bridge: bool = True  # whether the bridge is another member's
    left: str = ""  # what stays at the service until the next run


PLACE = "the place on the bridge"
CASES = [
    Case("before the push connection stands", path="/np/serveraddr"),
    Case("while a bridge is made", path="/api/rtcBridge/v1/bridges", shares_bridge=False,
         left="the bridge, which the service removes by itself"),
    Case("while its bridge is linked", path="/bridges", shares_bridge=False, left="the bridge"),
    Case("while a place on a bridge is taken", path="peers?", left=PLACE),
    Case("while the bridge is answered", path="/answer", left=PLACE),
    Case("while a member is sent an offer", path="/customMessage", left=PLACE),
    Case("when all have agreed, on its own bridge", shares_bridge=False, left="the bridge"),
    Case("when all have agreed", left=PLACE),
    Case("while it waits for the removal of its place", path="DELETE"),
    Case("at the start", victim="engine"),
    Case("when all have agreed", victim="engine"),
    Case("when all have agreed, with psparty at the same moment", victim="both", left=PLACE),
]


class KillTests(LabTest):
    async def test_kills(self):
        for shares_bridge in (False, True):
            # A bridge whose id never came is not the client's to name; the service removes it, here after a second.
            lab = await self.lab(2, {"looseBridgeLife": 1})
            await lab.party("ab")
            for case in CASES:
                if case.shares_bridge == shares_bridge:
                    with self.subTest(f"{case.victim} {case.moment}"):
                        # A new run each time: of one member's offers a run takes six at once, and then one in 20 s.
                        bob = await lab.voice("b", LISTENS, *([] if shares_bridge else ["--no-bridge"]))
                        await bob.says("in voice of party")
                        if shares_bridge:
                            await bob.agreed("bridge")
                        await self.kill(case, lab, bob)
                        await self.recover(case, lab, bob)
                        await self.stop(bob)
                        self.assertEqual(await lab.places(), [])
                        progress(f"{case.victim}, {case.moment}: the next run is heard")
        page.check("kills", page.table(["SIGKILL to", "at which moment", "left at the service"], [
            [case.victim, case.moment, case.left or "nothing"] for case in CASES]))

    async def kill(self, case, lab, bob):
        """Has a run of Ann's come to that moment and kills there."""
        await lab.control("requests/clear", "POST")
        method, path = ("DELETE", "/api/rtcBridge") if case.path == "DELETE" else (None, case.path)
        match = {"path": path, "account": "A", "times": 0, **({"method": method} if method else {})}
        fault = {"match": match, "action": {"kind": "delay", "delayMs": 600_000}}
        if path and not method:
            await lab.control("faults", "POST", fault)
        ann = await lab.voice("a", SPEAKS)
        if not path or method:
            await (ann.agreed(lab.peer("b")) if "agreed" in case.moment or method else ann.says("in voice"))
        if "agreed" in case.moment or method:
            await asyncio.gather(bob.hears("a"), ann.agreed("bridge"))
        if method:
            await lab.control("faults", "POST", fault)
            ann.process.send_signal(signal.SIGTERM)
        if path == "/customMessage":
            await ann.agreed("bridge")
        if path:
            await until(lambda: self.is_asked(lab, path, method), f"request for {path}")
        if not method:
            await until(ann.processes, "engine")
        self.send(case.victim, ann)
        status = await ann.ends()
        self.assertEqual(status, 1 if case.victim == "engine" else -signal.SIGKILL, ann.errors.lines[-10:])
        await ann.is_gone()
        await lab.control("faults", "DELETE")
        if "place" in case.left:
            self.assertEqual(await lab.places(), [["a", "b"]])
        elif not case.left:
            self.assertNotIn("a", sum(await lab.places(), []))

    def send(self, victim, run):
        engine = run.processes()
        if victim != "engine":
            run.process.kill()
        if victim != "psparty":
            for pid in engine:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # it went with psparty

    async def is_asked(self, lab, path, method):
        return any(method in (None, request["method"]) for request in await lab.requests("a", path))

    async def recover(self, case, lab, bob):
        """The next run takes down what was left, and is heard."""
        ann = await lab.voice("a", SPEAKS)
        await ann.agreed("bridge")
        await asyncio.gather(ann.agreed(lab.peer("b")), bob.hears("a"))
        expected = [["a", "b"]] if case.shares_bridge else [["a"]]
        await until(lambda: self.is_placed(lab, expected), f"one place of each, {expected}")
        await self.stop(ann)
        self.assertEqual(await lab.places(), [["b"]] if case.shares_bridge else [])

    async def is_placed(self, lab, expected):
        return await lab.places() == expected
