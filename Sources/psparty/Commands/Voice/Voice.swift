import ArgumentParser

struct Voice: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voice", abstract: "Use a party's voice: its bridge, and signals to its members.",
        discussion: """
            psparty does the signalling. The media (WebRTC) is handled by the engine, a program of your choice that exchanges \
            offers and answers with psparty.
            """,
        subcommands: [Run.self, VoiceOffer.self, VoiceAnswer.self, VoiceSignal.self, VoiceStatus.self, VoiceStop.self])
}
