import CWebSockets
import Glibc
import PartyCore
import PartyTestSupport
import Testing

@testable import PartyLive

extension TransportTests {
    /// `PushFailure.saysInvalid` matches texts of libwebsockets. They are listed here for each version that psparty
    /// builds with: a new version fails until its texts have been checked.
    struct LibraryTextTests {
        /// The text for an unparsable head, by version.
        private static let texts = [
            "4.1": "problems parsing header", "4.2": "problems parsing header", "4.3": "problems parsing header",
        ]

        private func failure(_ answer: String) async throws -> TransportError {
            let server = try LoopbackListener.answering(answer, then: "")
            defer { server.stop() }
            let request = PushRequest(url: "ws://127.0.0.1:\(server.port)/", headers: [], subprotocol: "x")
            return try await transportError { _ = try await TransportStage.live(nil).openPush(request) }
        }

        private func series() throws -> String {
            try LwsLibrary.load()
            let version = unsafe LwsLibrary.functions.lws_get_library_version().map { unsafe String(cString: $0) } ?? ""
            return version.split(separator: ".").prefix(2).joined(separator: ".")
        }

        @Test func `an unparsable response has its own text`() async throws {
            let text = try #require(Self.texts[try series()], "look at the texts of this version")
            #expect(PushFailure.saysInvalid(text))
            let field = "X: " + String(repeating: "y", count: 100) + "\r\n"
            let head = "HTTP/1.1 101 Switching Protocols\r\n" + String(repeating: field, count: 400)
            let error = try await failure(head)
            #expect(error == TransportError(.malformed, .exchange, text))
        }

        @Test(arguments: [
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 x\r\n\r\n",
        ]) func `a response without an upgrade is malformed`(answer: String) async throws {
            let error = try await failure(answer)
            #expect(error.kind == .malformed && error.phase == .exchange, "\(error)")
            #expect(error.detail.hasPrefix("HS:"), "\(error)")
        }

        @Test(arguments: ["", "HTTP/1.1 101 Switching", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: web"])
        func `a connection that ends before the response is broken`(answer: String) async throws {
            #expect(try await failure(answer) == TransportError(.brokenOff, .exchange, "the connection broke off"))
        }

        /// TLS failures before a certificate, with OpenSSL's error.
        @Test(arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", TransportError.Kind.tls, "TLS: "),
            ("", .brokenOff, "the connection ended"),
        ]) func `a server without TLS and one that hangs up have different errors`(
            answer: String, kind: TransportError.Kind, words: String
        ) async throws {
            let server = try LoopbackListener { descriptor, _ in
                // Unread bytes would turn the close into a reset.
                var hello = [UInt8](repeating: 0, count: 4096)
                unsafe _ = read(descriptor, &hello, hello.count)
                unsafe _ = write(descriptor, Array(answer.utf8), answer.utf8.count)
            }
            defer { server.stop() }
            let request = PushRequest(url: "wss://127.0.0.1:\(server.port)/", headers: [], subprotocol: "x")
            let error = try await transportError { _ = try await TransportStage.live(nil).openPush(request) }
            #expect(error.kind == kind && error.phase == .handshake, "\(error)")
            #expect(error.detail.hasPrefix(words), "\(error)")
        }
    }
}
