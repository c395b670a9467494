/// One frame of RFC 6455.
struct WebSocketFrame: Equatable {
    /// The opcode of a frame.
    enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    var isFinal = true
    var opcode: Opcode
    var payload: [UInt8]

    /// The bytes of the frame, unmasked, as a server sends it.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + 10)
        Self.append(payload, opcode, isFinal: isFinal, to: &bytes)
        return bytes
    }

    static func append(_ payload: [UInt8], _ opcode: Opcode, isFinal: Bool = true, to bytes: inout [UInt8]) {
        bytes.append((isFinal ? 0x80 : 0) | opcode.rawValue)
        switch payload.count {
        case ...125: bytes.append(UInt8(payload.count))
        case ...65535:
            bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        bytes += payload
    }

    /// A close frame with any code.
    static func close(code: Int, reason: String) -> WebSocketFrame {
        WebSocketFrame(
            opcode: .close,
            payload: [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)] + reason.utf8)
    }

    /// The frames of a text message split into this many pieces, with a ping between each two.
    static func fragments(_ text: [UInt8], pieces: Int) -> [WebSocketFrame] {
        let size = max(1, (text.count + pieces - 1) / pieces)
        var frames: [WebSocketFrame] = []
        var start = 0
        repeat {
            let end = min(start + size, text.count)
            if start > 0 { frames.append(WebSocketFrame(opcode: .ping, payload: Array("between".utf8))) }
            frames.append(
                WebSocketFrame(
                    isFinal: end == text.count, opcode: start == 0 ? .text : .continuation,
                    payload: Array(text[start..<end])))
            start = end
        } while start < text.count
        return frames
    }
}
