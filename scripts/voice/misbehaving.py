#!/usr/bin/python3
"""Engines that do what docs/voice-engine.md does not allow, or hardly: `misbehaving.py KIND`.

Each kind is a function; its first line of documentation is its row in docs/voice.md. Most go on as a proper engine afterwards,
so that it shows whether the run does as well.
"""

import json
import os
import signal
import sys
import time

SDP = "v=0\r\no=- {} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def say(**message):
    write(json.dumps(message) + "\n")


def hear():
    for line in sys.stdin:
        yield json.loads(line)


def first(kind, is_member=True):
    """The first message of a kind, about a member or about the bridge; what comes before is not answered."""
    return next(m for m in hear() if m["type"] == kind and (m["peer"] != "bridge") == is_member)


def tell(text="misbehaved"):
    print(text, file=sys.stderr, flush=True)


def behave(write=write):
    """A proper engine without media."""
    for message in hear():
        answer = reply(message)
        if answer:
            write(json.dumps(answer) + "\n")


def reply(message):
    kinds = {"want-offer": "offer", "offer": "answer"}
    if message["type"] in kinds:
        return {"type": kinds[message["type"]], "peer": message["peer"], "sdp": SDP.format(1)}
    return None


def then_behave(*lines):
    """Writes those lines, and is a proper engine from then on."""
    for line in lines:
        sys.stdout.buffer.write(line if isinstance(line, bytes) else line.encode())
    sys.stdout.buffer.flush()
    tell()
    behave()


def sleep():
    while True:
        time.sleep(3600)


# How it ends


def ends_at_once():
    """ends at once, with status 0"""


def fails_at_once():
    """ends at once, with status 3"""
    sys.exit(3)


def kills_itself():
    """ends by SIGKILL"""
    os.kill(os.getpid(), signal.SIGKILL)


def crashes_when_asked():
    """ends with an error at the first message about a member"""
    first("want-offer")
    sys.exit(1)


def ends_in_half_a_line():
    """ends with status 0 in the middle of a line"""
    write('{"type":"offer","pe')


def ignores_the_end():
    """ignores SIGTERM and the end of its input"""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell()
    behave()
    sleep()


def leaves_a_child():
    """ends with status 0 and leaves a child that holds its pipes"""
    if os.fork() == 0:
        sleep()


def leaves_a_stubborn_child():
    """ignores SIGTERM, as a child of its own does that holds its pipes"""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        sleep()
    tell()
    behave()
    sleep()


def leaves_a_child_in_a_session():
    """ends with status 0 and leaves a child in a session of its own that holds its pipes"""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # so that the test sees the end of its run
        os.close(writer)
        sleep()
    os.close(writer)
    os.read(reader, 1)  # until the child has left the group, which is ended with this process


# What it does with its streams


def closes_output():
    """closes its output and stays"""
    os.close(1)
    tell()
    sleep()


def closes_input():
    """closes its input and stays"""
    os.close(0)
    tell()
    sleep()


def is_dead():
    """reads nothing and says nothing"""
    tell()
    sleep()


def is_mute():
    """reads everything and says nothing"""
    tell()
    for _ in hear():
        pass


def stops_itself():
    """stops itself with SIGSTOP"""
    tell()
    os.kill(os.getpid(), signal.SIGSTOP)
    behave()


def is_late():
    """answers only after the time it has for that"""
    tell()

    def write_late(text):
        time.sleep(2)
        write(text)

    behave(write_late)


def reads_by_bytes():
    """reads one byte at a time"""
    tell()
    sys.stdin = os.fdopen(0, "rb", buffering=0)
    line = b""
    while byte := sys.stdin.read(1):
        line += byte
        if byte == b"\n":
            answer = reply(json.loads(line))
            line = b""
            if answer:
                say(**answer)


def writes_in_pieces():
    """writes its lines in pieces of seven bytes"""
    tell()
    behave(lambda text: [write(text[i:i + 7]) for i in range(0, len(text), 7)])


def floods_errors():
    """writes 4 MiB to its standard error"""
    for _ in range(4096):
        tell("x" * 1023)
    then_behave()


# What it writes


def uses_other_line_ends():
    """ends its lines with CRLF and puts empty ones between them"""
    tell()
    behave(lambda text: write("\r\n\n  \n" + text.replace("\n", "\r\n")))


def adds_keys():
    """adds keys of its own to its messages"""
    tell()
    behave(lambda text: write(json.dumps({"x": [None, {"sdp": 1}], **json.loads(text), "y": 1e300}) + "\n"))


def writes_no_json():
    """writes a line that is no JSON"""
    then_behave("Listening on port 5000 ...\n")


def writes_wrong_types():
    """writes JSON of the wrong types"""
    then_behave('[1]\n', 'null\n', '7\n', '{"type":5,"peer":[]}\n', '{"type":"offer","peer":{},"sdp":1}\n', '{}\n')


def writes_unknown_types():
    """writes messages of types that there are not"""
    then_behave('{"type":"candidate","peer":"bridge","candidate":"x"}\n', '{"type":"hello","peer":"bridge"}\n')


def writes_binary():
    """writes bytes that are no text, and zeros"""
    then_behave(b"\xff\xfe\xc3\x28\n", b"\0\0\0\0\n", b'{"type":"by\xc3e","peer":"bridge"}\n')


def nests_deeply():
    """writes 100,000 brackets in a line"""
    then_behave("[" * 100_000 + "\n")


def writes_rubbish():
    """writes 100 lines that are no messages"""
    for i in range(100):
        say(number=i)
    sleep()


def writes_noise():
    """writes random bytes without end"""
    while True:
        sys.stdout.buffer.write(os.urandom(4096))


def writes_a_long_line():
    """writes a line of 300 KiB"""
    say(type="offer", peer="bridge", sdp="v=0" + "x" * 300 * 1024)
    sleep()


def writes_an_endless_line():
    """writes a line without an end"""
    while True:
        write("x" * 4096)


# What it says


def names_strangers():
    """names members who are not there, and what is no member"""
    then_behave(*(json.dumps({"type": "offer", "peer": peer, "sdp": SDP.format(1)}) + "\n" for peer in (
        "1000000000000000999/PS5", "99999999999999999999999/PS5", "-1/PS5", "/", "")))


def offers_to_itself():
    """makes an offer for itself"""
    hello = next(hear())
    then_behave(json.dumps({"type": "offer", "peer": hello["me"], "sdp": SDP.format(1)}) + "\n")


def offers_to_the_bridge():
    """makes an offer for the bridge"""
    then_behave(json.dumps({"type": "offer", "peer": "bridge", "sdp": SDP.format(1)}) + "\n")


def answers_nothing():
    """answers an offer that there is not"""
    for message in hear():
        if message["type"] == "want-offer":
            say(**reply(message))
        elif message["type"] == "answer":
            then_behave(json.dumps(message) + "\n")


def answers_twice():
    """answers an offer three times"""
    line = json.dumps(reply(first("offer", is_member=False))) + "\n"
    then_behave(line, line, line)


def offers_ten_times():
    """says the same offer ten times"""
    then_behave(*[json.dumps(reply(first("want-offer"))) + "\n"] * 10)


def repeats_all():
    """repeats each message that it is told"""
    tell()
    for message in hear():
        say(**message)


def says_bye():
    """says bye to every message"""
    for message in hear():
        if message.get("peer"):
            say(type="bye", peer=message["peer"])
            tell()


def leaves_descriptions_out():
    """makes offers without a description, or with what is none"""
    peer = first("want-offer")["peer"]
    lines = [{}, {"sdp": None}, {"sdp": 5}, {"sdp": ""}, {"sdp": "hello"}]
    say(**reply({"type": "want-offer", "peer": peer}))
    then_behave(*(json.dumps({"type": "offer", "peer": peer, **line}) + "\n" for line in lines))


def offers_nonsense():
    """makes offers that no WebRTC stack understands"""
    for message in hear():
        if message["type"] == "want-offer":
            say(type="offer", peer=message["peer"], sdp="v=0\r\nm=audio\r\nm=\r\n")
            tell()


def offers_many_sections():
    """makes offers with 500 sections"""
    for message in hear():
        if message["type"] == "want-offer":
            section = "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 opus/16000/2\r\n"
            say(type="offer", peer=message["peer"], sdp=SDP.format(1) + section * 500)
            tell()


def answers_nonsense():
    """answers offers with what no WebRTC stack understands"""
    for message in hear():
        if message["type"] == "offer":
            say(type="answer", peer=message["peer"], sdp="v=0\r\nm=audio\r\nm=\r\n")
            tell()


def offers_without_end():
    """makes 3,000 offers for a member, each another one"""
    peer = first("want-offer")["peer"]
    then_behave(*(json.dumps({"type": "offer", "peer": peer, "sdp": SDP.format(i)}) + "\n" for i in range(3000)))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
