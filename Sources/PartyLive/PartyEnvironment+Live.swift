internal import CLinux
internal import FoundationEssentials
internal import Glibc
public import PartyCore

extension PartyClock {
    /// The clocks of this machine.
    public static let live = PartyClock(
        now: { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) },
        uptime: {
            // Counts while the machine sleeps too, so that a suspended laptop finds its socket overdue.
            var time = timespec()
            unsafe clock_gettime(CLOCK_BOOTTIME, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        // The runtime counts nanoseconds in 64 bits; a longer wait would end at once.
        sleep: { duration in try? await Task.sleep(for: min(duration, .seconds(1 << 32))) })
}

extension PartyRandom {
    /// The system's randomness.
    public static let live = PartyRandom(
        uuid: { UUID().uuidString.lowercased() },
        bytes: { count in
            var generator = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        },
        fraction: { Double.random(in: 0..<1) })
}
