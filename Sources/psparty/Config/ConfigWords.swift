import ArgumentParser
import PartyCore

extension ConfigKey {
    /// The key with this name on the command line.
    init(word: String) throws(ValidationError) {
        guard let key = ConfigKey(rawValue: word) else {
            let words = ConfigText.unknown(word)
            throw ValidationError(words.problem + (words.hint.map { "; \($0)" } ?? ""))
        }
        self = key
    }
}

extension PartyError {
    static func unknownKey(_ name: String) -> PartyError {
        let words = ConfigText.unknown(name)
        return PartyError(.notFound, words.problem, step: "configuration", hint: words.hint)
    }
}

extension CommandEnvironment {
    /// - Throws: `.configuration` if no environment variable names a folder.
    func configFile() throws(PartyError) -> ConfigFile {
        guard let file = ConfigFile(variables, random: random) else {
            throw PartyError(
                .configuration, "the folder of the config file is unknown", step: "configuration",
                hint: "set PSPARTY_CONFIG_HOME, XDG_CONFIG_HOME or HOME")
        }
        return file
    }
}

/// All keys with their values. Secrets are redacted.
struct SettingsReport: Report {
    let settings: Settings

    func text(_ style: Style) -> String {
        Table(
            header: ["KEY", "VALUE", "SOURCE"],
            rows: ConfigKey.allCases.map { key in
                [key.rawValue, settings[key].shown ?? "", settings[key].source.rawValue]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            for key in ConfigKey.allCases {
                json.object(key.rawValue) { json in
                    json.field("value", settings[key].shown)
                    json.field("source", settings[key].source.rawValue)
                }
            }
        }
    }
}
