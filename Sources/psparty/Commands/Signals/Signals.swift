import ArgumentParser

struct Signals: DocumentedCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Decode, encode and compare voice signals.",
        discussion: "These commands work on files and standard input. They need no network and no sign-in.",
        subcommands: [SignalDecode.self, SignalEncode.self, SignalDiff.self])

    static let examples = [
        Example("print the voice signals that arrive", "psparty listen --type voice.signal | psparty signal decode"),
        Example("compare two payloads", "psparty signal diff ours.txt theirs.txt"),
    ]
}
