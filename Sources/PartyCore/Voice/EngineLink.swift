/// The seam to an engine, the program that carries the media: lines both ways, and its end (docs/voice-engine.md).
public struct EngineLink: Sendable {
    /// What comes from it.
    public enum Output: Sendable, Equatable {
        /// A line without its end.
        case line([UInt8])
        /// A line of so many bytes or more; nothing comes behind it.
        case lineTooLong(Int)
        /// It is gone, and nothing comes behind that.
        case ended(End)
    }

    /// How a program ends.
    public enum End: Sendable, Equatable {
        /// The program ended by itself, with this exit status.
        case exited(status: Int32)
        /// A signal ended the program.
        case killed(signal: Int32)
        /// It is gone, and the system does not tell how: this process ignores SIGCHLD.
        case unknown
    }

    /// How much may be on its way. A session description has about 5 kB.
    public struct Limits: Sendable {
        /// Bytes of one line of the engine.
        public var line = 256 << 10
        /// Bytes that wait until the engine reads them.
        public var waiting = 1 << 20
        /// How long it may take to end by itself, once its input has ended; then it is asked with SIGTERM, and after as
        /// long again it is killed. All of that has to fit into the patience of an interrupted command.
        public var patience: Duration = .milliseconds(250)

        /// The default limits.
        public init() {}
    }

    /// What it says, as far as it is asked for: one that says more than is read has to wait.
    public let output: AsyncStream<[Output]>
    /// Takes whole lines at once and writes them as fast as the engine reads.
    /// - Returns: `false` where too much waits already; nothing is taken then.
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

/// What is started as an engine.
public struct EngineCommand: Sendable, Equatable {
    /// The program, looked for along PATH, and its arguments.
    public var words: [String]
    /// Its environment.
    public var variables: [String: String]
    /// What it inherits besides its standard streams: descriptors that whoever started us has opened for it.
    public var descriptors: [Int32]

    /// A command with its environment.
    public init(_ words: [String], variables: [String: String], descriptors: [Int32] = []) {
        self.words = words
        self.variables = variables
        self.descriptors = descriptors
    }
}
