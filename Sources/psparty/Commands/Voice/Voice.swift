import ArgumentParser

struct Voice: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voice", abstract: "Voice: the party's bridge, and signals to its members.",
        discussion: """
            psparty does the signalling. What makes and plays sound (WebRTC) is a program of your choice, the engine: it \
            takes an offer and gives an answer.
            """,
        subcommands: [Run.self, VoiceOffer.self, VoiceAnswer.self, VoiceSignal.self, VoiceStatus.self, VoiceStop.self])
}
