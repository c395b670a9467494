import CCurl

/// libcurl, loaded and started when it is first needed: it brings 32 more libraries, whose linking would take up half of
/// the start of every command.
///
/// Invariant that makes it Sendable: the table is filled before anyone gets it, and never changes or goes away.
@safe struct CurlLibrary: @unchecked Sendable {
    let table: UnsafePointer<party_curl>

    /// Its functions by their names.
    var functions: party_curl { unsafe table.pointee }

    /// The one of this process.
    /// - Throws: `.unusable` where there is none, or it does not start.
    static func loaded() throws(TransportError) -> CurlLibrary {
        try outcome.get()
    }

    private static let outcome: Result<CurlLibrary, TransportError> = load()

    private static func load() -> Result<CurlLibrary, TransportError> {
        OpenSSLLibrary.start
        let table = UnsafeMutablePointer<party_curl>.allocate(capacity: 1)
        unsafe table.initialize(to: party_curl())
        if let problem = unsafe party_curl_load(table) {
            let text = unsafe String(cString: problem)
            return .failure(TransportError(.unusable, .preparing, "libcurl cannot be loaded: \(text)"))
        }
        let curl = unsafe CurlLibrary(table: table)
        guard curl.functions.curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else {
            return .failure(TransportError(.unusable, .preparing, "libcurl does not start"))
        }
        return .success(curl)
    }

    func text(_ code: CURLcode) -> String {
        unsafe functions.curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
    }

    func text(_ code: CURLMcode) -> String {
        unsafe functions.curl_multi_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
    }
}
