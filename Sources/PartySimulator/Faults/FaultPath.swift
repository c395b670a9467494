/// The path of a fault, compared with the known requests of the service.
struct FaultPath {
    /// The parts between slashes, without the query.
    private let parts: [String]
    /// Whether a query follows the path, so that the last part is complete.
    private let hasQuery: Bool
    private let isFromRoot: Bool

    private static let patterns: [[String]] = SimulatedService.routes.map(\.pattern) + [["np", "pushNotification"]]

    init(_ text: String) {
        isFromRoot = text.hasPrefix("/")
        let path = text.prefix { $0 != "?" }
        hasQuery = path.count < text.count
        parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }

    /// Whether the path of a known request begins with this path.
    var beginsRequest: Bool { isFromRoot && Self.patterns.contains { covers($0, from: 0) } }

    /// Whether a known request contains this path. Text that can only be part of a query counts as contained.
    var isInRequest: Bool {
        if parts.joined().isEmpty || parts.contains(where: { $0.contains("=") }) { return true }
        // It may be an id.
        if parts.count == 1, !parts[0].allSatisfy(\.isLetter) { return true }
        return Self.patterns.contains { pattern in
            guard parts.count > 1 else { return pattern.contains { !$0.hasPrefix("{") && $0.contains(parts[0]) } }
            return (0...pattern.count).contains { start in
                let isPrecededWell =
                    parts[0].isEmpty
                    || (start > 0 && (pattern[start - 1].hasPrefix("{") || pattern[start - 1].hasSuffix(parts[0])))
                return isPrecededWell && covers(pattern, from: start)
            }
        }
    }

    /// Whether all parts after the first match the pattern from here; the last part may be incomplete.
    private func covers(_ pattern: [String], from start: Int) -> Bool {
        let wanted = parts.dropFirst()
        let rest = pattern.dropFirst(start)
        guard wanted.count <= rest.count, !hasQuery || wanted.count == rest.count else { return false }
        return zip(wanted, rest).enumerated().allSatisfy { index, pair in
            let (part, known) = pair
            if known.hasPrefix("{") { return !part.isEmpty || index == wanted.count - 1 }
            return index == wanted.count - 1 && !hasQuery ? known.hasPrefix(part) : known == part
        }
    }
}
