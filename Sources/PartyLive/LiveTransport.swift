public import PartyCore
import Synchronization

/// Settings of `LiveTransport`.
public struct LiveTransportOptions: Sendable {
    /// A PEM file of additional trusted CAs, for REST and push.
    public var caFile: String?
    /// The variables for proxies, and OpenSSL's `SSL_CERT_DIR` and `SSL_CERT_FILE`.
    public var environment: [String: String]
    /// The `User-Agent` of requests that have none of their own.
    public var userAgent: String

    /// Options. `environment` is the process environment.
    public init(caFile: String? = nil, environment: [String: String] = [:], userAgent: String) {
        self.caFile = caFile
        self.environment = environment
        self.userAgent = userAgent
    }
}

/// The real network: libcurl for REST, libwebsockets for push. Each is loaded at its first use.
public final class LiveTransport: Transport {
    private let options: LiveTransportOptions
    private let client = Mutex<CurlClient?>(nil)
    private let trust = Mutex<TrustStore?>(nil)
    /// A client that `prepare` made, for the first transport that needs one.
    private static let prepared = Mutex<CurlClient?>(nil)

    /// A transport with its own connections. It opens none before the first request.
    public init(_ options: LiveTransportOptions) {
        self.options = options
    }

    /// Starts a thread that loads libcurl, so that a program which will send requests can parse its arguments meanwhile.
    /// It sends nothing, and the first request reports its errors.
    package static func prepare() {
        let client = try? CurlClient()
        prepared.withLock { $0 = client }
    }

    /// The proxy for requests to that address, without user name and password.
    /// - Returns: `nil` if there is none.
    /// - Throws: `.unusable` if the variable that applies has no address of a proxy.
    package static func proxy(for url: String, _ environment: [String: String]) throws(TransportError) -> String? {
        try ProxyRule.proxy(for: try TargetURL(url), environment).map { proxy in
            "\(proxy.scheme)://\(Proxy.authority(proxy.host, proxy.port))"
        }
    }

    public func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        let target = try TargetURL(request.url)
        guard target.scheme == .https || target.scheme == .http else {
            throw TransportError(.unusable, .preparing, "\(target.scheme.rawValue) is not for requests")
        }
        if !request.mayBePlain {
            try target.requireSafety()
        }
        try prepare(request.headers)
        let proxy = try ProxyRule.proxy(for: target, options.environment, mayBePlain: request.mayBePlain)
        if proxy != nil, request.reach == .publicAddresses, !target.hasPublicForm {
            throw TransportError(.insecure, .preparing, "\(target.host) is not a public host name")
        }
        let trust: TrustStore
        do throws(TransportError) { trust = try trusted(by: target) } catch {
            // A simulator removes its CA file when it stops: the error to report is that it does not run.
            guard error.kind == .tls, error.phase == .preparing, target.isLoopback, proxy == nil,
                LoopbackProbe.isRefused(target)
            else { throw error }
            throw TransportError(.unreachable, .connecting, "\(target.hostHeader) refuses connections")
        }
        let job = CurlJob(request: request, target: target, proxy: proxy, trust: trust, userAgent: options.userAgent)
        return try await requests().send(job)
    }

    public func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        let target = try TargetURL(request.url)
        guard target.scheme == .wss || target.scheme == .ws else {
            throw TransportError(.unusable, .preparing, "\(target.scheme.rawValue) is not for push")
        }
        try target.requireSafety()
        try prepare(request.headers)
        let trust = try trusted(by: target)
        let job = try PushJob(request: request, target: target, trust: trust, userAgent: options.userAgent)
        guard let proxy = try ProxyRule.proxy(for: target, options.environment) else {
            return try await PushLoop.shared.open(job)
        }
        let way = TunnelJob(
            target: target, proxy: proxy, trust: trust, userAgent: options.userAgent, timeout: request.timeout)
        let tunnel = proxy.scheme == .https ? try await ProxyRelay.open(way) : try await requests().open(way)
        return try await PushLoop.shared.open(job, through: tunnel)
    }

    /// The trusted certificates, read once.
    /// - Throws: `.tls` before any packet is sent, if a file cannot be read, or if a TLS connection has no trusted
    ///   authority.
    private func trusted(by target: TargetURL) throws(TransportError) -> TrustStore {
        let outcome = trust.withLock { trust -> Result<TrustStore, TransportError> in
            if let trust { return .success(trust) }
            do throws(TransportError) {
                let fresh = try TrustStore(TrustRoots(further: options.caFile, environment: options.environment))
                trust = fresh
                return .success(fresh)
            } catch { return .failure(error) }
        }
        let trust = try outcome.get()
        if target.scheme.isSecure, trust.roots.isEmpty { throw TrustRoots.emptiness }
        return trust
    }

    /// Checks a request before a C library gets it.
    private func prepare(_ headers: [HeaderField]) throws(TransportError) {
        if Task.isCancelled {
            throw TransportError(.cancelled, .preparing, "cancelled")
        }
        for header in headers {
            let name = header.name.utf8
            let isName = !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            // A line break in a value would start another header.
            let isValue = header.revealedValue().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            guard isName, isValue else {
                // Settings are checked when they are read, so this value came from the service.
                throw TransportError(.malformed, .preparing, "the header \(header.name) cannot be sent")
            }
        }
    }

    /// The client, made at the first request.
    private func requests() throws(TransportError) -> CurlClient {
        let outcome = client.withLock { client -> Result<CurlClient, TransportError> in
            if let client { return .success(client) }
            do throws(TransportError) {
                let prepared = Self.prepared.withLock { client in
                    defer { client = nil }
                    return client
                }
                let fresh: CurlClient
                if let prepared { fresh = prepared } else { fresh = try CurlClient() }
                client = fresh
                return .success(fresh)
            } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
