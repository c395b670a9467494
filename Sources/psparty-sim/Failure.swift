import Glibc

/// An error of a command: a one-line message and the exit status.
struct Failure: Error {
    var message: String
    var status: Int32

    static func usage(_ message: String) -> Failure { Failure(message: message, status: 64) }
    static func configuration(_ message: String) -> Failure { Failure(message: message, status: 78) }
    static func internalError(_ message: String) -> Failure { Failure(message: message, status: 70) }
}

/// Standard output and standard error, unbuffered.
enum Terminal {
    /// - Throws: `Failure` if the text cannot be written. The user needs it to reach the simulator.
    static func say(_ text: String) throws(Failure) {
        guard write(text + "\n", to: 1) else { throw .internalError("cannot write to standard output") }
    }

    static func complain(_ text: String) { _ = write("psparty-sim: \(text)\n", to: 2) }

    static func note(_ text: String) { _ = write(text + "\n", to: 2) }

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
