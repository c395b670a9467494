"""Engines that misbehave: how their run ends or goes on, and that the other members keep their connections."""

import asyncio
import dataclasses
import os
import signal

import misbehaving
import page
from lab import EXAMPLE, STACKS, LabTest, progress

# Ann and Bob have a WebRTC stack and hear each other; Cid's engine has no media and agrees to anything.
ELDERS, ANN, BOB, CID, YOUNGER = "abcdefghij", "k", "l", "m", "n"
BOTH = ["--tone", "440", "--expect-tone", "440"]


@dataclasses.dataclass(frozen=True)
class Case:
    kind: str
    result: str  # what psparty does, for the page
    status: int | None = None  # with which the run ends; None: it goes on
    says: str = ""  # part of a line of standard error
    agrees: bool = False  # whether the run agrees with Cid afterwards
    at_ann: str = ""  # part of what Ann's engine says about this member
    is_younger: bool = False  # whether the others make the offers
    options: tuple = ()


IMPATIENT = ("--engine-timeout", "1s")
SILENT = "reports that the engine does not answer"
SKIPS = "warns and skips it"
CASES = [
    Case("ends_at_once", "ends", 0),
    Case("fails_at_once", "ends and names the status", 1, "status 3"),
    Case("kills_itself", "ends and names the signal", 1, "signal 9"),
    Case("crashes_when_asked", "ends and names the status", 1, "status 1"),
    Case("ends_in_half_a_line", "ends", 0),
    Case("ignores_the_end", "ends it with SIGKILL when the run ends", agrees=True),
    Case("leaves_a_child", "ends, and ends the child", 0),
    Case("leaves_a_stubborn_child", "ends both with SIGKILL when the run ends", agrees=True),
    Case("leaves_a_child_in_a_session", "ends; the child is the engine's own affair", 0),
    Case("closes_output", SILENT, says="the engine sent no offer or answer", options=IMPATIENT),
    Case("closes_input", SILENT, says="the engine sent no offer or answer", options=IMPATIENT),
    Case("is_dead", SILENT, says="the engine sent no offer or answer", options=IMPATIENT),
    Case("is_mute", SILENT, says="the engine sent no offer or answer", options=IMPATIENT),
    Case("stops_itself", SILENT, says="the engine sent no offer or answer", options=IMPATIENT),
    Case("is_late", SILENT + ", and takes the answer", says="the engine sent no offer or answer", agrees=True, options=IMPATIENT),
    Case("reads_by_bytes", "waits for it", agrees=True),
    Case("writes_in_pieces", "puts them together", agrees=True),
    Case("floods_errors", "lets it through", agrees=True),
    Case("uses_other_line_ends", "takes them", agrees=True),
    Case("adds_keys", "ignores them", agrees=True),
    Case("writes_no_json", SKIPS, says="not a message", agrees=True),
    Case("writes_wrong_types", SKIPS, says="not a message", agrees=True),
    Case("writes_unknown_types", SKIPS, says="candidate", agrees=True),
    Case("writes_binary", SKIPS, says="not a message", agrees=True),
    Case("nests_deeply", SKIPS, says="not a message", agrees=True),
    Case("writes_rubbish", "ends", 1, "invalid messages"),
    Case("writes_noise", "ends", 1, "engine"),
    Case("writes_a_long_line", "ends and names the size", 1, "a line of"),
    Case("writes_an_endless_line", "ends and names the size", 1, "a line of"),
    Case("names_strangers", SKIPS, says="1000000000000000999/PS5", agrees=True),
    Case("offers_to_itself", SKIPS, says="is not in the party", agrees=True),
    Case("offers_to_the_bridge", SKIPS, says="bridge", agrees=True),
    Case("answers_nothing", SKIPS, says="no open offer", agrees=True),
    Case("answers_twice", "takes the first, warns and skips the others", says="no open offer", agrees=True),
    Case("offers_ten_times", "takes the first", agrees=True),
    Case("repeats_all", SKIPS, says="not a message"),
    Case("says_bye", "leaves the peers alone"),
    Case("leaves_descriptions_out", SKIPS, says="no sdp", agrees=True),
    Case("offers_nonsense", "passes it on; the member's engine refuses it", at_ann="offer failed"),
    Case("offers_many_sections", "passes it on; the member's engine refuses it", at_ann="offer failed"),
    Case("answers_nonsense", "passes it on; the member's engine refuses it", at_ann="answer failed", is_younger=True),
    Case("offers_without_end", "sends the newest within the bounds of all requests", says="misbehaved"),
]


class EngineTests(LabTest):
    async def test_engines_that_misbehave(self):
        """One after the other joins a party in which two members hear each other, and leaves it."""
        self.assertEqual({case.kind for case in CASES}, {
            name for name, kind in vars(misbehaving).items() if callable(kind) and is_row(kind)})
        lab = await self.lab(14)
        await lab.party(ANN + BOB + CID)
        ann, bob = [await lab.voice(name, STACKS["aiortc"] + BOTH) for name in (ANN, BOB)]
        cid = await lab.voice(CID, EXAMPLE)
        await asyncio.gather(ann.hears(BOB), bob.hears(ANN), cid.agreed("bridge"))
        for number, case in enumerate(CASES):
            with self.subTest(case.kind):
                name = YOUNGER if case.is_younger else ELDERS[number % len(ELDERS)]
                await self.run_case(case, lab, name, ann)
                # What they measure from now on: the connection between them stands.
                await asyncio.gather(ann.hears(BOB), bob.hears(ANN))
                progress(f"{case.kind}: {'goes on' if case.status is None else case.status}")
        for run, other in ((ann, BOB), (bob, ANN)):
            failures = [line for line in run.errors.lines if lab.peer(other) in line and "offering anew" in line]
            self.assertEqual(failures, [], "the connection was never replaced")
        await self.stop(ann, bob, cid)
        self.assertEqual(await lab.places(), [])
        page.check("engines", page.table(["an engine that", "psparty", "exit"], [
            [getattr(misbehaving, case.kind).__doc__, case.result, "goes on" if case.status is None else str(case.status)]
            for case in CASES]))

    async def run_case(self, case, lab, name, ann):
        await lab.psparty(name, "join", lab.party_id)
        start = len(ann.errors.lines)
        run = await lab.voice(name, ["/usr/bin/python3", misbehaving.__file__, case.kind], *case.options)
        if case.status is None:
            await run.says("misbehaved")
            if case.says:
                await run.says(case.says)
            if case.at_ann:
                await ann.errors.find(
                    lambda line: lab.peer(name) in line and case.at_ann in line, case.at_ann, start)
            if case.agrees:
                await run.agreed(lab.peer(CID))
            self.assertIsNone(run.process.returncode, run.errors.lines[-10:])
            self.assertEqual(await run.stop(), 143)
        else:
            self.assertEqual(await run.ends(), case.status, run.errors.lines[-10:])
            self.assertIn(case.says, "\n".join(run.errors.lines))
        if case.kind == "leaves_a_child_in_a_session":
            (child,) = run.processes()
            os.kill(child, signal.SIGKILL)
        await run.is_gone()
        self.assertNotIn(name, sum(await lab.places(), []))
        await lab.psparty(name, "leave")


def is_row(kind):
    documentation = kind.__doc__ or ""
    return kind.__module__ == "misbehaving" and documentation and documentation[0].islower()
