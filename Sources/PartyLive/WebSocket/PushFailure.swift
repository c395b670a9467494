import CWebSockets
import PartyCore

/// Why a push connection did not open, from the little that libwebsockets tells.
enum PushFailure {
    /// Headers that say when and whether to try again, and what to name in a report. libwebsockets finds headers by
    /// name only, in lower case and with the colon.
    private static let headers = [
        "Retry-After", "X-PSN-RETRY-INTERVAL-MIN", "X-PSN-RETRY-INTERVAL-MAX", "Location", "X-Psn-Request-Id",
        "X-RequestId", "X-Request-Id", "X-Psn-Correlation-Id", "X-CorrelationId", "X-Psn-Track-Id", "Date",
        "WWW-Authenticate", "Server", "Content-Type", "Via", "X-Cache",
    ]

    /// Of these libwebsockets has an index of its own, and the search by name does not see them.
    private static let known: [String: lws_token_indexes] = [
        "Retry-After": WSI_TOKEN_HTTP_RETRY_AFTER, "Location": WSI_TOKEN_HTTP_LOCATION, "Date": WSI_TOKEN_HTTP_DATE,
        "WWW-Authenticate": WSI_TOKEN_HTTP_WWW_AUTHENTICATE, "Server": WSI_TOKEN_HTTP_SERVER,
        "Content-Type": WSI_TOKEN_HTTP_CONTENT_TYPE, "Via": WSI_TOKEN_HTTP_VIA,
    ]

    /// The answer that refused the upgrade, if one did. Only to be asked while libwebsockets reports the failure.
    static func refusal(_ wsi: OpaquePointer) -> RESTResponse? {
        let status = Int(unsafe LwsLibrary.functions.lws_http_client_http_response(wsi))
        guard status != 0 && status != 101 else { return nil }
        let found = headers.compactMap { name in unsafe value(name, wsi).map { HeaderField(name, $0) } }
        return RESTResponse(status: status, headers: found)
    }

    /// A header that libwebsockets has an index for.
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

    /// Which failure it was: by the stage, and where that is not enough by the text.
    static func error(
        _ text: String, _ stage: PushSocket.Stage, certificateText: String?, log: String
    ) -> TransportError {
        // libwebsockets' own text for a TLS failure says nothing.
        var said = text.hasPrefix("connect SSL err") && !log.isEmpty ? "TLS" : text
        if text.hasPrefix("connect SYSCALL "), let number = Int32(text.dropFirst(16)) {
            said = number == 0 ? "the connection ended during TLS" : errorText(number)
        }
        if text == "read failed" { said = "the connection broke off" }
        let detail = log.isEmpty || text.hasPrefix("HS:") ? said : "\(said): \(log)"
        if let certificateText {
            return TransportError(.tls, .handshake, certificateText)
        }
        switch stage {
        case .upgrade:
            let isInvalid = text.hasPrefix("HS:") || text.contains("pars") || text.contains("protocol")
            return TransportError(isInvalid ? .malformed : .brokenOff, .exchange, detail)
        case .handshake:
            return TransportError(isTLS(text, log) ? .tls : .brokenOff, .handshake, detail)
        default:
            if isTLS(text, log) { return TransportError(.tls, .handshake, detail) }
            let isLoss = text.contains("SYSCALL") || text.contains("SSL")
            return TransportError(isLoss ? .brokenOff : .unreachable, isLoss ? .handshake : .connecting, detail)
        }
    }

    /// OpenSSL has something to say other than that the connection went away.
    private static func isTLS(_ text: String, _ log: String) -> Bool {
        text.contains("SSL err") && !log.contains("unexpected eof")
    }
}
