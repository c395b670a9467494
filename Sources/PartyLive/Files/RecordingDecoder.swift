package import PartyCore

/// Cuts a recording into its lines as its bytes come, plain or gzip by what they are. For one thread at a time.
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

    /// No record is that long: not even one that is packed to look small.
    private static let longestLine = 64 << 20

    /// - Parameter keepsLines: keeps the whole lines of a gzip member that is not whole, to save them.
    package init(keepsLines: Bool = false) {
        self.keepsLines = keepsLines
    }

    /// The whole lines, without their ends, up to these bytes, and what is wrong behind them: no gzip although it began so, or
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

    /// What stands behind the last whole line could be the beginning of one.
    package var endsLikeARecord: Bool { rest.first.map { $0 == UInt8(ascii: "{") } ?? true }

    /// So many bytes of the file are whole.
    package var wholeEnd: Int {
        guard case .gzip(let reader)? = form else { return plainBytes - rest.count }
        return reader.wholeEnd
    }

    /// The whole lines behind them, which are in a gzip member that is not whole.
    package var saved: [[UInt8]] { linesSinceWhole }
}
