#!/usr/bin/env python3
"""Lets `psparty listen` live through a fault every second, and checks that it was right all the time.

Arguments: seconds (600), seed (a new one, printed). Checked at the end: every frame that was pushed while connected was printed
exactly once and no other; the party folded from the events is the service's; memory and open files stayed flat; there was never
more than one push socket.
"""

import json
import os
import pathlib
import random
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

BIN = pathlib.Path(os.environ.get("PSPARTY_BIN", pathlib.Path(__file__).resolve().parent.parent / ".build" / "release"))
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 600
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
MARK = "psn:soak:frame"

# What the stream survives without a loss, and what costs it the connection. Losses lengthen the waits, up to a minute.
HARMLESS = [
    {"invalidUTF8": True}, {"invalidJSON": True}, {"pong": "payload"}, {"ping": "payload"}, {"oversize": 1_100_000},
    {"burst": {"count": 50, "size": 500}}, {"fragmented": {"frame": {"method": 9}, "pieces": 7}},
]  # fmt: skip
LOSSES = [{"close": {"code": code, "reason": "soak"}} for code in (1000, 1001, 1008, 1011, 1012, 4001, 65535)] + [
    {"cut": True}, {"reset": True}, {"torn": {"method": 3001}}, {"bytes": "/////////w=="},
]  # fmt: skip
QUIRKS = ["updatesWithoutValue", "joinsUntold", "invitationsPushed"]
# Each refusal says when to come back: from the second one without that on, the stream waits for 2 to 20 minutes
# (docs/protocol.md, 7.5), which is most of a soak.
UPGRADES = [
    {"kind": "status", "status": 503, "headers": {"Retry-After": "1"}}, {"kind": "status", "status": 429, "headers": {"Retry-After": "2"}}, {"kind": "reset"},
    {"kind": "status", "status": 403, "headers": {"X-PSN-RETRY-INTERVAL-MIN": "1", "X-PSN-RETRY-INTERVAL-MAX": "4"}},
]  # fmt: skip


class Service:
    """The simulator and its control paths."""

    def __init__(self, scratch):
        self.process = subprocess.Popen([BIN / "psparty-sim", "--json"], stdout=subprocess.PIPE, env=os.environ | {"HOME": scratch})
        self.place = json.loads(self.process.stdout.readline())
        self.context = ssl.create_default_context(cafile=self.place["caFile"])

    def ask(self, method, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"{self.place['server']}/_sim/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=20, context=self.context) as answer:
            return json.load(answer)

    def push(self, *outputs):
        return self.ask("POST", "push", {"account": "A", "push": list(outputs)})["sockets"]

    def sockets(self):
        account = self.place["accounts"][0]["accountId"]
        return sum(socket["accountId"] == account for socket in self.ask("GET", "state")["sockets"])


class Listener:
    """The program under test, and what it has printed."""

    def __init__(self, environment):
        self.process = subprocess.Popen(
            [BIN / "psparty", "listen", "--json", "--lifecycle"], env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)  # fmt: skip
        self.events, self.news = [], threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.events.append(json.loads(line))
                self.news.notify_all()

    def until(self, is_so, seconds):
        with self.news:
            return self.news.wait_for(lambda: is_so(self.events), seconds)

    def marks(self):
        with self.news:
            return [event["data"]["number"] for event in self.events if event["dataType"] == MARK]

    def is_whole(self):
        states = [e["type"] for e in self.events if e["type"].startswith("stream.") and e["type"] != "stream.token-renewed"]
        was_lost = "stream.lost" in states[states.index("stream.connected") :] if "stream.connected" in states else False
        return bool(states) and states[-1] == ("stream.resynced" if was_lost else "stream.ready")

    def memory(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1])
        return 0

    def files(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))


def folded(events, party):
    """Name and members of the party, as somebody knows them who saw only the events."""
    name, members = None, set()
    for event in events:
        if event["partyId"] != party:
            continue
        accounts = {member["accountId"] for member in event["members"]}
        if event["type"] == "member.joined":
            members |= accounts
        elif event["type"] == "member.left":
            members -= accounts
        name = event["changes"].get("name", name)
    return name, members


def invited(events):
    """The parties with a pending invitation, by the events alone."""
    parties = set()
    for event in events:
        if event["type"] == "invitation.received":
            parties.add(event["partyId"])
        elif event["type"] in ("invitation.removed", "party.deleted"):
            parties.discard(event["partyId"])
    return parties


class Soak:
    def __init__(self, scratch):
        self.random, self.service = random.Random(SEED), Service(scratch)
        place = self.service.place
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": scratch, "PSPARTY_SERVER": place["server"],
            "PSPARTY_CA_FILE": place["caFile"], "PSPARTY_CLIENT_ID": place["clientId"],
            "PSPARTY_CLIENT_SECRET": place["clientSecret"],
        }  # fmt: skip
        for profile, account in zip(("default", "bob"), place["accounts"]):
            self.run("login", "--profile", profile, variables={"PSPARTY_NPSSO": account["npsso"]})
        self.listener = Listener(self.environment)
        self.expected, self.number, self.counts = [], 0, {}
        self.memory, self.files, self.most = [], [], 0

    def run(self, *words, variables=None, needed=True):
        done = subprocess.run(
            [BIN / "psparty", *words], env=self.environment | (variables or {}), capture_output=True, text=True, timeout=60,
            check=False)  # fmt: skip
        if needed and done.returncode:
            sys.exit(f"psparty {words[0]} failed: {done.stderr}")
        return done.stdout

    def mark(self):
        """A frame that must be printed exactly once, where there is a connection to push it down."""
        self.number += 1
        number = str(self.number)
        frame = {"version": "3.0", "method": 3001, "dataType": MARK, "body": {"data": {"number": number}}}
        if self.service.push({"frame": frame}) == 0:
            return
        self.expected.append(number)
        # It is received once it is printed; only then may the connection be broken.
        self.listener.until(lambda events: any(e["dataType"] == MARK and e["data"]["number"] == number for e in events[-400:]), 5)

    def strike(self, party):
        self.mark()
        kind = self.random.choices(["harmless", "loss", "upgrade", "expiry", "party"], [5, 2, 1, 1, 3])[0]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if kind == "harmless":
            self.service.push(self.random.choice(HARMLESS))
        elif kind == "loss":
            self.service.push(self.random.choice(LOSSES))
        elif kind == "upgrade":
            action = self.random.choice(UPGRADES)
            self.service.ask("POST", "faults", {"match": {"path": "/np/pushNotification", "account": "A"}, "action": action})
        elif kind == "expiry":
            self.service.ask("POST", "tokens/expire", {})
        else:
            words = self.random.choice([["join", party, "--profile", "bob"], ["leave", party, "--profile", "bob"],
                                        ["edit", party, "--name", f"soak {self.number}"],
                                        ["invite", self.service.place["accounts"][0]["accountId"], "--profile", "bob",
                                         "--party", self.other]])  # fmt: skip
            self.run(*words, needed=False)
            # What is told of it, and how.
            self.service.ask("POST", "scenario", {key: self.random.random() < 0.3 for key in QUIRKS})
            if self.random.random() < 0.2:
                self.service.ask("POST", "invitations/withdraw", {"account": "A"})

    def sample(self):
        self.most = max(self.most, self.service.sockets())
        self.memory.append(self.listener.memory())
        self.files.append(self.listener.files())

    def live(self):
        self.listener.until(lambda _: self.listener.is_whole(), 20)
        party = self.run("create").strip()
        self.other = self.run("create", "--profile", "bob").strip()
        end, tick = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            tick += 1
            next_one = time.monotonic() + 1
            if self.listener.process.poll() is not None:
                sys.exit(f"psparty listen ended with {self.listener.process.returncode} (seed {SEED})")
            self.strike(party)
            self.sample()
            time.sleep(max(0, next_one - time.monotonic()))
        self.service.ask("DELETE", "faults")
        # The longest wait, and the comparison.
        is_whole = self.listener.until(lambda _: self.listener.is_whole(), 90)
        return party, is_whole

    def judge(self, party, is_whole):
        failures = [] if is_whole else ["the stream did not come back within 90 s"]
        marks = self.listener.marks()
        missing, twice = set(self.expected) - set(marks), {mark for mark in marks if marks.count(mark) > 1}
        if missing or twice or set(marks) - set(self.expected):
            failures.append(f"frames: {len(missing)} missing {sorted(missing)[:5]}, {len(twice)} twice {sorted(twice)[:5]}")
        shown = json.loads(self.run("show", party, "--json"))
        # Events that tell too little have the service asked once a minute at least.
        self.listener.until(lambda events: folded(events, party)[1] == {m["accountId"] for m in shown["members"]}
                            and (folded(events, party)[0] or "") == (shown["name"] or ""), 75)  # fmt: skip
        told = folded(self.listener.events, party)
        truth = (shown["name"] if told[0] is not None or shown["name"] else None, {m["accountId"] for m in shown["members"]})
        if told != truth:
            failures.append(f"state: told {told}, true {truth}")
        pending = {invitation["partyId"] for invitation in json.loads(self.run("invitations", "--json"))}
        # What no push told of is found by the next comparison.
        if not self.service.ask("POST", "push", {"account": "A", "push": {"cut": True}}) or not self.listener.until(
            lambda events: self.listener.is_whole() and invited(events) == pending, 75
        ):
            failures.append(f"invitations: told {invited(self.listener.events)}, true {pending}")
        sixth = max(1, len(self.memory) // 6)
        early, late = (statistics.median(part) for part in (self.memory[sixth : 2 * sixth] or self.memory, self.memory[-sixth:]))
        if late > early * 1.2 + 2048:
            failures.append(f"memory: {early:.0f} kB grew to {late:.0f} kB")
        if statistics.median(self.files[-sixth:]) > statistics.median(self.files[:sixth]) + 3:
            failures.append(f"files: from {self.files[0]} to {self.files[-1]}")
        if self.most > 1:
            failures.append(f"sockets: {self.most} at a time")
        print(f"{self.counts}; {len(marks)} of {len(self.expected)} frames, memory {early:.0f} to {late:.0f} kB, "
              f"files {self.files[0]} to {self.files[-1]}, sockets at most {self.most}")  # fmt: skip
        return failures

    def end(self):
        for process in (self.listener.process, self.service.process):
            process.terminate()
            process.wait()


def main():
    print(f"soak: {SECONDS} s, seed {SEED}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        soak = Soak(scratch)
        try:
            failures = soak.judge(*soak.live())
        finally:
            soak.end()
    for failure in failures:
        print(f"soak: FAILED (seed {SEED}): {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
