"""A simulated service, its members, and their voice runs, for the tests of this folder."""

import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import sys
import tempfile
import unittest
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ENGINES = ROOT / "scripts" / "engines"
PROGRAMS = pathlib.Path(os.environ.get("PSPARTY_PROGRAMS") or ROOT / ".build" / "debug")

# So long anything may take that has to happen. It is only waited for when something is wrong, or the machine is busy.
PATIENCE = 90
SHARE = 0.9  # of the power of what is heard, from which on it is the tone

STACKS = {
    "aiortc": [str(ROOT / ".build-voice/bin/python"), str(ENGINES / "webrtc-engine.py"), "--bind", "127.0.0.1"],
    "webrtcbin": [str(ENGINES / "webrtcbin-engine.py"), "--bind", "127.0.0.1"],
    "chromium": ["/usr/bin/python3", str(ENGINES / "chromium-engine.py"), "--bind", "127.0.0.1"],
}
EXAMPLE = ["/usr/bin/python3", str(ENGINES / "example-engine.py")]


async def until(condition, what, seconds=PATIENCE):
    """Waits for what nothing tells of: the process list and the state of the service. The condition may be a coroutine's."""
    async with asyncio.timeout(seconds) as limit:
        while True:
            result = condition()
            if asyncio.iscoroutine(result):
                result = await result
            if result:
                return result
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                if limit.expired():
                    raise AssertionError(f"in {seconds} s there was no {what}") from None
                raise


class Lab:
    """One simulator with some accounts. A member is named by the account's letter; so is its profile."""

    async def start(self, accounts, scenario=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="psparty-voice-"))
        self.runs = []
        words = [str(PROGRAMS / "psparty-sim"), "--json", "--state", str(self.folder / "sim")]
        path = self.folder / "scenario.json"
        path.write_text(json.dumps({"accounts": accounts, **(scenario or {})}))
        self.simulator = await asyncio.create_subprocess_exec(
            *words, "--scenario", str(path), stdout=asyncio.subprocess.PIPE, env={**os.environ, "HOME": str(self.folder)})
        service = json.loads(await self.simulator.stdout.readline())
        self.server, self.trust = service["server"], ssl.create_default_context(cafile=service["caFile"])
        self.accounts = {chr(ord("a") + i): account for i, account in enumerate(service["accounts"])}
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith("PSPARTY")}
        self.variables.update(
            PSPARTY_SERVER=self.server, PSPARTY_CA_FILE=service["caFile"], PSPARTY_CLIENT_ID=service["clientId"],
            PSPARTY_CLIENT_SECRET=service["clientSecret"], PSPARTY_STATE_HOME=str(self.folder / "state"),
            PSPARTY_CONFIG_HOME=str(self.folder / "config"), HOME=str(self.folder), TMPDIR=str(self.folder))
        for name, account in self.accounts.items():
            await self.psparty(name, "login", "--npsso", "-", text=account["npsso"] + "\n")
        return self

    async def close(self):
        for run in self.runs:
            await run.kill()
        self.simulator.terminate()
        await self.simulator.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def psparty(self, name, *words, text="", expected=(0,)):
        """Runs a command of that profile to its end and returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            str(PROGRAMS / "psparty"), *words, "--profile", name, env=self.variables, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        async with asyncio.timeout(PATIENCE):
            output, errors = await process.communicate(text.encode())
        if process.returncode not in expected:
            raise AssertionError(f"psparty {' '.join(words)} ended with {process.returncode}: {errors.decode()}")
        return output.decode()

    async def party(self, names):
        """The first creates a party, the others join it."""
        self.party_id = (await self.psparty(names[0], "create", "--max-members", "16")).strip()
        for name in names[1:]:
            await self.psparty(name, "join", self.party_id)
        return self.party_id

    async def voice(self, name, engine, *options):
        run = await Run().start(self, name, engine, options)
        self.runs.append(run)
        return run

    def peer(self, name):
        return f"{self.accounts[name]['accountId']}/{self.accounts[name]['platform']}"

    async def control(self, path, method="GET", body=None):
        """Asks the simulator itself (docs/simulator.md, control paths)."""
        def ask():
            data = json.dumps(body).encode() if body is not None else None
            request = urllib.request.Request(
                f"{self.server}/_sim/{path}", data, {"Content-Type": "application/json"}, method=method)
            with urllib.request.urlopen(request, context=self.trust, timeout=PATIENCE) as response:
                return json.loads(response.read() or b"null")

        return await asyncio.to_thread(ask)

    async def requests(self, name, part=""):
        """What was asked for by that account."""
        account = self.accounts[name]["accountId"]
        return [request for request in await self.control("requests")
                if request["accountId"] == account and part in request["target"]]

    async def places(self):
        """The members on each bridge."""
        letters = {account["accountId"]: name for name, account in self.accounts.items()}
        bridges = (await self.control("state"))["bridges"]
        return [sorted(letters[peer["accountId"]] for peer in bridge["peers"]) for bridge in bridges]


class Lines:
    """The lines of a stream, kept, and a way to wait for one."""

    def __init__(self, stream, parse):
        self.lines, self.news, self.is_over = [], asyncio.Event(), False
        self.task = asyncio.ensure_future(self.read(stream, parse))

    async def read(self, stream, parse):
        while line := await stream.readline():
            self.lines.append(parse(line))
            self.wake()
        self.is_over = True
        self.wake()

    def wake(self):
        self.news.set()
        self.news = asyncio.Event()

    async def find(self, condition, what, start=0, seconds=PATIENCE):
        """The first line for which the condition holds, from that number on."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    news = self.news
                    for line in self.lines[start:]:
                        if condition(line):
                            return line
                    start = len(self.lines)
                    if self.is_over:
                        raise AssertionError(f"no {what} before the end: {self.lines[-20:]}")
                    await news.wait()
        except TimeoutError:
            raise AssertionError(f"in {seconds} s there was no {what}: {self.lines[-20:]}") from None


class Run:
    """A `psparty voice run` and what it says: reports on standard output, words of it and the engine on standard error."""

    async def start(self, lab, name, engine, options):
        self.lab, self.name, self.groups = lab, name, set()
        # By this all processes of the run are found, also those that have left its group.
        self.mark = uuid.uuid4().hex
        self.process = await asyncio.create_subprocess_exec(
            str(PROGRAMS / "psparty"), "voice", "run", "--profile", name, "--json", *options, "--", *engine,
            env={**lab.variables, "VOICE_TEST_RUN": self.mark}, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=1 << 22)
        self.reports = Lines(self.process.stdout, json.loads)
        self.errors = Lines(self.process.stderr, lambda line: line.decode(errors="replace").rstrip())
        return self

    async def agreed(self, peer, start=0):
        def is_meant(report):
            return report["type"] == "peer.agreed" and report["peer"] == peer

        await self.reports.find(is_meant, f"agreement of {self.name} with {peer}", start)
        self.processes()  # the group of the engine is known from here on

    async def says(self, words, start=0):
        return await self.errors.find(lambda line: words in line, f"{words!r} of {self.name}", start)

    async def hears(self, name, frequency=440):
        """Waits until the engine, from now on, measures that the sound of a member is the tone."""
        pattern = re.compile(rf"{self.lab.peer(name)}: ([0-9.]+) of the sound is {frequency} Hz")

        def is_tone(line):
            match = pattern.search(line)
            return match and float(match[1]) >= SHARE

        await self.errors.find(is_tone, f"{frequency} Hz of {name} at {self.name}", len(self.errors.lines))
        self.processes()  # the group of the engine is known from here on

    def processes(self):
        """What runs for it besides psparty itself: by the mark in its environment, which Chromium's children overwrite, and by
        the group of the engine."""
        found = {}
        for folder in pathlib.Path("/proc").iterdir():
            try:
                state, parent, group = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:3]
                is_marked = f"VOICE_TEST_RUN={self.mark}".encode() in (folder / "environ").read_bytes()
            except (OSError, IndexError):
                continue  # no process, or one that has just ended
            if int(parent) == self.process.pid:
                self.groups.add(group)
            # One that has ended and was not collected yet is no process any more.
            if folder.name.isdigit() and int(folder.name) != self.process.pid and state not in "ZX":
                found[int(folder.name)] = is_marked, group
        return [pid for pid, (is_marked, group) in found.items() if is_marked or group in self.groups]

    async def ends(self, seconds=PATIENCE):
        """Waits for the end and returns the exit status."""
        async with asyncio.timeout(seconds):
            await asyncio.gather(self.process.wait(), self.reports.task)
        return self.process.returncode

    async def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = await self.ends()
        # psparty ends by the signal itself or with what a shell makes of it.
        return status + 256 if status < 0 else status

    async def is_gone(self):
        await until(lambda: not self.processes(), f"end of the processes {self.processes()} of {self.name}")

    async def kill(self):
        """Ends all of it, by process id, whatever state it is in."""
        if self.process.returncode is None:
            self.process.kill()
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        await self.process.wait()


class LabTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # unittest turns it on

    async def lab(self, accounts, scenario=None):
        lab = Lab()
        self.addAsyncCleanup(lab.close)
        return await lab.start(accounts, scenario)

    async def stop(self, *runs):
        for status in await asyncio.gather(*(run.stop() for run in runs)):
            self.assertEqual(status, 143)
        for run in runs:
            await run.is_gone()


def progress(text):
    print(f"  {text}", file=sys.stderr, flush=True)
