import PartyCore

/// One event of a stream as a line of text for people: the time, the sentence, and the party if there are several.
struct EventText {
    let sentence: EventSentence
    let time: Timestamp
    let style: Style

    var line: String {
        let party = sentence.party.map { "  " + style.mark("[\($0.displayed)]", .faint) } ?? ""
        let text = sentence.text.displayed + (sentence.command.map { "; accept with: \($0.displayed)" } ?? "")
        return
            "\(style.mark(style.time(time), .faint))  \(sentence.meaning.map { style.mark(text, $0) } ?? text)\(party)\n"
    }
}
