import PartyCore
import Synchronization

/// Text input: skips a byte order mark, and rejects UTF-16 with an error that explains it.
final class TextInput: Sendable {
    private let start = Mutex(TextStart())
    /// The name for error messages: `standard input`, or a path.
    private let name: String

    init(name: String) {
        self.name = name
    }

    /// The next bytes of the text; `nil` at the end.
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

    /// A line of the text. The first one may contain a byte order mark.
    func line(_ line: Redacted<String>) throws(PartyError) -> Redacted<String> {
        let bytes = Array(line.reveal().utf8)
        // Reading the line replaced invalid UTF-8, which turned the byte order mark of UTF-16 into two U+FFFD.
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
            .badData, "\(name) is UTF-16 text, but psparty reads only UTF-8", step: "input",
            hint: "save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8")
    }
}

extension Console {
    /// The same console, with standard input read as text.
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
