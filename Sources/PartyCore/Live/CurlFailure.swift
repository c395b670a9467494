import CCurl

/// From curl's codes to ours.
enum CurlFailure {
    /// How far a transfer came, as curl tells it.
    struct Progress {
        var wasIssued = false
        var hasAddress = false
    }

    /// libcurl does TLS with another library than psparty. Of the phase `connecting`, as no setting of ours mends it.
    static var foreignTLS: TransportError {
        let version = unsafe (try? CurlLibrary.loaded())?.functions.curl_version_info(CURLVERSION_TENTH)?.pointee
            .ssl_version
        let name = unsafe version.map { unsafe String(cString: $0) } ?? "no TLS"
        return TransportError(
            .tls, .connecting, "libcurl is built with \(name), and psparty needs one that is built with OpenSSL")
    }

    static func error(_ code: CURLcode, _ text: String, _ progress: Progress) -> TransportError {
        let phase = phase(text, progress)
        return TransportError(kind(code, text, phase), phase, text)
    }

    /// curl 7.88 does not tell when TCP stood before TLS failed, but its sentences do.
    private static func phase(_ text: String, _ progress: Progress) -> TransportError.Phase {
        if progress.wasIssued { return .exchange }
        if text.contains("SSL") { return .handshake }
        return progress.hasAddress ? .connecting : .lookup
    }

    private static func kind(_ code: CURLcode, _ text: String, _ phase: TransportError.Phase) -> TransportError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .unresolved
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            .unreachable
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut
        case CURLE_SSL_CONNECT_ERROR:
            isLoss(text) ? .brokenOff : .tls
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_USE_SSL_FAILED,
            CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CRL_BADFILE:
            .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR,
            CURLE_FILESIZE_EXCEEDED:
            .malformed
        case CURLE_OUT_OF_MEMORY: .exhausted
        case CURLE_URL_MALFORMAT, CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION:
            .unusable
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            // Before the request: the proxy said no to CONNECT, or went away.
            phase == .exchange ? .brokenOff : .unreachable
        default:
            .brokenOff
        }
    }

    /// A handshake that ended with the connection. curl gives it the code of a refused certificate; only its text
    /// differs.
    private static func isLoss(_ text: String) -> Bool {
        text.contains("SSL_connect: ") || text.contains("unexpected eof")
    }
}
