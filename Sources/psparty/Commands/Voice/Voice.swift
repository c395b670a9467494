import ArgumentParser

struct Voice: DocumentedCommand {
    static let configuration = CommandConfiguration(
        commandName: "voice", abstract: "Use a party's voice: its bridge, and signals to its members.",
        discussion: """
            psparty does the signalling. The media (WebRTC) is handled by the engine, a program of your choice that exchanges \
            offers and answers with psparty.
            """,
        subcommands: [Run.self, VoiceOffer.self, VoiceAnswer.self, VoiceSignal.self, VoiceStatus.self, VoiceStop.self])

    static let examples = [
        Example("talk in the current party with a program that carries the media", "psparty voice run -- ./engine"),
        Example("close what a crash left open", "psparty voice stop"),
    ]
}
