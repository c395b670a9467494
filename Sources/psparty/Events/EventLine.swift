import PartyCore

/// One event of a stream as one line of JSON, with all documented keys.
struct EventLine {
    let event: StreamEvent
    /// Counts the printed events of a run from 1.
    let sequence: Int64
    let me: AccountID?

    func write(to json: inout JSONWriter) {
        switch event.content {
        case .party(let party): write(party, to: &json)
        case .lifecycle(let lifecycle): write(lifecycle, to: &json)
        case .unknownFrame, .duplicate: return
        }
        json.newline()
    }

    private func write(_ party: PartyEvent, to json: inout JSONWriter) {
        json.object { json in
            json.head(self, type: party.kind.rawValue, partyID: party.partyID)
            json.key("from")
            json.member(party.from, me: me)
            json.key("members")
            json.array { json in
                for member in party.members { json.member(member, me: me) }
            }
            json.object("changes") { json in
                for change in party.changes { json.change(change, me: me) }
            }
            if party.kind == .voiceSignal {
                json.key("signal")
                json.signal(party.signal)
            }
            json.tail(self, dataType: party.dataType, data: party.data)
        }
    }

    private func write(_ lifecycle: StreamLifecycle, to json: inout JSONWriter) {
        json.object { json in
            json.head(self, type: lifecycle.type, partyID: nil)
            json.key("from")
            json.null()
            json.array("members", [Member]()) { _, _ in }
            json.object("changes") { json in
                switch lifecycle {
                case .connected, .ready, .stopping, .tokenRenewed: break
                case .resynced(let rejoined):
                    json.array("rejoined", rejoined) { json, id in json.string(id.text) }
                case .lost(let reason, let wait), .retrying(let reason, let wait, _):
                    json.field("reason", reason)
                    json.field("retryAfterMs", wait.inMilliseconds)
                case .frameInvalid(let problem, let size):
                    json.field("reason", problem)
                    json.field("size", Int64(size))
                }
            }
            json.tail(self, dataType: nil, data: nil)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func head(_ line: EventLine, type: String, partyID: PartyID?) {
        field("seq", line.sequence)
        field("time", line.event.time)
        field("type", type)
        field("partyId", partyID?.text)
    }

    fileprivate mutating func tail(_ line: EventLine, dataType: DataType?, data: [UInt8]?) {
        field("synthetic", line.event.origin != .frame)
        field("connection", Int64(line.event.connection))
        field("dataType", dataType?.rawValue)
        field("data", raw: data?[...])
    }

    fileprivate mutating func change(_ change: PartyEvent.Change, me: AccountID?) {
        switch change {
        case .name(let name): field("name", name)
        case .visibility(let visibility): field("visibility", visibility.word)
        case .joinableBy(let type): field("joinableBy", type.word)
        case .maxMembers(let number): field("maxMembers", number)
        case .voice(let isOn): field("voice", isOn)
        case .customData(let number, let value): field("customData\(number)", value)
        case .owner(let owner):
            key("owner")
            member(owner, me: me)
        }
    }

    fileprivate mutating func signal(_ received: ReceivedSignal?) {
        guard let received else { return null() }
        let signal = received.signal
        object { json in
            json.field("type", signal.kind.rawValue)
            json.endpoint("from", signal.from)
            json.endpoint("to", signal.to)
            json.field("sdp", signal.sdp)
            json.field("globalSequence", signal.globalSequence)
            json.field("sdpSequence", signal.sdpSequence)
            json.field("trusted", received.isTrusted)
            json.array("oddities", received.oddities.map(\.rawValue).sorted()) { json, oddity in json.string(oddity) }
        }
    }
}
