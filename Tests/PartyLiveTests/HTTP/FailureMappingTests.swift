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

    @Test func `what a proxy says is told, and nothing of its credentials`() throws {
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
    func `TLS that fails up to the proxy's answer is TLS with the proxy`(code: CURLcode) {
        var progress = CurlFailure.Progress()
        (progress.hasAddress, progress.beganTLS) = (true, true)
        progress.proxy = Proxy("https://p:8")
        let error = CurlFailure.error(code, "x", progress)
        #expect(error == TransportError(.tls, .handshake, "the proxy p:8: x", isOfProxy: true))
        progress.proxyStatus = 200
        #expect(CurlFailure.error(code, "x", progress) == TransportError(.tls, .handshake, "x"))
    }

    @Test func `libwebsockets' words become kinds and phases`() {
        let rows: [(String, PushSocket.Stage, String?, String, Kind, Phase)] = [
            ("Unable to connect", .connecting, nil, "", .unreachable, .connecting),
            ("connect SYSCALL 104", .connecting, nil, "", .brokenOff, .handshake),
            ("connect SSL err 1: x", .connecting, nil, "wrong version number", .tls, .handshake),
            ("connect SSL err 1: x", .handshake, nil, "unexpected eof while reading", .brokenOff, .handshake),
            ("connect SSL err 1: x", .handshake, "certificate has expired", "", .tls, .handshake),
            ("HS: Accept hash wrong", .upgrade, nil, "", .malformed, .exchange),
            ("problems parsing header", .upgrade, nil, "", .malformed, .exchange),
            ("read failed", .upgrade, nil, "", .brokenOff, .exchange),
        ]
        for (text, stage, certificate, log, kind, phase) in rows {
            let error = PushFailure.error(text, stage, certificateText: certificate, log: log)
            #expect(error.kind == kind, "\(text)")
            #expect(error.phase == phase, "\(text)")
        }
    }

    @Test func `an answer is given once, and waits for who asks later`() async throws {
        let answer = Answer<Int>()
        #expect(answer.give(.success(1)))
        #expect(!answer.give(.success(2)))
        #expect(try await answer.value {} == 1)
    }
}
