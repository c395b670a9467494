extension Member {
    /// Reads a member as push frames and REST answers write one; `nil` without an account id (docs/protocol.md, 4.1).
    package init?(_ json: JSONView) {
        guard let account = json["accountId"]?.unsigned else { return nil }
        self.init(
            accountID: AccountID(account), onlineID: json["onlineId"]?.text,
            platform: json["platform"]?.text.map(Platform.init(rawValue:)),
            joinOrder: json["joinOrder"]?.integer,
            joinedAt: json["joinTimestamp"]?.integer.map(Timestamp.init(milliseconds:)),
            voice: json["voiceChatActivated"]?.bool)
    }
}
