import ArgumentParser
import PartyCore

struct Help: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help", abstract: "Explain a command or a topic.",
        discussion: """
            Without a name it lists the commands. The topics are \
            \(HelpTopic.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    static let examples = [
        Example("explain a command and show examples", "psparty help create"),
        Example("explain a command of a group", "psparty help config set"),
        Example("list the exit statuses for a script", "psparty help exit-codes"),
        Example("list the environment variables", "psparty help environment"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A command, or a topic.")
    var topic: [String] = []

    var showsProgress: Bool { false }

    func validate() throws {
        guard namedTopic != nil || CommandPage.command(topic) != nil else {
            throw ValidationError("there is no command or topic \(topic.joined(separator: " ").quoted)")
        }
    }

    func execute(in environment: CommandEnvironment) async throws(PartyError) {
        guard let subject else { return }
        let console = environment.console
        let style = Style(
            console.isTerminal, global.color ?? .auto, environment.variables, columns: console.columns())
        try console.show(subject, isJSON: global.json, style)
    }

    private var subject: HelpReport? {
        namedTopic.map { .topic($0) } ?? CommandPage(topic).map { .command($0) }
    }

    private var namedTopic: HelpTopic? { topic.count == 1 ? HelpTopic(rawValue: topic[0]) : nil }

    /// Whether the words of a command line ask for help. Words after `--` do not.
    static func isAsked(in words: [String]) -> Bool {
        words.prefix { $0 != "--" }.contains { word in
            word == "--help"
                || word.hasPrefix("-") && word.hasSuffix("h") && word.dropFirst().allSatisfy("qvh".contains)
        }
    }
}

/// Help as text, and as JSON for programs that make documentation of it.
enum HelpReport: Report {
    case command(CommandPage)
    case topic(HelpTopic)

    func text(_ style: Style) -> String {
        switch self {
        case .command(let page): page.text(style)
        case .topic(let topic): topic.text(style)
        }
    }

    func write(to json: inout JSONWriter) {
        switch self {
        case .command(let page): page.write(to: &json)
        case .topic(let topic): topic.write(to: &json)
        }
    }
}
