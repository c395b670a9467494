import PartyCore
import PartyLive

/// The server of a run where it is on this machine, which most often is a simulator.
struct LocalServer {
    private let origin: String
    private let source: Setting.Source
    /// The options by which `psparty-sim` finds the daemon whose variables these are.
    private let daemonOptions: String

    /// - Returns: `nil` where the service is elsewhere, or the configuration cannot be used.
    init?(_ options: GlobalOptions, in shell: Shell) {
        guard
            let entries = try? ConfigFile(shell.variables, random: shell.random)?.entries() ?? [],
            let settings = try? Settings(options: options, variables: shell.variables, entries: entries),
            let origin = settings.value(.server), ServiceHosts.isLoopback(origin)
        else { return nil }
        self.origin = origin
        source = settings[.server].source
        daemonOptions = Self.daemonOptions(caFile: settings.value(.caFile), shell.variables)
    }

    /// A daemon keeps its certificates and the state of its clients in one folder: the default one, or that of `--state`.
    private static func daemonOptions(caFile: String?, _ variables: [String: String]) -> String {
        guard let home = variables["PSPARTY_STATE_HOME"], home.hasSuffix("/home"), let caFile,
            caFile.hasPrefix(home.dropLast(4) + "psparty-sim-")
        else { return "" }
        let folder = String(home.dropLast(5))
        let base = variables["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let standard = base ?? (variables["HOME"] ?? "") + "/.local/state"
        return folder == standard + "/psparty-sim" ? "" : " --state \(folder.shellWord)"
    }

    /// The error with what most often is its cause: that the simulator was stopped, or started anew.
    func explaining(_ error: PartyError, _ invocation: Invocation) -> PartyError {
        var error = error
        if error.kind == .unreachable, error.status == nil, ServiceHosts.isRefused(origin) {
            error.message = "the simulator at \(origin) does not answer: \(error.message)"
            error.hint = start(invocation)
        } else if [.signIn, .signInAgain].contains(error.remedy), ServiceHosts.isRefused(origin) {
            // A simulator that was stopped took its sign-ins along.
            error.hint = "the simulator at \(origin) does not answer: \(start(invocation))"
        } else if error.kind == .tls, error.step != "proxy" {
            error.hint = [
                "if the simulator was started anew, load its variables with "
                    + "`eval \"$(psparty-sim status\(daemonOptions))\"`",
                error.hint,
            ].compactMap { $0 }.joined(separator: "; ")
        }
        return error
    }

    private func start(_ invocation: Invocation) -> String {
        "start it with `eval \"$(psparty-sim --daemon\(daemonOptions))\"`, or \(wayOut(invocation))"
    }

    private func wayOut(_ invocation: Invocation) -> String {
        let act =
            switch source {
            case .option: "leave out --server"
            case .environment: "unset PSPARTY_SERVER"
            case .file, .standard: "take it out with \(invocation.quoted("config unset server"))"
            }
        return act + " to reach the real service"
    }
}
