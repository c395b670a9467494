import Testing

@testable import PartyCore
@testable import PartyLive

struct FrameAssemblyTests {
    private func take(
        _ assembly: inout FrameAssembly, _ text: String, _ isFirst: Bool, _ isLast: Bool
    ) -> PushArrival? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe assembly.take($0, isFirst: isFirst, isLast: isLast) }
    }

    @Test func `fragments become one message`() {
        var assembly = FrameAssembly(limit: 10)
        #expect(take(&assembly, "abc", true, true) == .frame(Array("abc".utf8)))
        #expect(take(&assembly, "ab", true, false) == nil)
        #expect(take(&assembly, "", false, false) == nil)
        #expect(take(&assembly, "cd", false, true) == .frame(Array("abcd".utf8)))
        #expect(take(&assembly, "", true, true) == .frame([]))
    }

    @Test func `a message over the limit is skipped with its size, and the next one is whole`() {
        var assembly = FrameAssembly(limit: 4)
        #expect(take(&assembly, "abcd", true, true) == .frame(Array("abcd".utf8)))
        #expect(take(&assembly, "abcde", true, true) == .oversized(5))
        #expect(take(&assembly, "abc", true, false) == nil)
        #expect(take(&assembly, "def", false, false) == nil)
        #expect(take(&assembly, "g", false, true) == .oversized(7))
        #expect(take(&assembly, "x", true, true) == .frame(Array("x".utf8)))
    }
}
