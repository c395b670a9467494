/// Words of the protocol (docs/protocol.md) that a redacted recording keeps. All other texts may be personal data.
enum SafeWords {
    /// Values that are the same for every account.
    private static let values: Set<String> = Set(
        """
        MOBILE_APP PS3 PS4 PS5 PSPC PSVITA INVITE_ONLY FRIENDS_ONLY FRIENDS CLOSED OPEN PUBLIC LAST_MEMBER_LEFT active
        inactive offer answer sdp_updated user_table_updated voice_chat miranda:12 online offline availableToPlay
        availableToCommunicate unavailable true false null me
        """.split(whereSeparator: \.isWhitespace).map { String($0) } + StreamLifecycle.types)

    /// The parts of names of fields and data types.
    private static let nameParts: Set<String> = Set(
        """
        a accepted accept account action activated address age app application at auth available availability blocked body
        bridge bridges bytes cause channel client code communication connection connected content context contexts count
        country created creation current custom data date declined deleted description detail details device display duration
        enabled end error etag event expiration expired expires expiry external field fields fingerprint first flag frame
        friend friends from global group has hash host hosting id identifier identifiers ids index info internal invalid
        invitation invitations invite invited invitee inviter is join joinable joined kind language last latest leader leave
        left level lifecycle limit line link list listed locale m max media medias member members message messages meta method mid
        min mobile mode ms msids name new no notification number num of offer off old on online only order other outside own
        owner pad page party pass payload peer peers permission platform platforms play presence previous primary priority
        private profile properties ps psn pts push raw ready reason received receiver recipient record recorded recording
        records ref reference region rejected rejoined removed reply request requested requests response result retry
        revoked role room rps rtc screen sdp seen send sender sent seq sequence server service session sessions set setting
        settings shared share size snapshot source start started state status stream sub subject sys system target text time
        timestamp title to token tran trans transaction type types unique unread until update updated uri url user users v1
        v2 v3 value values version via view visibility visible voice web whole with advised after cancelled canceled chat
        manager partysession
        """.split(whereSeparator: \.isWhitespace).map { String($0) })

    /// Fields with counts and times. Account ids, which are numbers too, are not among them.
    private static let countingFields: Set<String> = [
        "method", "connection", "version", "joinOrder", "joinTimestamp", "createdTimestamp", "receivedTimestamp",
        "timestamp",
        "sequenceNumber",
        "maxMembers", "global_seq_num", "platform", "retryAfterMs", "size",
    ]

    static func isValue(_ text: String) -> Bool { values.contains(text) || isVersion(text) }

    /// `3.0` or `6.2.0`, but not an IP address, which has four parts.
    private static func isVersion(_ text: String) -> Bool {
        guard text.utf8.count <= "11.22.33".utf8.count else { return false }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return (2...3).contains(parts.count)
            && parts.allSatisfy { (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
    }

    static func isCountingField(_ name: String) -> Bool { countingFields.contains(name) }

    /// A name in camel case or with underscores, all of whose parts are words of the protocol.
    static func isField(_ name: String) -> Bool {
        let parts = parts(of: name)
        return !parts.isEmpty && parts.allSatisfy { isPart($0) }
    }

    static func isPart(_ word: String) -> Bool {
        nameParts.contains(word)
            // A number behind a word: customData4.
            || word.last.map { $0.isASCII && $0.isNumber } == true && nameParts.contains(String(word.dropLast()))
    }

    static func parts(of name: String) -> [String] {
        var parts: [String] = []
        var part = ""
        for character in name {
            if character == "_" || character == "-" || (character.isUppercase && part.last?.isUppercase == false) {
                if !part.isEmpty { parts.append(part.lowercased()) }
                part = ""
            }
            if character != "_", character != "-" { part.append(character) }
        }
        return part.isEmpty ? parts : parts + [part.lowercased()]
    }
}
