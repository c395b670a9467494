import ArgumentParser

/// A whole number. One that is too large counts as the largest, so that a limit is named by the same message for all.
struct WholeNumber: ExpressibleByArgument, Sendable, Equatable {
    let value: Int

    static let forms = "write a whole number"

    init(_ value: Int) {
        self.value = value
    }

    /// The default that the help shows.
    var defaultValueDescription: String { "\(value)" }

    init?(argument: String) {
        let digits = argument.drop { $0 == "-" || $0 == "+" }
        if let value = Int(argument) {
            self.value = value
        } else if argument.utf8.count - digits.utf8.count <= 1, !digits.isEmpty,
            digits.utf8.allSatisfy({ $0 &- 0x30 < 10 })
        {
            value = argument.hasPrefix("-") ? .min : .max
        } else {
            return nil
        }
    }
}

/// A DURATION: `500ms`, `30s`, `10m`, `2h`; a number without a unit is seconds.
struct DurationArgument: ExpressibleByArgument, Sendable, Equatable {
    let duration: Duration

    static let forms = "write a duration like 500ms, 30s, 10m or 2h; a number without a unit is seconds"

    init?(argument: String) {
        let units: [(suffix: String, milliseconds: Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = decimal(argument.dropLast(unit.suffix.count)), number * unit.milliseconds < 1e15
        else { return nil }
        duration = .milliseconds(Int64(number * unit.milliseconds))
    }
}

/// A SIZE in bytes: `64k`, `1m`; a number without a unit is bytes.
struct SizeArgument: ExpressibleByArgument, Sendable, Equatable {
    let bytes: Int

    static let forms = "write a size like 64k or 1m, at most 1g; a number without a unit is bytes"

    init(bytes: Int) {
        self.bytes = bytes
    }

    /// The default that the help shows.
    var defaultValueDescription: String {
        bytes % (1 << 20) == 0 ? "\(bytes >> 20)m" : "\(bytes)"
    }

    init?(argument: String) {
        let units: [(suffix: String, bytes: Int)] = [("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30), ("", 1)]
        guard let unit = units.first(where: { argument.lowercased().hasSuffix($0.suffix) }),
            argument.utf8.first.map({ $0 &- 0x30 < 10 }) == true,
            let number = Int(argument.dropLast(unit.suffix.count)), number > 0
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow, product <= 1 << 30 else { return nil }
        bytes = product
    }
}

/// When to give up reconnecting: a number of tries, or a duration with its unit.
enum ReconnectLimit: ExpressibleByArgument, Sendable, Equatable {
    case tries(Int)
    case outage(Duration)

    static let forms = "write a number of tries, 1 or more, or a duration with its unit, like 30s or 10m"

    init?(argument: String) {
        if let tries = WholeNumber(argument: argument)?.value, tries > 0, argument.utf8.first != 0x2B {
            self = .tries(tries)
        } else if argument.last?.isLetter == true, let limit = DurationArgument(argument: argument) {
            self = .outage(limit.duration)
        } else {
            return nil
        }
    }
}

/// A decimal number: digits with at most one point between them.
private func decimal(_ text: Substring) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isDecimal =
        (1...2).contains(parts.count) && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
    return isDecimal ? Double(text) : nil
}
