import CLinux
import Synchronization

/// What the live network needs to know of its surroundings.
public struct LiveTransportOptions: Sendable {
    /// A PEM file of further trusted CAs, for REST and push alike.
    public var caFile: String?
    /// The proxy variables and OpenSSL's `SSL_CERT_DIR` and `SSL_CERT_FILE` come from here.
    public var environment: [String: String]
    /// Sent where a request brings no User-Agent of its own.
    public var userAgent: String

    public init(caFile: String? = nil, environment: [String: String] = [:], userAgent: String) {
        self.caFile = caFile
        self.environment = environment
        self.userAgent = userAgent
    }
}

/// The real network: libcurl for REST, libwebsockets for push. Neither is touched before its first use.
public final class LiveTransport: Transport {
    private struct Requests: Sendable {
        let client: CurlClient
        let trust: TrustStore
    }

    private let options: LiveTransportOptions
    private let requests = Mutex<Requests?>(nil)
    /// Made ahead, for the first to want one.
    private static let prepared = Mutex<CurlClient?>(nil)

    public init(_ options: LiveTransportOptions) {
        self.options = options
    }

    /// Loads and starts libcurl on a thread of its own, so that a command which will send requests can read its words and
    /// files meanwhile. Nothing is sent, and what goes wrong is told by the first request.
    public static func prepare() {
        // A pool of memory of each thread's own is grown page by page, at 5 % of a short command's time. Two are enough for
        // a stream: one for who reads it, one for who writes.
        party_limit_arenas(2)
        let client = try? CurlClient()
        prepared.withLock { $0 = client }
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
        let requests: Requests
        do throws(TransportError) { requests = try opened() } catch {
            // A simulator that was stopped took its CA file along: what is wrong is that it does not run.
            guard error.kind == .tls, error.phase == .preparing, target.isLoopback, proxy == nil,
                LoopbackProbe.isRefused(target)
            else { throw error }
            throw TransportError(.unreachable, .connecting, "\(target.hostHeader) refuses connections")
        }
        let job = CurlJob(
            request: request, target: target, proxy: proxy, trust: requests.trust, userAgent: options.userAgent)
        return try await requests.client.send(job)
    }

    public func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        let target = try TargetURL(request.url)
        guard target.scheme == .wss || target.scheme == .ws else {
            throw TransportError(.unusable, .preparing, "\(target.scheme.rawValue) is not for push")
        }
        try target.requireSafety()
        try prepare(request.headers)
        let job = try PushJob(
            request: request, target: target, proxy: try ProxyRule.proxy(for: target, options.environment),
            trust: trust(), userAgent: options.userAgent)
        return try await PushLoop.shared.open(job)
    }

    private func trust() -> TrustRoots {
        TrustRoots(further: options.caFile, environment: options.environment)
    }

    /// What is checked before any library sees the request.
    private func prepare(_ headers: [HeaderField]) throws(TransportError) {
        if Task.isCancelled {
            throw TransportError(.cancelled, .preparing, "cancelled")
        }
        for header in headers {
            let name = header.name.utf8
            let isName = !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            // A line break in a value would start a header of its own.
            let isValue = header.revealedValue().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            guard isName, isValue else {
                throw TransportError(.unusable, .preparing, "the header \(header.name) cannot be sent")
            }
        }
    }

    /// Made at the first request, once.
    private func opened() throws(TransportError) -> Requests {
        let outcome: Result<Requests, TransportError> = requests.withLock { requests in
            if let requests { return .success(requests) }
            do throws(TransportError) {
                let prepared = Self.prepared.withLock { client in
                    defer { client = nil }
                    return client
                }
                let client: CurlClient
                if let prepared { client = prepared } else { client = try CurlClient() }
                let fresh = Requests(client: client, trust: try TrustStore(trust()))
                requests = fresh
                return .success(fresh)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
