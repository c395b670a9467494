import CCurl
import PartyCore

/// libcurl, loaded and started when it is first needed: it brings 32 more libraries, whose linking would take up half of
/// the start of every command.
struct CurlLibrary: Sendable {
    private let table: FunctionTable<party_curl>

    /// For the typed doors of the shim.
    var pointer: UnsafePointer<party_curl> { unsafe table.pointer }

    /// Its functions by their names.
    var functions: party_curl { table.functions }

    /// The library of this process.
    /// - Throws: `.unusable` if there is none, or if it does not start.
    static func loaded() throws(TransportError) -> CurlLibrary {
        try outcome.get()
    }

    private static let outcome: Result<CurlLibrary, TransportError> = {
        do throws(TransportError) { return .success(try CurlLibrary()) } catch { return .failure(error) }
    }()

    private init() throws(TransportError) {
        OpenSSLLibrary.start
        table = try unsafe FunctionTable(of: "libcurl", party_curl()) { table in unsafe party_curl_load(table) }
        guard functions.curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else {
            throw TransportError(.unusable, .preparing, "libcurl does not start")
        }
    }

    func text(_ code: CURLcode) -> String {
        unsafe functions.curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
    }

    func text(_ code: CURLMcode) -> String {
        unsafe functions.curl_multi_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
    }
}
