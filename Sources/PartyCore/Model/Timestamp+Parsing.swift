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

    /// Reads a date of HTTP in its one preferred form: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
    public init?(httpDate text: String) {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let month = Self.months.firstIndex(where: { $0 == words[2] })
        else { return nil }
        let number = (month < 9 ? "0" : "") + String(month + 1)
        self.init(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4]).000Z")
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
