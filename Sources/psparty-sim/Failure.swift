import Glibc

/// Why a command ends: one line for people, and the exit status.
struct Failure: Error {
    var message: String
    var status: Int32

    static func usage(_ message: String) -> Failure { Failure(message: message, status: 64) }
    static func configuration(_ message: String) -> Failure { Failure(message: message, status: 78) }
    static func internalError(_ message: String) -> Failure { Failure(message: message, status: 70) }
}

/// Standard output and standard error, unbuffered.
enum Terminal {
    /// - Throws: `Failure` where nobody can read it: who started a simulator must learn where it is.
    static func say(_ text: String) throws(Failure) {
        guard write(text + "\n", to: 1) else { throw .internalError("cannot write to standard output") }
    }

    static func complain(_ text: String) { _ = write("psparty-sim: \(text)\n", to: 2) }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
