import ArgumentParser
import PartyCore

/// What help, man pages, usage errors and completion know of a command: how the parser describes it, and its examples.
struct CommandPage: Sendable {
    /// Commands under a heading.
    struct Group: Sendable {
        let title: String
        let commands: [(name: String, abstract: String)]
    }

    /// The command's name, preceded by the names of its groups; empty for psparty itself.
    let path: [String]
    let abstract: String
    let discussion: String
    let usage: [String]
    let parameters: [Parameter]
    let groups: [Group]
    let examples: [Example]
    let statuses: [(status: ExitStatus, meaning: String)]

    /// `nil` if the words do not name a command.
    init?(_ path: [String]) {
        guard let command = Self.command(path) else { return nil }
        self.init(path, command)
    }

    /// The command that the words name. Quick; a page takes the parser's description, which is slow.
    static func command(_ path: [String]) -> (any ParsableCommand.Type)? {
        var command: any ParsableCommand.Type = Psparty.self
        for name in path {
            guard let next = command.configuration.subcommands.first(where: { $0.configuration.commandName == name })
            else { return nil }
            command = next
        }
        return command
    }

    init(_ path: [String], _ command: any ParsableCommand.Type) {
        let configuration = command.configuration
        self.path = path
        abstract = configuration.abstract
        discussion = configuration.discussion
        groups = Self.groups(of: configuration)
        // The parser describes a group with all commands in it, which takes long, and without the common options.
        let groupOptions: any ParsableArguments.Type = path.isEmpty ? RootOptions.self : GlobalOptions.self
        parameters = Self.parameters(in: groups.isEmpty ? command._dumpHelp() : groupOptions._dumpHelp())
        let documented = command as? any DocumentedCommand.Type
        examples = documented?.examples ?? []
        statuses = ExitStatus.possible(for: path, isGroup: !groups.isEmpty, documented?.statuses ?? [:])
        let name = (["psparty"] + path).joined(separator: " ")
        usage =
            configuration.usage?.split(separator: "\n").map(String.init)
            ?? [Self.usage(of: name, parameters, isGroup: !groups.isEmpty)]
    }

    /// The command's own options and those that every command has.
    var options: [Parameter] { parameters.filter { $0.kind != .positional } }
    var arguments: [Parameter] { parameters.filter { $0.kind == .positional } }
    var ownOptions: [Parameter] { options.filter { !$0.isCommon } }
    /// Each once, `--help` last.
    var commonOptions: [Parameter] {
        let common = options.filter(\.isCommon)
        let help = common.filter { $0.names.contains("--help") }
        return common.filter { !$0.names.contains("--help") } + help.prefix(1)
    }

    /// The command's own options under their headings; those without a heading come first.
    var sections: [(title: String?, options: [Parameter])] {
        var titles: [String?] = [nil]
        for option in ownOptions where !titles.contains(option.section) { titles.append(option.section) }
        return titles.map { title in (title, ownOptions.filter { $0.section == title }) }
            .filter { !$0.options.isEmpty }
    }

    private static func usage(of name: String, _ parameters: [Parameter], isGroup: Bool) -> String {
        let required = parameters.filter { $0.kind == .option && !$0.isOptional }.map(\.label)
        let arguments = parameters.filter { $0.kind == .positional }.map(\.usage)
        return ([name] + required + (isGroup ? ["COMMAND"] : arguments) + ["[options]"]).joined(separator: " ")
    }

    private static func groups(of configuration: CommandConfiguration) -> [Group] {
        let named = configuration.groupedSubcommands.map { ($0.name, $0.subcommands) }
        return ([("", configuration.ungroupedSubcommands)] + named).compactMap { title, commands in
            let shown = commands.map { $0.configuration }.filter(\.shouldDisplay)
            let rows = shown.map { (name: $0.commandName ?? "", abstract: $0.abstract) }
            return rows.isEmpty ? nil : Group(title: title, commands: rows)
        }
    }

    /// Reads the parser's description of a command, which is the only public one that it gives.
    private static func parameters(in dump: String) -> [Parameter] {
        let dump = try? JSONDocument(Array(dump.utf8))
        let arguments = dump?.root["command"]?["arguments"]?.elements ?? []
        return arguments.compactMap(Parameter.init)
    }
}

/// The options of psparty without a command.
private struct RootOptions: ParsableArguments {
    @OptionGroup var global: GlobalOptions

    @Flag(help: "Show the version; with -v also the commit and the libraries.")
    var version = false
}

extension CommandPage {
    /// An argument, an option or a flag.
    struct Parameter: Sendable {
        enum Kind: String, Sendable {
            case positional, option, flag
        }

        let kind: Kind
        /// With their dashes, the short one first; empty for an argument.
        let names: [String]
        /// The name of the value, in capitals; or the values to choose from.
        let value: String
        /// The value's name in the declaration, which says of what type it is.
        let valueName: String
        let abstract: String
        let defaultValue: String?
        let isOptional: Bool
        let isRepeating: Bool
        /// Whether it takes the words after `--`.
        let followsTerminator: Bool
        /// The heading that the option stands under.
        let section: String?
        /// The values that it accepts; empty if they are not limited.
        let values: [String]
        /// Whether its value is a file, and of which extensions; an empty array stands for all files.
        let files: [String]?

        /// The longest list of values that is shown in place of the value's name.
        private static let mostValues = 5

        /// - Parameter json: an argument in the dump of the parser.
        init?(_ json: JSONView) {
            guard json["shouldDisplay"]?.bool == true, let kind = json["kind"]?.string.flatMap(Kind.init) else {
                return nil
            }
            self.kind = kind
            let written = (json["names"]?.elements ?? []).compactMap { name in
                name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
            }
            names = written.sorted { $0.utf8.count < $1.utf8.count }
            valueName = json["valueName"]?.string ?? ""
            values = (json["allValues"]?.elements ?? []).compactMap(\.string)
            value =
                1...Self.mostValues ~= values.count ? values.joined(separator: "|") : Self.shown(valueName)
            abstract = json["abstract"]?.string ?? ""
            defaultValue = json["defaultValue"]?.string
            isOptional = json["isOptional"]?.bool ?? false
            isRepeating = json["isRepeating"]?.bool ?? false
            followsTerminator = json["parsingStrategy"]?.string == "postTerminator"
            section = json["sectionTitle"]?.string
            files = json["completionKind"]?["file"].map { ($0["extensions"]?.elements ?? []).compactMap(\.string) }
        }

        /// The value's name in capitals, but for the word `max`, which is typed as it is.
        private static func shown(_ name: String) -> String {
            name.split(separator: "|").map { $0 == "max" ? String($0) : $0.uppercased() }.joined(separator: "|")
        }

        /// Whether every command has it.
        var isCommon: Bool {
            names.contains { $0 == "--help" || ArgumentOrder.flags.contains($0) || ArgumentOrder.valued.contains($0) }
        }

        /// As the help lists it: `-q, --quiet` or `--profile NAME`.
        var label: String {
            guard kind != .positional else { return usageName }
            return names.joined(separator: ", ") + (kind == .option ? " \(value)" : "")
        }

        /// As the usage line shows an argument: `[PARTY]`, `USER…`.
        fileprivate var usage: String {
            followsTerminator ? "-- \(usageName)" : isOptional ? "[\(usageName)]" : usageName
        }

        private var usageName: String { value + (isRepeating ? "…" : "") }
    }
}
