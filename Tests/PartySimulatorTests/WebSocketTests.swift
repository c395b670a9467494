import Testing

@testable import PartySimulator

struct WebSocketTests {
    /// A frame as a client sends it.
    static func masked(_ payload: [UInt8], _ first: UInt8, mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]) -> [UInt8] {
        var bytes = WebSocketFrame(opcode: .text, payload: payload).bytes
        let header = bytes.count - payload.count
        bytes[0] = first
        bytes[1] |= 0x80
        let hidden = payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
        return Array(bytes[..<header]) + mask + hidden
    }

    static func events(_ bytes: [UInt8], portion: Int = .max) throws -> [WebSocketReader.Event] {
        var reader = WebSocketReader()
        var events: [WebSocketReader.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            reader.append(rest.prefix(portion))
            rest = rest.dropFirst(portion)
            while let event = try reader.next() { events.append(event) }
        }
        return events
    }

    @Test func `the masked Hello of RFC 6455 is read`() throws {
        let bytes: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(try Self.events(bytes) == [.text(Array("Hello".utf8))])
    }

    @Test func `the unmasked Hello of RFC 6455 is written`() {
        let frame = WebSocketFrame(opcode: .text, payload: Array("Hello".utf8))
        #expect(frame.bytes == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
    }

    @Test func `the accept value equals that of RFC 6455`() {
        #expect(WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        (0, [0x81, 0]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]), (65535, [0x81, 126, 0xFF, 0xFF]),
        (65536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ])
    func `lengths take the shortest form`(length: Int, header: [UInt8]) throws {
        let payload = [UInt8](repeating: 0x61, count: length)
        let bytes = WebSocketFrame(opcode: .text, payload: payload).bytes
        #expect(Array(bytes.prefix(header.count)) == header)
        #expect(bytes.count == header.count + length)
        #expect(try Self.events(Self.masked(payload, 0x81)) == [.text(payload)])
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `fragments around a ping are joined, in pieces of any size`(portion: Int) throws {
        let bytes =
            Self.masked(Array("Hel".utf8), 0x01) + Self.masked([1], 0x89) + Self.masked([], 0x00)
            + Self.masked(Array("lo".utf8), 0x80)
        #expect(try Self.events(bytes, portion: portion) == [.ping([1]), .text(Array("Hello".utf8))])
    }

    @Test func `a message is sent in the requested fragments`() {
        let frames = WebSocketFrame.fragments(Array("abcdefg".utf8), pieces: 3)
        #expect(frames.map(\.opcode) == [.text, .ping, .continuation, .ping, .continuation])
        #expect(frames.map(\.isFinal) == [false, true, false, true, true])
        #expect(frames.filter { $0.opcode != .ping }.flatMap(\.payload) == Array("abcdefg".utf8))
    }

    @Test(arguments: [(1000, "done"), (1012, ""), (65535, "bogus")])
    func `close frames carry any code`(code: Int, reason: String) {
        let payload = WebSocketFrame.close(code: code, reason: reason).payload
        #expect(Int(payload[0]) << 8 | Int(payload[1]) == code)
        #expect(Array(payload.dropFirst(2)) == Array(reason.utf8))
    }

    @Test func `a client's close code is read, a missing one is nil`() throws {
        #expect(try Self.events(Self.masked([0x03, 0xE8], 0x88)) == [.close(code: 1000)])
        #expect(try Self.events(Self.masked([], 0x88)) == [.close(code: nil)])
    }

    @Test(arguments: [
        ([0x81, 0x00], 1002), ([0xC1, 0x80], 1002), ([0x83, 0x80], 1002), ([0x09, 0x80], 1002), ([0x89, 0xFE], 1002),
        ([0x81, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0], 1009),
    ])
    func `violations have their close codes`(bytes: [UInt8], code: Int) {
        let error = #expect(throws: WebSocketReader.Violation.self) { _ = try Self.events(bytes) }
        #expect(error?.code == code)
    }

    @Test(arguments: [
        (masked([0xC3, 0x28], 0x81), 1007), (masked([1], 0x82), 1003), (masked([1], 0x80), 1002),
        (masked([0x03], 0x88), 1002), (masked([0xFF, 0xFF], 0x88), 1002), (masked([0x03, 0xED], 0x88), 1002),
    ])
    func `messages that a server must refuse are refused`(bytes: [UInt8], code: Int) {
        let error = #expect(throws: WebSocketReader.Violation.self) { _ = try Self.events(bytes) }
        #expect(error?.code == code)
    }

    @Test func `burst frames are JSON of one size, numbered from 1`() throws {
        let frames = Array(PushBurst(count: 12, size: 1000, accountId: "1000000000000000002"))
        #expect(frames.count == 12)
        #expect(frames.allSatisfy { $0.count == 1000 })
        let numbers = try frames.map { try JSONReader.read($0)["body"]?["data"]?["number"]?.integer }
        #expect(numbers == Array(1...12).map { Int64($0) })
        #expect(try JSONReader.read(frames[0])["to"]?["accountId"]?.integer == 1_000_000_000_000_000_002)
    }
}
