import PartyCore

/// The differences between two payloads.
struct DifferencesReport: Report {
    let differences: [SignalAnatomy.Difference]

    private var isSame: Bool { differences.allSatisfy(\.isExpected) }

    func text(_ style: Style) -> String {
        guard !differences.isEmpty else { return "" }
        return Table(
            header: ["OFFSET", "BYTES", "FIELD", "MEANING", "FIRST", "SECOND", "NOTE"],
            rows: differences.map { difference in
                let part = difference.left ?? difference.right
                return [
                    part.map(Self.offset) ?? "", difference.lengths, part?.name ?? "", part?.meaning ?? "",
                    difference.shown(difference.left), difference.shown(difference.right),
                    difference.isExpected ? "expected" : "DIFFERENT",
                ]
            }
        ).text(style)
    }

    private static func offset(_ part: SignalAnatomy.Part) -> String {
        part.place == .body ? "\(part.offset)" : "payload \(part.offset)"
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("same", isSame)
            json.array("differences", differences) { json, difference in
                json.object { json in
                    let part = difference.left ?? difference.right
                    json.field("field", part?.name)
                    json.field("meaning", part?.meaning)
                    json.field("of", part.map { $0.place == .body ? "body" : "payload" })
                    json.field("expected", difference.isExpected)
                    json.field("sameBytes", Int64(difference.sameBytes))
                    json.part("first", difference.left)
                    json.part("second", difference.right)
                }
            }
        }
    }

    /// Sets the exit status; the differences are already in the result.
    var failure: PartyError? {
        guard !isSame else { return nil }
        let count = differences.filter { !$0.isExpected }.count
        return PartyError(.refused, "the payloads differ in \(count) \(count == 1 ? "place" : "places")", step: "diff")
    }
}

extension SignalAnatomy.Difference {
    private static let longest = 16

    fileprivate var lengths: String {
        let counts = [left, right].compactMap { $0?.bytes.count }
        return Set(counts).count == 1
            ? "\(counts[0])" : [left, right].map { "\($0?.bytes.count ?? 0)" }.joined(separator: "/")
    }

    /// The first bytes that differ, in hex, with their value. Of an SDP only the length, because it contains addresses and
    /// keys.
    fileprivate func shown(_ part: SignalAnatomy.Part?) -> String {
        guard let part else { return "none" }
        guard part.name != "json.sdp" else { return "\(part.bytes.count) bytes, differs from byte \(sameBytes)" }
        let start = part.bytes.count <= Self.longest ? 0 : max(0, min(sameBytes, part.bytes.count - 1) - 4)
        let bytes = part.bytes[start...].prefix(Self.longest)
        let cut = bytes.count < part.bytes.count
        let value = cut ? String(decoding: bytes, as: UTF8.self) : part.value
        return "\(start > 0 ? "…" : "")\(hex(bytes))\(bytes.endIndex < part.bytes.count ? "…" : "") (\(value))"
    }
}

private func hex(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] { text.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
    }
    return String(decoding: text, as: UTF8.self)
}

extension JSONWriter {
    fileprivate mutating func part(_ key: String, _ part: SignalAnatomy.Part?) {
        guard let part else {
            self.key(key)
            return null()
        }
        object(key) { json in
            json.field("offset", Int64(part.offset))
            json.field("length", Int64(part.bytes.count))
            // People share this output, and an SDP contains addresses and keys.
            let isDescription = part.name == "json.sdp"
            json.field("hex", isDescription ? "" : hex(part.bytes))
            json.field("value", isDescription ? Redaction.mark : part.value)
        }
    }
}
