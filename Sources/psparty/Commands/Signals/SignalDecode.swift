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
