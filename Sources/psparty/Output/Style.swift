/// How text may look: whether it goes to a terminal, and whether it may be coloured.
struct Style: Sendable {
    let isTerminal: Bool
    let isColoured: Bool

    init(_ isTerminal: Bool, _ choice: ColorChoice, _ variables: [String: String]) {
        self.isTerminal = isTerminal
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
}
