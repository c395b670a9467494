import CLinux
import Glibc
import PartyCore
import Synchronization

/// Owns the descriptor of a connection that leads through a proxy to the server, from the moment the proxy has opened it
/// until it replaces the socket of a push connection.
final class Tunnel: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the descriptor over.
    init(_ descriptor: Int32) {
        self.descriptor = Mutex(descriptor)
    }

    /// Another descriptor of the same connection, which lives on when its owner closes it.
    convenience init(copying descriptor: Int32) throws(TransportError) {
        // Not among the numbers of the standard streams.
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard own >= 0 else {
            throw TransportError(.exhausted, .connecting, "the way through the proxy: \(errorText(errno))")
        }
        self.init(own)
    }

    deinit {
        if let descriptor = take() { close(descriptor) }
    }

    /// Replaces that open descriptor by the connection (`dup3`). Only the first call has a connection to give.
    func replace(_ other: Int32) -> Bool {
        guard let descriptor = take() else { return false }
        defer { close(descriptor) }
        return party_dup3(descriptor, other, O_CLOEXEC) == other
    }

    private func take() -> Int32? {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
    }
}
