import ArgumentParser
import PartyCore

struct SignalDecode: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Print each signal of standard input as JSON, one a line.",
        discussion: """
            A line is a payload (ver=1.0, type=binary, body=…), a push frame, or an event as `psparty listen` prints it; \
            frames and events about something else are passed over. A line that cannot be read is told with the byte that \
            is wrong, the others are printed all the same, and the exit status is 65.
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
                    "psparty: a signal said to be from \(sender.accountID) is not to be trusted: its header, its text and "
                        + "its frame do not name one sender")
            }
        }.run()
    }
}
