internal import FoundationEssentials

/// The text around a signal: `ver=1.0, type=binary, body=` and base64 (docs/protocol.md, 6.1).
package enum SignalEnvelope {
    private static let canonical = "ver=1.0, type=binary, body="

    package struct Opened: Sendable, Equatable {
        package var content: [UInt8]
        package var isBinary: Bool
        package var isCanonical: Bool
        /// Where the body starts in the payload, for messages about it.
        package var bodyOffset: Int
    }

    package static func seal(_ content: [UInt8]) -> String {
        canonical + Data(content).base64EncodedString()
    }

    /// Around JSON that stays as it is.
    package static func text(_ content: [UInt8]) -> String {
        "ver=1.0, type=text, body=" + String(decoding: content, as: UTF8.self)
    }

    /// Reads what we write, and what older clients wrote: another prefix, more spaces, text in place of base64.
    package static func open(_ payload: String) throws(CodecError) -> Opened {
        try open(Array(payload.utf8))
    }

    /// The same for bytes as they came.
    package static func open(_ bytes: [UInt8]) throws(CodecError) -> Opened {
        let marker = Array("body=".utf8)
        guard let start = firstIndex(of: marker, in: bytes) else {
            throw CodecError("the payload has no body=", at: bytes.count)
        }
        var offset = start + marker.count
        let isText = firstIndex(of: Array("type=text".utf8), in: Array(bytes[..<start])) != nil
        if isText {
            return Opened(content: Array(bytes[offset...]), isBinary: false, isCanonical: false, bodyOffset: offset)
        }
        while offset < bytes.count, bytes[offset] == 0x20 { offset += 1 }
        guard offset < bytes.count else { throw CodecError("the body is empty", at: offset) }
        let body = bytes[offset...]
        // Foundation takes padding in the midst of it.
        let padding = body.firstIndex(of: UInt8(ascii: "=")).map { body[$0...] } ?? []
        let isPaddedWell = padding.allSatisfy { $0 == UInt8(ascii: "=") }
        guard isPaddedWell, let content = Data(base64Encoded: Data(body)) else {
            throw fault(in: body)
        }
        let isCanonical = offset == canonical.utf8.count && bytes.starts(with: canonical.utf8)
        return Opened(content: Array(content), isBinary: true, isCanonical: isCanonical, bodyOffset: offset)
    }

    /// Why a body is not base64.
    private static func fault(in body: ArraySlice<UInt8>) -> CodecError {
        let padding = body.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count
        if let odd = body.dropLast(padding).firstIndex(where: { !isBase64Character($0) }) {
            return CodecError("the body is not base64", at: odd)
        }
        return CodecError("the base64 of the body is cut or wrongly padded", at: body.endIndex)
    }

    private static func isBase64Character(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}

private func firstIndex(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= pattern.count else { return nil }
    return (0...(bytes.count - pattern.count)).first { start in
        bytes[start] == pattern[0] && bytes[start..<(start + pattern.count)].elementsEqual(pattern)
    }
}
