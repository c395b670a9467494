import Foundation
import PartyTestSupport

/// A consumer of `listen` that reads only when the test lets it: a named pipe without a reader.
final class StuckTaker: Sendable {
    /// The consumer behind the pipe.
    enum Kind: Sendable {
        /// A program of `--exec`, which reads a line of the pipe first.
        case program
        /// The disk below `--record`.
        case disk
    }

    private let kind: Kind
    private let scratch: ScratchFolder
    private let pipe: FileHandle

    init(_ kind: Kind) throws {
        self.kind = kind
        scratch = try ScratchFolder()
        unsafe mkfifo(scratch("pipe"), 0o600)
        // Opening for reading and writing does not block.
        pipe = try FileHandle(forUpdating: URL(fileURLWithPath: scratch("pipe")))
        try scratch.write("#!/bin/sh\nread -r word <\"${0%/*}/pipe\"\n", to: "program")
        try scratch.setMode("program", to: 0o755)
    }

    deinit { pipe.readabilityHandler = nil }

    /// For `listen`.
    var options: [String] {
        switch kind {
        case .program: ["--exec", scratch("program")]
        case .disk: ["--record", scratch("pipe")]
        }
    }

    /// From now on it reads.
    func letGo() {
        switch kind {
        case .program: pipe.write(Data(String(repeating: "go\n", count: 100).utf8))
        case .disk: pipe.readabilityHandler = { _ = $0.availableData }
        }
    }
}
