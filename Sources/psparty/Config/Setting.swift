import PartyCore

/// A configured value and where it comes from.
struct Setting: Sendable {
    enum Source: String, Sendable {
        case option, environment, file
        case standard = "default"
    }

    let key: ConfigKey
    /// `nil` where it is set nowhere and has no default.
    let value: Redacted<String>?
    let source: Source

    /// What may be shown without being asked for.
    var shown: String? {
        key.isSecret ? value?.description : value?.reveal()
    }
}

/// All settings of one run: option before environment variable before config file before default.
struct Settings: Sendable {
    private var settings: [ConfigKey: Setting] = [:]

    /// - Throws: `.configuration`, naming the option or variable that cannot be used.
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

    /// The value for use: secrets too.
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
    /// What the command line says about a key.
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
