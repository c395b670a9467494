import PartyCore

/// The lines of the config file. A change keeps comments, order and lines that psparty does not understand.
struct ConfigText: Sendable {
    /// A key set in the file.
    struct Entry: Sendable, Equatable {
        let key: ConfigKey
        let value: Redacted<String>
        /// Counted from 1.
        let line: Int
    }

    /// An error in the file, with its line.
    struct Problem: Error, Equatable {
        let line: Int
        let words: BadValue
    }

    /// An entry with the full name of its key, including the table.
    private struct Place {
        let index: Int
        let name: String
        let entry: ConfigLine.Entry
    }

    private var lines: [String]

    init(_ text: String = "") {
        // Split bytes, because Swift treats CR LF as one character.
        lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String($0) ?? "" }
        if lines.last?.isEmpty == true { lines.removeLast() }
        // Some editors put a byte order mark in front.
        if let first = lines.first, first.unicodeScalars.first == "\u{FEFF}" {
            lines[0] = String(String.UnicodeScalarView(first.unicodeScalars.dropFirst()))
        }
    }

    var text: String { lines.map { $0 + "\n" }.joined() }

    /// - Throws: the first invalid line: bad syntax, an unknown or repeated key, or a bad value.
    func entries() throws(Problem) -> [Entry] {
        for (index, line) in lines.enumerated() {
            if case .broken(let words) = ConfigLine(line) { throw Problem(line: index + 1, words: words) }
        }
        var entries: [Entry] = []
        for place in places() {
            let line = place.index + 1
            guard let key = ConfigKey(rawValue: place.name) else {
                throw Problem(line: line, words: Self.unknown(place.name))
            }
            if let earlier = entries.first(where: { $0.key == key }) {
                throw Problem(
                    line: line,
                    words: BadValue(
                        "\(place.name) is already set in line \(earlier.line)", hint: "remove one of the lines"))
            }
            let value = key.cleaned(place.entry.value.reveal())
            // An empty value is the same as no value.
            guard !value.isEmpty else { continue }
            do throws(BadValue) {
                try key.checkForFile(value)
            } catch {
                throw Problem(line: line, words: BadValue("\(key.rawValue): \(error.problem)", hint: error.hint))
            }
            entries.append(Entry(key: key, value: Redacted(value), line: line))
        }
        return entries
    }

    static func unknown(_ name: String) -> BadValue {
        let nearest = ConfigKey.nearest(to: name)
        return BadValue(
            "unknown key \"\(name)\"",
            hint: nearest.map { "did you mean \($0.rawValue)?" } ?? "`psparty help config` lists the keys")
    }

    /// Whether the file sets the key, even one that psparty does not know.
    func sets(_ name: String) -> Bool {
        places().contains { $0.name == name }
    }

    mutating func set(_ key: ConfigKey, to value: String) {
        let quoted = TOMLString.quoted(value)
        if let place = places().first(where: { $0.name == key.rawValue }) {
            lines[place.index].replaceSubrange(place.entry.range, with: quoted)
        } else {
            let (index, name) = newPlace(for: key.rawValue)
            lines.insert("\(name) = \(quoted)", at: index)
        }
    }

    mutating func unset(_ name: String) {
        for place in places().reversed() where place.name == name { lines.remove(at: place.index) }
    }

    private func places() -> [Place] {
        var table = ""
        var places: [Place] = []
        for (index, line) in lines.enumerated() {
            switch ConfigLine(line) {
            case .blank, .broken: continue
            case .table(let name): table = name + "."
            case .entry(let entry): places.append(Place(index: index, name: table + entry.key, entry: entry))
            }
        }
        return places
    }

    /// The place of a new key: at the end of its table if there is one, else before the first table.
    private func newPlace(for name: String) -> (index: Int, name: String) {
        let headers = lines.indices.filter { index in
            if case .table = ConfigLine(lines[index]) { true } else { false }
        }
        for header in headers {
            guard case .table(let table) = ConfigLine(lines[header]), name.hasPrefix(table + ".") else { continue }
            let end = headers.first { $0 > header } ?? lines.endIndex
            let last = lines[header..<end].lastIndex { ConfigLine($0) != .blank } ?? header
            return (last + 1, String(name.dropFirst(table.count + 1)))
        }
        guard let first = headers.first else { return (lines.endIndex, name) }
        if let last = lines[..<first].lastIndex(where: { ConfigLine($0) != .blank }) { return (last + 1, name) }
        // A comment directly above a table belongs to the table.
        let start = lines[..<first].lastIndex { $0.allSatisfy(\.isWhitespace) }.map { $0 + 1 } ?? 0
        return (start, name)
    }
}
