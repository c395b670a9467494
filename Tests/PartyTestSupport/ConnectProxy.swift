internal import Foundation
internal import Glibc

/// An HTTP proxy that supports CONNECT only, like those of firewalls.
package final class ConnectProxy: Sendable {
    private let listener: LoopbackListener
    private let heads: Tape<String>

    /// - Parameters:
    ///   - reply: the head of its response, without the blank line; it forwards data only after a 2xx.
    ///   - credentials: the `user:password` that it requires.
    package init(reply: String = "HTTP/1.1 200 Answer", credentials: String? = nil) throws {
        let heads = Tape<String>()
        self.heads = heads
        listener = try LoopbackListener { descriptor, _ in
            guard let head = LoopbackSocket.requestHead(descriptor) else { return }
            heads.append(head)
            let words = head.split(separator: " ")
            let port = words.count > 1 ? words[1].split(separator: ":").last.flatMap { UInt16($0) } : nil
            let isLetIn = credentials.map { head.contains("Basic \(Data($0.utf8).base64EncodedString())\r\n") } ?? true
            let answer = (isLetIn ? reply : "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"p\"") + "\r\n\r\n"
            guard LoopbackSocket.write(Array(answer.utf8)[...], to: descriptor), isLetIn,
                reply.split(separator: " ").dropFirst().first?.hasPrefix("2") == true, let port,
                let other = LoopbackSocket.connected(to: port)
            else { return }
            LoopbackSocket.pump(descriptor, other)
            close(other)
        }
    }

    package convenience init(status: Int) throws {
        try self.init(reply: "HTTP/1.1 \(status) Answer")
    }

    /// `http://` and so on, for an environment variable.
    package func address(user: String? = nil) -> String {
        "http://\(user.map { $0 + "@" } ?? "")127.0.0.1:\(listener.port)"
    }

    /// The heads of the requests so far.
    package var requests: [String] { heads.all }

    package var connections: Int { listener.connections }

    package func stop() { listener.stop() }
}

/// A SOCKS proxy of versions 4, 4a and 5 that forwards to the requested port of this machine.
package final class SocksProxy: Sendable {
    private let listener: LoopbackListener
    private let hosts: Tape<String>

    /// - Parameter credentials: the user and password that version 5 requires.
    package init(credentials: (user: String, password: String)? = nil) throws {
        let hosts = Tape<String>()
        self.hosts = hosts
        listener = try LoopbackListener { descriptor, _ in
            let input = SocksInput(descriptor)
            let version = input.bytes(1)
            let place = version == [4] ? input.version4() : input.version5(credentials)
            guard let place else { return }
            hosts.append(place.host)
            let answer: [UInt8] = version == [4] ? [0, 0x5A, 0, 0, 0, 0, 0, 0] : [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]
            guard LoopbackSocket.write(answer[...], to: descriptor),
                let other = LoopbackSocket.connected(to: place.port)
            else { return }
            LoopbackSocket.pump(descriptor, other)
            close(other)
        }
    }

    /// Its URL with a scheme like `socks5`, and user and password.
    package func address(_ scheme: String, user: String? = nil) -> String {
        "\(scheme)://\(user.map { $0 + "@" } ?? "")127.0.0.1:\(listener.port)"
    }

    /// The requested hosts, with names unresolved.
    package var asked: [String] { hosts.all }

    package func stop() { listener.stop() }
}

/// The requests of SOCKS (RFC 1928, RFC 1929 and the SOCKS 4 memo).
private struct SocksInput {
    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        return unsafe recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : []
    }

    private func text() -> String {
        String(decoding: bytes(bytes(1).first.map(Int.init) ?? 0), as: UTF8.self)
    }

    private func textToZero() -> String {
        var text: [UInt8] = []
        while let byte = bytes(1).first, byte != 0 { text.append(byte) }
        return String(decoding: text, as: UTF8.self)
    }

    private func port(_ bytes: [UInt8]) -> UInt16? { bytes.count == 2 ? UInt16(bytes[0]) << 8 | UInt16(bytes[1]) : nil }

    func version4() -> (host: String, port: UInt16)? {
        let head = bytes(7)
        guard head.count == 7, let port = port(Array(head[1...2])) else { return nil }
        _ = textToZero()
        let isName = head[3...5] == [0, 0, 0] && head[6] != 0
        return (isName ? textToZero() : head[3...6].map(String.init).joined(separator: "."), port)
    }

    func version5(_ credentials: (user: String, password: String)?) -> (host: String, port: UInt16)? {
        _ = bytes(bytes(1).first.map(Int.init) ?? 0)
        _ = LoopbackSocket.write([5, credentials == nil ? 0 : 2][...], to: descriptor)
        if let credentials {
            _ = bytes(1)
            let isRight = text() == credentials.user && text() == credentials.password
            _ = LoopbackSocket.write([1, isRight ? 0 : 1][...], to: descriptor)
            guard isRight else { return nil }
        }
        let head = bytes(4)
        guard head.count == 4 else { return nil }
        let host = head[3] == 3 ? text() : bytes(head[3] == 1 ? 4 : 16).map(String.init).joined(separator: ".")
        guard let port = port(bytes(2)) else { return nil }
        return (host, port)
    }
}
