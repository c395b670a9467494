import PartyCore

/// A configured value and its source.
struct Setting: Sendable {
    enum Source: String, Sendable {
        case option, environment, file
        case standard = "default"
    }

    let key: ConfigKey
    /// `nil` if it is not set and has no default.
    let value: Redacted<String>?
    let source: Source

    /// The value for lists; a secret is redacted.
    var shown: String? {
        key.isSecret ? value?.description : value?.reveal()
    }
}

/// All settings of one run. An option overrides an environment variable, which overrides the config file, which overrides
/// the default.
struct Settings: Sendable {
    private var settings: [ConfigKey: Setting] = [:]

    /// - Throws: `.configuration`, which names the invalid option or variable.
    init(
        options: GlobalOptions, variables: [String: String], entries: [ConfigText.Entry]
    ) throws(PartyError) {
        for key in ConfigKey.allCases {
            settings[key] = try Self.setting(key, options, variables, entries)
        }
    }

    subscript(key: ConfigKey) -> Setting {
        settings[key] ?? Setting(key: key, value: nil, source: .standard)
    }

    /// The value for use, including secrets.
    func value(_ key: ConfigKey) -> String? { self[key].value?.reveal() }

    private static func setting(
        _ key: ConfigKey, _ options: GlobalOptions, _ variables: [String: String], _ entries: [ConfigText.Entry]
    ) throws(PartyError) -> Setting {
        if let value = options.value(key) {
            try check(value, of: key, from: "--\(key.rawValue)")
            return Setting(key: key, value: Redacted(value), source: .option)
        }
        if let name = key.variable, let value = variables[name].map(key.cleaned), !value.isEmpty {
            try check(value, of: key, from: name)
            return Setting(key: key, value: Redacted(value), source: .environment)
        }
        if let entry = entries.first(where: { $0.key == key }) {
            return Setting(key: key, value: entry.value, source: .file)
        }
        return Setting(key: key, value: key.defaultValue.map { Redacted($0) }, source: .standard)
    }

    private static func check(_ value: String, of key: ConfigKey, from place: String) throws(PartyError) {
        do throws(BadValue) {
            try key.check(value)
        } catch {
            throw PartyError(
                .configuration, "\(place): \(error.problem)", step: "configuration", hint: error.hint)
        }
    }
}

extension GlobalOptions {
    /// The value of the key on the command line.
    fileprivate func value(_ key: ConfigKey) -> String? {
        switch key {
        case .profile: profile
        case .server: server
        case .caFile: caFile
        case .color: color?.rawValue
        default: nil
        }
    }
}
