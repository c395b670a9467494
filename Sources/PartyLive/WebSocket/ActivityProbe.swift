internal import CWebSockets
import Glibc

/// Detects bytes on a socket while no message is complete. Each piece of a large or slow message is a sign of life, but
/// libwebsockets reports one only every 64 kB, and OpenSSL only whole records; the kernel knows at once.
struct ActivityProbe {
    private var hasPart = false
    /// Something was delivered since the last look: the kernel's time of the last byte may belong to it.
    private var hasDelivered = true
    private var lastLook = ContinuousClock.now

    /// Several times within the shortest time that a ping waits for its answer.
    private static let interval: Duration = .milliseconds(250)
    /// The kernel counts in ticks of up to 10 ms.
    private static let tick: Duration = .milliseconds(20)

    /// libwebsockets reported part of a message.
    mutating func sawPart() { hasPart = true }

    /// A whole message or a pong was delivered.
    mutating func delivered() { hasDelivered = true }

    /// Called after a turn of the socket that delivered nothing.
    mutating func findsActivity(on descriptor: Int32, at now: ContinuousClock.Instant) -> Bool {
        let elapsed = now - lastLook
        guard elapsed >= Self.interval else { return false }
        defer {
            lastLook = now
            hasPart = false
            hasDelivered = false
        }
        if hasPart { return true }
        guard !hasDelivered, let age = Self.ageOfLastByte(on: descriptor) else { return false }
        return age + Self.tick < elapsed
    }

    /// `nil` if it is no TCP socket.
    private static func ageOfLastByte(on descriptor: Int32) -> Duration? {
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return nil }
        return .milliseconds(Int64(info.tcpi_last_data_recv))
    }
}
