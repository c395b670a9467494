import ArgumentParser

struct Signals: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Look into voice signals: decode, encode, compare.",
        discussion: "It works on what it is given and asks nobody; no sign-in is needed.",
        subcommands: [SignalDecode.self, SignalEncode.self, SignalDiff.self])
}
