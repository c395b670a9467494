import PartyCore
import PartyLive

/// The report of `doctor --bundle`: the lines and the settings, without what belongs to a person.
struct DoctorBundle {
    let text: String

    init(_ findings: [Finding], _ context: CommandContext?, _ environment: CommandEnvironment) {
        let redactor = DoctorRedactor(context, environment.variables, findings)
        var lines = ["psparty \(Version.number) doctor report", "system: \(SystemVersion.text)", ""]
        for finding in findings {
            lines.append("\(finding.result.rawValue)  \(finding.check.rawValue): \(redactor.redacted(finding.detail))")
            if let hint = finding.hint { lines.append("    hint: \(redactor.redacted(hint))") }
        }
        lines += ["", "settings that differ from the defaults (values are left out):"]
        let changed = context.map { context in
            ConfigKey.allCases.map { context.configuration.values[$0] }.filter { $0.source != .standard }
        }
        lines += (changed ?? []).map { "\($0.key.rawValue) (\($0.source.rawValue))" }
        lines += ["", "variables that are set (values are left out):"]
        lines += environment.variables.filter { !$0.value.isEmpty }.keys.filter(Self.isOfInterest).sorted()
        text = lines.map { $0.displayed + "\n" }.joined()
    }

    /// Names of variables that change what psparty does.
    private static func isOfInterest(_ name: String) -> Bool {
        let known: Set<String> = [
            "HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TERM", "NO_COLOR", "NOTIFY_SOCKET",
        ]
        return known.contains(name) || name.hasPrefix("PSPARTY_") && !name.hasPrefix("PSPARTY_SIM")
    }
}

/// Removes what belongs to a person from the lines of a report: first the values that this run knows, then everything that looks
/// like an id, an address or a path.
struct DoctorRedactor {
    /// Values with their stand-ins, the longest first.
    private let known: [(value: String, standIn: String)]

    init(_ context: CommandContext?, _ variables: [String: String], _ findings: [Finding]) {
        var known: [String: String] = [:]
        func add(_ value: String?, _ standIn: String) {
            guard let value, value.utf8.count > 1, known[value] == nil else { return }
            known[value] = standIn
        }
        let settings = context?.environment.settings
        if let profile = settings?.profile, profile != ServiceSettings().profile { add(profile, "PROFILE") }
        add(context?.configuration.stateFolder, "STATE")
        add(ProfilePlace.folder(variables, own: "PSPARTY_CONFIG_HOME", "XDG_CONFIG_HOME", ".config"), "CONFIG")
        add(variables["HOME"], "HOME")
        for name in ["USER", "LOGNAME", "HOSTNAME"] { add(variables[name], name) }
        if let context {
            let stored = (try? Diagnosis(context.environment).storedSignIn()) ?? nil
            add(stored?.onlineID, "ONLINE-ID")
            for name in context.client.rememberedFriends() { add(name, "FRIEND") }
            add(settings?.oauthClient?.id, "CLIENT-ID")
            for host in context.environment.settings.hosts.all {
                let proxy = (try? LiveTransport.proxy(for: host + "/", variables)) ?? nil
                add(proxy?.split(separator: "/").last.map(String.init), "PROXY")
            }
            for key in ConfigKey.allCases where context.configuration.values[key].source != .standard {
                Self.add(context.configuration.values[key], add)
            }
        }
        // The service's words may repeat anything.
        for words in findings.compactMap(\.error?.serviceWords) { add("[\(words)]", "[words of the service]") }
        self.known = known.map { ($0.key, $0.value) }.sorted { ($0.0.utf8.count, $0.0) > ($1.0.utf8.count, $1.0) }
    }

    /// A setting of the user: a server that is neither the service nor on this machine, a file, a header.
    private static func add(_ setting: Setting, _ add: (String?, String) -> Void) {
        guard let value = setting.value?.reveal() else { return }
        if let origin = ServiceOrigin(value) {
            guard !origin.isLoopback, !ServiceOrigin.realService.issuesTokens(for: origin) else { return }
            add(origin.description.split(separator: "/").last.map(String.init), "SERVER")
        }
        if setting.key != .color, setting.key != .profile, setting.key != .tlsFetchIssuers {
            guard ServiceOrigin(value) == nil else { return }
            add(value, setting.key.rawValue.uppercased())
        }
    }

    func redacted(_ text: String) -> String {
        var text = text
        for (value, standIn) in known { text = text.replacing(value, with: standIn) }
        return words(of: Redaction.scrubbed(text))
    }

    /// Replaces each word that looks like an id, a path or an address of a person.
    private func words(of text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { String(Self.redacted(word: $0)) }
            .joined(separator: " ")
    }

    private static func redacted(word: Substring) -> Substring {
        let core = word.drop { "('\"`[".contains($0) }
        let front = word[..<core.startIndex]
        let end = core.lastIndex { !")'\"`],;:.".contains($0) }.map { core.index(after: $0) } ?? core.startIndex
        let (inner, back) = (core[..<end], core[end...])
        guard let standIn = standIn(for: inner) else { return word }
        return front + standIn[...] + back
    }

    private static func standIn(for word: Substring) -> String? {
        let hexadecimal = word.allSatisfy { $0.isHexDigit || $0 == "-" }
        if word.count == 36, hexadecimal { return "UUID" }
        if word.count >= 15, word.allSatisfy(\.isNumber) { return "ID" }
        if word.contains("@") { return "ACCOUNT-FOLDER" }
        if word.hasPrefix("/") || word.hasPrefix("~/") { return isOfSystem(word) ? nil : "PATH" }
        if let slash = word.firstIndex(of: "/"), word.contains("@") || word[slash...].dropFirst().contains("/"),
            !word.contains("://")
        {
            return word.hasPrefix("STATE") || word.hasPrefix("HOME") || word.hasPrefix("CONFIG") ? nil : "PATH"
        }
        return nil
    }

    /// Files that every machine has.
    private static func isOfSystem(_ path: Substring) -> Bool {
        ["/etc/", "/usr/", "/proc/", "/lib/"].contains { path.hasPrefix($0) }
    }
}
