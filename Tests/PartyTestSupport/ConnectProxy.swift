internal import Glibc

/// An HTTP proxy that knows CONNECT only, as firewalls have them.
public final class ConnectProxy: Sendable {
    private let listener: LoopbackListener
    private let heads: Tape<String>

    /// - Parameter status: what it answers; only with 200 it carries anything on.
    public init(status: Int = 200) throws {
        let heads = Tape<String>()
        self.heads = heads
        listener = try LoopbackListener { descriptor, _ in
            guard let head = LoopbackSocket.requestHead(descriptor) else { return }
            heads.append(head)
            let words = head.split(separator: " ")
            let port = words.count > 1 ? words[1].split(separator: ":").last.flatMap { UInt16($0) } : nil
            let answer = Array("HTTP/1.1 \(status) Answer\r\n\r\n".utf8)
            guard LoopbackSocket.write(answer[...], to: descriptor), status == 200, let port,
                let other = LoopbackSocket.connected(to: port)
            else { return }
            LoopbackSocket.pump(descriptor, other)
            close(other)
        }
    }

    /// `http://` and so on, for an environment variable.
    public func address(user: String? = nil) -> String {
        "http://\(user.map { $0 + "@" } ?? "")127.0.0.1:\(listener.port)"
    }

    /// The request heads it has seen.
    public var requests: [String] { heads.all }

    public var connections: Int { listener.connections }

    public func stop() { listener.stop() }
}
