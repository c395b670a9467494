import Glibc
import Synchronization

/// The simulated service on a port of 127.0.0.1, over TLS: REST and push on one origin.
public final class LoopbackServer: Sendable {
    /// The certificate that the server sends.
    public enum TLS: String, Sendable, CaseIterable {
        case valid
        case expired
        /// Issued for another host name.
        case wrongHost = "wrong-host"
        /// Signed by a CA other than the one in the CA file.
        case otherCA = "other-ca"
        /// No TLS at all.
        case plain
    }

    /// Why the server cannot start.
    public struct StartError: Error, CustomStringConvertible, Sendable {
        public var description: String
    }

    public let port: UInt16
    /// The PEM file of the CA a client must trust; nil without TLS.
    public let caFile: String?
    /// The origin that replaces every host of the service: `https://127.0.0.1:PORT`.
    public let origin: String

    private let listener: Int32
    private let service: SimulatedService
    private let context: TLSServerContext?
    private let certificates: CertificateFolder?
    private let issuer: [UInt8]?
    private let stopSignal: MessageQueue
    private let threads = Mutex(RunningThreads())

    /// The running threads, and the messages to each connection.
    private struct RunningThreads {
        var count = 0
        var connections: [Int: (thread: Thread, messages: MessageQueue)] = [:]
        var finished: [Int] = []
        var accepting: Thread?
        var isStopped = false
    }

    private init(
        service: SimulatedService, listener: Int32, port: UInt16, certificates: CertificateFolder?,
        context: TLSServerContext?, stopSignal: MessageQueue
    ) {
        self.service = service
        self.listener = listener
        self.port = port
        self.certificates = certificates
        self.context = context
        self.stopSignal = stopSignal
        issuer = certificates?.issuer()
        caFile = certificates?.caFile
        origin = "\(certificates == nil ? "http" : "https")://127.0.0.1:\(port)"
    }

    /// Starts serving. Port 0 selects a free port.
    ///
    /// - Parameter parent: the folder in which the certificate folder is created; the temporary folder by default.
    /// - Throws: `StartError` if the port is not available or the certificates cannot be created.
    public static func start(
        service: SimulatedService, identity: Identity = Identity(), port: UInt16 = 0, in parent: String? = nil
    ) async throws -> LoopbackServer {
        guard let stopSignal = MessageQueue() else { throw StartError(description: "no pipe") }
        let (listener, bound) = try ListeningSocket.open(port: port)
        let certificates: CertificateFolder?
        let context: TLSServerContext?
        do {
            certificates = identity.tls == .plain ? nil : try CertificateFolder(identity, port: bound, in: parent)
            context = try certificates.map(Self.context)
        } catch {
            close(listener)
            throw error
        }
        let server = LoopbackServer(
            service: service, listener: listener, port: bound, certificates: certificates, context: context,
            stopSignal: stopSignal)
        await service.announcePush(at: "127.0.0.1:\(bound)")
        guard let thread = Thread({ server.accept() }) else {
            close(listener)
            certificates?.remove()
            throw StartError(description: "no thread")
        }
        server.threads.withLock { $0.accepting = thread }
        return server
    }

    private static func context(_ folder: CertificateFolder) throws(StartError) -> TLSServerContext {
        if let context = TLSServerContext(certificate: folder.leafFile, key: folder.leafKey) { return context }
        folder.remove()
        throw StartError(description: "OpenSSL rejects the certificate that it created")
    }

    /// Ends all connections and the server. Returns after its threads have ended.
    public func stop() {
        let accepting = threads.withLock { threads -> Thread? in
            guard !threads.isStopped else { return nil }
            threads.isStopped = true
            return threads.accepting
        }
        guard let accepting else { return }
        stopSignal.stop()
        accepting.join()
        let connections = threads.withLock { Array($0.connections.values) }
        for connection in connections { connection.messages.stop() }
        for connection in connections { connection.thread.join() }
        threads.withLock { $0.connections = [:] }
        close(listener)
        certificates?.remove()
    }

    private func accept() {
        while !stopSignal.isStopped {
            var sources = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopSignal.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&sources, 2, -1) >= 0 || errno == EINTR else {
                // accept failed for lack of resources: retrying at once would fail again.
                usleep(Self.pause)
                continue
            }
            reap()
            guard sources[0].revents != 0 else { continue }
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 {
                serve(descriptor)
            } else if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
                // The waiting client keeps the socket readable, so pause before the next try.
                usleep(Self.pause)
            }
        }
    }

    /// Microseconds before a failed accept is retried.
    private static let pause: UInt32 = 50_000
    /// The Swift runtime opens descriptors at any time and traps if none is free, so this many are reserved for it.
    private static let reserve: rlim_t = 8

    /// New descriptors get the lowest free number.
    private static func isOneOfTheLast(_ descriptor: Int32) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        return rlim_t(max(0, descriptor)) + reserve >= limit.rlim_cur
    }

    private func serve(_ descriptor: Int32) {
        guard !Self.isOneOfTheLast(descriptor) else {
            close(descriptor)
            return
        }
        var one: Int32 = 1
        // Send small frames without delay (TCP_NODELAY).
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard let messages = MessageQueue() else {
            close(descriptor)
            return
        }
        threads.withLock { threads in
            threads.count += 1
            let number = threads.count
            // Under the lock, so that the entry exists before the thread can end.
            let thread = Thread { self.run(descriptor, messages, number) }
            guard let thread else {
                close(descriptor)
                return
            }
            threads.connections[number] = (thread, messages)
        }
    }

    private func run(_ descriptor: Int32, _ messages: MessageQueue, _ number: Int) {
        if let issuer, IssuerPoint.isPlain(descriptor) {
            IssuerPoint(wire: Wire(descriptor: descriptor, session: nil, messages: messages), issuer: issuer).run()
            return threads.withLock { $0.finished.append(number) }
        }
        let session = context?.session(descriptor)
        let wire = Wire(descriptor: descriptor, session: session, messages: messages)
        if context == nil || session != nil {
            Connection(wire: wire, messages: messages, service: service).run()
        }
        threads.withLock { $0.finished.append(number) }
    }

    /// Joins the threads that have ended.
    private func reap() {
        let ended = threads.withLock { threads in
            defer { threads.finished = [] }
            return threads.isStopped ? [] : threads.finished.compactMap { threads.connections.removeValue(forKey: $0) }
        }
        for connection in ended { connection.thread.join() }
    }
}
