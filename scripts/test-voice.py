#!/usr/bin/env python3
"""Tests `psparty voice run` with WebRTC stacks that are not ours, in a crowd, with engines that misbehave, and under kills.

All of it runs on this machine, against psparty-sim, over loopback. `make test-voice` builds the programs and installs what
is needed. With names as arguments (stacks, mesh, engines, kills) it runs those parts alone.
"""

import argparse
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "voice"))
import page  # noqa: E402

PARTS = {"stacks": "test_stacks", "mesh": "test_mesh", "engines": "test_engines", "kills": "test_kills"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--record", action="store_true", help="write the tables and figures of docs/voice.md anew")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}")
    page.is_recording = options.record
    names = [PARTS[part] for part in options.parts or PARTS]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
