import CCurl
import Testing

@testable import PartyCore

struct FailureMappingTests {
    typealias Kind = TransportError.Kind
    typealias Phase = TransportError.Phase

    @Test func `curl's codes become kinds and phases`() {
        let found = CurlFailure.Progress(wasIssued: false, hasAddress: true)
        let issued = CurlFailure.Progress(wasIssued: true, hasAddress: true)
        let rows: [(CURLcode, String, CurlFailure.Progress, Kind, Phase)] = [
            (CURLE_COULDNT_RESOLVE_HOST, "x", .init(), .unresolved, .lookup),
            (CURLE_COULDNT_CONNECT, "x", found, .unreachable, .connecting),
            (CURLE_OPERATION_TIMEDOUT, "x", found, .timedOut, .connecting),
            (CURLE_OPERATION_TIMEDOUT, "SSL connection timeout", found, .timedOut, .handshake),
            (CURLE_OPERATION_TIMEDOUT, "x", issued, .timedOut, .exchange),
            (CURLE_PEER_FAILED_VERIFICATION, "SSL certificate problem: x", found, .tls, .handshake),
            (CURLE_SSL_CONNECT_ERROR, "SSL routines::wrong version number", found, .tls, .handshake),
            (CURLE_SSL_CONNECT_ERROR, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL", found, .brokenOff, .handshake),
            (CURLE_RECV_ERROR, "CONNECT tunnel failed, response 403", found, .unreachable, .connecting),
            (CURLE_RECV_ERROR, "x", issued, .brokenOff, .exchange),
            (CURLE_GOT_NOTHING, "x", issued, .brokenOff, .exchange),
            (CURLE_PARTIAL_FILE, "x", issued, .brokenOff, .exchange),
            (CURLE_BAD_CONTENT_ENCODING, "x", issued, .malformed, .exchange),
            (CURLE_UNSUPPORTED_PROTOCOL, "Received HTTP/0.9", issued, .malformed, .exchange),
        ]
        for (code, text, progress, kind, phase) in rows {
            let error = CurlFailure.error(code, text, progress)
            #expect(error == TransportError(kind, phase, text))
        }
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
