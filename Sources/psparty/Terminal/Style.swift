import PartyCore

/// The style of text output: whether it goes to a terminal, and whether it is coloured.
struct Style: Sendable {
    let isTerminal: Bool
    let isColoured: Bool
    /// The width of the terminal; `nil` if it is unknown.
    let columns: Int?
    /// The present time: times of other days are shown with their date.
    var today: Timestamp?

    init(_ isTerminal: Bool, _ choice: ColorChoice, _ variables: [String: String], columns: Int? = nil) {
        self.isTerminal = isTerminal
        self.columns = columns ?? variables["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        isColoured =
            switch choice {
            case .always: true
            case .never: false
            case .auto: isTerminal && (variables["NO_COLOR"] ?? "").isEmpty && variables["TERM"] != "dumb"
            }
    }

    enum Meaning: String {
        case good = "32"
        case gone = "31"
        case changed = "33"
        case strong = "1"
        case faint = "2"
    }

    func mark(_ text: String, _ meaning: Meaning) -> String {
        isColoured ? "\u{1B}[\(meaning.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A time: local on a terminal, RFC 3339 in UTC elsewhere.
    func time(_ time: Timestamp) -> String {
        guard isTerminal else { return time.description }
        return today.map { time.localTime(on: $0) } ?? time.localTime
    }
}
