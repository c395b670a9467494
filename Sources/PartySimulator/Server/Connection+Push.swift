import Glibc

extension Connection {
    /// Answers an upgrade request. If it is accepted, serves the push connection until its end.
    func servePush(_ request: SimulatedRequest) throws(Wire.Failure) {
        if let fault = WebSocketHandshake.fault(request) {
            _ = try carryOut(.answer(fault), isLast: true)
            return
        }
        Task { [service, messages] in
            let opening = await service.openPush(request)
            if !messages.post(.opening(opening)), case .opened(let push) = opening { await push.ended() }
        }
        let message: MessageQueue.Message
        do {
            message = try nextMessage()
        } catch {
            // The client is gone, but the service may just have opened the connection.
            messages.stop()
            if case .opening(.opened(let push)) = messages.take().first { Task { await push.ended() } }
            throw error
        }
        switch message {
        case .opening(.refused(let response)): _ = try carryOut(.answer(response), isLast: true)
        case .opening(.failed(let reply)): _ = try carryOut(reply, isLast: true)
        case .opening(.opened(let push)): try serve(push, request)
        case .reply, .output: break
        }
    }

    private func serve(_ push: SimulatedPush, _ request: SimulatedRequest) throws(Wire.Failure) {
        // A single task forwards all messages of the client, so that they keep their order.
        let (words, continuation) = AsyncStream.makeStream(of: WebSocketReader.Event.self)
        Task {
            for await word in words {
                switch word {
                case .text(let text): await push.received(text)
                case .ping(let payload): await push.receivedPing(payload)
                case .pong: break
                case .close(let code): await push.ended(code: code)
                }
            }
            await push.ended()
        }
        defer { continuation.finish() }
        if push.handshake.delayMilliseconds > 0 { try idle(milliseconds: push.handshake.delayMilliseconds) }
        try wire.writeAll(WebSocketHandshake.answer(request, push.handshake))
        // Only now: unread messages would wake the waits above without need.
        Task { [messages] in
            for await output in push.output { messages.post(.output(output)) }
        }
        var loop = PushLoop(silenceLimit: push.handshake.silenceLimitMilliseconds)
        loop.reader.append(reader.pending)
        // Also if the client did not wait for the answer to its close frame.
        defer { if let code = loop.clientCode { continuation.yield(.close(code: code)) } }
        while try loop.turn(wire, messages, deliver: { continuation.yield($0) }) {}
    }
}

/// The loop of a push connection: sends queued output and receives the client's frames.
struct PushLoop {
    var reader = WebSocketReader()
    /// The code of the client's close frame.
    private(set) var clientCode: Int?
    private var output = PushQueue()
    private var outgoing: ArraySlice<UInt8> = []
    private var ending: PushQueue.Ending?
    private var closedByClient = false
    /// The deadline for the client's half of the closing handshake.
    private var closeDeadline: Int64?
    private let silenceLimit: Int?
    private var lastReceipt = monotonicMilliseconds()

    init(silenceLimit: Int?) { self.silenceLimit = silenceLimit }

    /// Sends and receives without blocking, then waits. Returns false at the end of the connection.
    mutating func turn(
        _ wire: Wire, _ messages: MessageQueue, deliver: (WebSocketReader.Event) -> Void
    ) throws(Wire.Failure) -> Bool {
        for case .output(let item) in messages.take() { output.add(item) }
        if messages.isStopped { return stop(wire) }
        if outgoing.isEmpty && ending == nil {
            outgoing = output.next(now: monotonicMilliseconds())[...]
            if outgoing.isEmpty { ending = output.takeEnding() }
        }
        let sent = try wire.writeAvailable(outgoing)
        outgoing = outgoing.dropFirst(sent)
        let hasReceived = try receive(wire, deliver)
        if outgoing.isEmpty, let ending, !carryOn(ending, wire) { return false }
        if hasReceived || sent > 0 { return true }
        guard let pause = pause() else { return false }
        wire.wait(Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT), milliseconds: pause)
        return true
    }

    private func stop(_ wire: Wire) -> Bool {
        _ = try? wire.writeAvailable(WebSocketFrame.close(code: 1001, reason: "").bytes[...])
        wire.finish()
        return false
    }

    /// Performs the closing steps after all output was sent. Returns false when the connection is done.
    private mutating func carryOn(_ ending: PushQueue.Ending, _ wire: Wire) -> Bool {
        switch ending {
        case .cut: return false
        case .reset:
            wire.reset()
            return false
        case .closing:
            if closedByClient {
                wire.finish()
                return false
            }
            if closeDeadline == nil { closeDeadline = monotonicMilliseconds() + 2000 }
            return true
        }
    }

    /// How long to wait for the next action; nil if the time is over.
    private func pause() -> Int? {
        let now = monotonicMilliseconds()
        var deadlines: [Int64] = []
        if let closeDeadline { deadlines.append(closeDeadline) }
        if let silenceLimit { deadlines.append(lastReceipt + Int64(silenceLimit)) }
        if let first = deadlines.min(), first <= now { return nil }
        if outgoing.isEmpty, ending == nil, let due = output.due { deadlines.append(max(due, now)) }
        return deadlines.min().map { Int($0 - now) } ?? -1
    }

    private mutating func receive(_ wire: Wire, _ deliver: (WebSocketReader.Event) -> Void) throws(Wire.Failure) -> Bool
    {
        guard let bytes = try wire.readAvailable() else { return false }
        lastReceipt = monotonicMilliseconds()
        // Data after the client's close frame is ignored.
        guard !closedByClient else { return true }
        reader.append(bytes)
        do {
            while let event = try reader.next() {
                guard case .close(let code) = event else {
                    deliver(event)
                    continue
                }
                closedByClient = true
                clientCode = code ?? 1005
                output.close(
                    WebSocketFrame(opcode: .close, payload: code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []))
                return true
            }
        } catch {
            output.close(.close(code: error.code, reason: error.reason))
        }
        return true
    }
}
