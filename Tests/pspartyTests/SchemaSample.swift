import Foundation

/// Documents that a schema of docs/schema describes, with a placeholder for each scalar value. Tests put values that
/// psparty does not write into the placeholders.
struct SchemaSample: Sendable {
    /// The text between two values, and the usual value of the placeholder behind it.
    private struct Piece: Sendable {
        let text: String
        var usual: String?
    }

    private let pieces: [Piece]

    /// The number of placeholders.
    var places: Int { pieces.count { $0.usual != nil } }

    /// The document with another value in one placeholder, or in each.
    func text(_ value: String? = nil, at place: Int? = nil) -> String {
        var (text, index) = ("", 0)
        for piece in pieces {
            text += piece.text
            guard let usual = piece.usual else { continue }
            text += place == nil || place == index ? value ?? usual : usual
            index += 1
        }
        return text
    }

    /// The schemas, by name.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: SchemaTests.folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// A document for each form that the schema allows.
    static func all(_ name: String) throws -> [SchemaSample] {
        let root = try schema(name)
        return try forms(of: root, within: root, "").map { SchemaSample(pieces: $0) }
    }

    private static func schema(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: SchemaTests.folder.appending(path: name + ".json"))
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    private static func forms(of schema: [String: Any], within root: [String: Any], _ name: String) throws -> [[Piece]]
    {
        if let reference = schema["$ref"] as? String {
            guard reference.hasPrefix("#/$defs/") else {
                let other = try Self.schema(String(reference.dropLast(5)))
                return try forms(of: other, within: other, name)
            }
            let known = (root["$defs"] as? [String: Any])?[String(reference.dropFirst(8))] as? [String: Any]
            return try forms(of: known ?? [:], within: root, name)
        }
        if let choices = (schema["oneOf"] ?? schema["anyOf"]) as? [[String: Any]], schema["properties"] == nil {
            return try choices.flatMap { try forms(of: $0, within: root, name) }
        }
        let types = schema["type"] as? [String] ?? [schema["type"] as? String ?? ""]
        if let properties = schema["properties"] as? [String: [String: Any]] {
            return try objects(properties, within: root)
        }
        if types.contains("array") {
            let items = schema["items"] as? [String: Any] ?? [:]
            return try forms(of: items, within: root, name).map { [Piece(text: "[")] + $0 + [Piece(text: "]")] }
        }
        return [[Piece(text: "", usual: usual(schema, types, name))]]
    }

    /// Each property in its first form, and once in each other one.
    private static func objects(
        _ properties: [String: [String: Any]], within root: [String: Any]
    ) throws -> [[Piece]] {
        let known = try properties.sorted { $0.key < $1.key }.map { key, value in
            (key: key, forms: try forms(of: value, within: root, key))
        }
        func object(_ choice: (index: Int, form: Int)) -> [Piece] {
            var pieces = [Piece(text: "{")]
            for (index, property) in known.enumerated() {
                pieces.append(Piece(text: (index == 0 ? "\"" : ",\"") + property.key + "\":"))
                pieces += property.forms[index == choice.index ? choice.form : 0]
            }
            return pieces + [Piece(text: "}")]
        }
        let others = known.enumerated().flatMap { index, property in
            property.forms.indices.dropFirst().map { object((index, $0)) }
        }
        return [object((0, 0))] + others
    }

    private static func usual(_ schema: [String: Any], _ types: [String], _ name: String) -> String {
        if let number = schema["const"] as? Int { return "\(number)" }
        if let word = schema["const"] as? String ?? (schema["enum"] as? [String])?.first { return "\"\(word)\"" }
        // The schemas do not describe frames and their contents.
        if name == "frame" { return frame }
        if let word = ["platform": "PS5", "peer": "bridge", "sdpSequence": "1", "hex": "00"][name] {
            return "\"\(word)\""
        }
        if name == "sdp" { return #""v=0\r\n""# }
        switch types.first {
        case "integer": return "1"
        case "boolean": return "true"
        case "null": return "null"
        case "object", "": return "{}"
        default:
            let pattern = schema["pattern"] as? String ?? ""
            if pattern.hasPrefix("^[0-9]{4}") || name == "time" || name == "startedAt" {
                return #""2023-11-14T22:13:20.000Z""#
            }
            return pattern.hasPrefix("^[0-9]") ? #""1000000000000000001""# : #""x""#
        }
    }

    private static let frame = """
        {"method":3001,"dataType":"psn:sessionManager:sys:v2:ps:members:created","body":{"data":{"sessionId":"S",\
        "members":[{"accountId":"1000000000000000002","joinOrder":1}]}}}
        """
}
