/// A refusal with `Retry-After`, in any form that HTTP allows (RFC 9110, 10.2.3).
public struct RetryAfterRefusal: Sendable, Equatable {
    public enum Form: String, Sendable, CaseIterable {
        case seconds
        /// `Sun, 06 Nov 1994 08:49:37 GMT`
        case imf
        /// `Sunday, 06-Nov-94 08:49:37 GMT`
        case rfc850
        /// `Sun Nov  6 08:49:37 1994`
        case asctime
    }

    public var status: Int
    public var seconds: Int
    public var form: Form
    /// Whether the response has a `Date` header.
    public var hasDate: Bool

    public init(status: Int, seconds: Int, form: Form = .seconds, hasDate: Bool = true) {
        self.status = status
        self.seconds = seconds
        self.form = form
        self.hasDate = hasDate
    }

    /// - Parameter now: milliseconds since 1970.
    func response(now: Int64) -> SimulatedResponse {
        let second = now / 1000
        var response = SimulatedResponse(status: status)
        response.headers.append(("Retry-After", text(from: second)))
        if hasDate { response.headers.append(("Date", HTTPDate(second).imf)) }
        return response
    }

    private func text(from second: Int64) -> String {
        let end = HTTPDate(second + Int64(seconds))
        return switch form {
        case .seconds: String(seconds)
        case .imf: end.imf
        case .rfc850: end.rfc850
        case .asctime: end.asctime
        }
    }
}

/// A time in the date formats of HTTP.
struct HTTPDate {
    private static let days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private let weekday: String
    private var year: Int64 = 1970
    private var month = 0
    private let day: Int64
    private let time: String

    /// - Parameter second: seconds since 1970; not negative.
    init(_ second: Int64) {
        var rest = second / 86_400
        weekday = Self.days[Int(rest % 7)]
        func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
        while rest >= (isLeap(year) ? 366 : 365) {
            rest -= isLeap(year) ? 366 : 365
            year += 1
        }
        let lengths: [Int64] = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        while rest >= lengths[month] {
            rest -= lengths[month]
            month += 1
        }
        day = rest + 1
        let of = second % 86_400
        time = [of / 3600, of / 60 % 60, of % 60].map { Self.twoDigits($0) }.joined(separator: ":")
    }

    var imf: String { "\(weekday.prefix(3)), \(Self.twoDigits(day)) \(Self.months[month]) \(year) \(time) GMT" }

    var rfc850: String {
        "\(weekday), \(Self.twoDigits(day))-\(Self.months[month])-\(Self.twoDigits(year % 100)) \(time) GMT"
    }

    var asctime: String {
        "\(weekday.prefix(3)) \(Self.months[month]) \(day < 10 ? " " : "")\(day) \(time) \(year)"
    }

    private static func twoDigits(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
}
