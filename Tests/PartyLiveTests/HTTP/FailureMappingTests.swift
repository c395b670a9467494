import CCurl
import Testing

@testable import PartyCore
@testable import PartyLive

struct FailureMappingTests {
    typealias Kind = TransportError.Kind
    typealias Phase = TransportError.Phase

    @Test func `curl's codes become kinds and phases`() {
        var found = CurlFailure.Progress()
        found.hasAddress = true
        var tls = found
        tls.beganTLS = true
        var lost = tls
        lost.lostInTLS = true
        var issued = tls
        issued.wasIssued = true
        let rows: [(CURLcode, CurlFailure.Progress, Kind, Phase)] = [
            (CURLE_COULDNT_RESOLVE_HOST, .init(), .unresolved, .lookup),
            (CURLE_COULDNT_CONNECT, found, .unreachable, .connecting),
            (CURLE_OPERATION_TIMEDOUT, found, .timedOut, .connecting),
            (CURLE_OPERATION_TIMEDOUT, tls, .timedOut, .handshake),
            (CURLE_OPERATION_TIMEDOUT, issued, .timedOut, .exchange),
            (CURLE_PEER_FAILED_VERIFICATION, tls, .tls, .handshake), (CURLE_SSL_CONNECT_ERROR, tls, .tls, .handshake),
            (CURLE_SSL_CONNECT_ERROR, lost, .brokenOff, .handshake),
            (CURLE_RECV_ERROR, found, .unreachable, .connecting), (CURLE_RECV_ERROR, issued, .brokenOff, .exchange),
            (CURLE_GOT_NOTHING, issued, .brokenOff, .exchange), (CURLE_PARTIAL_FILE, issued, .brokenOff, .exchange),
            (CURLE_BAD_CONTENT_ENCODING, issued, .malformed, .exchange),
            (CURLE_UNSUPPORTED_PROTOCOL, issued, .malformed, .exchange),
            (CURLE_URL_MALFORMAT, .init(), .unusable, .lookup), (CURLE_URL_MALFORMAT, issued, .malformed, .exchange),
            (CURLE_OUT_OF_MEMORY, .init(), .exhausted, .lookup),
        ]
        for (code, progress, kind, phase) in rows {
            #expect(CurlFailure.error(code, "x", progress) == TransportError(kind, phase, "x"))
        }
        let line = CurlFailure.error(CURLE_OUT_OF_MEMORY, "Out of memory", issued)
        #expect(line == TransportError(.malformed, .exchange, "a line in the head of the answer is too long"))
    }

    @Test func `a proxy's error is reported without credentials`() throws {
        var progress = CurlFailure.Progress()
        progress.hasAddress = true
        progress.proxy = Proxy("http://me:secret@p:8")
        let rows: [(CURLcode, Int, TransportError.Kind, String)] = [
            (
                CURLE_RECV_ERROR, 407, .refusedByProxy,
                "the proxy p:8 did not accept the user name and password in its address (HTTP 407)"
            ),
            (CURLE_RECV_ERROR, 403, .refusedByProxy, "the proxy p:8 refused to connect: HTTP 403"),
            (CURLE_RECV_ERROR, 408, .unreachable, "the proxy p:8 refused to connect: HTTP 408"),
            (CURLE_RECV_ERROR, 429, .unreachable, "the proxy p:8 refused to connect: HTTP 429"),
            (CURLE_RECV_ERROR, 502, .unreachable, "the proxy p:8 refused to connect: HTTP 502"),
            (CURLE_RECV_ERROR, 0, .unreachable, "the proxy p:8 does not answer as a proxy: x"),
            (CURLE_PROXY, 0, .unreachable, "the proxy p:8 refused: x"),
        ]
        for (code, status, kind, detail) in rows {
            progress.proxyStatus = status
            #expect(CurlFailure.error(code, "x", progress) == TransportError(kind, .connecting, detail))
        }
        progress.proxyStatus = 0
        progress.isUserRejected = true
        #expect(CurlFailure.error(CURLE_PROXY, "x", progress).kind == .refusedByProxy)
        progress.proxy = Proxy("p:8")
        progress.proxyStatus = 407
        #expect(CurlFailure.error(CURLE_RECV_ERROR, "x", progress).detail.contains("wants a user name and password"))
    }

    @Test(arguments: [CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER])
    func `a TLS failure before the proxy's response is one with the proxy`(code: CURLcode) {
        var progress = CurlFailure.Progress()
        (progress.hasAddress, progress.beganTLS) = (true, true)
        progress.proxy = Proxy("https://p:8")
        let error = CurlFailure.error(code, "x", progress)
        #expect(error == TransportError(.tls, .handshake, "the proxy p:8: x", isOfProxy: true))
        progress.proxyStatus = 200
        #expect(CurlFailure.error(code, "x", progress) == TransportError(.tls, .handshake, "x"))
    }

    @Test func `a failed push connection is reported with stage, handshake and status`() {
        typealias Handshake = ChainCheck.Handshake
        let ended = "the connection ended during TLS"
        let rows: [(PushSocket.Stage, Handshake?, String?, Int, String, Kind, Phase, String)] = [
            (.connecting, nil, nil, 0, "x", .unreachable, .connecting, "x: log"),
            (.connecting, .lost(104), nil, 0, "x", .brokenOff, .handshake, "Connection reset by peer"),
            (.connecting, .lost(11), nil, 0, "x", .brokenOff, .handshake, ended),
            (.handshake, .lost(0), nil, 0, "x", .brokenOff, .handshake, ended),
            (.connecting, .refused("wrong version number"), nil, 0, "x", .tls, .handshake, "TLS: wrong version number"),
            (.handshake, .refused("x"), "expired", 0, "x", .tls, .handshake, "expired"),
            (.handshake, nil, nil, 0, "x", .brokenOff, .handshake, "x: log"),
            (.upgrade, nil, nil, 101, "x", .malformed, .exchange, "x"),
            (.upgrade, nil, nil, 0, "HS: URI missing", .malformed, .exchange, "HS: URI missing"),
            (.upgrade, nil, nil, 0, "problems parsing header", .malformed, .exchange, "problems parsing header"),
            (.upgrade, nil, nil, 0, "read failed", .brokenOff, .exchange, "the connection broke off: log"),
        ]
        for (stage, handshake, certificate, status, text, kind, phase, detail) in rows {
            let failure = PushFailure(
                stage: stage, handshake: handshake, certificateText: certificate, status: status, text: text, log: "log"
            )
            #expect(failure.error == TransportError(kind, phase, detail))
        }
    }

    @Test func `a result is delivered once, and may come before the task waits`() async throws {
        let result = PendingResult<Int>()
        #expect(result.give(.success(1)))
        #expect(!result.give(.success(2)))
        #expect(try await result.value {} == 1)
    }
}
