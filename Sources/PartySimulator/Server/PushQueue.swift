/// The send queue of a push connection. Output is converted to bytes only as fast as the client reads.
struct PushQueue {
    /// How the server ends a connection.
    enum Ending: Sendable {
        case cut
        case reset
        /// A close frame was sent; the connection waits for the client's close frame.
        case closing
    }

    private struct RunningBurst {
        var frames: PushBurst.Frames
        let interval: Int
        var due: Int64
    }

    /// How many bytes are produced at a time.
    private static let portion = 65536

    private var waiting: [SimulatedPushOutput] = []
    private var taken = 0
    private var urgent: [UInt8] = []
    private var burst: RunningBurst?
    private var ending: Ending?
    private var isClosed = false

    mutating func add(_ output: SimulatedPushOutput) {
        guard !isClosed else { return }
        // A pong is sent between two frames of a burst, not after the last one.
        if case .pong(let payload) = output {
            WebSocketFrame.append(payload, .pong, to: &urgent)
        } else {
            waiting.append(output)
        }
    }

    /// Sends this close frame and nothing after it.
    mutating func close(_ frame: WebSocketFrame) {
        guard !isClosed || ending != nil else { return }
        if !isClosed { urgent += frame.bytes }
        isClosed = true
        ending = ending ?? .closing
        waiting = []
        taken = 0
        burst = nil
    }

    /// When the next frame of a paced burst is due.
    var due: Int64? { burst?.due }

    /// How the connection ends after the current bytes; nil if it continues.
    mutating func takeEnding() -> Ending? { burst == nil && taken == waiting.count ? ending : nil }

    /// The next bytes to send; empty if nothing is queued.
    mutating func next(now: Int64) -> [UInt8] {
        var bytes = urgent
        urgent = []
        while bytes.count < Self.portion {
            if append(burstFrameTo: &bytes, now: now) { continue }
            guard taken < waiting.count else {
                waiting = []
                taken = 0
                break
            }
            // Other output is sent between the frames of a paced burst, but no second burst.
            if burst != nil, case .burst = waiting[taken] { break }
            let output = waiting[taken]
            taken += 1
            append(output, to: &bytes, now: now)
        }
        return bytes
    }

    /// Appends the next frame of the burst. Returns false if there is none, or it is not due yet.
    private mutating func append(burstFrameTo bytes: inout [UInt8], now: Int64) -> Bool {
        guard let due = burst?.due, due <= now else { return false }
        guard let frame = burst?.frames.next() else {
            burst = nil
            return true
        }
        WebSocketFrame.append(frame, .text, to: &bytes)
        if let interval = burst?.interval, interval > 0 { burst?.due = now + Int64(interval) }
        return true
    }

    private mutating func append(_ output: SimulatedPushOutput, to bytes: inout [UInt8], now: Int64) {
        switch output {
        case .text(let text): WebSocketFrame.append(text, .text, to: &bytes)
        case .fragmented(let text, let pieces):
            for frame in WebSocketFrame.fragments(text, pieces: pieces) { bytes += frame.bytes }
        case .burst(let run):
            burst = RunningBurst(frames: run.makeIterator(), interval: run.intervalMilliseconds, due: now)
        case .ping(let payload): WebSocketFrame.append(payload, .ping, to: &bytes)
        case .pong(let payload): WebSocketFrame.append(payload, .pong, to: &bytes)
        case .bytes(let raw): bytes += raw
        case .close(let code, let reason):
            bytes += WebSocketFrame.close(code: code, reason: reason).bytes
            end(.closing)
        case .torn(let text):
            let frame = WebSocketFrame(opcode: .text, payload: text).bytes
            bytes += frame.prefix(max(1, frame.count / 2))
            end(.cut)
        case .cut: end(.cut)
        case .reset: end(.reset)
        }
    }

    private mutating func end(_ ending: Ending) {
        self.ending = ending
        isClosed = true
        waiting = []
        taken = 0
        burst = nil
    }
}
