extension SimulatedService {
    /// The payload of a custom message with a binary header: the parts that the service can check.
    struct Payload {
        var sender: UInt64
        var platform: UInt32
        var json: JSONValue

        /// Nil unless the payload is `type=binary` with a complete header and JSON after it.
        init?(_ text: String) {
            guard text.hasPrefix("ver=1.0, type=binary, body="), let bytes = Base64.decode(String(text.dropFirst(27))),
                bytes.count > 44
            else { return nil }
            func number(_ range: Range<Int>) -> UInt64 { bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
            sender = number(16..<24)
            platform = UInt32(number(24..<28))
            guard number(0..<4) == 1, Int(number(40..<44)) == bytes.count - 44 else { return nil }
            guard let lineEnd = bytes[44...].firstIndex(of: 0x0A),
                bytes[44..<lineEnd].split(separator: UInt8(ascii: "/")).count == 3,
                let value = try? JSONReader.read(Array(bytes[(lineEnd + 1)...]))
            else { return nil }
            json = value
        }
    }

    /// The number of a platform in custom messages. Only these two are known.
    static func number(ofPlatform platform: String) -> UInt32? {
        switch platform {
        case "MOBILE_APP": 100_001
        case "PS5": 5
        default: nil
        }
    }

    func sendMessage(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let (party, sender) = try partyAsMember(call)
        let body = try call.body()
        // The error names the body, but no part of it.
        let refusal = Refusal(.sessionManager, .badRequest, "Bad Request (body: null)")
        guard let channel = body["channel"]?.string, let payload = body["payload"]?.string,
            Set(body.keys).isSubset(of: ["channel", "payload", "to", "withoutSequenceNumber"]),
            let isUnnumbered = (body["withoutSequenceNumber"] ?? false).bool
        else { throw refusal }
        guard payload.hasPrefix("ver=1.0, type=text, body=") || isTruthful(payload, sender) else { throw refusal }
        guard let recipients = recipients(body["to"], party, sender) else { throw refusal }
        let name = isUnnumbered ? "v2:ps:customMessage:noSeq:created" : "v2:ps:customMessage:created"
        let message: JSONValue = ["channel": .string(channel), "payload": .string(payload)]
        announce(
            name, [JSONMember(key: "customMessage", value: message)], of: party.id, by: sender,
            to: recipients, isCounted: !isUnnumbered)
        return SimulatedResponse(status: 204)
    }

    /// Whether header, `from` and token name the same sender.
    private func isTruthful(_ text: String, _ sender: PartyMember) -> Bool {
        guard let payload = Payload(text), String(payload.sender) == sender.key.accountId,
            let platform = Self.number(ofPlatform: sender.key.platform), platform == payload.platform
        else { return false }
        let from = payload.json["from"]
        return from?["account_id"]?.string == sender.key.accountId
            && from?["platform"]?.integer == Int64(payload.platform)
    }

    /// The members in `to`; all other members if it is missing. Nil if one is not a member.
    private func recipients(_ to: JSONValue?, _ party: Party, _ sender: PartyMember) -> [PartyMember]? {
        guard let to else { return party.members.filter { $0.key != sender.key } }
        guard let pairs = to.array, !pairs.isEmpty else { return nil }
        var members: [PartyMember] = []
        for pair in pairs {
            guard let accountId = pair["accountId"]?.string, let platform = pair["platform"]?.string,
                let member = party.member(PartyMember.Key(accountId: accountId, platform: platform)),
                !members.contains(member)
            else { return nil }
            members.append(member)
        }
        return members
    }
}
