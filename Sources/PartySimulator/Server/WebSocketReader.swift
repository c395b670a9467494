/// Parses a client's frames from a byte stream and assembles its messages.
struct WebSocketReader {
    /// An event of the client.
    enum Event: Equatable {
        case text([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        /// The client's close frame; nil if it contains no code.
        case close(code: Int?)
    }

    /// A protocol violation of the client, with its close code.
    struct Violation: Error, Equatable {
        var code: Int
        var reason: String
    }

    static let messageLimit = 1 << 20

    private var pending: [UInt8] = []
    private var message: [UInt8]?

    mutating func append(_ bytes: some Collection<UInt8>) { pending += bytes }

    /// The client's next event; nil if more bytes are needed.
    mutating func next() throws(Violation) -> Event? {
        while let frame = try nextFrame() {
            if let event = try take(frame) { return event }
        }
        return nil
    }

    private mutating func nextFrame() throws(Violation) -> WebSocketFrame? {
        guard pending.count >= 2 else { return nil }
        guard pending[0] & 0x70 == 0 else { throw Violation(code: 1002, reason: "reserved bits") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: pending[0] & 0x0F) else {
            throw Violation(code: 1002, reason: "opcode")
        }
        guard pending[1] & 0x80 != 0 else { throw Violation(code: 1002, reason: "not masked") }
        let isFinal = pending[0] & 0x80 != 0
        let short = Int(pending[1] & 0x7F)
        if opcode.isControl && (short > 125 || !isFinal) { throw Violation(code: 1002, reason: "control frame") }
        let lengthBytes = short == 127 ? 8 : short == 126 ? 2 : 0
        guard pending.count >= 2 + lengthBytes else { return nil }
        let long = pending[2..<2 + lengthBytes].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = lengthBytes == 0 ? UInt64(short) : long
        guard length <= UInt64(Self.messageLimit) else { throw Violation(code: 1009, reason: "too long") }
        let start = 2 + lengthBytes + 4
        guard pending.count >= start + Int(length) else { return nil }
        var payload = Array(pending[start..<start + Int(length)])
        for index in payload.indices { payload[index] ^= pending[start - 4 + index & 3] }
        pending.removeFirst(start + Int(length))
        return WebSocketFrame(isFinal: isFinal, opcode: opcode, payload: payload)
    }

    private mutating func take(_ frame: WebSocketFrame) throws(Violation) -> Event? {
        switch frame.opcode {
        case .ping: return .ping(frame.payload)
        case .pong: return .pong(frame.payload)
        case .close: return .close(code: try Self.code(frame.payload))
        case .binary: throw Violation(code: 1003, reason: "binary")
        case .text:
            guard message == nil else { throw Violation(code: 1002, reason: "message in a message") }
            message = frame.payload
        case .continuation:
            guard message != nil else { throw Violation(code: 1002, reason: "nothing to continue") }
            message?.append(contentsOf: frame.payload)
        }
        guard let text = message, text.count <= Self.messageLimit else {
            throw Violation(code: 1009, reason: "too long")
        }
        guard frame.isFinal else { return nil }
        message = nil
        guard String(validating: text, as: UTF8.self) != nil else { throw Violation(code: 1007, reason: "not UTF-8") }
        return .text(text)
    }

    private static func code(_ payload: [UInt8]) throws(Violation) -> Int? {
        if payload.isEmpty { return nil }
        guard payload.count >= 2 else { throw Violation(code: 1002, reason: "close frame") }
        let code = Int(payload[0]) << 8 | Int(payload[1])
        let isKnown = (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
        guard isKnown, String(validating: payload.dropFirst(2), as: UTF8.self) != nil else {
            throw Violation(code: 1002, reason: "close code")
        }
        return code
    }
}
