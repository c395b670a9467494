/// SDP text (RFC 8866) from people and engines.
package enum SessionDescription {
    /// Reads lines with either line end, or JSON that has them under `sdp`, be it in an `offer` or an `answer`.
    /// - Returns: the lines with CRLF at each one's end.
    /// - Throws: `CodecError` with the offset of the first line that cannot be one of SDP.
    package static func text(in bytes: [UInt8]) throws(CodecError) -> String {
        let isJSON = bytes.first { !isSpace($0) } == UInt8(ascii: "{")
        let lines = isJSON ? try described(bytes) : bytes
        return try checked(lines)
    }

    private static func described(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        let root = try JSONDocument(bytes).root
        guard let text = (root["sdp"] ?? root["answer"]?["sdp"] ?? root["offer"]?["sdp"])?.string else {
            throw CodecError("the JSON has no sdp", at: 0)
        }
        return Array(text.utf8)
    }

    private static func checked(_ bytes: [UInt8]) throws(CodecError) -> String {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw CodecError("the text is not UTF-8", at: 0) }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 64)
        var offset = 0
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = part.last == 0x0D ? part.dropLast() : part
            defer { offset += part.count + 1 }
            if line.isEmpty, offset + part.count == bytes.count { break }
            try check(line, at: offset, isFirst: text.isEmpty)
            text += line
            text += [0x0D, 0x0A]
        }
        guard !text.isEmpty else { throw CodecError("there is nothing", at: 0) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func check(_ line: ArraySlice<UInt8>, at offset: Int, isFirst: Bool) throws(CodecError) {
        if isFirst, !line.elementsEqual("v=0".utf8) { throw CodecError("the first line is not v=0", at: offset) }
        let isLine = line.count >= 2 && line[line.startIndex] &- 0x61 < 26 && line[line.startIndex + 1] == 0x3D
        guard isLine else { throw CodecError("a line is not a letter, = and a value", at: offset) }
        if let odd = line.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            throw CodecError("a line contains a control character", at: offset + odd - line.startIndex)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
