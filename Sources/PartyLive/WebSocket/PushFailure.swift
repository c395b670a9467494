import CWebSockets
import Glibc
import PartyCore

/// Why a push connection did not open: what our callbacks, OpenSSL and the answer's status show. The text of libwebsockets is
/// quoted; in one case it decides.
struct PushFailure {
    let stage: PushSocket.Stage
    /// How far TLS came; `nil` if it had not begun or was done.
    let handshake: ChainCheck.Handshake?
    /// OpenSSL's reason not to trust the certificate.
    let certificateText: String?
    /// The HTTP status of the answer; 0 for none.
    let status: Int
    /// libwebsockets' text.
    let text: String
    let log: String

    /// Headers that say when and whether to try again, or that identify the answer in a report. libwebsockets finds headers only
    /// by name, in lower case and with the colon.
    private static let headers = [
        "Retry-After", "X-PSN-RETRY-INTERVAL-MIN", "X-PSN-RETRY-INTERVAL-MAX", "Location", "X-Psn-Request-Id",
        "X-RequestId", "X-Request-Id", "X-Psn-Correlation-Id", "X-CorrelationId", "X-Psn-Track-Id", "Date",
        "WWW-Authenticate", "Server", "Content-Type", "Via", "X-Cache",
    ]

    /// libwebsockets finds these only by an index.
    private static let known: [String: lws_token_indexes] = [
        "Retry-After": WSI_TOKEN_HTTP_RETRY_AFTER, "Location": WSI_TOKEN_HTTP_LOCATION, "Date": WSI_TOKEN_HTTP_DATE,
        "WWW-Authenticate": WSI_TOKEN_HTTP_WWW_AUTHENTICATE, "Server": WSI_TOKEN_HTTP_SERVER,
        "Content-Type": WSI_TOKEN_HTTP_CONTENT_TYPE, "Via": WSI_TOKEN_HTTP_VIA,
    ]

    /// The answer to the upgrade, if one came. Only valid while libwebsockets reports the failure.
    static func answer(_ wsi: OpaquePointer) -> RESTResponse? {
        let status = Int(unsafe LwsLibrary.functions.lws_http_client_http_response(wsi))
        guard status != 0 else { return nil }
        let found = headers.compactMap { name in unsafe value(name, wsi).map { HeaderField(name, $0) } }
        return RESTResponse(status: status, headers: found)
    }

    /// A header with an index.
    static func value(_ token: lws_token_indexes, _ wsi: OpaquePointer) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe LwsLibrary.functions.lws_hdr_copy(wsi, &buffer, Int32(buffer.count), token)
        return text(buffer, count)
    }

    private static func value(_ name: String, _ wsi: OpaquePointer) -> String? {
        if let token = known[name] { return unsafe value(token, wsi) }
        let key = name.lowercased() + ":"
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe LwsLibrary.functions.lws_hdr_custom_copy(
            wsi, &buffer, Int32(buffer.count), key, Int32(key.utf8.count))
        return text(buffer, count)
    }

    private static func text(_ buffer: [CChar], _ count: Int32) -> String? {
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether libwebsockets says that the answer to the upgrade is not valid. Neither a code nor a callback tells that from a
    /// connection that ended: these two texts do. `LibraryTextTests` pins them for each supported version.
    static func saysInvalid(_ text: String) -> Bool { text == "problems parsing header" || text.hasPrefix("HS:") }

    var error: TransportError {
        if let certificateText { return TransportError(.tls, .handshake, certificateText) }
        if stage == .upgrade { return upgradeError }
        switch handshake {
        case .refused(let reason)?: return TransportError(.tls, .handshake, "TLS: \(reason)")
        case .lost(let number)?:
            let isOrderly = number == 0 || number == EAGAIN
            return TransportError(
                .brokenOff, .handshake, isOrderly ? "the connection ended during TLS" : errorText(number))
        case nil where stage == .handshake: return TransportError(.brokenOff, .handshake, quoted)
        case nil: return TransportError(.unreachable, .connecting, quoted)
        }
    }

    /// A status of 101 is that of an answer which is wrong in another way: any other is a refusal.
    private var upgradeError: TransportError {
        let isInvalid = status == 101 || Self.saysInvalid(text)
        return isInvalid
            ? TransportError(.malformed, .exchange, text)
            : TransportError(.brokenOff, .exchange, Self.withLog("the connection broke off", log))
    }

    private var quoted: String { Self.withLog(text, log) }

    private static func withLog(_ text: String, _ log: String) -> String { log.isEmpty ? text : "\(text): \(log)" }
}
