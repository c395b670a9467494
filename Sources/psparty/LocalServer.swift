import PartyCore
import PartyLive

/// The server of a run where it is on this machine, which most often is a simulator.
struct LocalServer {
    private let origin: String
    private let source: Setting.Source

    /// - Returns: `nil` where the service is elsewhere, or the configuration cannot be used.
    init?(_ options: GlobalOptions, in shell: Shell) {
        guard
            let entries = try? ConfigFile(shell.variables, random: shell.random)?.entries() ?? [],
            let settings = try? Settings(options: options, variables: shell.variables, entries: entries),
            let origin = settings.value(.server), ServiceHosts.isLoopback(origin)
        else { return nil }
        self.origin = origin
        source = settings[.server].source
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
        } else if error.kind == .tls {
            error.hint = [
                "if the simulator was started anew, load its variables with `eval \"$(psparty-sim status)\"`",
                error.hint,
            ].compactMap { $0 }.joined(separator: "; ")
        }
        return error
    }

    private func start(_ invocation: Invocation) -> String {
        "start it with `eval \"$(psparty-sim --daemon)\"`, or \(wayOut(invocation))"
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
