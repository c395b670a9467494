/// A text frame that a client sent.
public struct RecordedFrame: Sendable {
    /// The number of its push connection, from 1.
    public let socket: Int
    public let accountId: String
    public let text: [UInt8]
    /// Milliseconds since 1970.
    public let receivedAt: Int64
}

/// What clients send down their push connections (docs/protocol.md, 7.3).
extension SimulatedService {
    func messageArrived(_ text: [UInt8], on id: Int) {
        guard let socket = sockets[id] else { return }
        recordedFrames.append(
            RecordedFrame(socket: id, accountId: socket.accountId, text: text, receivedAt: now()))
        let frame = (try? JSONReader.read(text)) ?? .null
        let fault = fault(in: frame, on: socket)
        if let fault, scenario.clientFramesChecked {
            // No source documents the reaction to a bad frame; 1008 is the matching code of RFC 6455.
            socket.output.yield(.close(code: 1008, reason: fault))
            return
        }
        guard socket.version == "3.0", let method = frame["method"]?.integer else { return }
        switch method {
        case 1003:
            answer(frame, on: socket, code: fault == nil ? scenario.statusReturnCode : 1)
            if fault == nil { makeReady(id) }
        case 1007:
            guard fault == nil, let type = frame["keepAliveStatusType"]?.integer else {
                return answer(frame, on: socket, code: 1)
            }
            let code = scenario.keepAliveReturnCode
            if code == 0 { sockets[id]?.keepAliveType = String(type) }
            let figures: JSONValue? = code == 0 ? .some(scenario.figures(ofType: String(type)).json) : .none
            answer(frame, on: socket, code: code, figures)
        default: break
        }
    }

    /// Answers a frame of the client, with the same method and number.
    private func answer(
        _ frame: JSONValue, on socket: PushSocket, code: Scenario.Figure, _ keepAliveStatus: JSONValue? = .none
    ) {
        guard scenario.clientFramesAnswered else { return }
        var answer: JSONValue = [
            "version": .string(socket.version), "method": frame["method"] ?? .null, "tranId": frame["tranId"] ?? .null,
            "returnCode": code.json,
        ]
        if let interval = scenario.answerRetryInterval { answer = answer.adding("retryInterval", interval.json) }
        if let keepAliveStatus { answer = answer.adding("keepAliveStatus", keepAliveStatus) }
        deliver(.text(answer.bytes), to: socket)
    }

    /// The problem with a frame of the client; nil if it is valid.
    private func fault(in frame: JSONValue, on socket: PushSocket) -> String? {
        guard frame.object != nil else { return "not JSON" }
        guard socket.version == "3.0" else { return "no frames on 2.1" }
        guard frame["version"]?.string == "3.0" else { return "version" }
        guard frame["tranId"]?.string?.isEmpty == false else { return "tranId" }
        switch frame["method"]?.integer {
        case 1003: return statusFault(in: frame, on: socket)
        case 1007:
            guard Set(frame.keys) == ["version", "method", "tranId", "keepAliveStatusType"] else { return "keys" }
            return [3, 6].contains(frame["keepAliveStatusType"]?.integer) ? nil : "keepAliveStatusType"
        default: return "method"
        }
    }

    private func statusFault(in frame: JSONValue, on socket: PushSocket) -> String? {
        guard Set(frame.keys) == ["version", "method", "tranId", "accountId", "status", "auth"] else { return "keys" }
        guard frame["accountId"]?.integer.map(String.init) == socket.accountId else { return "accountId" }
        guard frame["status"]?.string == "active" else { return "status" }
        guard let token = frame["auth"]?["accessToken"]?.string,
            tokenStore.accessGrant(token, now: now())?.accountId == socket.accountId
        else { return "auth.accessToken" }
        return nil
    }
}
