/// The connection to an engine, the program that carries the media: lines in both directions, and its end (docs/voice-engine.md).
public struct EngineLink: Sendable {
    /// Something that came from the engine.
    public enum Output: Sendable, Equatable {
        /// A line without its line end.
        case line([UInt8])
        /// A line of this many bytes or more. Nothing follows.
        case lineTooLong(Int)
        /// The engine has ended. Nothing follows.
        case ended(End)
    }

    /// How a program ends.
    public enum End: Sendable, Equatable {
        /// The program ended by itself, with this exit status.
        case exited(status: Int32)
        /// A signal ended the program.
        case killed(signal: Int32)
        /// The program ended in an unknown way: this process ignores SIGCHLD.
        case unknown
    }

    /// Limits of what is on its way. A session description has about 5 kB.
    public struct Limits: Sendable {
        /// The largest line of the engine in bytes.
        public var line = 256 << 10
        /// How many bytes may wait until the engine reads them.
        public var waiting = 1 << 20
        /// How long the engine may take to end after the end of its input. Then it gets SIGTERM, and after the same
        /// time SIGKILL.
        public var patience: Duration = .milliseconds(250)

        /// The default limits.
        public init() {}
    }

    /// The output of the engine. An engine that writes faster than it is read has to wait.
    public let output: AsyncStream<[Output]>
    /// Queues whole lines without waiting, and writes them as fast as the engine reads.
    /// - Returns: `false` if too much waits already; nothing is queued then.
    public let send: @Sendable ([UInt8]) -> Bool
    /// Ends the engine and every process of its group, and returns when it is gone.
    public let stop: @Sendable () async -> Void

    /// A link whose closures reach the engine. `send` and `stop` may be called from any thread.
    public init(
        output: AsyncStream<[Output]>, send: @escaping @Sendable ([UInt8]) -> Bool,
        stop: @escaping @Sendable () async -> Void
    ) {
        self.output = output
        self.send = send
        self.stop = stop
    }
}

/// The program that is started as an engine.
public struct EngineCommand: Sendable, Equatable {
    /// The program, which is searched in PATH, and its arguments.
    public var words: [String]
    /// Its environment.
    public var variables: [String: String]
    /// Descriptors that the engine inherits besides its standard streams.
    public var descriptors: [Int32]

    /// A command with its environment.
    public init(_ words: [String], variables: [String: String], descriptors: [Int32] = []) {
        self.words = words
        self.variables = variables
        self.descriptors = descriptors
    }
}
