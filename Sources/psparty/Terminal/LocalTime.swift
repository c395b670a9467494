internal import Glibc
import PartyCore

/// A time in the user's time zone.
struct LocalTime: Sendable, Equatable {
    /// Like `21:04:11`.
    let time: String
    /// Month and day, like `11-24`.
    let date: String

    /// `nil` for a year that the system cannot represent.
    init?(_ moment: Timestamp) {
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = unsafe tm()
        guard unsafe localtime_r(&seconds, &parts) != nil else { return nil }
        time = unsafe Self.text([parts.tm_hour, parts.tm_min, parts.tm_sec], ":")
        date = unsafe Self.text([parts.tm_mon + 1, parts.tm_mday], "-")
    }

    private static func text(_ numbers: [Int32], _ separator: String) -> String {
        numbers.map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: separator)
    }
}

extension Timestamp {
    /// Hours, minutes and seconds in the user's time zone.
    var localTime: String { LocalTime(self)?.time ?? description }

    /// The local time, preceded by month and day if it is not on the same day as `today`.
    func localTime(on today: Timestamp) -> String {
        guard let own = LocalTime(self) else { return description }
        // The year is not compared: an event exactly one year old is not expected here.
        return own.date == LocalTime(today)?.date ? own.time : "\(own.date) \(own.time)"
    }
}
