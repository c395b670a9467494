import ArgumentParser
import PartyCore

struct Redact: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "redact", abstract: "Make a recording fit to be posted.",
        discussion: """
            Prints the recording with people, parties, devices, addresses, texts and secrets replaced by pseudonyms: the same \
            one for the same value, throughout this file only.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The recording, plain or gzip; - for standard input.", completion: .file())
    var file: String

    var showsProgress: Bool { false }

    func execute(in context: CommandContext) async throws(PartyError) {
        let input = try RecordingInput(InputSource(file), context.console)
        var redactor = RecordingRedactor(context.environment.random)
        while let lines = try await input.lines() {
            var json = JSONWriter()
            for line in lines { redactor.write(line, to: &json) }
            try context.console.show(context.console.shown(json.bytes))
        }
        if let notice = await input.notice { context.notice("psparty: \(notice)") }
    }
}
