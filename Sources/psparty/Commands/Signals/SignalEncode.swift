import ArgumentParser
import PartyCore

struct SignalEncode: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Turn each signal of standard input back into its payload, byte for byte.",
        discussion: """
            A line is a signal as `psparty signal decode` prints it. The payload is written as it was captured, whatever was \
            unusual about the one that was read. With --json it is {"payload"}.
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Leave the binary header out.")
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
