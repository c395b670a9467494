import CCurl
import PartyCore

/// Owns one curl easy handle, its header list and its error text, which curl reads and writes while the transfer runs.
@safe final class CurlHandle {
    let pointer: UnsafeMutableRawPointer
    let curl: CurlLibrary
    private var list: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutableBufferPointer<CChar>

    init() throws(TransportError) {
        curl = try CurlLibrary.loaded()
        guard let easy = curl.functions.curl_easy_init() else {
            throw TransportError(.unusable, .preparing, "libcurl gives no handle")
        }
        unsafe pointer = easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0)
        _ = unsafe party_curl_set_pointer(curl.pointer, pointer, CURLOPT_ERRORBUFFER, errorText.baseAddress)
    }

    deinit {
        unsafe curl.functions.curl_easy_cleanup(pointer)
        unsafe curl.functions.curl_slist_free_all(list)
        unsafe errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try check(unsafe party_curl_set_long(curl.pointer, pointer, option, value))
    }

    /// curl copies the text, so it need not outlive the call (curl_easy_setopt(3)).
    func set(_ option: CURLoption, _ value: String) throws(TransportError) {
        try check(unsafe party_curl_set_string(curl.pointer, pointer, option, value))
    }

    func setPointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) throws(TransportError) {
        try check(unsafe party_curl_set_pointer(curl.pointer, pointer, option, value))
    }

    func setBody(_ bytes: [UInt8]) throws(TransportError) {
        // One byte more, so that there is an address where there are no bytes.
        let padded = bytes + [0]
        try check(unsafe party_curl_set_body(curl.pointer, pointer, padded, curl_off_t(bytes.count)))
    }

    /// curl does not copy the list: it lives until `deinit`.
    func setHeaders(_ lines: [String]) throws(TransportError) {
        for line in lines {
            guard let longer = unsafe curl.functions.curl_slist_append(list, line) else {
                throw TransportError(.unusable, .preparing, "no memory for headers")
            }
            unsafe list = longer
        }
        try check(unsafe party_curl_set_pointer(curl.pointer, pointer, CURLOPT_HTTPHEADER, list))
    }

    /// Settings that requests and tunnels share: limits and the proxy.
    func setUpConnection(_ proxy: Proxy?, connectTimeout: Duration, timeout: Duration) throws(TransportError) {
        try set(CURLOPT_NOSIGNAL, 1)
        // Without it a cancelled look-up would hold up every other transfer until the resolver answers.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.wholeMilliseconds)
        try set(CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds)
        // Both set, so that curl reads no environment of its own.
        try set(CURLOPT_PROXY, proxy?.address.reveal() ?? "")
        try set(CURLOPT_NOPROXY, "")
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if proxy?.scheme == .https {
            // As with servers, the trust is ours (`ChainCheck`).
            try set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
            try set(CURLOPT_PROXY_SSL_OPTIONS, Int(CURLSSLOPT_NO_PARTIALCHAIN))
            try unsafe setPointer(CURLOPT_PROXY_CAINFO, nil)
            try unsafe setPointer(CURLOPT_PROXY_CAPATH, nil)
        }
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return unsafe party_curl_get_long(curl.pointer, pointer, info, &value) == CURLE_OK ? value : 0
    }

    func microseconds(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return unsafe party_curl_get_time(curl.pointer, pointer, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    /// The text of curl for a failure: its error buffer, or else the name of the code.
    func text(_ code: CURLcode) -> String {
        let bytes = unsafe errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = bytes.isEmpty ? curl.text(code) : String(decoding: bytes, as: UTF8.self)
        return text.trimmingTrailingNewlines()
    }

    /// Has curl ask for trust there, for TLS with server and proxy alike.
    func setTrust(
        _ setUp:
            @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> CURLcode,
        _ owner: UnsafeMutableRawPointer
    ) throws(TransportError) {
        try unsafe setPointer(CURLOPT_SSL_CTX_DATA, owner)
        let code = unsafe party_curl_set_tls_setup(curl.pointer, pointer, setUp)
        // Only with OpenSSL below it does curl let others decide on trust (CURLOPT_SSL_CTX_FUNCTION(3)).
        guard code != CURLE_NOT_BUILT_IN && code != CURLE_UNKNOWN_OPTION else { throw CurlFailure.foreignTLS }
        try check(code)
    }

    func check(_ code: CURLcode) throws(TransportError) {
        if code != CURLE_OK {
            throw TransportError(.unusable, .preparing, text(code))
        }
    }
}

extension String {
    /// C libraries end their messages with a line break now and then.
    func trimmingTrailingNewlines() -> String {
        String(self[..<(lastIndex { !$0.isNewline }.map { index(after: $0) } ?? startIndex)])
    }
}
