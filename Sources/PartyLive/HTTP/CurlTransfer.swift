import CCurl
import COpenSSL
import PartyCore

/// A request with its target, proxy, trust and user agent.
struct CurlJob: Sendable {
    let request: RESTRequest
    let target: TargetURL
    let proxy: Proxy?
    let trust: TrustStore
    let userAgent: String
}

/// A request that curl performs: its handle and the parts of the response so far. Used on the service thread.
final class CurlTransfer: CurlExchange {
    /// The largest head of an answer in bytes, with 1xx answers before it. Real ones have a few kilobytes.
    private static let largestHead = 256 << 10

    let handle: CurlHandle
    private let job: CurlJob
    private let chain: ChainCheck
    private let answer: PendingResult<RESTResponse>
    private var headers: [HeaderField] = []
    private var headSize = 0
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var attempts = 0
    private var beganTLS = false
    /// The address that was not connected to, because it is not public.
    private var privateAddress: IPAddress?

    init(_ job: CurlJob, answer: PendingResult<RESTResponse>) throws(TransportError) {
        handle = try CurlHandle()
        self.job = job
        chain = ChainCheck(job.trust, links: job.request.links, target: job.target)
        self.answer = answer
        try setUpConnection()
        try setUpRequest()
        try setUpCallbacks()
    }

    func finish(_ code: CURLcode) {
        guard code == CURLE_OK else { return answer.fail(failure(code)) }
        answer.give(
            .success(RESTResponse(status: handle.long(CURLINFO_RESPONSE_CODE), headers: headers, body: body)))
    }

    func fail(_ error: TransportError) {
        answer.fail(error)
    }

    private func failure(_ code: CURLcode) -> TransportError {
        if headSize > Self.largestHead {
            return TransportError(
                .malformed, .exchange, "the head of the answer is larger than \(Self.largestHead) bytes")
        }
        if isTooLarge {
            return TransportError(.malformed, .exchange, "the answer is larger than \(job.request.largestAnswer) bytes")
        }
        if code == CURLE_ABORTED_BY_CALLBACK {
            return TransportError(.brokenOff, .exchange, "the connection ended before the answer; not sent again")
        }
        if let privateAddress, attempts == 0 {
            return TransportError(.insecure, .connecting, "\(job.target.host) is \(privateAddress), no public address")
        }
        var progress = CurlFailure.Progress(handle, proxy: job.proxy)
        progress.wasIssued = attempts > 0
        progress.beganTLS = beganTLS
        progress.lostInTLS = chain.hasLostConnection
        let error = CurlFailure.error(code, handle.text(code), progress)
        guard error.kind == .tls, let missing = chain.missing else { return error }
        return TransportError(
            .tls, error.phase, error.detail, missingIssuer: missing, isOfProxy: error.isOfProxy)
    }

    // The parts of the answer, called by curl on the service thread:

    func take(header line: UnsafeRawBufferPointer) -> Bool {
        headSize += line.count
        guard headSize <= Self.largestHead else { return false }
        let text = unsafe String(decoding: line, as: UTF8.self).trimmingTrailingNewlines()
        // A new status line: the lines before it belonged to a 1xx answer.
        if text.hasPrefix("HTTP/") {
            headers.removeAll()
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
            let end = value.lastIndex { $0 != " " && $0 != "\t" }.map { value.index(after: $0) } ?? value.startIndex
            headers.append(HeaderField(String(text[..<colon]), String(value[..<end])))
        }
        return true
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        isTooLarge = body.count + bytes.count > job.request.largestAnswer
        if !isTooLarge {
            unsafe body.append(contentsOf: bytes)
        }
        return !isTooLarge
    }

    /// Whether curl may send the request. curl repeats a request when a kept connection turns out to be closed. Only a GET
    /// is repeated here; the caller decides about others.
    func mayBeIssued() -> Bool {
        attempts += 1
        return attempts == 1 || job.request.method == .get
    }

    func setUpTLS(_ context: OpaquePointer) {
        beganTLS = true
        unsafe job.trust.install(in: context)
        unsafe chain.install(in: context)
    }

    /// Whether that address may be connected to.
    func mayConnect(to address: UnsafeRawPointer) -> Bool {
        guard let address = unsafe IPAddress(address), !address.isPublic else { return true }
        privateAddress = address
        return false
    }

    // Set-up:

    private func setUpConnection() throws(TransportError) {
        let request = job.request
        try handle.setUpConnection(job.proxy, connectTimeout: request.connectTimeout, timeout: request.timeout)
        try handle.set(CURLOPT_PROTOCOLS_STR, job.target.scheme.rawValue)
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        // curl's own trust is empty; `setUpTLS` puts ours in its place, which curl must not make accept an intermediate
        // certificate as the end of a chain.
        try handle.set(CURLOPT_SSL_OPTIONS, Int(CURLSSLOPT_NO_PARTIALCHAIN))
        try unsafe handle.setPointer(CURLOPT_CAINFO, nil)
        try unsafe handle.setPointer(CURLOPT_CAPATH, nil)
    }

    private func setUpRequest() throws(TransportError) {
        let request = job.request
        try handle.set(CURLOPT_URL, request.url)
        try handle.set(CURLOPT_ACCEPT_ENCODING, "")
        try handle.set(CURLOPT_USERAGENT, job.userAgent)
        var lines = request.headers.map { header in
            let value = header.revealedValue()
            // curl takes "Name:" as a wish to send none, and "Name;" as one with no value (CURLOPT_HTTPHEADER(3)).
            return value.isEmpty ? "\(header.name);" : "\(header.name): \(value)"
        }
        lines.append("Expect:")
        let hasType = request.headers.contains { $0.name.lowercased() == "content-type" }
        if let body = request.body, !hasType {
            lines.append("Content-Type: \(body.contentType)")
        }
        switch request.method {
        case .get, .delete:
            if let body = request.body {
                try handle.setBody(body.bytes)
            } else {
                try handle.set(CURLOPT_HTTPGET, 1)
            }
        case .post, .put, .patch:
            try handle.set(CURLOPT_POST, 1)
            try handle.setBody(request.body?.bytes ?? [])
            if request.body == nil && !hasType {
                lines.append("Content-Type:")
            }
        }
        try handle.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        try handle.setHeaders(lines)
    }

    private func setUpCallbacks() throws(TransportError) {
        // Not retained: the client keeps the transfer until curl has let go of the handle.
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe handle.setPointer(CURLOPT_WRITEDATA, me)
        try unsafe handle.setPointer(CURLOPT_HEADERDATA, me)
        try unsafe handle.setPointer(CURLOPT_PREREQDATA, me)
        let curl = unsafe handle.curl.pointer
        try handle.check(unsafe party_curl_set_writer(curl, handle.pointer, CURLOPT_WRITEFUNCTION, takeBody))
        try handle.check(unsafe party_curl_set_writer(curl, handle.pointer, CURLOPT_HEADERFUNCTION, takeHeader))
        try handle.check(unsafe party_curl_set_before_request(curl, handle.pointer, beforeRequest))
        if job.request.reach == .publicAddresses, job.proxy == nil {
            // A connection that is there already was judged by other rules.
            try handle.set(CURLOPT_FRESH_CONNECT, 1)
            try unsafe handle.setPointer(CURLOPT_OPENSOCKETDATA, me)
            try handle.check(unsafe party_curl_set_open_socket(curl, handle.pointer, openPublicSocket))
        }
        try unsafe handle.setTrust(trustOurs, me)
    }
}

extension Duration {
    /// At least one: to curl, zero is its own default.
    var wholeMilliseconds: Int {
        Int(clamping: max(1, inMilliseconds))
    }
}
