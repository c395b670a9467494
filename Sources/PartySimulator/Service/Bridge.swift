/// A voice bridge and the peers on it.
struct Bridge: Sendable {
    let id: String
    let token: String
    let accountId: String
    let createdAt: Int64
    var peers: [BridgePeer] = []
}

/// One device on a bridge.
struct BridgePeer: Sendable {
    let id: String
    let duid: String
    let accountId: String
    var offer: String
    var answer: String?

    /// An offer like the ones of the real bridge: receive only, with a special audio rate.
    static func offerText(session: UInt32) -> String {
        let fingerprint = Random.bytes(32).map { Hex.encode([$0]).uppercased() }.joined(separator: ":")
        let transport = [
            "c=IN IP4 192.0.2.20", "a=candidate:1 1 udp 2130706431 192.0.2.20 40000 typ host",
            "a=ice-ufrag:\(Random.alphanumeric(4))", "a=ice-pwd:\(Random.alphanumeric(24))",
            "a=fingerprint:sha-256 \(fingerprint)", "a=setup:actpass",
        ]
        var lines = ["v=0", "o=- \(session) 2 IN IP4 192.0.2.20", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
        lines += ["m=audio 40000 UDP/TLS/RTP/SAVPF 111 13"] + transport
        lines += [
            "a=mid:0", "a=recvonly", "a=rtcp-mux", "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            "a=extmap:2 urn:x-psparty-sim:rtp-payload-signature", "a=rtpmap:111 opus/16000/2",
            "a=fmtp:111 minptime=10;stereo=0;useinbandfec=1", "a=rtpmap:13 CN/8000", "a=ptime:40",
        ]
        lines += ["m=application 40000 UDP/DTLS/SCTP webrtc-datachannel"] + transport
        lines += ["a=mid:1", "a=sctp-port:5000", "a=max-message-size:262144"]
        return lines.map { $0 + "\r\n" }.joined()
    }
}
