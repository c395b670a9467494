internal import Glibc
import PartyCore

/// A time in the user's time zone.
struct LocalTime: Sendable, Equatable {
    /// Like `21:04:11`.
    let time: String
    /// Month and day, like `11-24`.
    let date: String
    let year: Int32

    /// `nil` for a year that the system cannot represent.
    init?(_ moment: Timestamp) {
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = unsafe tm()
        guard unsafe localtime_r(&seconds, &parts) != nil else { return nil }
        time = unsafe Self.text([parts.tm_hour, parts.tm_min, parts.tm_sec], ":")
        date = unsafe Self.text([parts.tm_mon + 1, parts.tm_mday], "-")
        // 32 bits may not hold the sum.
        year = unsafe parts.tm_year.addingReportingOverflow(1900).partialValue
    }

    private static func text(_ numbers: [Int32], _ separator: String) -> String {
        numbers.map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: separator)
    }
}

extension Timestamp {
    /// Hours, minutes and seconds in the user's time zone.
    var localTime: String { LocalTime(self)?.time ?? description }

    /// The local time, preceded by the date if it is not on the same day as `today`.
    func localTime(on today: Timestamp) -> String {
        guard let own = LocalTime(self), let present = LocalTime(today) else { return description }
        if own.year != present.year { return "\(own.year)-\(own.date) \(own.time)" }
        return own.date == present.date ? own.time : "\(own.date) \(own.time)"
    }

    /// The same without seconds.
    func localMinute(on today: Timestamp) -> String {
        LocalTime(self) == nil ? description : String(localTime(on: today).dropLast(3))
    }
}
