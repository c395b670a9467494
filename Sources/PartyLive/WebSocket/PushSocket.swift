import CWebSockets
import PartyCore

/// One push connection from its look-up to its end. It lives on the service thread; others reach it by its number.
@safe final class PushSocket {
    enum Stage {
        case lookup, connecting, handshake, upgrade, open, closing, ended
    }

    let number: Int
    let job: PushJob
    /// The tunnel to the server, if there is a proxy.
    let tunnel: Tunnel?
    private(set) var stage = Stage.lookup
    private(set) var deadline: ContinuousClock.Instant?
    /// libwebsockets' side of it; `nil` before and after.
    var wsi: OpaquePointer?
    /// The socket of the present attempt, once libwebsockets has made it.
    private var descriptor: Int32 = -1
    /// Knows how far TLS came; set before the first attempt.
    var chain: ChainCheck?
    /// Why the certificate is not trusted; `nil` if it is.
    var certificateText: String?
    /// The certificate that its chain lacks, if that is the reason.
    var missingIssuer: MissingIssuer?
    var outgoing: [PushWrite] = []
    var assembly: FrameAssembly
    var arrived: [PushArrival] = []
    var probe = ActivityProbe()
    private let answer: PendingResult<PushConnection>
    private let commands: CommandQueue<PushLoop.Command>
    private let arrivals = PushArrivals()
    private let window = ReceiveWindow()
    private var isReading = true
    private var addresses: [String] = []
    private var isBetweenAddresses = false
    /// When the last of the addresses has had its time.
    private var limit = ContinuousClock.now

    /// The number of bytes that are passed on at a time, if there are more.
    private static let portion = 64 << 10

    init(
        _ number: Int, _ job: PushJob, _ tunnel: Tunnel?, _ answer: PendingResult<PushConnection>,
        _ commands: CommandQueue<PushLoop.Command>
    ) {
        self.number = number
        self.job = job
        self.tunnel = tunnel
        self.answer = answer
        self.commands = commands
        assembly = FrameAssembly(limit: job.request.maximumFrame)
        deadline = .now + job.request.timeout
    }

    var hasEnded: Bool { stage == .ended }

    // While it opens:

    /// Called when connecting has started: there is no callback before TCP is connected, and a deadline may end the attempt.
    func began(_ wsi: OpaquePointer?) {
        if unsafe self.wsi == nil, stage == .connecting { unsafe self.wsi = wsi }
    }

    func found(_ addresses: [String]) {
        guard stage == .lookup else { return }
        // Also for localhost the addresses decide.
        let allowed = addresses.filter { job.target.scheme.isSecure || IPAddress($0)?.isLoopback == true }
        guard !allowed.isEmpty else {
            return fail(TransportError(.insecure, .lookup, "\(job.target.host) is not on this machine"))
        }
        connect(to: allowed)
    }

    /// - Parameter addresses: in the form that libwebsockets takes; they are tried in this order.
    func connect(to addresses: [String]) {
        self.addresses = addresses
        stage = .connecting
        isBetweenAddresses = true
        deadline = .now + job.request.timeout
        limit = .now + job.request.timeout
    }

    /// The address to try now, if the last attempt has ended. Each gets an equal share of the time that is left.
    func nextAddress(_ now: ContinuousClock.Instant) -> String? {
        guard stage == .connecting, isBetweenAddresses, !addresses.isEmpty else { return nil }
        isBetweenAddresses = false
        descriptor = -1
        deadline = now + now.duration(to: limit) / addresses.count
        return addresses.removeFirst()
    }

    func advance(to next: Stage) {
        guard stage == .connecting || stage == .handshake else { return }
        stage = next
        if next == .upgrade {
            deadline = .now + job.request.timeout
        }
    }

    /// libwebsockets has made a socket; TLS has not begun on it.
    func created(_ descriptor: Int32) {
        self.descriptor = descriptor
        // From an earlier socket of the same number.
        _ = chain?.takeUnfinished(on: descriptor)
    }

    /// The connection did not open; there may be another address.
    /// - Parameter text: libwebsockets' text.
    /// - Parameter status: the HTTP status of the answer; 0 for none.
    func connectionFailed(_ text: String, status: Int = 0) {
        let handshake = chain?.takeUnfinished(on: descriptor)
        letGo()
        if stage == .connecting && !addresses.isEmpty && certificateText == nil {
            isBetweenAddresses = true
        } else {
            let failure = PushFailure(
                stage: stage, handshake: handshake, certificateText: certificateText, status: status, text: text,
                log: LwsLog.take())
            let error = failure.error
            let missing = error.kind == .tls ? missingIssuer : nil
            fail(TransportError(error.kind, error.phase, error.detail, missingIssuer: missing))
        }
    }

    /// - Returns: false if the task that opened it was cancelled.
    func open() -> Bool {
        stage = .open
        deadline = nil
        let post = { @Sendable [commands, number] (write: PushWrite) -> Void in commands.post(.write(number, write)) }
        let connection = PushConnection(
            arrivals: arrivals, send: { post(.text($0)) }, ping: { post(.ping) },
            close: { post(.close(code: $0, reason: $1)) },
            taken: { [window] bytes in if window.remove(bytes) { post(.readOn) } })
        return answer.give(.success(connection))
    }

    func checkDeadline(_ now: ContinuousClock.Instant) {
        guard let deadline, deadline <= now else { return }
        switch stage {
        case .closing:
            end(.local)
        case .connecting where !hasTCP && !addresses.isEmpty:
            kill()
            isBetweenAddresses = true
        default:
            let phase: TransportError.Phase =
                switch stage {
                case .lookup: .lookup
                case .connecting: hasTCP ? .handshake : .connecting
                case .handshake: .handshake
                default: .exchange
                }
            fail(TransportError(.timedOut, phase, "no answer within \(job.request.timeout.inMilliseconds / 1000) s"))
        }
    }

    /// libwebsockets does not say when TCP is connected; the system does.
    private var hasTCP: Bool {
        guard let wsi = unsafe wsi else { return false }
        return SocketState.hasPeer(unsafe LwsLibrary.functions.lws_get_socket_fd(wsi))
    }

    // Open:

    func queue(_ write: PushWrite) {
        if case .readOn = write { return read(true) }
        guard stage == .open else { return }
        outgoing.append(write)
        if case .close = write {
            stage = .closing
            deadline = .now + .seconds(2)
        }
        if let wsi = unsafe wsi {
            _ = unsafe LwsLibrary.functions.lws_callback_on_writable(wsi)
        }
    }

    /// Passes on what arrived. A single arrival goes at once; several are collected up to a portion, as waking the receiver costs
    /// as much as several frames.
    func deliver() {
        guard !arrived.isEmpty else { return lookForActivity() }
        let size = arrived.reduce(0) { $0 + $1.size }
        guard arrived.count == 1 || size >= Self.portion || !hasMore else { return }
        probe.delivered()
        if window.add(size) { read(false) }
        arrivals.put(arrived)
        arrived = []
    }

    private func lookForActivity() {
        guard stage == .open, let wsi = unsafe wsi else { return }
        let descriptor = unsafe LwsLibrary.functions.lws_get_socket_fd(wsi)
        if probe.findsActivity(on: descriptor, at: .now) { arrivals.put([.activity]) }
    }

    /// Whether the next turn will come at once and bring more.
    private var hasMore: Bool {
        guard stage == .open, isReading, let wsi = unsafe wsi else { return false }
        return SocketState.hasInput(unsafe LwsLibrary.functions.lws_get_socket_fd(wsi))
    }

    private func read(_ isWanted: Bool) {
        isReading = isWanted
        if let wsi = unsafe wsi { _ = unsafe LwsLibrary.functions.lws_rx_flow_control(wsi, isWanted ? 1 : 0) }
    }

    // The end:

    /// Ends an open connection; only the first call counts.
    func end(_ closure: PushClosure) {
        guard stage == .open || stage == .closing else { return }
        stage = .ended
        deadline = nil
        arrived.append(.closed(closure))
        if case .peer = closure {
            // libwebsockets still answers the close frame, with a time limit of its own.
            letGo()
        } else {
            kill()
        }
    }

    /// Ends a connection that never opened.
    func fail(_ error: TransportError) {
        guard stage != .open, stage != .closing, stage != .ended else { return }
        stage = .ended
        deadline = nil
        kill()
        answer.fail(error)
    }

    /// It opened after its task was cancelled.
    func drop() {
        stage = .ended
        letGo()
    }

    private func kill() {
        guard let doomed = unsafe wsi else { return }
        letGo()
        // Asynchronous, as this may run in a callback of the same connection.
        unsafe LwsLibrary.functions.lws_set_timeout(doomed, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
    }

    /// From here on callbacks of the connection no longer reach this object.
    func letGo() {
        if let wsi = unsafe wsi {
            unsafe LwsLibrary.functions.lws_set_opaque_user_data(wsi, nil)
        }
        unsafe wsi = nil
    }
}

extension PushArrival {
    /// The bytes that count in the receive window.
    fileprivate var size: Int {
        if case .frame(let bytes) = self { bytes.count } else { 0 }
    }
}
