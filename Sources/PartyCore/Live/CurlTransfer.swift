import CCurl
import COpenSSL

/// A request with all that is decided about it before curl sees it.
struct CurlJob: Sendable {
    let request: RESTRequest
    let target: TargetURL
    let proxy: Proxy?
    let trust: TrustStore
    let userAgent: String
}

/// One request on its way: its handle, and what has come of the answer. It lives on the service thread.
final class CurlTransfer {
    let handle: CurlHandle
    private let job: CurlJob
    private let chain: ChainCheck
    private let answer: Answer<RESTResponse>
    private var headers: [HeaderField] = []
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var attempts = 0

    init(_ job: CurlJob, answer: Answer<RESTResponse>) throws(TransportError) {
        handle = try CurlHandle()
        self.job = job
        chain = ChainCheck(links: job.request.links, target: job.target)
        self.answer = answer
        try setUpConnection()
        try setUpRequest()
        try setUpCallbacks()
    }

    func finish(_ code: CURLcode) {
        guard code == CURLE_OK else { return answer.deliver(failure(code)) }
        answer.give(
            .success(RESTResponse(status: handle.long(CURLINFO_RESPONSE_CODE), headers: headers, body: body)))
    }

    func fail(_ error: TransportError) {
        answer.deliver(error)
    }

    private func failure(_ code: CURLcode) -> TransportError {
        if isTooLarge {
            return TransportError(.malformed, .exchange, "the answer is larger than \(job.request.largestAnswer) bytes")
        }
        if code == CURLE_ABORTED_BY_CALLBACK {
            return TransportError(.brokenOff, .exchange, "the connection ended before the answer; not sent again")
        }
        let progress = CurlFailure.Progress(
            wasIssued: attempts > 0, hasAddress: handle.microseconds(CURLINFO_NAMELOOKUP_TIME_T) > 0)
        let error = CurlFailure.error(code, handle.text(code), progress)
        guard error.kind == .tls, let missing = chain.missing else { return error }
        return TransportError(.tls, error.phase, error.detail, missingIssuer: missing)
    }

    // What came, called by curl on the service thread:

    func take(header line: UnsafeRawBufferPointer) {
        let text = unsafe String(decoding: line, as: UTF8.self).trimmingTrailingNewlines()
        // A new status line: what came before belonged to a 1xx answer.
        if text.hasPrefix("HTTP/") {
            headers.removeAll()
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
            let end = value.lastIndex { $0 != " " && $0 != "\t" }.map { value.index(after: $0) } ?? value.startIndex
            headers.append(HeaderField(String(text[..<colon]), String(value[..<end])))
        }
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        isTooLarge = body.count + bytes.count > job.request.largestAnswer
        if !isTooLarge {
            unsafe body.append(contentsOf: bytes)
        }
        return !isTooLarge
    }

    /// Whether the request may go out. curl sends a request again when a connection it kept turns out dead; what that
    /// may do twice is the caller's to decide, so only a GET goes out again.
    func mayBeIssued() -> Bool {
        attempts += 1
        return attempts == 1 || job.request.method == .get
    }

    func setUpTLS(_ context: OpaquePointer) {
        unsafe job.trust.install(in: context)
        unsafe chain.install(in: context)
    }

    // Set-up:

    private func setUpConnection() throws(TransportError) {
        let request = job.request
        try handle.set(CURLOPT_NOSIGNAL, 1)
        // Without it a cancelled look-up would hold up every other transfer until the resolver answers.
        try handle.set(CURLOPT_QUICK_EXIT, 1)
        try handle.set(CURLOPT_PROTOCOLS_STR, job.target.scheme.rawValue)
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
        try handle.set(CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds)
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        // curl's own trust is empty; `setUpTLS` puts ours in its place, which curl must not make accept an intermediate
        // certificate as the end of a chain.
        try handle.set(CURLOPT_SSL_OPTIONS, Int(CURLSSLOPT_NO_PARTIALCHAIN))
        try unsafe handle.setPointer(CURLOPT_CAINFO, nil)
        try unsafe handle.setPointer(CURLOPT_CAPATH, nil)
        // Both set, so that curl reads no environment of its own.
        try handle.set(CURLOPT_PROXY, job.proxy?.address.reveal() ?? "")
        try handle.set(CURLOPT_NOPROXY, "")
        try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
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
        try unsafe handle.setPointer(CURLOPT_SSL_CTX_DATA, me)
        let curl = unsafe handle.curl.pointer
        try handle.check(unsafe party_curl_set_writer(curl, handle.pointer, CURLOPT_WRITEFUNCTION, takeBody))
        try handle.check(unsafe party_curl_set_writer(curl, handle.pointer, CURLOPT_HEADERFUNCTION, takeHeader))
        try handle.check(unsafe party_curl_set_before_request(curl, handle.pointer, beforeRequest))
        let code = unsafe party_curl_set_tls_setup(curl, handle.pointer, trustOurs)
        // Only with OpenSSL below it does curl let others decide on trust (CURLOPT_SSL_CTX_FUNCTION(3)).
        guard code != CURLE_NOT_BUILT_IN && code != CURLE_UNKNOWN_OPTION else { throw CurlFailure.foreignTLS }
        try handle.check(code)
    }
}

extension Answer {
    func deliver(_ error: TransportError) {
        give(.failure(error))
    }
}

extension Duration {
    /// At least one: to curl, zero is its own default.
    var wholeMilliseconds: Int {
        Int(clamping: max(1, inMilliseconds))
    }
}
