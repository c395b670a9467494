internal import Glibc

/// The datagram socket at which a service manager listens to the services it has started (sd_notify(3)).
public struct NotifySocket: Sendable {
    private let name: [UInt8]

    /// How long a service manager may take to read what came before.
    private static let patience: Int32 = 1000

    /// - Parameter address: the content of `NOTIFY_SOCKET`: an absolute path, or `@` and the rest of an abstract name.
    /// - Returns: `nil` for anything else, and for what is longer than an address may be.
    public init?(_ address: String) {
        var bytes = Array(address.utf8)
        switch bytes.first {
        case UInt8(ascii: "/"): bytes.append(0)
        case UInt8(ascii: "@"): bytes[0] = 0
        default: return nil
        }
        guard (2...MemoryLayout.size(ofValue: sockaddr_un().sun_path)).contains(bytes.count) else { return nil }
        name = bytes
    }

    /// Sends one message of `NAME=value` lines. Where nobody listens it is lost, as everywhere; it waits for a second at most.
    public func send(_ message: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard connects(descriptor) else { return }
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let bytes = Array(message.utf8)
        if unsafe poll(&room, 1, Self.patience) == 1 {
            _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
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
