package import PartyCore

/// Splits a recording into lines incrementally, and detects gzip by its first bytes. For one thread at a time.
package final class RecordingDecoder {
    private enum Form {
        case plain
        case gzip(GzipReader)
    }

    private var form: Form?
    private var rest: [UInt8] = []
    private var start = TextStart()
    private var plainBytes = 0
    private var linesSinceWhole: [[UInt8]] = []
    private let keepsLines: Bool

    /// The longest line, decompressed. No record is longer.
    private static let longestLine = 64 << 20

    /// - Parameter keepsLines: keeps the complete lines of an incomplete gzip member, to save them.
    package init(keepsLines: Bool = false) {
        self.keepsLines = keepsLines
    }

    /// The complete lines up to these bytes, and the error behind them: invalid gzip, or
    /// a line that is too long.
    package func take(_ bytes: [UInt8]) -> (lines: [[UInt8]], problem: CodecError?) {
        var lines: [[UInt8]] = []
        do throws(CodecError) {
            try take(bytes, &lines)
            return (lines, nil)
        } catch { return (lines, error) }
    }

    private func take(_ bytes: [UInt8], _ lines: inout [[UInt8]]) throws(CodecError) {
        guard let first = bytes.first else { return }
        if form == nil { form = first == 0x1F ? .gzip(try GzipReader()) : .plain }
        switch form {
        case .plain, nil:
            plainBytes += bytes.count
            lines += try cut(bytes)
        case .gzip(let reader)?:
            var input = bytes[...]
            while true {
                let wholeEnd = reader.wholeEnd
                let output = try reader.unpack(&input)
                let new = try cut(output)
                lines += new
                if keepsLines { linesSinceWhole += new }
                if reader.wholeEnd > wholeEnd, rest.isEmpty { linesSinceWhole = [] }
                if output.isEmpty, input.isEmpty || reader.wholeEnd == wholeEnd { return }
            }
        }
    }

    private func cut(_ raw: [UInt8]) throws(CodecError) -> [[UInt8]] {
        let bytes = try start.take(raw)
        var lines: [[UInt8]] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            lines.append(rest + bytes[start..<end])
            rest = []
            start = end + 1
        }
        rest += bytes[start...]
        guard rest.count <= Self.longestLine else {
            throw CodecError("it is over \(Self.longestLine >> 20) MB, and no record is", at: plainBytes)
        }
        return lines
    }

    package var isGzip: Bool { if case .gzip = form { true } else { false } }

    /// Whether it ends, as far as it has come, within a record or a gzip member.
    package var isTorn: Bool {
        guard case .gzip(let reader)? = form else { return !rest.isEmpty }
        return !rest.isEmpty || !reader.isBetweenMembers
    }

    /// Whether the bytes behind the last complete line may be the start of one.
    package var endsLikeARecord: Bool { rest.first.map { $0 == UInt8(ascii: "{") } ?? true }

    /// The number of bytes up to the last complete line or gzip member.
    package var wholeEnd: Int {
        guard case .gzip(let reader)? = form else { return plainBytes - rest.count }
        return reader.wholeEnd
    }

    /// The complete lines behind `wholeEnd`, in an incomplete gzip member.
    package var saved: [[UInt8]] { linesSinceWhole }
}
