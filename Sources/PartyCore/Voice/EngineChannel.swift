/// The messages to and from an engine: sends as fast as the engine reads, and counts what cannot be understood.
struct EngineChannel: Sendable {
    /// The meaning of a line of the engine.
    enum Heard: Sendable, Equatable {
        case message(EngineMessage)
        case nothing
        case nonsense(PartyError)
    }

    private let link: EngineLink
    private let nonsenseLimit: Int
    private var backlog = EngineBacklog()
    private var nonsense = 0

    /// - Parameter nonsenseLimit: after how many lines that cannot be understood the engine is given up.
    init(_ link: EngineLink, nonsenseLimit: Int) {
        self.link = link
        self.nonsenseLimit = nonsenseLimit
    }

    /// When `flush` is due again.
    var deadline: Duration? { backlog.deadline }

    /// Appends a message; `flush` sends it.
    mutating func put(_ message: EngineMessage) {
        backlog.put(message)
    }

    /// Sends the waiting messages.
    /// - Returns: the error if the engine has read nothing for too long.
    mutating func flush(at now: Duration) -> PartyError? {
        let isPatient = backlog.flush(at: now) { [link] message in
            var json = JSONWriter()
            message.write(to: &json)
            return link.send(json.bytes)
        }
        let limit = EngineBacklog.patience.components.seconds
        return isPatient
            ? nil : PartyError(.engineFailed, "the engine did not read its input for \(limit) s", step: "engine")
    }

    func read(_ line: [UInt8]) -> Heard {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return .nothing }
        do throws(CodecError) { return .message(try EngineMessage(line: line)) } catch {
            let problem = "the engine wrote a line that is not a message: \(error.problem)"
            return .nonsense(PartyError(.engineFailed, problem, step: "engine"))
        }
    }

    /// Counts a line that cannot be understood.
    /// - Returns: the error if there were too many.
    mutating func countNonsense() -> PartyError? {
        nonsense += 1
        guard nonsense >= nonsenseLimit else { return nil }
        return PartyError(
            .engineFailed, "the engine wrote \(nonsense) invalid messages", step: "engine",
            hint:
                "its standard output must hold only messages of the protocol; text for people belongs on standard error"
        )
    }
}
