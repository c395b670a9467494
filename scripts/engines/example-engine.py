#!/usr/bin/env python3
"""An engine without media: it shows all of the protocol. Put a WebRTC library where the comments say."""

import json
import sys

SDP = "v=0\r\no=- {} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
offers = {}  # peer -> our offer that is not answered yet


def say(**message):
    print(json.dumps(message), flush=True)


for line in sys.stdin:  # psparty closes it when all is over
    message = json.loads(line)
    kind, peer = message["type"], message.get("peer")
    if kind == "want-offer":
        # Make a connection to the peer and its offer here; asked again, say the same again.
        offers.setdefault(peer, SDP.format(len(offers) + 1))
        say(type="offer", peer=peer, sdp=offers[peer])
    elif kind == "offer":
        # Set message["sdp"] as the remote description here, and make the answer. An offer of ours is void now.
        offers.pop(peer, None)
        say(type="answer", peer=peer, sdp=SDP.format(0))
    elif kind == "answer":
        # Set message["sdp"] as the remote description here: the connection can come up.
        offers.pop(peer, None)
    elif kind == "bye":
        # Close the connection to the peer here.
        offers.pop(peer, None)
    print(f"{kind} {peer or message.get('me')}", file=sys.stderr)
