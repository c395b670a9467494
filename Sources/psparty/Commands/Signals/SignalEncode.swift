import ArgumentParser
import PartyCore

struct SignalEncode: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Convert each signal from standard input to its payload, byte for byte.",
        discussion: """
            Each input line is a signal as `psparty signal decode` prints it. The payload always has the captured form, even if \
            the signal was decoded from an unusual one. With --json the output is {"payload"}.
            """)

    static let examples = [
        Example("write signals as payloads", "psparty signal encode < signals.jsonl"),
        Example("write them without the binary header", "psparty signal encode --plain < signals.jsonl"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "a line is not a signal; the other lines are still printed"
    ]

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Omit the binary header.")
    var plain = false

    var showsProgress: Bool { false }

    func execute(in context: CommandContext) async throws(PartyError) {
        let (isPlain, isJSON) = (plain, global.json)
        try await LineFilter(context: context, what: "signal to write") { (line, json) throws(CodecError) in
            let signal = try SignalDocument.signal(in: line)
            let payload = try isPlain ? SignalPayload.plain(signal) : SignalPayload.encode(signal)
            if isJSON {
                json.object { json in json.field("payload", payload) }
            } else {
                json.text(payload)
            }
            json.newline()
        }.run()
    }
}
