import PartyCore
import Synchronization

/// Input that is text: it begins behind a byte order mark, and UTF-16 is refused with a sentence.
final class TextInput: Sendable {
    private let start = Mutex(TextStart())
    /// In the words of an error: `standard input`, or a path.
    private let name: String

    init(name: String) {
        self.name = name
    }

    /// What comes next of the text; `nil` at the end.
    func piece(
        _ next: () async throws(PartyError) -> [UInt8]?
    ) async throws(PartyError) -> [UInt8]? {
        while let piece = try await next() {
            let text = try taken(piece)
            if !text.isEmpty { return text }
        }
        let rest = start.withLock { $0.end() }
        return rest.isEmpty ? nil : rest
    }

    /// A line of the text, of which the first one may hold a mark.
    func line(_ line: Redacted<String>) throws(PartyError) -> Redacted<String> {
        let bytes = Array(line.reveal().utf8)
        // What is no UTF-8 was repaired when the line was read: the mark of UTF-16 came out as two of these.
        let isRepaired = bytes.starts(with: [0xEF, 0xBF, 0xBD, 0xEF, 0xBF, 0xBD])
        let isFirst = start.withLock { $0.isAtStart }
        guard isFirst, bytes.first == 0xEF || bytes.prefix(2).contains(0) || isRepaired else {
            start.withLock { start in if !bytes.isEmpty { _ = start.end() } }
            return line
        }
        guard !isRepaired else { throw failure }
        let text = try taken(bytes) + start.withLock { $0.end() }
        return Redacted(String(decoding: text, as: UTF8.self))
    }

    private func taken(_ piece: [UInt8]) throws(PartyError) -> [UInt8] {
        let result = start.withLock { start in
            Result { () throws(CodecError) in try start.take(piece) }
        }
        guard case .success(let text) = result else { throw failure }
        return text
    }

    private var failure: PartyError {
        PartyError(
            .badData, "\(name) is UTF-16 text, and psparty reads UTF-8", step: "input",
            hint: "save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8")
    }
}

extension Console {
    /// The same console, with standard input as text.
    func readingText() -> Console {
        let text = TextInput(name: "standard input")
        var console = self
        let (input, piece) = (input, piece)
        console.input = { (isSecret) async throws(PartyError) in
            guard let line = try await input(isSecret) else { return nil }
            return try text.line(line)
        }
        console.piece = { () async throws(PartyError) in try await text.piece(piece) }
        return console
    }
}
