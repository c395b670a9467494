internal import Glibc
import PartyCore

/// A moment on the clock and calendar of where the user is.
struct LocalTime: Sendable, Equatable {
    /// Like `21:04:11`.
    let time: String
    /// Like `11-24`: month and day.
    let date: String

    /// `nil` for a year that the system's calendar does not have.
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
    /// Hours, minutes and seconds where the user is.
    var localTime: String { LocalTime(self)?.time ?? description }

    /// The same, with month and day before it where that is not the day of `today`.
    func localTime(on today: Timestamp) -> String {
        guard let own = LocalTime(self) else { return description }
        // A year is long enough for nobody to mistake the one for the other.
        return own.date == LocalTime(today)?.date ? own.time : "\(own.date) \(own.time)"
    }
}
