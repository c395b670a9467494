internal import CWebSockets
import Glibc

/// Finds out whether a socket brings bytes while no message is complete. A large or slow message is a sign of life with every
/// piece, but libwebsockets tells of it only every 64 kB, and OpenSSL only of whole records; the kernel knows at once.
struct ActivityProbe {
    private var hasPart = false
    /// Something was handed on since the last look: the kernel's time of the last byte may be that of a message.
    private var hasDelivered = true
    private var lastLook = ContinuousClock.now

    /// Several times within the shortest time that a ping waits for its answer.
    private static let interval: Duration = .milliseconds(250)
    /// The kernel counts in ticks of up to 10 ms.
    private static let tick: Duration = .milliseconds(20)

    /// libwebsockets told of a part of a message.
    mutating func sawPart() { hasPart = true }

    /// A message, or another whole thing, was handed on.
    mutating func delivered() { hasDelivered = true }

    /// Called where a turn of the socket brought nothing whole.
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

    /// `nil` for what is no TCP socket.
    private static func ageOfLastByte(on descriptor: Int32) -> Duration? {
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return nil }
        return .milliseconds(Int64(info.tcpi_last_data_recv))
    }
}
