import ArgumentParser
import PartyCore

struct SignalEncode: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Convert each signal from standard input to its payload, byte for byte.",
        discussion: """
            Each input line is a signal as `psparty signal decode` prints it. The payload always has the captured form, even if \
            the signal was decoded from an unusual one. With --json the output is {"payload"}.
            """)

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
