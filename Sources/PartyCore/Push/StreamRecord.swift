/// One delivery of the stream as a line of JSON: what the processes of a profile hand each other, and what recordings hold.
///
/// The lines are `{"time","connection","frame"}` for a frame that is a JSON object, `{…,"bytes"}` (base64) for any other,
/// `{…,"lifecycle":{"type",…}}` and `{…,"snapshot":[{"id","session"}],"whole","accountId","invitations":[…]}`.
package struct StreamRecord: Sendable, Equatable {
    package var delivery: StreamDelivery
    package var connection: Int
    package var time: Timestamp

    package init(_ delivery: StreamDelivery, connection: Int, time: Timestamp) {
        self.delivery = delivery
        self.connection = connection
        self.time = time
    }

    /// Appends the record: a line for each frame, or one.
    package func write(to json: inout JSONWriter) {
        switch delivery {
        case .frames(let frames):
            for frame in frames { line(&json) { json in Self.write(frame, to: &json) } }
        case .lifecycle(let lifecycle):
            line(&json) { json in json.object("lifecycle") { json in json.write(lifecycle) } }
        case .snapshot(let snapshot):
            line(&json) { json in
                json.array("snapshot", snapshot.parties) { json, entry in
                    json.object { json in
                        json.field("id", entry.id.text)
                        json.key("session")
                        if let party = entry.party { SessionPayload.write(party, to: &json) } else { json.null() }
                    }
                }
                json.field("whole", snapshot.isWhole)
                json.field("accountId", snapshot.account)
                if let pending = snapshot.invitations {
                    json.array("invitations", pending) { json, entry in InvitationPayload.write(entry, to: &json) }
                }
            }
        }
    }

    private func line(_ json: inout JSONWriter, _ content: (inout JSONWriter) -> Void) {
        json.object { json in
            json.field("time", time)
            json.field("connection", Int64(connection))
            content(&json)
        }
        json.newline()
    }

    /// A frame stands as it came only where that is one line of JSON; anything else is kept to the byte another way.
    private static func write(_ frame: [UInt8], to json: inout JSONWriter) {
        if !frame.contains(0x0A), !frame.contains(0x0D), (try? PushFrame(frame)) != nil {
            json.field("frame", raw: frame[...])
        } else {
            json.field("bytes", Base64.text(frame))
        }
    }

    /// Reads one line.
    /// - Throws: `CodecError` if it is not a record of this form.
    package init(_ line: [UInt8]) throws(CodecError) {
        let json = try JSONDocument(line).root
        guard let time = json["time"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let connection = json["connection"]?.integer(clampedTo: 0 ... .max).flatMap({ Int(exactly: $0) })
        else { throw CodecError("not a record of the stream: it has no time or connection", at: 0) }
        guard let delivery = Self.delivery(in: json) else {
            throw CodecError("not a record of the stream: it has no known content", at: 0)
        }
        self.init(delivery, connection: connection, time: time)
    }

    private static func delivery(in json: JSONView) -> StreamDelivery? {
        if let frame = json["frame"] { return .frames([Array(frame.source)]) }
        if let text = json["bytes"]?.string { return Base64.bytes(text).map { .frames([$0]) } }
        if let lifecycle = json["lifecycle"] { return StreamLifecycle(lifecycle).map { .lifecycle($0) } }
        guard let entries = json["snapshot"]?.elements else { return nil }
        return .snapshot(
            StreamSnapshot(
                entries.compactMap { entry in
                    entry["id"]?.string.map { id in
                        StreamSnapshot.Entry(
                            id: PartyID(id), party: entry["session"].flatMap { SessionPayload.session($0) })
                    }
                }, isWhole: json["whole"]?.bool ?? false,
                account: json["accountId"]?.string.flatMap { AccountID($0) },
                invitations: json["invitations"].map { list in list.elements(InvitationPayload.entry) }))
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ lifecycle: StreamLifecycle) {
        field("type", lifecycle.type)
        switch lifecycle {
        case .connected, .ready, .stopping, .tokenRenewed: break
        case .lost(let reason, let wait):
            field("reason", reason)
            field("retryAfterMs", wait.inMilliseconds)
        case .retrying(let reason, let wait, let isAdvised):
            field("reason", reason)
            field("retryAfterMs", wait.inMilliseconds)
            field("isAdvised", isAdvised)
        case .resynced(let rejoined):
            array("rejoined", rejoined) { json, id in json.string(id.text) }
        case .frameInvalid(let problem, let size):
            field("reason", problem)
            field("size", Int64(size))
        }
    }
}

extension StreamLifecycle {
    /// `nil` for a type that is not known, or one that says too little.
    fileprivate init?(_ json: JSONView) {
        let reason = json["reason"]?.string ?? ""
        let limit = RetryAdvice.limit.inMilliseconds
        let wait = Duration.milliseconds(json["retryAfterMs"]?.integer(clampedTo: 0...limit) ?? 0)
        switch json["type"]?.string {
        case "stream.connected": self = .connected
        case "stream.ready": self = .ready
        case "stream.stopping": self = .stopping
        case "stream.token-renewed": self = .tokenRenewed
        case "stream.lost":
            guard let isAdvised = json["isAdvised"]?.bool else {
                self = .lost(reason: reason, retryAfter: wait)
                return
            }
            self = .retrying(reason: reason, retryAfter: wait, isAdvised: isAdvised)
        case "stream.resynced":
            self = .resynced(rejoined: (json["rejoined"]?.elements ?? []).compactMap { $0.string.map { PartyID($0) } })
        case "frame.invalid":
            self = .frameInvalid(
                problem: reason, size: json["size"]?.integer(clampedTo: 0 ... .max).flatMap { Int(exactly: $0) } ?? 0)
        default: return nil
        }
    }
}
