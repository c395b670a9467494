extension Timestamp {
    /// Reads the one form that `description` writes: RFC 3339, UTC, with milliseconds.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        let marks: [(Int, UInt8)] = [
            (4, 0x2D), (7, 0x2D), (10, 0x54), (13, 0x3A), (16, 0x3A), (19, 0x2E), (23, 0x5A),
        ]
        guard bytes.count == 24, marks.allSatisfy({ bytes[$0.0] == $0.1 }) else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            bytes[range].reduce(into: Int64?.some(0)) { number, byte in
                number = byte &- 0x30 < 10 ? number.map { $0 * 10 + Int64(byte - 0x30) } : nil
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let milliseconds = number(20..<23),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        self.init(milliseconds: seconds * 1000 + milliseconds)
        // A day that the month does not have comes out as one of the next.
        guard description == text else { return nil }
    }
}

extension Timestamp {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads an HTTP date in any of its three forms (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
    /// - Parameter reference: gives the century of a two-digit year: within 50 years of it.
    package init?(httpDate text: String, near reference: Timestamp? = nil) {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        guard let weekday = words.first, weekday.allSatisfy(\.isLetter) else { return nil }
        let parts: (year: String, month: String, day: String, time: String)
        switch words.count {
        case 6 where words[5] == "GMT": parts = (words[3], words[2], words[1], words[4])
        case 5: parts = (words[4], words[1], words[2], words[3])
        default: return nil
        }
        guard let year = Self.year(parts.year, near: reference),
            let month = Self.months.firstIndex(of: parts.month)
        else { return nil }
        // A leap second counts as the one before it.
        let time = parts.time.hasSuffix(":60") ? parts.time.dropLast(2) + "59" : parts.time
        self.init(rfc3339: "\(year)-\(Self.twoDigits(String(month + 1)))-\(Self.twoDigits(parts.day))T\(time).000Z")
    }

    private static func twoDigits(_ number: String) -> String { number.count == 1 ? "0" + number : number }

    /// A year of four digits, or of two in the century that brings it within 50 years of the reference.
    private static func year(_ text: String, near reference: Timestamp?) -> String? {
        guard text.utf8.count == 2, let short = Int(text) else { return text.utf8.count == 4 ? text : nil }
        let present = reference.flatMap { Int($0.description.prefix(4)) } ?? 2000
        let year = present / 100 * 100 + short
        let nearest = year > present + 50 ? year - 100 : year < present - 50 ? year + 100 : year
        return (1000...9999).contains(nearest) ? String(nearest) : nil
    }
}

/// The day count of a proleptic Gregorian date, by 400-year eras that start on 1 March; years from 0.
private func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shiftedYear = (month <= 2 ? year - 1 : year) + 400
    let yearOfEra = shiftedYear % 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return shiftedYear / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 146_097
        - 719_468
}
