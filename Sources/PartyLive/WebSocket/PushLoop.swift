import PartyCore
import Synchronization

/// Push over libwebsockets: one thread and one context for all connections of the process, as it takes no second one.
final class PushLoop: Sendable {
    enum Command: Sendable {
        case open(Int, PushJob, Tunnel?, PendingResult<PushConnection>)
        case found(Int, HostLookup.Outcome)
        case abandon(Int)
        case write(Int, PushWrite)
    }

    /// Created, with its thread, at the first push connection of the process.
    static let shared = PushLoop()

    private let commands = CommandQueue<Command>()
    private let lastNumber = Mutex(0)
    private let failure: TransportError?

    private init() {
        let commands = commands
        do throws(TransportError) {
            let context = try LwsContext()
            commands.setWake { context.wake() }
            try ServiceThread.start {
                PushWorker(context, commands).run()
            }
            failure = nil
        } catch {
            failure = error
        }
    }

    /// - Parameter tunnel: the tunnel to the server, if there is a proxy.
    func open(_ job: PushJob, through tunnel: Tunnel? = nil) async throws(TransportError) -> PushConnection {
        if let failure { throw failure }
        let number = lastNumber.withLock { number in
            number += 1
            return number
        }
        let answer = PendingResult<PushConnection>()
        commands.post(.open(number, job, tunnel, answer))
        return try await answer.value { [commands] in commands.post(.abandon(number)) }
    }
}

/// Something to send over an open push socket.
enum PushWrite: Sendable {
    case text([UInt8])
    case ping
    /// Sends nothing: the socket is read again.
    case readOn
    case close(code: UInt16, reason: String)
}
