import CWebSockets
import PartyCore

/// Owns the `lws_context`, of which there may be only one in a process: a second one overwrites global TLS indexes of
/// the first. It is never destroyed.
///
/// Invariant that makes it Sendable: the pointers are set once, and all but `wake` is called on the one service thread
/// alone; `wake` is lws_cancel_service, which libwebsockets allows from every thread while the context lives.
@safe final class LwsContext: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let memory: LwsMemory

    init() throws(TransportError) {
        OpenSSLLibrary.start
        try LwsLibrary.load()
        LwsLog.start()
        memory = LwsMemory()
        var info = unsafe Self.settings(memory)
        unsafe info.options |= UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
        // lws_create_context ignores SIGPIPE for the whole process. This thread blocks it, so nothing needs that.
        let made = unsafe PipeSignal.restored { unsafe LwsLibrary.functions.lws_create_context(&info) }
        guard let context = unsafe made else {
            throw TransportError(.unusable, .preparing, "libwebsockets does not start: \(LwsLog.take())")
        }
        unsafe pointer = context
        unsafe memory.alarm.pointee.context = context
    }

    func wake() {
        unsafe LwsLibrary.functions.lws_cancel_service(pointer)
    }

    /// Sleeps until there is an event, and handles it.
    /// - Returns: false if libwebsockets failed.
    func service() -> Bool {
        unsafe LwsLibrary.functions.lws_service(pointer, 0) >= 0
    }

    /// Lets `service` return after this time at the latest; `nil` removes the limit.
    func setAlarm(_ delay: Duration?) {
        let microseconds = delay.map { delay in
            // Far beyond any deadline of a connection, and far from overflow.
            let (seconds, attoseconds) = min(delay, .seconds(86_400)).components
            return max(1, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        }
        let list = unsafe UnsafeMutableRawPointer(memory.alarm).assumingMemoryBound(to: lws_sorted_usec_list_t.self)
        unsafe LwsLibrary.functions.lws_sul_schedule(
            pointer, 0, list, ring, microseconds ?? Int64(LWS_SET_TIMER_USEC_CANCEL))
    }

    /// A virtual host: libwebsockets keeps the trusted certificates there.
    func makeHost(_ tls: PushTLS) throws(TransportError) -> OpaquePointer {
        var info = unsafe Self.settings(memory)
        unsafe info.provided_client_ssl_ctx = tls.pointer
        // Not null, or libwebsockets takes a proxy from http_proxy in the environment: its own way through one knows neither
        // long credentials nor each answer that opens a tunnel, and no SOCKS.
        let host = unsafe "".withCString { proxy in
            unsafe info.http_proxy_address = proxy
            return unsafe LwsLibrary.functions.lws_create_vhost(pointer, &info)
        }
        // It has complained about the empty address of no proxy.
        let complaint = LwsLog.take()
        guard let host = unsafe host else {
            throw TransportError(.unusable, .preparing, "libwebsockets refuses its settings: \(complaint)")
        }
        return unsafe host
    }

    /// Starts a connection; its events go to the socket.
    /// - Returns: false if it could not be started.
    func connect(_ socket: PushSocket, to address: String, host: OpaquePointer) -> Bool {
        let job = socket.job
        let texts = CStrings()
        var info = unsafe lws_client_connect_info()
        unsafe info.context = pointer
        unsafe info.vhost = host
        unsafe info.address = texts.copy(address)
        unsafe info.port = Int32(job.target.port)
        unsafe info.host = texts.copy(job.target.hostHeader)
        unsafe info.path = texts.copy(job.target.path)
        unsafe info.protocol = texts.copy(job.request.subprotocol)
        unsafe info.local_protocol_name = UnsafePointer(memory.name)
        // Over HTTP/2 libwebsockets cannot open a WebSocket.
        unsafe info.alpn = texts.copy("http/1.1")
        // A redirect followed would take the Authorization header to the new host.
        let flags = job.target.scheme.isSecure ? LCCSCF_USE_SSL.rawValue : 0
        unsafe info.ssl_connection = Int32(flags | LCCSCF_HTTP_NO_FOLLOW_REDIRECT.rawValue)
        unsafe info.retry_and_idle_policy = UnsafePointer(memory.noPings)
        unsafe info.opaque_user_data = Unmanaged.passUnretained(socket).toOpaque()
        // A cell that outlives every connection, as libwebsockets keeps its address; it is read right after the call only.
        unsafe memory.connecting.pointee = nil
        unsafe info.pwsi = memory.connecting
        guard unsafe LwsLibrary.functions.lws_client_connect_via_info(&info) != nil else { return false }
        unsafe socket.began(memory.connecting.pointee)
        return true
    }

    private static func settings(_ memory: LwsMemory) -> lws_context_creation_info {
        var info = unsafe lws_context_creation_info()
        unsafe info.port = CONTEXT_PORT_NO_LISTEN
        unsafe info.options = UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
        unsafe info.protocols = UnsafePointer(memory.protocols)
        unsafe info.retry_and_idle_policy = UnsafePointer(memory.noPings)
        unsafe info.gid = -1
        unsafe info.uid = -1
        unsafe info.fd_limit_per_thread = 32
        unsafe info.pt_serv_buf_size = UInt32(LwsMemory.bufferSize)
        unsafe info.max_http_header_data2 = 16384
        // `PushSocket` has deadlines of its own; these must not come first.
        unsafe info.timeout_secs = 3600
        unsafe info.connect_timeout_secs = 3600
        // No extensions: permessage-deflate of 4.1 loops forever at a PONG with a payload or at an uncompressed frame.
        unsafe info.extensions = nil
        return unsafe info
    }
}
