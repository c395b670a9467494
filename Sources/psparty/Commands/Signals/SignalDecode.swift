import ArgumentParser
import PartyCore

struct SignalDecode: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Print each signal from standard input as JSON, one a line.",
        discussion: """
            Each input line is a payload (ver=1.0, type=binary, body=…), a push frame, or an event as `psparty listen` prints \
            it. Other frames and events are skipped. If a line is invalid, an error names the line and the byte, the other lines \
            are still printed, and the exit status is 65.
            """)

    static let examples = [
        Example("print the voice signals that arrive", "psparty listen --type voice.signal | psparty signal decode"),
        Example("read payloads from a file", "psparty signal decode < payloads.txt"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "a line is not a signal; the other lines are still printed"
    ]

    @OptionGroup var global: GlobalOptions

    var showsProgress: Bool { false }

    func execute(in context: CommandContext) async throws(PartyError) {
        try await LineFilter(context: context, what: "signal") { (line, json) throws(CodecError) in
            guard case .signal(let received) = try SignalDocument.find(in: line) else { return }
            SignalDocument.write(received, to: &json)
            json.newline()
            if !received.isTrusted {
                let sender = received.signal.from
                context.notice(
                    "psparty: do not trust the signal that claims to be from \(sender.accountID): its header, its text and its "
                        + "frame name different senders")
            }
        }.run()
    }
}
