import PartyCore
import Testing

struct StreamWishTests {
    @Test(arguments: [PushDialect.KeepAliveType.voiceChat, .idle])
    func `a wish is read back unchanged`(_ type: PushDialect.KeepAliveType) {
        let line = StreamWish(type).line
        #expect(line.last == 0x0A)
        #expect(StreamWish(Array(line.dropLast())) == StreamWish(type))
    }

    @Test(arguments: ["", "{}", #"{"wish":3}"#, #"{"wish":{"keepAliveStatusType":4}}"#, #"{"holder":"alive"}"#, "x"])
    func `any other line is not a wish`(_ line: String) {
        #expect(StreamWish(Array(line.utf8)) == nil)
    }
}
