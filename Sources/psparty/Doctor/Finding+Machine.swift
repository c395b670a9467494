import PartyCore
import PartyLive

// What is on this machine: settings, libraries, files, and what psparty keeps in them.
extension Finding {
    static func configuration(_ configuration: Configuration) -> Finding {
        let settings = configuration.settings
        let server = configuration.values[.server]
        let place = server.value.map { "server \($0.reveal()) (\(server.source.rawValue))" } ?? "the real service"
        let detail = "profile \(settings.profile), \(place)"
        guard settings.oauthClient == nil, settings.accessToken == nil else { return .ok(.configuration, detail) }
        return .warning(
            .configuration,
            "\(detail); no OAuth client is configured, so psparty can neither sign in nor renew a sign-in",
            remedy: .configureClient)
    }

    static func libraries(_ libraries: [(name: String, version: Result<String, TransportError>)]) -> Finding {
        var names: [String] = []
        var failures: [PartyError] = []
        for library in libraries {
            switch library.version {
            case .success(let version): names.append("\(library.name) \(version)")
            case .failure(let error):
                var failure = PartyError(error, step: "libraries")
                failure.message = error.detail
                failures.append(failure)
            }
        }
        guard var first = failures.first else { return .ok(.libraries, names.joined(separator: ", ")) }
        first.message = (failures.map(\.message) + names).joined(separator: "; ")
        first.hint = first.hint ?? "install libcurl4 or libwebsockets (docs/troubleshooting.md names the packages)"
        return .failure(.libraries, first)
    }

    static func files(_ audit: FileAudit) -> Finding {
        guard let folder = audit.folder else {
            return .failure(
                .files, .storage, "there is no folder to keep state in",
                hint: "set PSPARTY_STATE_HOME, XDG_STATE_HOME or HOME")
        }
        guard audit.problems.isEmpty else {
            let isOpen = audit.problems.contains { $0.kind == .unsafePermissions }
            return .failure(
                .files, .storage, audit.problems.map(\.message).joined(separator: "; "),
                hint: isOpen
                    ? "do what the line says; if others may have read the tokens, sign out and in again"
                    : "make the folder readable and writable for your user")
        }
        guard audit.count > 0 else { return .ok(.files, "nothing is stored in \(folder) yet") }
        return .ok(.files, "\(audit.count) files in \(folder), for your user only")
    }

    /// - Parameter voice: the open voice connections of the account that is signed in.
    /// - Parameter isVoiceRunning: whether a process uses voice now.
    static func leftovers(_ abandoned: [String], voice: Int, isVoiceRunning: Bool) -> Finding {
        let files =
            abandoned.isEmpty
            ? nil : "files of killed processes: " + abandoned.joined(separator: ", ")
        if voice > 0, !isVoiceRunning {
            let open = "\(voice) voice \(voice == 1 ? "connection" : "connections") left open by an earlier run"
            return .warning(
                .leftovers, [open, files].compactMap { $0 }.joined(separator: "; "), remedy: .takeDownVoice)
        }
        guard let files else {
            return .ok(.leftovers, voice > 0 ? "none; a voice run is in progress" : "none")
        }
        return .warning(.leftovers, files, hint: "nothing to do: the next command that saves something removes them")
    }

    /// - Parameter budget: `nil` if requests are not counted.
    static func budget(_ budget: (left: Int, nextFree: Duration?)?, isLocal: Bool) -> Finding {
        guard let budget else {
            return .ok(
                .budget,
                isLocal ? "requests to a server on this machine are not counted" : "not counted without a sign-in")
        }
        let words = "\(budget.left) of \(RequestBudget.limit) requests in 15 minutes are left"
        if budget.left == 0 {
            let wait = budget.nextFree.map { "the next request is possible in \($0.words)" } ?? "wait 15 minutes"
            return .failure(
                .budget, .rateLimited, words, hint: "it protects your account; \(wait)")
        }
        guard budget.left <= RequestBudget.few else { return .ok(.budget, words) }
        return .warning(.budget, words, hint: "send fewer requests: follow events with listen instead of polling")
    }
}
