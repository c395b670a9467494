/// Makes a recording fit to be read by others: what is not known to be a word or count of the protocol is replaced, in its
/// form, by a pseudonym. It plays back to the same sequence of event types.
package struct RecordingRedactor: Sendable {
    var pseudonyms: Pseudonyms

    package init(_ random: PartyRandom) {
        pseudonyms = Pseudonyms(random)
    }

    /// Appends the line as it may be posted.
    package mutating func write(_ line: RecordingLine, to json: inout JSONWriter) {
        switch line {
        case .head(let head):
            let account = head.account.map { AccountID(pseudonyms.account($0.number)) }
            RecordingLine.Head(account: account, startedAt: head.startedAt).write(to: &json)
        case .record(let record):
            write(record, to: &json)
        }
    }

    private mutating func write(_ record: StreamRecord, to json: inout JSONWriter) {
        var record = record
        if case .frames(let frames) = record.delivery {
            record.delivery = .frames(frames.map { frame in redacted(frame) })
            return record.write(to: &json)
        }
        var plain = JSONWriter()
        record.write(to: &plain)
        guard let document = try? JSONDocument(plain.bytes) else { return }
        write(document.root, named: "", to: &json)
        json.newline()
    }

    /// What is no frame stays none.
    private mutating func redacted(_ frame: [UInt8]) -> [UInt8] {
        guard let document = try? PushFrame(frame).document else {
            return Array(pseudonyms.text(String(decoding: frame, as: UTF8.self)).utf8)
        }
        return self.json(document)
    }

    mutating func json(_ document: JSONDocument) -> [UInt8] {
        var json = JSONWriter()
        write(document.root, named: "", to: &json)
        return json.bytes
    }

    private mutating func write(_ view: JSONView, named name: String, to json: inout JSONWriter) {
        if view.isObject {
            json.object { json in
                for (key, value) in view.members {
                    json.key(SafeWords.isField(key) ? key : pseudonyms.field(key))
                    write(value, named: key, to: &json)
                }
            }
        } else if view.source.first == UInt8(ascii: "[") {
            json.array(view.elements) { json, element in write(element, named: name, to: &json) }
        } else if let text = view.string {
            json.string(string(text, named: name))
        } else if let truth = view.bool {
            json.bool(truth)
        } else if view.isNull {
            json.null()
        } else {
            writeNumber(String(decoding: view.source, as: UTF8.self), named: name, to: &json)
        }
    }

    private mutating func writeNumber(_ text: String, named name: String, to json: inout JSONWriter) {
        let isWhole = text.utf8.allSatisfy { $0 &- 0x30 < 10 }
        if isWhole, let number = UInt64(text) {
            if name.isAccountField || number >= Self.smallestAccount {
                return json.unsigned(pseudonyms.account(number))
            }
            if number < 10 || SafeWords.isCountingField(name) { return json.unsigned(number) }
        }
        json.integer(
            Int64(pseudonyms.number(isWhole ? String(text.prefix(18)) : text.filter(\.isNumber)).prefix(18)) ?? 0)
    }

    /// What is as large as this is an account's number, whatever it is called.
    static let smallestAccount: UInt64 = 1_000_000_000_000_000

    private mutating func string(_ text: String, named name: String) -> String {
        guard !text.isEmpty else { return text }
        if name.isAccountField, let account = AccountID(text) { return decimal(account.number, like: text) }
        switch name {
        case "onlineId", "online_id", "currentOnlineId": return pseudonyms.onlineID(text)
        case "dataType": return dataType(text)
        case "sdp": return sessionDescription(text)
        case "payload": return payload(text) ?? pseudonyms.text(text)
        case "reason", "sessionName": return pseudonyms.text(text)
        default: return SafeWords.isValue(text) ? text : lookingAt(text)
        }
    }

    /// A value by its form alone.
    mutating func lookingAt(_ text: String) -> String {
        if Timestamp(rfc3339: text) != nil { return text }
        if let word = plainWord(text) { return word }
        if text.hasPrefix("v=0") || text.contains("a=candidate:") { return sessionDescription(text) }
        if text.contains("body="), let payload = payload(text) { return payload }
        if text.hasPrefix("{") || text.hasPrefix("["), let document = try? JSONDocument(Array(text.utf8)) {
            return String(decoding: json(document), as: UTF8.self)
        }
        return base64(text) ?? pseudonyms.text(text)
    }

    /// One word by its form; `nil` where it is none of these.
    mutating func plainWord(_ text: String) -> String? {
        if text.isEmpty { return text }
        if isUUID(text) { return pseudonyms.uuid(text) }
        if let address = address(text) { return address }
        if text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) {
            if text.utf8.count < 3 { return text }
            if let number = UInt64(text), number >= Self.smallestAccount { return decimal(number, like: text) }
            return pseudonyms.number(text)
        }
        if text.utf8.count >= 16, text.utf8.allSatisfy(\.isHexDigit) { return pseudonyms.hex(text) }
        return nil
    }

    /// An account's number with as many zeros in front as there were digits for.
    private mutating func decimal(_ number: UInt64, like text: String) -> String {
        let digits = String(pseudonyms.account(number))
        return text.hasPrefix("0")
            ? String(repeating: "0", count: max(0, text.utf8.count - digits.utf8.count)) + digits : digits
    }

    /// Its parts that are words of the protocol stay; of one that speaks of an invitation, so much does.
    private mutating func dataType(_ text: String) -> String {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { part -> String in
            if part.isEmpty || SafeWords.isField(String(part)) { return String(part) }
            let word = pseudonyms.field(String(part))
            return part.lowercased().contains("invitation") ? "invitation-" + word : word
        }
        return parts.joined(separator: ":")
    }
}

extension String {
    fileprivate var isAccountField: Bool {
        let parts = SafeWords.parts(of: self)
        return parts.contains("account") && parts.contains("id") || parts == ["account", "ids"]
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { self &- 0x30 < 10 || (self | 0x20) &- 0x61 < 6 }
}
