import ArgumentParser
import PartyCore

struct Config: DocumentedCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Read and change the configuration.",
        discussion: """
            An option overrides an environment variable, which overrides the config file, which overrides the default. The keys \
            are: \
            \(ConfigKey.allCases.map(\.rawValue).joined(separator: ", ")).
            """,
        subcommands: [ConfigGet.self, ConfigSet.self, ConfigUnset.self, ConfigList.self, ConfigPath.self])

    static let examples = [
        Example("list all settings and where they come from", "psparty config list"),
        Example("set the OAuth client", "psparty config set client-id my-client"),
    ]
}

struct ConfigGet: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print the value of a key.",
        discussion: """
            The exit status is 3 if the key is not set and has no default. config get prints client-secret in full; config list \
            redacts it.
            """)

    static let examples = [
        Example("print a setting", "psparty config get user-agent"),
        Example("print where it comes from", "psparty config get profile --json | jq -r .source"),
    ]

    static let statuses: [ExitStatus: String] = [
        .notFound: "the key is not set and has no default"
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The key.")
    var key: String

    func validate() throws { _ = try ConfigKey(word: key) }

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        guard let key = ConfigKey(rawValue: key), let value = context.configuration.values.value(key) else {
            throw PartyError(
                .notFound, "\(key) is not set", step: "configuration",
                hint: "set it with \(context.configuration.invocation.quoted("config set \(key) …"))")
        }
        let source = context.configuration.values[key].source
        return Document(value) { json in
            json.field("key", key.rawValue)
            json.field("value", value)
            json.field("source", source.rawValue)
        }
    }
}

struct ConfigSet: SetupCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set a key in the config file.",
        discussion: """
            Comments and the order of the file are kept. Secrets are read only from standard input.
            """)

    static let examples = [
        Example("use a second account by default", "psparty config set profile work"),
        Example("set the OAuth client", "psparty config set client-id my-client"),
        Example("set its secret, which is not displayed", "psparty config set client-secret -"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "standard input has no valid value"
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The key.")
    var key: String

    @Argument(help: "The value, or - to read one line from standard input.")
    var value: String

    func validate() throws {
        let key = try ConfigKey(word: key)
        guard value != "-" else { return }
        if key.isSecret {
            throw ValidationError(
                "\(key.rawValue) accepts only -, for standard input: secrets are never read from arguments")
        }
        if value.isEmpty {
            throw ValidationError(
                "the value is empty; to remove the key, run psparty config unset \(key.rawValue)")
        }
        do throws(BadValue) { try key.checkForFile(value) } catch {
            throw ValidationError("\(key.rawValue): \(error.problem)\(error.hint.map { "; \($0)" } ?? "")")
        }
    }

    func report(in environment: CommandEnvironment) async throws(PartyError) -> Document {
        guard let key = ConfigKey(rawValue: key) else { throw .unknownKey(key) }
        let value = try await newValue(of: key, in: environment)
        try await environment.configFile().change(isDryRun: global.dryRun) { text in text.set(key, to: value.reveal()) }
        if let variable = key.variable, environment.variables[variable]?.isEmpty == false {
            global.notice("psparty: \(variable) is set and overrides the config file", on: environment.console)
        }
        let shown = key.isSecret ? value.description : value.reveal()
        return Document(nil, effect: global.dryRun ? nil : "\(key.rawValue) was set") { json in
            json.field("key", key.rawValue)
            json.field("value", shown)
        }
    }

    private func newValue(of key: ConfigKey, in environment: CommandEnvironment) async throws(PartyError) -> Redacted<
        String
    > {
        guard value == "-" else { return Redacted(value) }
        if key.isSecret, environment.console.isInputTerminal {
            global.notice("Type \(key.rawValue) (it is not displayed) and press return:", on: environment.console)
        }
        let line = Redacted(
            key.cleaned(try await environment.console.readingText().readLine(isSecret: key.isSecret).reveal()))
        do throws(BadValue) { try key.checkForFile(line.reveal()) } catch {
            throw PartyError(.badData, "\(key.rawValue): \(error.problem)", step: "input", hint: error.hint)
        }
        return line
    }
}

struct ConfigUnset: SetupCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset", abstract: "Remove a key from the config file.",
        discussion: "Keys that psparty does not know can be removed too.")

    static let examples = [
        Example("return to the default", "psparty config unset profile"),
        Example("see what would change", "psparty config unset color --dry-run"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The key.")
    var key: String

    func report(in environment: CommandEnvironment) async throws(PartyError) -> Document {
        let key = key
        try await environment.configFile().change(isDryRun: global.dryRun) { (text) throws(PartyError) in
            guard text.sets(key) || ConfigKey(rawValue: key) != nil else { throw .unknownKey(key) }
            text.unset(key)
        }
        let effect = global.dryRun ? nil : "\(key) was removed"
        return Document(nil, effect: effect) { json in json.field("key", key) }
    }
}

struct ConfigList: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all keys with their values and sources.")

    static let examples = [
        Example("list all settings", "psparty config list"),
        Example(
            "list the settings of the config file",
            #"psparty config list --json | jq 'map_values(select(.source == "file"))'"#),
    ]

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> SettingsReport {
        SettingsReport(settings: context.configuration.values)
    }
}

struct ConfigPath: SetupCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Print the path of the config file, even if it does not exist yet.")

    static let examples = [
        Example("print the path", "psparty config path"),
        Example("show the file", #"cat "$(psparty config path)""#),
    ]

    @OptionGroup var global: GlobalOptions

    func report(in environment: CommandEnvironment) async throws(PartyError) -> Document {
        let path = try environment.configFile().path
        return Document(path) { json in json.field("path", path) }
    }
}
