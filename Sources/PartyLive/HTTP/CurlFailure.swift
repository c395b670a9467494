import CCurl
import PartyCore

/// Turns curl's codes into transport errors.
enum CurlFailure {
    /// How far the request came, from curl's callbacks and figures.
    struct Progress {
        var wasIssued = false
        var hasAddress = false
        var beganTLS = false
        /// The connection ended during the handshake.
        var lostInTLS = false
        var proxy: Proxy?
        /// The proxy's answer to CONNECT; 0 for none.
        var proxyStatus = 0
        /// Whether a SOCKS proxy did not take the user name and password.
        var isUserRejected = false
    }

    /// libcurl does TLS with another library than psparty. Its phase is `connecting`, as no setting of psparty can change it.
    static var foreignTLS: TransportError {
        let version = unsafe (try? CurlLibrary.loaded())?.functions.curl_version_info(CURLVERSION_TENTH)?.pointee
            .ssl_version
        let name = unsafe version.map { unsafe String(cString: $0) } ?? "no TLS"
        return TransportError(
            .tls, .connecting, "libcurl is built with \(name), but OpenSSL is needed")
    }

    static func error(_ code: CURLcode, _ text: String, _ progress: Progress) -> TransportError {
        if let proxy = progress.proxy, !progress.wasIssued {
            let name = "the proxy \(Proxy.authority(proxy.host, proxy.port))"
            if !(200...299).contains(progress.proxyStatus), progress.proxyStatus != 0 {
                return TransportError(
                    isLasting(progress.proxyStatus) ? .refusedByProxy : .unreachable, .connecting,
                    name + refusal(progress.proxyStatus, proxy))
            }
            // Up to its answer, TLS is TLS with the proxy.
            if proxy.scheme == .https, progress.proxyStatus == 0, kind(code, progress) == .tls {
                return TransportError(.tls, .handshake, "\(name): \(text)", isOfProxy: true)
            }
            switch code {
            case CURLE_PROXY:
                let kind: TransportError.Kind = progress.isUserRejected ? .refusedByProxy : .unreachable
                return TransportError(kind, .connecting, "\(name) refused: \(text)")
            case CURLE_SEND_ERROR,
                CURLE_RECV_ERROR where progress.proxyStatus == 0 && !progress.beganTLS:
                return TransportError(.unreachable, .connecting, "\(name) does not answer as a proxy: \(text)")
            default: break
            }
        }
        let phase: TransportError.Phase =
            if progress.wasIssued { .exchange } else if progress.beganTLS { .handshake } else {
                progress.hasAddress ? .connecting : .lookup
            }
        let isLongLine = code == CURLE_OUT_OF_MEMORY && progress.wasIssued
        return TransportError(
            kind(code, progress), phase, isLongLine ? "a line in the head of the answer is too long" : text)
    }

    /// Whether the same request would be refused again. A timeout and too many requests pass.
    private static func isLasting(_ status: Int) -> Bool {
        (400...499).contains(status) && status != 408 && status != 429
    }

    private static func refusal(_ status: Int, _ proxy: Proxy) -> String {
        guard status == 407 else { return " refused to connect: HTTP \(status)" }
        return proxy.credentials == nil
            ? " wants a user name and password (HTTP 407): write its address as \(proxy.scheme)://USER:PASSWORD@HOST:PORT"
            : " did not accept the user name and password in its address (HTTP 407)"
    }

    private static func kind(_ code: CURLcode, _ progress: Progress) -> TransportError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .unresolved
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            .unreachable
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut
        case CURLE_SSL_CONNECT_ERROR:
            progress.lostInTLS ? .brokenOff : .tls
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_USE_SSL_FAILED,
            CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CRL_BADFILE:
            .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR,
            CURLE_FILESIZE_EXCEEDED:
            .malformed
        case CURLE_OUT_OF_MEMORY:
            // curl also gives this code for a line over 100 kB in the head of a response.
            progress.wasIssued ? .malformed : .exhausted
        case CURLE_URL_MALFORMAT, CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION:
            // After the request was sent, the response is the part that curl cannot use.
            progress.wasIssued ? .malformed : .unusable
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            // Before the request it was the proxy that went away.
            progress.wasIssued || progress.beganTLS ? .brokenOff : .unreachable
        default:
            .brokenOff
        }
    }
}

extension CurlFailure.Progress {
    /// Reads curl's figures after the transfer.
    init(_ handle: CurlHandle, proxy: Proxy?) {
        hasAddress = handle.microseconds(CURLINFO_NAMELOOKUP_TIME_T) > 0
        self.proxy = proxy
        proxyStatus = handle.long(CURLINFO_HTTP_CONNECTCODE)
        isUserRejected = handle.long(CURLINFO_PROXY_ERROR) == Int(CURLPX_USER_REJECTED.rawValue)
    }
}
