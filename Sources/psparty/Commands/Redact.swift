import ArgumentParser
import PartyCore

struct Redact: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "redact", abstract: "Remove personal data from a recording so that you can share it.",
        discussion: """
            Prints the recording with people, parties, devices, addresses, texts and secrets replaced by pseudonyms. Within \
            one file, equal values get equal pseudonyms; another file gets other pseudonyms.
            """)

    static let examples = [
        Example("make a copy that you can share", "psparty redact party.gz > shared.jsonl"),
        Example("make it smaller", "psparty redact party.gz | gzip > shared.gz"),
    ]

    static let statuses: [ExitStatus: String] = [
        .notFound: "there is no such file",
        .badData: "the recording cannot be read",
    ]

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
        for notice in await input.notices { context.notice("psparty: \(notice)") }
    }
}
