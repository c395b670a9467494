import CWebSockets
import PartyCore

/// Runs on the push thread: executes commands, keeps deadlines, and delivers what arrived after each turn.
@safe final class PushWorker {
    private let context: LwsContext
    private let commands: CommandQueue<PushLoop.Command>
    private var hosts: [TrustRoots: OpaquePointer] = unsafe [:]
    private var contexts: [TrustRoots: PushTLS] = [:]
    private var sockets: [Int: PushSocket] = [:]

    init(_ context: LwsContext, _ commands: CommandQueue<PushLoop.Command>) {
        self.context = context
        self.commands = commands
    }

    func run() -> Never {
        var pause = PollPause()
        while true {
            for command in commands.take() {
                obey(command)
            }
            settle()
            if !pause.mayGoOn(afterRefusal: !context.service()) {
                let error = TransportError(.exhausted, .exchange, "libwebsockets can wait for nothing")
                for socket in sockets.values {
                    socket.fail(error)
                    socket.end(.failed(error))
                }
            }
            // First, as the receiver waits for it.
            for socket in sockets.values { socket.deliver() }
        }
    }

    private func obey(_ command: PushLoop.Command) {
        switch command {
        case .open(let number, let job, let tunnel, let answer):
            open(PushSocket(number, job, tunnel, answer, commands))
        case .found(let number, let outcome):
            guard let socket = sockets[number] else { return }
            found(outcome, for: socket)
        case .abandon(let number):
            sockets[number]?.fail(TransportError(.cancelled, .exchange, "cancelled"))
        case .write(let number, let write):
            sockets[number]?.queue(write)
        }
    }

    private func open(_ socket: PushSocket) {
        sockets[socket.number] = socket
        do throws(TransportError) {
            let chain = try tls(for: socket.job.trust).chain
            chain.offer(socket.job.request.links, to: socket.job.target.host)
            socket.chain = chain
        } catch {
            return socket.fail(error)
        }
        guard socket.tunnel == nil else { return enter(socket) }
        let number = socket.number
        HostLookup.start(socket.job.target.host) { [commands] outcome in
            commands.post(.found(number, outcome))
        }
    }

    /// libwebsockets makes a connection of its own, at once, for the tunnel to take its place.
    private func enter(_ socket: PushSocket) {
        do throws(TransportError) {
            let doorstep = try Doorstep()
            socket.connect(to: [doorstep.address])
            if let address = socket.nextAddress(.now) { connect(socket, to: address) }
        } catch {
            socket.fail(error)
        }
    }

    private func found(_ outcome: HostLookup.Outcome, for socket: PushSocket) {
        switch outcome {
        case .success(let addresses):
            socket.found(addresses)
        case .failure(let error):
            socket.fail(error)
        }
    }

    /// Never freed, as libwebsockets goes on using it: one for each set of trusted certificates.
    private func tls(for trust: TrustStore) throws(TransportError) -> PushTLS {
        if let known = contexts[trust.roots] { return known }
        let fresh = try PushTLS(trust)
        contexts[trust.roots] = fresh
        return fresh
    }

    private func host(for trust: TrustStore) throws(TransportError) -> OpaquePointer {
        if let known = unsafe hosts[trust.roots] { return unsafe known }
        let fresh = try unsafe context.makeHost(tls(for: trust))
        unsafe hosts[trust.roots] = fresh
        return unsafe fresh
    }

    /// After each turn: connection attempts, deadlines, ends, and the next alarm.
    private func settle() {
        let now = ContinuousClock.now
        for socket in sockets.values {
            socket.checkDeadline(now)
            while let address = socket.nextAddress(now) {
                connect(socket, to: address)
            }
            if socket.hasEnded {
                socket.deliver()
                sockets[socket.number] = nil
            }
        }
        let next = sockets.values.compactMap(\.deadline).min()
        context.setAlarm(next.map { now.duration(to: $0) })
    }

    private func connect(_ socket: PushSocket, to address: String) {
        do throws(TransportError) {
            let host = try unsafe host(for: socket.job.trust)
            if unsafe !context.connect(socket, to: address, host: host) {
                socket.connectionFailed("no connection: \(LwsLog.take())")
            }
        } catch {
            socket.fail(error)
        }
    }
}
