"""Each WebRTC stack hears each other one, by what the listening engine measures."""

import asyncio
import itertools
import os
import signal

import page
from lab import STACKS, LabTest, progress

BOTH = ["--tone", "440", "--expect-tone", "440"]


class StackTests(LabTest):
    async def test_each_pair_hears_each_other(self):
        """The first of a pair has the smaller account and so makes the offer. Each sends a tone of its own, so that no engine
        can take its own sound for the other's."""
        lab = await self.lab(2)
        await lab.party("ab")
        for first, second in itertools.product(STACKS, repeat=2):
            with self.subTest(first=first, second=second):
                ann = await lab.voice("a", STACKS[first] + ["--tone", "440", "--expect-tone", "660"])
                bob = await lab.voice("b", STACKS[second] + ["--tone", "660", "--expect-tone", "440"])
                await asyncio.gather(bob.hears("a", 440), ann.hears("b", 660))
                await self.stop(ann, bob)
                self.assertEqual(await lab.places(), [])
                progress(f"{first} offers, {second} answers: both hear the other")
        page.check("pairs", page.table(
            ["offers \\ answers", *STACKS], [[name] + ["simulated"] * len(STACKS) for name in STACKS]))

    async def test_all_of_them_in_one_party(self):
        """Each hears both others, also after one of them was stopped for so long that the others gave it up."""
        lab = await self.lab(3)
        await lab.party("abc")
        runs = {name: await lab.voice(name, engine + BOTH) for name, engine in zip("abc", STACKS.values())}
        await self.hear_each_other(runs)
        progress("all in one party: each hears both others")
        for name, stack in zip("bc", ("webrtcbin", "chromium")):
            others = [run for other, run in runs.items() if other != name]
            starts = [len(run.errors.lines) for run in others]
            stopped = runs[name].processes()
            self.signal(stopped, signal.SIGSTOP)
            # An engine that offers anew has given the connection up.
            words = f"{lab.peer(name)}: "
            await asyncio.gather(*(
                run.errors.find(lambda line: words in line and "offering anew" in line, "failure of the connection", start)
                for run, start in zip(others, starts)))
            self.signal(stopped, signal.SIGCONT)
            await self.hear_each_other(runs)
            progress(f"{stack} was stopped: each hears both others again")
        await self.stop(*runs.values())
        self.assertEqual(await lab.places(), [])

    async def hear_each_other(self, runs):
        await asyncio.gather(*(
            run.hears(other) for name, run in runs.items() for other in runs if other != name))

    def signal(self, processes, number):
        for pid in processes:
            os.kill(pid, number)
