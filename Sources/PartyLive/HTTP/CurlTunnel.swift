import CCurl
import PartyCore

/// A tunnel through a proxy to a server: its settings.
struct TunnelJob: Sendable {
    let target: TargetURL
    let proxy: Proxy
    /// For TLS with the proxy.
    let trust: TrustStore
    let userAgent: String
    /// For look-up, connection and the proxy's answer together.
    let timeout: Duration
}

/// A tunnel that curl opens: it connects to the proxy, asks for the server and stops there. The bytes in the tunnel are not
/// curl's.
final class CurlTunnel: CurlExchange {
    let handle: CurlHandle
    private let job: TunnelJob
    private let chain: ChainCheck
    private let answer: PendingResult<Tunnel>
    private var beganTLS = false

    init(_ job: TunnelJob, answer: PendingResult<Tunnel>) throws(TransportError) {
        handle = try CurlHandle()
        self.job = job
        self.answer = answer
        chain = ChainCheck(job.trust)
        try handle.setUpConnection(job.proxy, connectTimeout: job.timeout, timeout: job.timeout)
        // Plain: the user of the tunnel does TLS with the server.
        try handle.set(CURLOPT_URL, "http://" + Proxy.authority(job.target.host, job.target.port) + "/")
        try handle.set(CURLOPT_PROTOCOLS_STR, "http")
        try handle.set(CURLOPT_HTTPPROXYTUNNEL, 1)
        try handle.set(CURLOPT_CONNECT_ONLY, 1)
        try handle.set(CURLOPT_FRESH_CONNECT, 1)
        try handle.set(CURLOPT_USERAGENT, job.userAgent)
        // Not retained: it outlives the use of the handle by curl.
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        if job.proxy.scheme == .https { try unsafe handle.setTrust(trustProxy, me) }
    }

    func setUpTLS(_ context: OpaquePointer) {
        beganTLS = true
        unsafe job.trust.install(in: context)
        unsafe chain.install(in: context)
    }

    /// The descriptor of the connection to the proxy, as long as curl keeps it.
    var socket: Int32? {
        var descriptor = CURL_SOCKET_BAD
        let code = unsafe party_curl_get_socket(handle.curl.pointer, handle.pointer, &descriptor)
        return code == CURLE_OK && descriptor != CURL_SOCKET_BAD ? descriptor : nil
    }

    func failure(_ code: CURLcode) -> TransportError {
        var progress = CurlFailure.Progress(handle, proxy: job.proxy)
        progress.beganTLS = beganTLS
        progress.lostInTLS = chain.hasLostConnection
        return CurlFailure.error(code, handle.text(code), progress)
    }

    func finish(_ code: CURLcode) {
        guard code == CURLE_OK else { return fail(failure(code)) }
        // curl closes its own when the handle is taken from it.
        guard let socket else {
            return fail(TransportError(.unreachable, .connecting, "the way through the proxy was lost at once"))
        }
        do throws(TransportError) {
            answer.give(.success(try Tunnel(copying: socket)))
        } catch {
            fail(error)
        }
    }

    func fail(_ error: TransportError) {
        answer.fail(error)
    }
}
