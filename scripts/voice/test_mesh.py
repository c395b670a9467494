"""As many members as a party takes, with engines that cost nothing: do all pairs agree, how soon, and for how much?"""

import asyncio
import pathlib
import statistics
import time

import page
from lab import EXAMPLE, PROGRAMS, LabTest, progress

MEMBERS = "abcdefghijklmnop"
START = 8  # requests, and one for each other member
# A member that links a second bridge replaces it by the first one, and the others look once more.
SECOND_BRIDGE = 4


class MeshTests(LabTest):
    async def test_sixteen_members_agree_pair_by_pair(self):
        lab = await self.lab(len(MEMBERS))
        await lab.party(MEMBERS)
        await lab.control("requests/clear", "POST")
        begin = time.monotonic()
        runs = {name: await lab.voice(name, EXAMPLE) for name in MEMBERS}
        await asyncio.gather(*(self.agree(run, lab) for run in runs.values()))
        seconds = time.monotonic() - begin
        pairs = len(MEMBERS) * (len(MEMBERS) - 1) // 2
        progress(f"{pairs} pairs agree after {seconds:.1f} s")
        together = [len(await lab.requests(name)) for name in MEMBERS]
        self.assertLessEqual(max(together), START + len(MEMBERS) - 1 + SECOND_BRIDGE)
        self.assertEqual(await lab.places(), [sorted(MEMBERS)], "one bridge for all")
        memory = [self.memory(run) for run in runs.values()]

        later = await self.start_again(lab, runs)
        for run in runs.values():
            warnings = [report for report in run.reports.lines if report["type"] == "voice.warning"]
            self.assertEqual(warnings, [], run.name)
        await self.stop(*runs.values())
        self.assertEqual(await lab.places(), [])
        page.check("mesh", page.table(["16 members", ""], [
            ["pairs that agree", f"{pairs} of {pairs}"],
            ["from the first start to the last agreement, all started at once", f"{seconds:.1f} s"],
            ["requests of a member, all started at once", self.figures(together)],
            ["requests of three members, each started again while the others speak",
             ", ".join(map(str, later)) + f" (at most {START + len(MEMBERS) - 1})"],
            ["memory of a `voice run`, resident", self.figures(memory, " MiB") + f", {PROGRAMS.name} build"],
        ]), is_exact=False)

    async def agree(self, run, lab, start=0):
        peers = ["bridge"] + [lab.peer(name) for name in MEMBERS if name != run.name]
        await asyncio.gather(*(run.agreed(peer, start) for peer in peers))

    async def start_again(self, lab, runs):
        """One member after the other ends its run and starts another: what does it cost in a party where all others speak? The
        last one has the largest account: all others are to offer to it, and have no reason to."""
        counts = []
        # With its maker a bridge goes, and the others look for another one meanwhile.
        maker = (await lab.control("state"))["bridges"][0]["accountId"]
        others = [name for name in MEMBERS if lab.accounts[name]["accountId"] != maker]
        for name in (others[0], others[7], others[-1]):
            await self.stop(runs[name])
            await lab.control("requests/clear", "POST")
            runs[name] = await lab.voice(name, EXAMPLE)
            await self.agree(runs[name], lab)
            counts.append(len(await lab.requests(name)))
            self.assertLessEqual(counts[-1], START + len(MEMBERS) - 1, name)
        return counts

    def figures(self, values, unit=""):
        return f"{min(values)} to {max(values)}{unit}, median {statistics.median(values):.0f}{unit}"

    def memory(self, run):
        """The resident memory, in MiB."""
        for line in pathlib.Path(f"/proc/{run.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) / 1024)
