/// What is inside strings: addresses, session descriptions, signals, members' own data.
extension RecordingRedactor {
    /// An IP address; those that mean no machine in particular stay.
    mutating func address(_ text: String) -> String? {
        guard text.utf8.count <= Self.longestAddress else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) {
            return ["0.0.0.0", "127.0.0.1", "255.255.255.255"].contains(text) ? text : pseudonyms.address4(text)
        }
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        let isHex = text.utf8.allSatisfy { $0 == 0x3A || $0 == 0x2E || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 6 }
        guard (3...9).contains(groups.count), isHex, groups.allSatisfy({ $0.utf8.count <= 4 || $0.contains(".") }),
            groups.count == 8 || text.contains("::")
        else { return nil }
        return text == "::" || text == "::1" ? text : pseudonyms.address6(text)
    }

    /// Of an IPv6 address whose end is written as an IPv4 one.
    private static let longestAddress = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".utf8.count

    /// Each line by its words: those of SDP (RFC 8866, 8839) and short numbers stay.
    mutating func sessionDescription(_ text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
        let end = text.contains("\r\n") ? "\r\n" : "\n"
        return lines.map { line in description(line: String(line)) }.joined(separator: end)
    }

    private mutating func description(line: String) -> String {
        for (start, length) in [("a=ice-ufrag:", 4), ("a=ice-pwd:", 22)] where line.hasPrefix(start) {
            // In the length that its grammar asks for.
            let secret = pseudonyms.hex(line.dropFirst(start.count))
            return start + String(repeating: "0", count: max(0, length - secret.utf8.count)) + secret
        }
        if line.hasPrefix("a=fingerprint:") {
            let words = line.split(separator: " ", maxSplits: 1)
            let digits = pseudonyms.hex(words.count > 1 ? words[1].filter { $0 != ":" } : "")
            let pairs = stride(from: 0, to: digits.count - 1, by: 2).map { digits.dropFirst($0).prefix(2) }
            return "a=fingerprint:sha-256 " + pairs.joined(separator: ":")
        }
        return line.split(separator: " ", omittingEmptySubsequences: false).map { word in self.word(word) }
            .joined(separator: " ")
    }

    /// No points and hyphens: an address is one word.
    private static let separators: Set<Character> = ["=", ":", ";", "/", "[", "]"]

    private mutating func word(_ word: Substring) -> String {
        if SDPWords.all.contains(String(word)) { return String(word) }
        if word.utf8.count <= 5, word.utf8.allSatisfy({ $0 &- 0x30 < 10 }) { return String(word) }
        if let known = plainWord(String(word)) { return known }
        guard let separator = word.firstIndex(where: Self.separators.contains) else {
            return pseudonyms.text(word)
        }
        let (head, rest) = (word[..<separator], word[word.index(after: separator)...])
        // What has so many colons may be an address in a spelling that is not known here; behind a name it may be one that is.
        guard word.count(where: { $0 == ":" }) < 3 || head.isEmpty || SDPWords.all.contains(String(head)) else {
            return pseudonyms.text(word)
        }
        return self.word(head) + String(word[separator]) + (rest.isEmpty ? "" : self.word(rest))
    }

    /// The payload of a message (docs/protocol.md, 6), to be decoded as before; `nil` where it is none.
    mutating func payload(_ text: String) -> String? {
        guard let opened = try? SignalEnvelope.open(text) else { return nil }
        guard opened.isBinary else {
            guard let document = try? JSONDocument(opened.content) else { return nil }
            return "ver=1.0, type=text, body=" + String(decoding: json(document), as: UTF8.self)
        }
        return SignalEnvelope.seal(
            signal(opened.content) ?? Array(pseudonyms.text(String(decoding: opened.content, as: UTF8.self)).utf8))
    }

    private mutating func signal(_ content: [UInt8]) -> [UInt8]? {
        guard let start = SignalHeader.textStart(in: content) else { return nil }
        var header = SignalHeader(reading: content, textStart: start)
        guard header.textLength <= content.count - start else { return nil }
        let text = Array(content[start..<(start + header.textLength)])
        let prefix = SignalHeader.prefixLength(of: text, at: 0) ?? 0
        guard let document = try? JSONDocument(Array(text[prefix...])) else { return nil }
        let words = (prefix <= 9 ? Array(text[..<prefix]) : Array("1/1/1\n".utf8)) + json(document)
        header.senderID = pseudonyms.account(header.senderID)
        header.counter = min(header.counter, 999)
        header.textLength = words.count
        let bytes = header.bytes
        // A header of another length keeps it: the sender stands where it always does, the length right before the text.
        let filler = [UInt8](repeating: 0, count: max(0, start - bytes.count))
        return Array(bytes.prefix(min(bytes.count, start) - 4)) + filler + bytes.suffix(4) + words
    }

    /// Base64 of JSON, of lines, or of a small number; `nil` where it is none of these.
    mutating func base64(_ text: String) -> String? {
        guard text.utf8.count >= 4, text.utf8.count % 4 == 0, let bytes = Base64.bytes(text), !bytes.isEmpty else {
            return nil
        }
        if bytes.count == 4, bytes[1...] == [0, 0, 0], bytes[0] < 10 { return text }
        if let document = try? JSONDocument(bytes) { return Base64.text(json(document)) }
        guard let inner = String(validating: bytes, as: UTF8.self), inner.contains("\n") else { return nil }
        let lines = inner.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            plainWord(String(line)) ?? pseudonyms.text(line)
        }
        return Base64.text(Array(lines.joined(separator: "\n").utf8))
    }
}

/// The words of a session description that identify no person.
private enum SDPWords {
    static let all: Set<String> = Set(
        """
        - v o s t c m a b IN IP4 IP6 audio video application RTP UDP TLS DTLS SCTP SAVPF SAVP AVP AVPF webrtc-datachannel
        group BUNDLE LS extmap extmap-allow-mixed msid msid-semantic WMS rtpmap fmtp rtcp rtcp-fb rtcp-mux rtcp-rsize ptime
        maxptime setup actpass active passive holdconn mid sendrecv sendonly recvonly inactive candidate host srflx prflx
        relay udp tcp typ raddr rport generation network-id network-cost tcptype ice-options ice-lite trickle renomination
        ufrag ssrc ssrc-group cname label mslabel opus CELT SILK red CN telephone-event PCMU PCMA G722 minptime stereo
        sprop-stereo useinbandfec usedtx maxaveragebitrate cbr transport-cc nack goog-remb sctp-port max-message-size
        sctpmap end-of-candidates urn ietf params rtp-hdrext http www.webrtc.org experiments www.ietf.org id abs-send-time
        sdes ssrc-audio-level draft-holmer-rmcat-transport-wide-cc-extensions-01 AS TIAS 262144
        """.split(whereSeparator: \.isWhitespace).map { String($0) })
}
