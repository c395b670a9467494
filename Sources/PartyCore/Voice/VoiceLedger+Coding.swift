extension VoiceLedger {
    /// - Returns: `nil` for anything but what `bytes` wrote.
    init?(_ json: JSONView) {
        guard let sequence = json["lastSequence"]?.integer.flatMap(SequenceCount.init(last:)), let list = json["legs"]
        else { return nil }
        var attachments: [BridgeAttachment] = []
        for element in list.elements {
            // An attachment that cannot be read would never be removed.
            guard let attachment = BridgeAttachment(element) else { return nil }
            attachments.append(attachment)
        }
        // A count that cannot be continued starts at 0 again.
        let negotiations = json["negotiations"]?.elements(Negotiations.init) ?? []
        self.init(attachments: attachments, sequence: sequence, negotiations: negotiations)
    }

    /// For the 0600 file, tokens included.
    var bytes: [UInt8] {
        JSONWriter.text { json in
            json.object { json in
                json.field("lastSequence", sequence.last)
                json.array("negotiations", negotiations) { json, entry in
                    json.object { json in
                        json.field("partyId", entry.partyID.text)
                        json.field("accountId", entry.endpoint.accountID)
                        json.field("platform", entry.endpoint.platform.rawValue)
                        json.field("count", entry.count.last)
                    }
                }
                json.array("legs", attachments) { json, attachment in attachment.write(to: &json) }
            }
        } + [0x0A]
    }
}

extension VoiceLedger.Negotiations {
    fileprivate init?(_ json: JSONView) {
        guard let party = json["partyId"]?.text, let account = json["accountId"]?.unsigned,
            let platform = json["platform"]?.text,
            let count = json["count"]?.integer.flatMap(SequenceCount.init(last:))
        else { return nil }
        self.init(
            partyID: PartyID(party),
            endpoint: .init(accountID: AccountID(account), platform: Platform(rawValue: platform)), count: count)
    }
}

extension BridgeAttachment {
    fileprivate init?(_ json: JSONView) {
        guard let id = json["id"]?.text, let party = json["partyId"]?.text, let isOurs = json["ours"]?.bool,
            let openedAt = json["openedAt"]?.integer.map(Timestamp.init(milliseconds:))
        else { return nil }
        let bridge = json["bridgeId"]?.text.flatMap { id in
            json["bridgeToken"]?.text.map { Bridge(id: BridgeID(id), token: Redacted($0)) }
        }
        if isOurs {
            self.init(id: id, partyID: PartyID(party), openedAt: openedAt)
            self.bridge = bridge
        } else {
            guard let bridge else { return nil }
            self.init(id: id, partyID: PartyID(party), openedAt: openedAt, sharing: bridge)
        }
        isLinked = json["linked"]?.bool ?? !isOurs
        isAnswered = json["answered"]?.bool ?? false
        isKept = json["kept"]?.bool ?? false
        if let peer = json["peerId"]?.text {
            self.peer = .known(PeerID(peer))
        } else if let others = json["others"] {
            peer = .asked(others: others.elements { $0.text.map { PeerID($0) } })
        }
    }

    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", id)
            json.field("partyId", partyID.text)
            json.field("openedAt", openedAt.milliseconds)
            json.field("ours", isOurs)
            json.field("linked", isLinked)
            json.field("answered", isAnswered)
            json.field("kept", isKept)
            json.field("bridgeId", bridge?.id.text)
            json.field("bridgeToken", bridge?.token.reveal())
            json.field("peerId", peerID?.text)
            if case .asked(let others) = peer {
                json.array("others", others) { json, id in json.string(id.text) }
            }
        }
    }
}
