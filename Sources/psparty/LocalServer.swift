import PartyCore
import PartyLive

/// A configured server on the loopback interface, usually a simulator.
struct LocalServer {
    private let origin: String
    private let source: Setting.Source
    /// The options with which `psparty-sim` finds the daemon that exported these variables.
    private let daemonOptions: String

    /// - Returns: `nil` if the server is not on this machine, or the configuration is invalid.
    init?(_ options: GlobalOptions, in environment: CommandEnvironment) {
        guard
            let entries = try? ConfigFile(environment.variables, random: environment.random)?.entries() ?? [],
            let settings = try? Settings(options: options, variables: environment.variables, entries: entries),
            let origin = settings.value(.server), ServiceHosts.isLoopback(origin)
        else { return nil }
        self.origin = origin
        source = settings[.server].source
        daemonOptions = Self.daemonOptions(caFile: settings.value(.caFile), environment.variables)
    }

    /// A daemon keeps certificates and client state in one folder: the default one, or the one of `--state`.
    private static func daemonOptions(caFile: String?, _ variables: [String: String]) -> String {
        guard let home = variables["PSPARTY_STATE_HOME"], home.hasSuffix("/home"), let caFile,
            caFile.hasPrefix(home.dropLast(4) + "psparty-sim-")
        else { return "" }
        let folder = String(home.dropLast(5))
        let base = variables["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let standard = base ?? (variables["HOME"] ?? "") + "/.local/state"
        return folder == standard + "/psparty-sim" ? "" : " --state \(folder.shellWord)"
    }

    /// Adds the most likely cause: the simulator was stopped or restarted.
    func explaining(_ error: PartyError, _ invocation: Invocation) -> PartyError {
        var error = error
        if error.kind == .unreachable, error.status == nil, ServiceHosts.isRefused(origin) {
            error.message = "the simulator at \(origin) does not answer: \(error.message)"
            error.hint = start(invocation)
        } else if error.remedy == .signInAgain, error.status == nil, ServiceHosts.isRefused(origin) {
            // A simulator forgets its sign-ins when it stops: it is unreachable, and refused nothing.
            error.kind = .unreachable
            error.message = "the simulator at \(origin) does not answer: \(error.message)"
            error.hint = start(invocation)
        } else if error.remedy == .signIn, ServiceHosts.isRefused(origin) {
            error.hint = "the simulator at \(origin) does not answer: \(start(invocation))"
        } else if error.kind == .tls, error.step != "proxy" {
            error.hint = [
                "if the simulator was restarted, load its variables with "
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
            case .option: "omit --server"
            case .environment: "unset PSPARTY_SERVER"
            case .file, .standard: "remove the setting with \(invocation.quoted("config unset server"))"
            }
        return act + " to reach the real service"
    }
}
