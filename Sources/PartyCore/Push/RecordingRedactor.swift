/// Removes personal data from a recording: every text and number that is not a known word or count of the protocol is
/// replaced by a pseudonym of the same form. `replay` gives the same sequence of event types.
package struct RecordingRedactor: Sendable {
    var pseudonyms: Pseudonyms
    /// Caches of the results for repeated names and values; each is emptied when it is full.
    private var fields: [String: Field] = [:]
    private var values: [FieldValue: String] = [:]

    private static let mostRemembered = 4096
    /// In bytes; longer values rarely repeat.
    private static let longestRemembered = 1024

    package init(_ random: PartyRandom) {
        pseudonyms = Pseudonyms(random)
    }

    /// The properties of a field, by its name.
    private struct Field {
        let name: String
        /// The name itself, or its pseudonym.
        let shownName: String
        let isAccount: Bool
        let isCount: Bool
    }

    private struct FieldValue: Hashable {
        let field: String
        let text: String
    }

    private mutating func field(_ name: String) -> Field {
        if let known = fields[name] { return known }
        let field = Field(
            name: name, shownName: name.isEmpty || SafeWords.isField(name) ? name : pseudonyms.field(name),
            isAccount: name.isAccountField, isCount: SafeWords.isCountingField(name))
        if fields.count >= Self.mostRemembered { fields = [:] }
        fields[name] = field
        return field
    }

    /// Appends the redacted line.
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
        write(document.root, of: field(""), to: &json)
        json.newline()
    }

    /// An invalid frame stays invalid.
    private mutating func redacted(_ frame: [UInt8]) -> [UInt8] {
        guard let document = try? PushFrame(frame).document else {
            return Array(pseudonyms.text(String(decoding: frame, as: UTF8.self)).utf8)
        }
        return self.json(document)
    }

    mutating func json(_ document: JSONDocument) -> [UInt8] {
        var json = JSONWriter()
        write(document.root, of: field(""), to: &json)
        return json.bytes
    }

    private mutating func write(_ view: JSONView, of field: Field, to json: inout JSONWriter) {
        if view.isObject {
            json.object { json in
                for (key, value) in view.members {
                    let field = self.field(key)
                    json.key(field.shownName)
                    write(value, of: field, to: &json)
                }
            }
        } else if view.source.first == UInt8(ascii: "[") {
            json.array(view.elements) { json, element in write(element, of: field, to: &json) }
        } else if let text = view.string {
            json.string(string(text, of: field))
        } else if let truth = view.bool {
            json.bool(truth)
        } else if view.isNull {
            json.null()
        } else {
            writeNumber(String(decoding: view.source, as: UTF8.self), of: field, to: &json)
        }
    }

    private mutating func writeNumber(_ text: String, of field: Field, to json: inout JSONWriter) {
        let isWhole = text.utf8.allSatisfy { $0 &- 0x30 < 10 }
        if isWhole, let number = UInt64(text) {
            if field.isAccount || number >= Self.smallestAccount {
                return json.unsigned(pseudonyms.account(number))
            }
            if number < 10 || field.isCount { return json.unsigned(number) }
        }
        json.integer(
            Int64(pseudonyms.number(isWhole ? String(text.prefix(18)) : text.filter(\.isNumber)).prefix(18)) ?? 0)
    }

    /// A number of at least this size counts as an account id, whatever its name.
    static let smallestAccount: UInt64 = 1_000_000_000_000_000

    private mutating func string(_ text: String, of field: Field) -> String {
        guard !text.isEmpty else { return text }
        guard text.utf8.count <= Self.longestRemembered else { return replacement(for: text, of: field) }
        let key = FieldValue(field: field.name, text: text)
        if let known = values[key] { return known }
        let replacement = replacement(for: text, of: field)
        if values.count >= Self.mostRemembered { values = [:] }
        values[key] = replacement
        return replacement
    }

    private mutating func replacement(for text: String, of field: Field) -> String {
        if field.isAccount, let account = AccountID(text) { return decimal(account.number, like: text) }
        switch field.name {
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
        // Most texts have no equals sign, and the search for words is slow in long ones.
        if text.utf8.contains(UInt8(ascii: "=")) {
            if text.hasPrefix("v=0") || text.contains("a=candidate:") { return sessionDescription(text) }
            if text.contains("body="), let payload = payload(text) { return payload }
        }
        if text.hasPrefix("{") || text.hasPrefix("["), let document = try? JSONDocument(Array(text.utf8)) {
            return String(decoding: json(document), as: UTF8.self)
        }
        return base64(text) ?? pseudonyms.text(text)
    }

    /// The pseudonym of a word by its form; `nil` for any other form.
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

    /// An account's pseudonym, padded with zeros to the same length.
    private mutating func decimal(_ number: UInt64, like text: String) -> String {
        let digits = String(pseudonyms.account(number))
        return text.hasPrefix("0")
            ? String(repeating: "0", count: max(0, text.utf8.count - digits.utf8.count)) + digits : digits
    }

    /// Keeps the parts of a data type that are words of the protocol, and marks an unknown part that names an
    /// invitation.
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
