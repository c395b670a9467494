import PartyCore

/// One event of a stream as a line of text.
struct EventText {
    let event: StreamEvent
    let style: Style

    var line: String? {
        guard let words = EventWords(event) else { return nil }
        let type = style.mark(words.type.padded(toColumns: EventWords.typeWidth), words.meaning)
        return "\(style.mark(event.time.localTime, .faint))  \(type)  \(words.words.displayed)\n"
    }
}
