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
}
