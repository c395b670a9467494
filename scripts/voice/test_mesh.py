"""As many members as a party takes, with engines that cost nothing: do all pairs agree, how soon, and for how much?"""

import asyncio
import pathlib
import statistics
import time

import page
from lab import EXAMPLE, PROGRAMS, LabTest, progress, until

MEMBERS = "abcdefghijklmnop"
START = 12  # requests, and one for each other member, where these speak already
# Of those who start at the same moment many are not there yet to hear an offer, and each makes a bridge before it sees the
# others'. That may cost no more than a third of what a profile may send in 15 minutes.
START_TOGETHER = 100


class MeshTests(LabTest):
    async def test_sixteen_members_agree_pair_by_pair(self):
        lab = await self.lab(len(MEMBERS))
        await lab.party(MEMBERS)
        await lab.control("requests/clear", "POST")
        begin = time.monotonic()
        runs = {name: await lab.voice(name, EXAMPLE) for name in MEMBERS}
        await asyncio.gather(*(self.agree(run, lab) for run in runs.values()))
        seconds = time.monotonic() - begin
        self.show_late(runs, seconds)
        pairs = len(MEMBERS) * (len(MEMBERS) - 1) // 2
        progress(f"{pairs} pairs agree after {seconds:.1f} s")
        together = [len(await lab.requests(name)) for name in MEMBERS]
        self.assertLessEqual(max(together), START_TOGETHER)
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
            ["requests of the first, eighth and last member, each started again while the others speak",
             ", ".join(map(str, later)) + f" (at most {START + len(MEMBERS) - 1})"],
            ["memory of a `voice run`, resident", self.figures(memory, " MiB") + f", {PROGRAMS.name} build"],
        ]), is_exact=False)

    async def agree(self, run, lab, start=0):
        peers = ["bridge"] + [lab.peer(name) for name in MEMBERS if name != run.name]
        await asyncio.gather(*(run.agreed(peer, start) for peer in peers))

    async def start_again(self, lab, runs):
        """One member after the other ends its run and starts another: what does it cost in a party where all others speak?"""
        counts = []
        # The last one has the largest account: all others are to offer to it, and have no reason to.
        for name in (MEMBERS[0], MEMBERS[7], MEMBERS[15]):
            await self.stop(runs[name])
            # Its bridge went with it if it was its own: the others agree on another one first.
            rest = sorted(set(MEMBERS) - {name})
            await until(lambda: self.is_bridged(lab, rest), "bridge of the others")
            await lab.control("requests/clear", "POST")
            runs[name] = await lab.voice(name, EXAMPLE)
            await self.agree(runs[name], lab)
            counts.append(len(await lab.requests(name)))
            self.assertLessEqual(counts[-1], START + len(MEMBERS) - 1, name)
        return counts

    async def is_bridged(self, lab, members):
        return await lab.places() == [members]

    def show_late(self, runs, seconds):
        for run in runs.values():
            start = run.reports.lines[0]["time"]
            late = [r for r in run.reports.lines if r["type"] != "voice.started" and r["time"][14:] > start[14:]]
            if seconds > 20:
                progress(f"{run.name} {start}: " + ", ".join(f"{r['time'][14:19]} {r['type']} {r['peer'] and r['peer'][-14:-11]}" for r in late))

    def figures(self, values, unit=""):
        return f"{min(values)} to {max(values)}{unit}, median {statistics.median(values):.0f}{unit}"

    def memory(self, run):
        """The resident memory, in MiB."""
        for line in pathlib.Path(f"/proc/{run.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) / 1024)
