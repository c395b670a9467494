internal import Glibc
import PartyCore
import PartyLive

/// A FILE on the command line: a path, or `-` for standard input.
enum InputSource: Sendable, Equatable {
    case file(String)
    case standardInput

    init(_ argument: String) {
        self = argument == "-" ? .standardInput : .file(argument)
    }

    /// In the words of an error.
    var name: String {
        switch self {
        case .file(let path): path.displayed
        case .standardInput: "standard input"
        }
    }

    /// All that is in it.
    /// - Parameter limit: bytes.
    /// - Throws: `.notFound` where there is no such file, `.badData` where it is larger.
    func bytes(_ console: Console, atMost limit: Int) async throws(PartyError) -> [UInt8] {
        let next = try pieces(console)
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard bytes.count + piece.count <= limit else {
                throw PartyError(.badData, "\(name) is over \(limit >> 10) kB", step: "input")
            }
            bytes += piece
        }
        return bytes
    }

    /// Opens it, to be read piece by piece: each call has the next, or `nil` at the end.
    /// - Throws: `.notFound` where there is no such file.
    func pieces(_ console: Console) throws(PartyError) -> @Sendable () async throws(PartyError) -> [UInt8]? {
        guard case .file(let path) = self else { return console.piece }
        let reader = try open(path)
        let text = TextInput(name: name)
        return { () async throws(PartyError) in
            try await text.piece { () async throws(PartyError) in try await reader.piece() }
        }
    }

    private func open(_ path: String) throws(PartyError) -> DescriptorReader {
        // Not blocking: a FIFO that nobody writes to is waited for where the wait can be given up.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let isMissing = errno == ENOENT || errno == ENOTDIR
            throw PartyError(
                isMissing ? .notFound : .storage, "\(name) cannot be read: \(errorText(errno))", step: "input")
        }
        return DescriptorReader(descriptor, name: name, isOwned: true)
    }
}
