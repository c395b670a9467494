import COpenSSL
import Glibc

/// Serves one accepted connection on its own thread: requests, their faults, and the upgrade to a push connection.
final class Connection {
    let wire: Wire
    let messages: MessageQueue
    let service: SimulatedService
    var reader = HTTPReader()

    init(wire: Wire, messages: MessageQueue, service: SimulatedService) {
        self.wire = wire
        self.messages = messages
        self.service = service
    }

    /// Runs until the connection ends. Does not throw, because no caller could handle the error.
    func run() {
        do {
            try wire.handshake()
        } catch { return }
        do {
            while try serveOne() {}
        } catch {
            guard case .status(let status) = error else { return }
            try? wire.writeAll(SimulatedResponse(status: status).wireBytes(isLast: true))
            wire.finish()
        }
    }

    /// Serves one request. Returns false if it was the last.
    private func serveOne() throws(HTTPReader.Failure) -> Bool {
        let head = try reader.next(wire)
        do {
            if head.request.path == "/np/pushNotification" {
                try servePush(head.request)
                return false
            }
            let request = head.request
            Task { [service, messages] in messages.post(.reply(await service.respond(to: request))) }
            guard case .reply(let reply) = try nextMessage() else { return false }
            return try carryOut(reply, isLast: head.isLast)
        } catch {
            throw .wire(error)
        }
    }

    /// Waits for a message from the service; gives up when the client has disconnected.
    func nextMessage() throws(Wire.Failure) -> MessageQueue.Message {
        while true {
            if let message = messages.take().first { return message }
            if messages.isStopped { throw .stopped }
            if wire.isAbandoned() { throw .ended }
            wire.wait(Wire.hangUp, milliseconds: -1)
        }
    }

    /// Sends a reply to the client. Returns false if the connection is over after it.
    func carryOut(_ reply: SimulatedReply, isLast: Bool) throws(Wire.Failure) -> Bool {
        switch reply {
        case .answer(let response):
            try wire.writeAll(response.wireBytes(isLast: isLast))
            if isLast { wire.finish() }
            return !isLast
        case .delayed(let milliseconds, let then):
            try idle(milliseconds: milliseconds)
            return try carryOut(then, isLast: isLast)
        case .drop: try idle(milliseconds: nil)
        case .reset: wire.reset()
        case .truncated(let response, let count):
            let bytes = response.wireBytes(isLast: isLast)
            try wire.writeAll(Array(bytes.prefix(bytes.count - max(0, response.body.count - count))))
            wire.finish()
        }
        return false
    }

    /// Keeps the client waiting; without a time limit if no time is given.
    func idle(milliseconds: Int?) throws(Wire.Failure) {
        let deadline = milliseconds.map { monotonicMilliseconds() + Int64($0) }
        while true {
            let left = deadline.map { $0 - monotonicMilliseconds() } ?? -1
            if deadline != nil && left <= 0 { return }
            // Check before each wait: the wake-up may have been consumed together with the reply.
            if messages.isStopped { throw .stopped }
            wire.wait(Wire.hangUp, milliseconds: Int(left))
            if wire.isAbandoned() { throw .ended }
        }
    }
}

/// The server's half of the handshake of RFC 6455.
enum WebSocketHandshake {
    /// The error response for an invalid upgrade request; nil if it is valid.
    static func fault(_ request: SimulatedRequest) -> SimulatedResponse? {
        func names(_ header: String, _ word: String) -> Bool {
            let words = request.header(header)?.lowercased().split(separator: ",").map { $0.filter { $0 != " " } }
            return words?.contains(word) ?? false
        }
        guard request.method == "GET", names("Upgrade", "websocket"), names("Connection", "upgrade"),
            Base64.decode(request.header("Sec-WebSocket-Key") ?? "")?.count == 16
        else { return SimulatedResponse(status: 400) }
        guard request.header("Sec-WebSocket-Version") == "13" else {
            return SimulatedResponse(status: 426, headers: [("Sec-WebSocket-Version", "13")])
        }
        return nil
    }

    /// The value that proves that the server read the client's key (RFC 6455, section 4.2.2).
    static func accept(_ key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        unsafe EVP_Digest(text, text.count, &digest, nil, EVP_sha1(), nil)
        return Base64.encode(digest)
    }

    static func answer(_ request: SimulatedRequest, _ handshake: PushHandshake) -> [UInt8] {
        var response = SimulatedResponse(status: 101)
        response.headers = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
        response.headers.append(("Sec-WebSocket-Accept", accept(request.header("Sec-WebSocket-Key") ?? "")))
        if let subprotocol = handshake.subprotocol { response.headers.append(("Sec-WebSocket-Protocol", subprotocol)) }
        response.headers += handshake.headers
        return response.wireBytes(isLast: false)
    }
}
