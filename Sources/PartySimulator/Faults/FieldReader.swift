/// An error in a scenario: the line or the key, and the problem.
public struct ScenarioError: Error, CustomStringConvertible, Sendable {
    public var description: String
}

/// Reads the members of an object one by one, and rejects the members that were not read.
struct FieldReader {
    /// The upper limit of numbers: larger than any useful value, and too small to overflow when multiplied.
    static let most = 1 << 40

    let path: String
    private var members: [JSONMember]

    init(_ value: JSONValue, path: String = "") throws(ScenarioError) {
        guard case .object(let members) = value else {
            throw ScenarioError(description: "\(path.isEmpty ? "the document" : "key '\(path)'"): expected an object")
        }
        self.path = path
        self.members = members
    }

    func keyPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func error(_ key: String, _ reason: String) -> ScenarioError {
        ScenarioError(description: "key '\(keyPath(key))': \(reason)")
    }

    mutating func take(_ key: String) -> JSONValue? {
        guard let index = members.lastIndex(where: { $0.key == key }) else { return nil }
        return members.remove(at: index).value
    }

    mutating func string(_ key: String) throws(ScenarioError) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.string else { throw error(key, "expected a string") }
        return text
    }

    mutating func bool(_ key: String) throws(ScenarioError) -> Bool? {
        guard let value = take(key) else { return nil }
        guard let flag = value.bool else { throw error(key, "expected true or false") }
        return flag
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int> = 0...most) throws(ScenarioError) -> Int? {
        guard let value = take(key) else { return nil }
        guard let number = value.integer else { throw error(key, "expected an integer") }
        guard range.contains(Int(number)) else {
            throw error(
                key,
                "must be \(range.lowerBound)" + (range.upperBound == Self.most ? " or more" : " to \(range.upperBound)")
            )
        }
        return Int(number)
    }

    mutating func choice<Choice>(_ key: String, _: Choice.Type) throws(ScenarioError) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        guard let text = try string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(key, "'\(text)' is none of \(known)")
        }
        return choice
    }

    mutating func strings(_ key: String) throws(ScenarioError) -> [String]? {
        guard let value = take(key) else { return nil }
        guard let elements = value.array else { throw error(key, "expected an array of strings") }
        let texts = elements.compactMap(\.string)
        guard texts.count == elements.count else { throw error(key, "expected an array of strings") }
        return texts
    }

    /// An object of strings.
    mutating func texts(_ key: String) throws(ScenarioError) -> [String: String]? {
        guard let value = take(key) else { return nil }
        guard let members = value.object else { throw error(key, "expected an object of strings") }
        var texts: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else { throw error("\(key).\(member.key)", "expected a string") }
            texts[member.key] = text
        }
        return texts
    }

    func finish() throws(ScenarioError) {
        if let member = members.first { throw error(member.key, "unknown key") }
    }
}
