/// The documented exit statuses.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case failure = 1
    case notFound = 3
    case signIn = 4
    case forbidden = 5
    case conflict = 6
    case unreachable = 7
    case timeout = 8
    case usage = 64
    case badData = 65
    case fault = 70
    case configuration = 78
    case interrupted = 130

    /// The meaning for commands in general.
    var meaning: String {
        switch self {
        case .success: "done; also if the reader of the output exited"
        case .failure: "refused by the service for another reason"
        case .notFound: "no such party, user, invitation, file or setting"
        case .signIn: "not signed in, or the sign-in has expired or was refused"
        case .forbidden: "not allowed: not a member, or invited users only"
        case .conflict: "a conflict or a limit: party full, too many requests"
        case .unreachable: "service unreachable or broken: DNS, TCP, TLS, an invalid response"
        case .timeout: "the time limit ended the wait"
        case .usage: "wrong usage; nothing was sent"
        case .badData: "bad input data"
        case .fault: "a bug in psparty, a local file that cannot be written, or a limit of this machine"
        case .configuration: "bad configuration: an option, variable or line of the config file"
        case .interrupted: "ended by a signal, after cleaning up: 129 SIGHUP, 130 SIGINT, 143 SIGTERM"
        }
    }

    /// The statuses with which a command can end, in order, with their meanings for it.
    /// - Parameter special: the statuses for which the command has a meaning of its own.
    static func possible(
        for path: [String], isGroup: Bool, _ special: [ExitStatus: String]
    ) -> [(status: ExitStatus, meaning: String)] {
        let local: Set<ExitStatus> = [.success, .usage, .fault, .configuration, .interrupted]
        let online: Set<ExitStatus> = [.failure, .notFound, .signIn, .forbidden, .conflict, .unreachable]
        let all = isGroup ? Set(allCases) : CLI.usesNetwork(path) ? local.union(online) : local
        return allCases.filter { all.contains($0) || special[$0] != nil }.map { ($0, special[$0] ?? $0.meaning) }
    }
}
