/// Output for a push connection.
public enum SimulatedPushOutput: Sendable, Equatable {
    /// One text message. It may be invalid JSON or invalid UTF-8.
    case text([UInt8])
    /// One text message split into several frames, with a ping between each two.
    case fragmented([UInt8], pieces: Int)
    /// Numbered event frames, at a fixed rate or as fast as the reader accepts them.
    case burst(PushBurst)
    case ping([UInt8])
    case pong([UInt8])
    /// A close frame with any code, even an invalid one.
    case close(code: Int, reason: String)
    /// Half of the message's frame, then the connection is cut.
    case torn([UInt8])
    /// Raw bytes, without a frame.
    case bytes([UInt8])
    /// The connection ends without a close frame.
    case cut
    /// The connection is reset.
    case reset
}

/// A series of event frames of one size, numbered from 1 in `body.data.number`.
public struct PushBurst: Sendable, Equatable, Sequence {
    public var count: Int
    /// Bytes of each message.
    public var size: Int
    public var dataType: String
    /// The pause between two frames; 0 for none.
    public var intervalMilliseconds: Int
    /// The account the frames are addressed to.
    public var accountId: String
    /// The protocol version of the connection, which the frames contain.
    public var version = "3.0"

    public init(
        count: Int, size: Int, dataType: String = "psn:simulator:burst", intervalMilliseconds: Int = 0,
        accountId: String = "1000000000000000001"
    ) {
        self.count = count
        self.size = size
        self.dataType = dataType
        self.intervalMilliseconds = intervalMilliseconds
        self.accountId = accountId
    }

    public func makeIterator() -> Frames { Frames(self) }

    /// The frames of a burst, created one at a time, so that a long burst needs little memory.
    public struct Frames: IteratorProtocol {
        private var message: [UInt8]
        private let slot: Range<Int>
        private var number = 0
        private let count: Int

        init(_ burst: PushBurst) {
            let digits = 12
            let head =
                "{\"version\":\"\(burst.version)\",\"method\":3001,\"dataType\":\(JSONValue.string(burst.dataType).text),"
                + "\"to\":{\"accountId\":\(burst.accountId)},\"body\":{\"data\":{\"number\":"
            let middle = ",\"padding\":\""
            let tail = "\"}}}"
            let least = head.utf8.count + digits + middle.utf8.count + tail.utf8.count
            message = Array(head.utf8) + [UInt8](repeating: 0x20, count: digits) + Array(middle.utf8)
            message += [UInt8](repeating: UInt8(ascii: "x"), count: Swift.max(0, burst.size - least))
            message += Array(tail.utf8)
            slot = head.utf8.count..<head.utf8.count + digits
            count = burst.count
        }

        public mutating func next() -> [UInt8]? {
            guard number < count else { return nil }
            number += 1
            var index = slot.lowerBound
            // Spaces after the digits keep the size constant, and JSON allows them.
            for digit in String(number).utf8 {
                message[index] = digit
                index += 1
            }
            return message
        }
    }
}

/// The response to the upgrade of a push connection.
public struct PushHandshake: Sendable {
    public var delayMilliseconds = 0
    /// The subprotocol in the response; nil if a fault omits it.
    public var subprotocol: String? = "np-pushpacket"
    public var headers: [(name: String, value: String)] = []
    /// The server cuts the connection after this silence of the client; nil for never.
    public var silenceLimitMilliseconds: Int?
}

/// The result of a request to open a push connection.
public enum PushOpening: Sendable {
    case refused(SimulatedResponse)
    /// No response, or a delayed one.
    case failed(SimulatedReply)
    case opened(SimulatedPush)
}

/// One open push connection, as the server's transport uses it.
public struct SimulatedPush: Sendable {
    public let output: AsyncStream<SimulatedPushOutput>
    public let handshake: PushHandshake
    let service: SimulatedService
    let socket: Int

    /// A text message of the client has arrived.
    public func received(_ text: [UInt8]) async { await service.messageArrived(text, on: socket) }

    /// A ping has arrived. The pong is sent through `output` unless a fault withholds it.
    public func receivedPing(_ payload: [UInt8]) async { await service.pingArrived(payload, on: socket) }

    /// The connection has ended. `code` is that of the client's close frame; nil if there was none.
    public func ended(code: Int? = nil) async { await service.pushEnded(socket, code: code) }
}
