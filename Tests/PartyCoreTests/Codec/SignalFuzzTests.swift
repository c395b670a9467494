import Foundation
import PartyCore
import PartyTestSupport
import Testing

struct SignalFuzzTests {
    private static let offer = Signal(
        from: .init(accountID: alice, platform: .mobileApp), to: .init(accountID: bob, platform: .ps5), kind: .offer,
        sdp: "v=0\r\n", globalSequence: 1, sdpSequence: "1")

    /// The bytes behind `body=`, mutated and put into an envelope again.
    private static func edited(_ signal: Signal, _ edit: (inout [UInt8]) -> Void) throws -> String {
        var content = try SignalEnvelope.open(try SignalPayload.encode(signal)).content
        edit(&content)
        return SignalEnvelope.seal(content)
    }

    @Test func `a truncated payload is neither a signal nor a crash`() throws {
        let whole = try SignalPayload.encode(Self.offer)
        for length in 0..<whole.utf8.count {
            #expect(throws: CodecError.self) { try SignalPayload.decode(String(whole.prefix(length))) }
        }
        let content = try SignalEnvelope.open(whole).content
        for length in 0..<content.count {
            let error = #expect(throws: CodecError.self) {
                try SignalPayload.decode(SignalEnvelope.seal(Array(content[..<length])))
            }
            #expect((0...whole.utf8.count).contains(error?.offset ?? -1))
        }
    }

    /// The most memory this process ever held, in bytes.
    private static func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let kilobytes = try #require(status.firstMatch(of: /VmHWM:\s*(\d+) kB/)?.1)
        return try #require(Int(kilobytes)) * 1024
    }

    /// Other tests run at the same time: the bound is for a hostile length, not for the size of a signal.
    private static let bound = 256 << 20

    @Test(arguments: 0..<4)
    func `mutations neither crash nor need more memory than the input`(_ seed: Int) throws {
        var generator = SeededChance(seed: UInt64(seed))
        let whole = try SignalEnvelope.open(try SignalPayload.encode(Self.offer)).content
        var read = 0
        let before = try Self.peakMemory()
        for _ in 0..<500 {
            var content = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                content[Int.random(in: 0..<content.count, using: &generator)] = .random(
                    in: .min ... .max, using: &generator)
            }
            guard let received = try? SignalPayload.decode(SignalEnvelope.seal(content)) else { continue }
            read += 1
            #expect((received.signal.sdp?.utf8.count ?? 0) <= whole.count)
            #expect(received.signal.kind.rawValue.utf8.count <= whole.count)
        }
        #expect(read > 0)
        #expect(try Self.peakMemory() - before < Self.bound)
    }

    @Test func `a header that announces four gigabytes is refused without allocating`() throws {
        let payload = try Self.edited(Self.offer) { $0.replaceSubrange(40..<44, with: [0xFF, 0xFF, 0xFF, 0xFF]) }
        let before = try Self.peakMemory()
        let error = #expect(throws: CodecError.self) { try SignalPayload.decode(payload) }
        #expect(try Self.peakMemory() - before < Self.bound)
        #expect(error == CodecError("the header announces 4294967295 bytes of text, 416 follow", at: 40, in: .body))
    }
}
