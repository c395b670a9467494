import ArgumentParser

struct Signals: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Decode, encode and compare voice signals.",
        discussion: "These commands work on files and standard input. They need no network and no sign-in.",
        subcommands: [SignalDecode.self, SignalEncode.self, SignalDiff.self])
}
