import PartyCore

/// One line of the config file. Of TOML, only keys, tables and strings are supported.
enum ConfigLine: Sendable, Equatable {
    /// Empty, or a comment.
    case blank
    /// `[hosts]`: the prefix of the keys that follow.
    case table(String)
    /// `key = "value"`.
    case entry(Entry)
    /// An invalid line. The message never contains a value.
    case broken(BadValue)

    struct Entry: Sendable, Equatable {
        /// The key as written, without its table.
        let key: String
        let value: Redacted<String>
        /// The range of the value in the line, with its quotes.
        let range: Range<String.Index>
    }

    init(_ line: String) {
        let text = line.drop(while: Self.isBlank)
        if text.isEmpty || text.first == "#" {
            self = .blank
        } else if text.first == "[" {
            self = Self.table(text.dropFirst())
        } else {
            self = Self.entry(text, in: line)
        }
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\r"
    }

    private static func isEnd(_ rest: Substring) -> Bool {
        let rest = rest.drop(while: isBlank)
        return rest.isEmpty || rest.first == "#"
    }

    private static func isKey(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }

    private static func table(_ text: Substring) -> ConfigLine {
        guard let end = text.firstIndex(of: "]"), isKey(text[..<end]), isEnd(text[end...].dropFirst()) else {
            return .broken(BadValue("invalid table header", hint: "write it like [hosts]"))
        }
        return .table(String(text[..<end]))
    }

    private static func entry(_ text: Substring, in line: String) -> ConfigLine {
        guard let sign = text.firstIndex(of: "=") else {
            return .broken(BadValue("the line has no = and is not a comment", hint: #"write it like key = "value""#))
        }
        var key = text[..<sign]
        while let last = key.last, isBlank(last) { key = key.dropLast() }
        guard isKey(key) else {
            return .broken(BadValue("invalid key name", hint: "a key consists of letters, digits and dashes"))
        }
        let quoted = text[sign...].dropFirst().drop(while: isBlank)
        guard let (value, rest) = TOMLString.read(quoted), isEnd(rest) else {
            return .broken(
                BadValue(
                    "the value of \(key) is not a string", hint: #"write it in quotes on one line: \#(key) = "…""#))
        }
        return .entry(Entry(key: String(key), value: Redacted(value), range: quoted.startIndex..<rest.startIndex))
    }
}

/// TOML strings on one line: `"…"` with escapes, `'…'` without.
enum TOMLString {
    /// - Returns: the value and the rest of the text; `nil` if there is no complete string.
    static func read(_ text: Substring) -> (value: String, rest: Substring)? {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return nil }
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote { return (value, rest) }
            guard character == "\\", quote == "\"" else {
                value.append(character)
                continue
            }
            guard let escaped = escaped(&rest) else { return nil }
            value.unicodeScalars.append(escaped)
        }
        return nil
    }

    private static func escaped(_ rest: inout Substring) -> Unicode.Scalar? {
        switch rest.popFirst() {
        case "\"": return "\""
        case "\\": return "\\"
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "u": return scalar(&rest, digits: 4)
        case "U": return scalar(&rest, digits: 8)
        default: return nil
        }
    }

    private static func scalar(_ rest: inout Substring, digits: Int) -> Unicode.Scalar? {
        let text = rest.prefix(digits)
        rest = rest.dropFirst(digits)
        guard text.count == digits, text.allSatisfy(\.isHexDigit), let number = UInt32(text, radix: 16) else {
            return nil
        }
        return Unicode.Scalar(number)
    }

    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                text += "\\"
                text.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
