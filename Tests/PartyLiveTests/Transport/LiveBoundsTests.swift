import PartyCore
import PartyLive
import PartyTestSupport
import Testing

extension TransportTests {
    /// Servers that send without end, or something other than HTTP: the error names the server, never a setting.
    struct LiveBoundsTests {
        /// The first bytes, and the bytes repeated until the connection ends; empty to end at once.
        private static let answers: [(first: String, then: String, words: String)] = [
            ("HTTP/1.1 200 OK\r\nX: ", String(repeating: "h", count: 4096), "a line in the head"),
            ("HTTP/1.1 200 OK\r\n", "X: y\r\n", "the head of the answer is larger"),
            ("", "HTTP/1.1 103 Early\r\nX: y\r\n\r\n", "the head of the answer is larger"),
            ("HTTP/1.1 200 OK\r\n\r\n", String(repeating: "b", count: 65536), "the answer is larger"),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "", ""),
            ("hello\r\n", "", ""), ("\u{0}\u{1}\u{2}", "", ""), ("HTTP/9.9 200 OK\r\n\r\n", "", ""),
            ("HTTP/1.1 2000000 OK\r\n\r\n", "", ""),
        ]

        @Test(arguments: answers) func `an endless or foreign response is malformed`(
            answer: (first: String, then: String, words: String)
        ) async throws {
            let server = try LoopbackListener.answering(answer.first, then: answer.then)
            defer { server.stop() }
            let network = TransportStage.live(nil)
            let url = "http://127.0.0.1:\(server.port)/"
            let error = try await transportError { _ = try await network.send(RESTRequest(.get, url)) }
            #expect([.malformed, .brokenOff].contains(error.kind), "\(error)")
            #expect(error.phase == .exchange)
            #expect(error.detail.contains(answer.words), "\(error.detail)")
            #expect([.protocolViolation, .unreachable].contains(PartyError(error, step: "list").kind))
        }

        @Test func `an invalid push host is an error of the service`() async throws {
            let network = TransportStage.live(nil)
            let host = String(repeating: "x", count: 300) + ".playstation.net"
            let error = try await transportError {
                _ = try await network.openPush(PushRequest(url: "wss://\(host)/", headers: [], subprotocol: "x"))
            }
            #expect(error.kind == .malformed)
            #expect(PartyError(error, step: "push").kind == .protocolViolation)
        }
    }
}
