internal import Glibc
internal import Synchronization

/// A web site without TLS, like those that serve the certificates of issuers.
package final class PlainSite: Sendable {
    /// The response to a path.
    package enum Page: Sendable, Equatable {
        case bytes([UInt8])
        case status(Int, location: String = "")
        /// Reads the request and sends nothing.
        case silence
    }

    private let listener: LoopbackListener
    private let heads: Tape<String>
    private let shared: Shared

    private final class Shared: Sendable {
        let pages: Mutex<[String: Page]>

        init(_ pages: [String: Page]) {
            self.pages = Mutex(pages)
        }
    }

    /// - Parameter pages: by path; other paths get 404.
    package init(_ pages: [String: Page] = [:]) throws {
        let heads = Tape<String>()
        let shared = Shared(pages)
        self.heads = heads
        self.shared = shared
        listener = try LoopbackListener { descriptor, _ in
            guard let head = LoopbackSocket.requestHead(descriptor) else { return }
            heads.append(head)
            let target = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            Self.answer(shared.pages.withLock { $0[target] } ?? .status(404), descriptor)
        }
    }

    /// `http://127.0.0.1:PORT` and that path.
    package func address(_ path: String) -> String { "http://127.0.0.1:\(listener.port)\(path)" }

    package func put(_ page: Page, at path: String) {
        shared.pages.withLock { $0[path] = page }
    }

    /// The heads of the requests so far.
    package var requests: [String] { heads.all }

    /// Waits for the `number`th request, from 1.
    package func request(_ number: Int) async throws {
        _ = try await within(.seconds(10), "request \(number)") { [heads] in try await heads.value(at: number - 1) }
    }

    package func stop() { listener.stop() }

    private static func answer(_ page: Page, _ descriptor: Int32) {
        switch page {
        case .bytes(let bytes):
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(bytes.count)\r\nConnection: close\r\n\r\n"
            if LoopbackSocket.write(Array(head.utf8)[...], to: descriptor) {
                _ = LoopbackSocket.write(bytes[...], to: descriptor)
            }
        case .status(let status, let location):
            let place = location.isEmpty ? "" : "Location: \(location)\r\n"
            let head = "HTTP/1.1 \(status) Answer\r\n\(place)Content-Length: 0\r\nConnection: close\r\n\r\n"
            _ = LoopbackSocket.write(Array(head.utf8)[...], to: descriptor)
        case .silence:
            var byte: UInt8 = 0
            while unsafe read(descriptor, &byte, 1) > 0 {}
        }
    }
}
