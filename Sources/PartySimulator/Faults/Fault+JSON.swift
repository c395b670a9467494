/// A fault as JSON is `{"match": {…}, "action": {"kind": …, …}}`.
///
/// `match` takes `method`, `path`, `account`, `skip` and `times` (1 by default, 0 for always). Each action takes
/// `delayMs` and `processed` besides what its kind takes: `status` (`status`, `headers`, `body`), `retryAfter` (`status`,
/// `seconds`, `form`, `date`), `errorDocument` (`code`, `message`: with the status 200), `redirect` (`location`), `truncated` (`bytes`), `bigHeaders` (`kilobytes`), `fragmented` (`pieces`), `onReady` (`push`,
/// `pongs`); `delay`, `drop`, `reset`, `wrongJSON`, `expireAccessTokens`, `killRefreshTokens`, `loseMembership`,
/// `noSubprotocol` and `noPong` take nothing.
extension Fault {
    /// A fault, or an array of them.
    static func list(_ value: JSONValue, path: String) throws(ScenarioError) -> [Fault] {
        guard let elements = value.array else { return [try Fault(value, path: path)] }
        var faults: [Fault] = []
        for (index, element) in elements.enumerated() {
            faults.append(try Fault(element, path: "\(path)[\(index)]"))
        }
        return faults
    }

    init(_ value: JSONValue, path: String) throws(ScenarioError) {
        var fields = try FieldReader(value, path: path)
        match = Match()
        if let value = fields.take("match") {
            var parts = try FieldReader(value, path: fields.keyPath("match"))
            match.method = try parts.string("method")
            match.path = try parts.string("path")
            match.account = try parts.string("account")
            match.skip = try parts.integer("skip") ?? 0
            // 0 means all requests, because JSON has no word for "unlimited".
            let times = try parts.integer("times") ?? 1
            match.times = times == 0 ? nil : times
            try parts.finish()
        }
        guard let value = fields.take("action") else { throw fields.error("action", "is missing") }
        var parts = try FieldReader(value, path: fields.keyPath("action"))
        guard let kind = try parts.string("kind") else { throw parts.error("kind", "is missing") }
        action = try Self.action(kind, &parts)
        delayMilliseconds = try parts.integer("delayMs") ?? 0
        isProcessed = try parts.bool("processed") ?? false
        try parts.finish()
        try fields.finish()
    }

    private static func action(_ kind: String, _ parts: inout FieldReader) throws(ScenarioError) -> Action {
        switch kind {
        case "delay": return .delay
        case "drop": return .drop
        case "reset": return .reset
        case "status": return .status(try response(&parts))
        case "redirect":
            let location = try parts.string("location") ?? "https://127.0.0.1:9/elsewhere"
            return .status(SimulatedResponse(status: 302, headers: [("Location", location)]))
        case "retryAfter":
            return .retryAfter(
                RetryAfterRefusal(
                    status: try parts.integer("status", in: 400...599) ?? 503,
                    seconds: try parts.integer("seconds", in: 0...1_000_000_000) ?? 2,
                    form: try parts.choice("form", RetryAfterRefusal.Form.self) ?? .seconds,
                    hasDate: try parts.bool("date") ?? true))
        case "errorDocument":
            let error: JSONValue = [
                "referenceId": .string(Random.uuid()),
                "code": .integer(Int64(try parts.integer("code") ?? 2_281_486)),
                "message": .string(try parts.string("message") ?? "Not permitted by access control"),
            ]
            return .status(SimulatedResponse(200, json: ["error": error]))
        case "wrongJSON": return .wrongJSON
        case "truncated": return .truncated(bodyBytes: try parts.integer("bytes") ?? 10)
        case "expireAccessTokens": return .expireAccessTokens
        case "killRefreshTokens": return .killRefreshTokens
        case "loseMembership": return .loseMembership
        case "bigHeaders": return .bigHeaders(kilobytes: try parts.integer("kilobytes", in: 1...1024) ?? 6)
        case "noSubprotocol": return .noSubprotocol
        case "noPong": return .noPong
        case "fragmented": return .fragmented(pieces: try parts.integer("pieces", in: 1...1000) ?? 3)
        case "onReady":
            guard let acts = parts.take("push") else { throw parts.error("push", "is missing") }
            let pongs = try parts.bool("pongs") ?? true
            return .onReady(try SimulatedPushOutput.list(acts, path: parts.keyPath("push")), pongs: pongs)
        default: throw parts.error("kind", "unknown fault kind '\(kind)'")
        }
    }

    private static func response(_ parts: inout FieldReader) throws(ScenarioError) -> SimulatedResponse {
        guard let status = try parts.integer("status", in: 100...999) else { throw parts.error("status", "is missing") }
        var response = SimulatedResponse(status: status)
        if let headers = parts.take("headers") {
            for member in try object(headers, parts, "headers") {
                guard let text = member.value.string else {
                    throw parts.error("headers.\(member.key)", "expected a string")
                }
                response.headers.append((member.key, text))
            }
        }
        switch parts.take("body") {
        case nil: break
        case .string(let text): response.body = Array(text.utf8)
        case .some(let json):
            response.body = json.bytes
            response.headers.append(("Content-Type", "application/json; charset=utf-8"))
        }
        return response
    }

    private static func object(
        _ value: JSONValue, _ parts: FieldReader, _ key: String
    ) throws(ScenarioError) -> [JSONMember] {
        guard let members = value.object else { throw parts.error(key, "expected an object") }
        return members
    }
}

/// A push action as JSON is an object with one key.
///
/// `frame`, `torn`: a string sent unchanged, or JSON. `ping`, `pong`: the payload. `bytes`: base64. `oversize`: bytes.
/// `cut`, `reset`, `invalidUTF8`, `invalidJSON`: true. `close`: `code`, `reason`. `fragmented`: `frame`, `pieces`.
/// `burst`: `count`, `size`, `intervalMs`, `dataType`.
extension SimulatedPushOutput {
    /// One push action, or an array of them.
    static func list(_ value: JSONValue, path: String) throws(ScenarioError) -> [SimulatedPushOutput] {
        guard let elements = value.array else { return [try SimulatedPushOutput(value, path: path)] }
        var outputs: [SimulatedPushOutput] = []
        for (index, element) in elements.enumerated() {
            outputs.append(try SimulatedPushOutput(element, path: "\(path)[\(index)]"))
        }
        return outputs
    }

    init(_ value: JSONValue, path: String) throws(ScenarioError) {
        var fields = try FieldReader(value, path: path)
        guard let kind = value.keys.first, value.keys.count == 1, let content = fields.take(kind) else {
            throw ScenarioError(description: "key '\(path)': expected an object with one key")
        }
        switch kind {
        case "frame": self = .text(Self.message(content))
        case "torn": self = .torn(Self.message(content))
        case "ping": self = .ping(Array((content.string ?? "").utf8))
        case "pong": self = .pong(Array((content.string ?? "").utf8))
        case "cut": self = .cut
        case "reset": self = .reset
        case "invalidUTF8": self = .text([UInt8(ascii: "{"), 0xC3, 0x28, 0xFF, UInt8(ascii: "}")])
        case "invalidJSON": self = .text(Array("{\"version\":\"3.0\",\"method\":3001,".utf8))
        case "oversize":
            guard let size = content.integer, (0...Int64(Self.sizeLimit)).contains(size) else {
                throw fields.error(kind, "must be 0 to \(Self.sizeLimit)")
            }
            self = .burst(PushBurst(count: 1, size: Int(size)))
        case "bytes":
            guard let bytes = content.string.flatMap(Base64.decode) else { throw fields.error(kind, "expected base64") }
            self = .bytes(bytes)
        default: self = try Self.composed(kind, FieldReader(content, path: fields.keyPath(kind)), path: path)
        }
    }

    /// The size of the largest message, in bytes.
    private static let sizeLimit = 64 << 20

    /// A string is sent unchanged; any other value is sent as JSON.
    private static func message(_ value: JSONValue) -> [UInt8] { value.string.map { Array($0.utf8) } ?? value.bytes }

    private static func composed(
        _ kind: String, _ reader: FieldReader, path: String
    ) throws(ScenarioError) -> SimulatedPushOutput {
        var fields = reader
        let output: SimulatedPushOutput
        switch kind {
        case "burst":
            let burst = PushBurst(
                count: try fields.integer("count") ?? 1000, size: try fields.integer("size", in: 0...sizeLimit) ?? 1000,
                dataType: try fields.string("dataType") ?? "psn:simulator:burst",
                intervalMilliseconds: try fields.integer("intervalMs") ?? 0)
            output = .burst(burst)
        case "fragmented":
            guard let frame = fields.take("frame") else { throw fields.error("frame", "is missing") }
            output = .fragmented(message(frame), pieces: try fields.integer("pieces", in: 1...1000) ?? 3)
        case "close":
            output = .close(
                code: try fields.integer("code", in: 0...65535) ?? 1000, reason: try fields.string("reason") ?? "")
        default: throw ScenarioError(description: "key '\(path).\(kind)': unknown push action")
        }
        try fields.finish()
        return output
    }
}
