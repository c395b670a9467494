#!/usr/bin/env python3
"""An engine for `psparty voice run` on headless Chromium: it sends silence or a tone and measures what it hears.

The WebRTC part is chromium-engine.js, which runs in a blank page. This program starts the browser and carries the lines
between psparty and the page, over a pipe of the DevTools protocol. The protocol of engines is in docs/voice-engine.md.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"]
SWITCHES = [
    "--headless", "--remote-debugging-pipe", "--no-first-run", "--mute-audio", "--disable-gpu", "--disable-extensions",
    # Sound may start without a click, and timers keep their time although the page is not seen.
    "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
    # Candidates are addresses, not names for mDNS, and loopback is among them.
    "--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection",
]
PAGE = pathlib.Path(__file__).with_suffix(".js")


def tell(text):
    print(f"chromium-engine: {text}", file=sys.stderr, flush=True)


class Browser:
    """A running Chromium and the pipe to it: messages of JSON, each with a zero byte behind it."""

    def __init__(self, program, folder, is_verbose):
        switches = SWITCHES + [f"--user-data-dir={folder}"]
        if os.geteuid() == 0:
            # Chromium refuses to run as root with its sandbox. The page is ours; it loads nothing.
            switches.append("--no-sandbox")
        commands, self.commands = os.pipe()
        self.replies, replies = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4, which may be taken in here: a shell puts them in place.
        redirect = f'exec "$@" 3<&{commands} 4>&{replies}'
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", redirect, "sh", program, *switches, "about:blank"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=None if is_verbose else subprocess.DEVNULL, pass_fds=(commands, replies),
            env={**os.environ, "TMPDIR": folder})
        os.close(commands)
        os.close(replies)
        self.count, self.session, self.is_over = 0, None, False
        self.lock = threading.Lock()
        self.messages = self.read()

    def send(self, method, **parameters):
        with self.lock:
            self.count += 1
            message = {"id": self.count, "method": method, "params": parameters}
            if self.session:
                message["sessionId"] = self.session
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self.commands, data):]
            return self.count

    def read(self):
        rest = b""
        while data := os.read(self.replies, 1 << 16):
            *messages, rest = (rest + data).split(b"\0")
            yield from map(json.loads, messages)

    def ask(self, method, **parameters):
        """Sends a command and waits for its reply; only before the page runs."""
        number = self.send(method, **parameters)
        for message in self.messages:
            if message.get("id") == number:
                if "error" in message or "exceptionDetails" in message["result"]:
                    sys.exit(f"chromium-engine: {method} failed: {json.dumps(message)}")
                return message["result"]
        sys.exit("chromium-engine: the browser ended; --verbose shows what it says")

    def load(self, options):
        pages = [t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        # Without the permission for the microphone a page gets no candidates on loopback.
        self.ask("Browser.grantPermissions", permissions=["audioCapture"])
        self.session = self.ask("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        self.ask("Runtime.addBinding", name="post")
        names = {"tone": options.tone, "expectTone": options.expect_tone, "bind": options.bind}
        text = f"const options = {json.dumps(names)};\n{PAGE.read_text(encoding='utf-8')}"
        self.ask("Runtime.evaluate", expression=text)
        self.ask("Runtime.enable")

    def run(self):
        """Hands on what the page says until the browser ends."""
        for message in self.messages:
            parameters = message.get("params", {})
            if message.get("method") == "Runtime.bindingCalled":
                payload = json.loads(parameters["payload"])
                if "say" in payload:
                    print(json.dumps(payload["say"]), flush=True)
                else:
                    tell(payload["tell"])
            elif message.get("method") == "Runtime.exceptionThrown":
                tell(parameters["exceptionDetails"].get("exception", {}).get("description", "an error in the page"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tone", type=float, metavar="HZ", help="send a tone in place of silence")
    parser.add_argument("--expect-tone", type=float, metavar="HZ", help="say how much of each member's sound is this tone")
    parser.add_argument("--bind", action="append", default=[], metavar="ADDRESS",
                        help="name these local addresses alone to the members")
    parser.add_argument("--verbose", action="store_true", help="show what the browser says")
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        sys.exit(f"chromium-engine: none of {', '.join(BROWSERS)} is there")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="chromium-engine-", ignore_cleanup_errors=True) as folder:
        browser = Browser(program, folder, options.verbose)
        try:
            browser.load(options)
            threading.Thread(target=hear, args=(browser,), daemon=True).start()
            browser.run()
        finally:
            # It has nothing to save.
            browser.process.kill()
            browser.process.wait()
    sys.exit(0 if browser.is_over else "chromium-engine: the browser ended; --verbose shows what it says")


def hear(browser):
    """Hands on what psparty says, and ends the browser when its lines end."""
    for line in sys.stdin:
        browser.send("Runtime.evaluate", expression=f"hear({json.dumps(json.loads(line))})")
    browser.is_over = True
    # The peers see the end of the connections sooner if they are told. It has to be quick: psparty is on its way out.
    browser.send("Runtime.evaluate", expression="for (const peer of [...connections.keys()]) close(peer)")
    time.sleep(0.1)
    browser.process.kill()


if __name__ == "__main__":
    main()
