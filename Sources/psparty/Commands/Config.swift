import ArgumentParser
import PartyCore

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Read and change the configuration.",
        discussion: """
            An option beats an environment variable, which beats the config file, which beats the default. The keys are: \
            \(ConfigKey.allCases.map(\.rawValue).joined(separator: ", ")).
            """,
        subcommands: [ConfigGet.self, ConfigSet.self, ConfigUnset.self, ConfigList.self, ConfigPath.self])
}

struct ConfigGet: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print the value of a key.",
        discussion: """
            A key that is set nowhere and has no default ends with status 3. client-secret is shown when asked for here, \
            and redacted in config list.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The key.", completion: .configKeys)
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
            Comments and order of the file are kept. A secret comes from standard input: \
            psparty config set client-secret -
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The key.", completion: .configKeys)
    var key: String

    @Argument(help: "The value, or - for a line of standard input.")
    var value: String

    func validate() throws {
        let key = try ConfigKey(word: key)
        guard value != "-" else { return }
        if key.isSecret {
            throw ValidationError("\(key.rawValue) takes only -, for standard input: no secret comes in an argument")
        }
        if value.isEmpty {
            throw ValidationError("an empty value sets nothing: psparty config unset \(key.rawValue) takes a key out")
        }
        do throws(BadValue) { try key.checkForFile(value) } catch {
            throw ValidationError("\(key.rawValue): \(error.problem)\(error.hint.map { "; \($0)" } ?? "")")
        }
    }

    func report(in shell: Shell) async throws(PartyError) -> Document {
        guard let key = ConfigKey(rawValue: key) else { throw .unknownKey(key) }
        let value = try await newValue(of: key, in: shell)
        try await shell.configFile().change(isRehearsal: global.dryRun) { text in text.set(key, to: value.reveal()) }
        if let variable = key.variable, shell.variables[variable]?.isEmpty == false {
            global.notice("psparty: \(variable) is set and beats the config file", on: shell.console)
        }
        let shown = key.isSecret ? value.description : value.reveal()
        return Document(nil, deed: global.dryRun ? nil : "\(key.rawValue) was set") { json in
            json.field("key", key.rawValue)
            json.field("value", shown)
        }
    }

    private func newValue(of key: ConfigKey, in shell: Shell) async throws(PartyError) -> Redacted<String> {
        guard value == "-" else { return Redacted(value) }
        if key.isSecret, shell.console.isInputTerminal {
            global.notice("Type \(key.rawValue) (it will not show) and press return:", on: shell.console)
        }
        let line = Redacted(
            key.cleaned(try await shell.console.readingText().readLine(isSecret: key.isSecret).reveal()))
        do throws(BadValue) { try key.checkForFile(line.reveal()) } catch {
            throw PartyError(.badData, "\(key.rawValue): \(error.problem)", step: "input", hint: error.hint)
        }
        return line
    }
}

struct ConfigUnset: SetupCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset", abstract: "Take a key out of the config file.",
        discussion: "It takes out keys that psparty does not know as well.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The key.", completion: .configKeys)
    var key: String

    func report(in shell: Shell) async throws(PartyError) -> Document {
        let key = key
        try await shell.configFile().change(isRehearsal: global.dryRun) { (text) throws(PartyError) in
            guard text.sets(key) || ConfigKey(rawValue: key) != nil else { throw .unknownKey(key) }
            text.unset(key)
        }
        let deed = global.dryRun ? nil : "\(key) was taken out"
        return Document(nil, deed: deed) { json in json.field("key", key) }
    }
}

struct ConfigList: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all keys, their values, and where each comes from.")

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> SettingsReport {
        SettingsReport(settings: context.configuration.values)
    }
}

struct ConfigPath: SetupCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "Print where the config file is, or would be.")

    @OptionGroup var global: GlobalOptions

    func report(in shell: Shell) async throws(PartyError) -> Document {
        let path = try shell.configFile().path
        return Document(path) { json in json.field("path", path) }
    }
}
