// Declares pollfd as well: which of the two modules the compiler takes depends on the files that it compiles together.
internal import CWebSockets
internal import Dispatch
internal import Glibc
internal import PartyCore
internal import Synchronization

/// The datagram socket at which a service manager listens to the services it has started (sd_notify(3)).
package final class NotifySocket: Sendable {
    private let name: [UInt8]
    /// Messages that the manager has had no room for yet.
    private let waiting = Mutex(0)
    private let queue = DispatchQueue(label: "psparty.notify")

    /// So many may wait; of more that come, each is lost.
    private static let most = 16

    /// How long a service manager may take to read earlier messages.
    private static let timeout: Int32 = 1000

    /// - Parameter address: the content of `NOTIFY_SOCKET`: an absolute path, or `@` and the rest of an abstract name.
    /// - Returns: `nil` for any other text, and for one that is too long for an address.
    package init?(_ address: String) {
        var bytes = Array(address.utf8)
        switch bytes.first {
        case UInt8(ascii: "/"): bytes.append(0)
        case UInt8(ascii: "@"): bytes[0] = 0
        default: return nil
        }
        guard (2...MemoryLayout.size(ofValue: sockaddr_un().sun_path)).contains(bytes.count) else { return nil }
        name = bytes
    }

    private enum Outcome {
        case over, full
    }

    /// Sends one message of `NAME=value` lines and returns at once. Without a listener it is lost. Where the
    /// manager has no room, it waits elsewhere, for a second at most, and those after it wait behind it.
    package func send(_ message: String) {
        let mustWait = waiting.withLock { waiting in
            guard waiting > 0 || deliver(message, timeout: 0) == .full, waiting < Self.most else { return false }
            waiting += 1
            return true
        }
        guard mustWait else { return }
        queue.async { [self] in
            _ = deliver(message, timeout: Self.timeout)
            waiting.withLock { $0 -= 1 }
        }
    }

    private func deliver(_ message: String, timeout: Int32) -> Outcome {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return .over }
        defer { close(descriptor) }
        guard connects(descriptor) else { return .over }
        var descriptorEvents = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let bytes = Array(message.utf8)
        guard unsafe poll(&descriptorEvents, 1, timeout) == 1 else { return .full }
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        return count < 0 && errno == EAGAIN ? .full : .over
    }

    private func connects(_ descriptor: Int32) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, size) == 0
            }
        }
    }
}
