import Glibc
import PartyCore

/// How many signals of 5 kB a second one core encodes and decodes. Time is that of the processor, so that other programs
/// count little.
@main enum CodecBench {
    static func main() throws {
        let line = "a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host\r\n"
        let signal = Signal(
            from: .init(accountID: AccountID(1_000_000_000_000_000_001), platform: .mobileApp),
            to: .init(accountID: AccountID(1_000_000_000_000_000_002), platform: .ps5), kind: .offer,
            sdp: "v=0\r\n" + String(repeating: line, count: 54), globalSequence: 58, sdpSequence: "1")
        let payload = try SignalPayload.encode(signal)
        let encoded = try rate("encode", payload) { try SignalPayload.encode(signal).utf8.count }
        let decoded = try rate("decode", payload) { try SignalPayload.decode(payload).signal.sdp?.utf8.count ?? 0 }
        if min(encoded, decoded) < limit { exit(1) }
    }

    /// Signals a second; fewer fail the bench.
    private static let limit = 100_000

    /// The best of some rounds: what disturbs makes slower, never faster.
    private static func rate(_ name: String, _ payload: String, _ body: () throws -> Int) rethrows -> Int {
        let count = 20_000
        var best = Int.max
        for _ in 0..<7 {
            let start = clock()
            var sum = 0
            for _ in 0..<count { sum &+= try body() }
            best = min(best, sum == 0 ? best : clock() - start)
        }
        let perSecond = count * Int(CLOCKS_PER_SEC) / max(best, 1)
        print("signal \(name), \(payload.utf8.count) bytes: \(perSecond) a second on one core (at least \(limit))")
        return perSecond
    }
}
