internal import Foundation
internal import Glibc

/// A Unix datagram socket and the messages sent to it, in order.
package final class DatagramInbox: Sendable {
    /// Its address, as in an environment variable.
    package let address: String
    package let messages = Tape<String>()
    private let descriptor: Int32

    /// - Parameter address: a path, or `@` and an abstract name.
    /// - Parameter reads: whether messages are read at once, or stay in the socket.
    package init(_ address: String, reads: Bool = true) throws {
        self.address = address
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var bytes = Array(address.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let isBound = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, size) == 0
            }
        }
        guard isBound else { throw DeadlinePassed(description: "no socket at \(address): error \(errno)") }
        guard reads else { return }
        let messages = messages
        Foundation.Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                messages.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
            messages.end()
            close(descriptor)
        }
    }

    /// Waits for the message with that index, from 0.
    package func message(_ index: Int) async throws -> String? {
        try await within(.seconds(20), "message \(index)") { [messages] in try await messages.value(at: index) }
    }

    package func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
