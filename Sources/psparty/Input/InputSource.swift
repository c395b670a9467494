internal import Glibc
import PartyCore
import PartyLive

/// A FILE argument: a path, or `-` for standard input.
enum InputSource: Sendable, Equatable {
    case file(String)
    case standardInput

    init(_ argument: String) {
        self = argument == "-" ? .standardInput : .file(argument)
    }

    /// The name for error messages.
    var name: String {
        switch self {
        case .file(let path): path.displayed
        case .standardInput: "standard input"
        }
    }

    /// The whole content.
    /// - Parameter limit: the maximum size in bytes.
    /// - Throws: `.notFound` if the file does not exist, `.badData` if it is larger than the limit.
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

    /// Opens the source. Each call of the result returns the next bytes, or `nil` at the end.
    /// - Throws: `.notFound` if the file does not exist.
    func pieces(_ console: Console) throws(PartyError) -> @Sendable () async throws(PartyError) -> [UInt8]? {
        guard case .file(let path) = self else { return console.piece }
        let reader = try open(path)
        let text = TextInput(name: name)
        return { () async throws(PartyError) in
            try await text.piece { () async throws(PartyError) in try await reader.piece() }
        }
    }

    private func open(_ path: String) throws(PartyError) -> DescriptorReader {
        // Non-blocking: opening a FIFO without a writer would block, and only the later read can be cancelled.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let isMissing = errno == ENOENT || errno == ENOTDIR
            throw PartyError(
                isMissing ? .notFound : .storage, "cannot read \(name): \(errorText(errno))", step: "input")
        }
        return DescriptorReader(descriptor, name: name, isOwned: true)
    }
}
