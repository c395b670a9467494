import ArgumentParser
import PartyCore

struct SignalDiff: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two payloads field by field and byte by byte.",
        discussion: """
            If the service refuses a message, compare it with one that came over the push stream. Each FILE contains a payload, a \
            push frame or an event; - reads standard input. Account ids, session descriptions and the fields that depend on \
            their length are expected to differ; any other difference gives exit status 1. Session descriptions are not shown.
            """)

    static let examples = [
        Example("compare two payloads", "psparty signal diff ours.txt theirs.txt"),
        Example("compare one with standard input", "psparty signal diff ours.txt - < theirs.txt"),
    ]

    static let statuses: [ExitStatus: String] = [
        .failure: "the payloads differ in more than ids and session descriptions",
        .notFound: "there is no such file",
        .badData: "a file does not contain a signal",
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The first file, or - for standard input.", completion: .file())
    var first: String

    @Argument(help: "The second file, or - for standard input.", completion: .file())
    var second: String

    private static let limit = 4 << 20

    func validate() throws {
        guard first != "-" || second != "-" else { throw ValidationError("standard input cannot supply both payloads") }
    }

    func report(in context: CommandContext) async throws(PartyError) -> DifferencesReport {
        let left = try await Self.anatomy(InputSource(first), context.console)
        let right = try await Self.anatomy(InputSource(second), context.console)
        return DifferencesReport(differences: left.differences(from: right))
    }

    private static func anatomy(_ source: InputSource, _ console: Console) async throws(PartyError) -> SignalAnatomy {
        var bytes = try await source.bytes(console, atMost: limit)
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        do throws(CodecError) {
            guard let payload = try SignalDocument.payload(in: bytes) else {
                throw CodecError("it is a frame or event of another type", at: 0)
            }
            return try SignalAnatomy(payload.bytes)
        } catch {
            throw PartyError(.badData, "\(source.name) does not contain a signal: \(error)", step: "input")
        }
    }
}
