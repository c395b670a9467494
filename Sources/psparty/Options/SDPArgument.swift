import ArgumentParser
import PartyCore

/// A session description (SDP) argument: a file, or `-` for standard input.
struct SDPArgument: ExpressibleByArgument, Sendable {
    let source: InputSource

    static var defaultCompletionKind: CompletionKind { .file(extensions: ["sdp", "json"]) }
    private static let limit = 1 << 20

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        source = InputSource(argument)
    }

    /// The text with CRLF line ends, as the wire format requires.
    /// - Throws: `.badData` if it is not a session description.
    func sdp(_ console: Console) async throws(PartyError) -> String {
        let bytes = try await source.bytes(console, atMost: Self.limit)
        do throws(CodecError) { return try SessionDescription.text(in: bytes) } catch {
            throw PartyError(
                .badData, "\(source.name) does not contain a session description: \(error)", step: "input",
                hint: "an SDP is lines like v=0, or a JSON object with that text under \"sdp\"")
        }
    }
}
