import PartySimulator

/// The environment variables that a client needs to use a running simulator.
struct Announcement {
    let server: String
    let caFile: String
    /// The folder for psparty's state.
    let stateHome: String
    let service: SimulatedService
    let pid: Int32
    /// The folder that `status` and `stop` have to be told; `nil` for the default one.
    let stateOption: String?

    /// What the user of a shell should know, as comments: text that is evaluated by mistake then does nothing.
    var notes: String {
        let option = stateOption.map { " --state " + Self.quoted($0) } ?? ""
        let lines = [
            "psparty-sim simulates the party service at \(server) (pid \(pid))",
            "accounts, all friends of each other: \(Self.list(service.accounts.map(\.onlineId)))",
            "sign in as \(service.accounts.first?.onlineId ?? "the first one"):  "
                + "printf '%s\\n' \"$PSPARTY_SIM_NPSSO_A\" | psparty login --npsso -",
            "in a second terminal:  eval \"$(psparty-sim status\(option))\"",
            "to stop it:  psparty-sim stop\(option)",
        ]
        // A line end in the folder's name would end the comment.
        return lines.map { "# " + $0.split(separator: "\n").joined(separator: " ") }.joined(separator: "\n")
    }

    private static func list(_ names: [String]) -> String {
        guard names.count > 6, let last = names.last else { return names.joined(separator: ", ") }
        return names.prefix(3).joined(separator: ", ") + ", … \(last) (\(names.count))"
    }

    /// Exports for any POSIX shell.
    var exports: String {
        let variables = [
            ("PSPARTY_SERVER", server), ("PSPARTY_CA_FILE", caFile), ("PSPARTY_CLIENT_ID", service.clientId),
            ("PSPARTY_CLIENT_SECRET", service.clientSecret), ("PSPARTY_STATE_HOME", stateHome),
            // Clear secrets of a real account that are set in the user's shell.
            ("PSPARTY_ACCESS_TOKEN", ""), ("PSPARTY_NPSSO", ""),
        ]
        let cookies = service.accounts.enumerated().map { index, account in
            ("PSPARTY_SIM_NPSSO_\(SimulatedAccount.letter(index))", account.npsso)
        }
        return Self.line(variables) + "\n" + Self.line(cookies)
    }

    private static func line(_ variables: [(String, String)]) -> String {
        "export " + variables.map { "\($0.0)=\(quoted($0.1))" }.joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// One line of JSON.
    var json: String {
        let accounts = service.accounts.map { account in
            "{\"accountId\":\(Self.text(account.accountId)),\"onlineId\":\(Self.text(account.onlineId)),"
                + "\"platform\":\(Self.text(account.platform)),\"npsso\":\(Self.text(account.npsso))}"
        }
        return "{\"server\":\(Self.text(server)),\"caFile\":\(Self.text(caFile)),"
            + "\"stateHome\":\(Self.text(stateHome)),"
            + "\"clientId\":\(Self.text(service.clientId)),\"clientSecret\":\(Self.text(service.clientSecret)),"
            + "\"pid\":\(pid),\"accounts\":[\(accounts.joined(separator: ","))]}"
    }

    private static func text(_ value: String) -> String {
        var escaped = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case "\u{0}"..<"\u{20}":
                let hex = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped + "\""
    }
}
