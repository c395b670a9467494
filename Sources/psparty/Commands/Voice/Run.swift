import ArgumentParser
import PartyCore

extension Voice {
    struct Run: RunnableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Connect a media engine to the party's voice.",
            usage: "psparty voice run [PARTY] [options] -- ENGINE [ARG…]",
            discussion: """
                The engine is a program that sends and receives the media. psparty passes offers and answers between the members \
                and the engine, as JSON lines over the engine's standard input and output, until psparty or the engine ends. \
                docs/voice-engine.md describes the protocol.
                """)

        static let examples = [
            Example("talk in the current party", "psparty voice run -- ./engine"),
            Example(
                "connect only to members, and pass options to the engine",
                "psparty voice run --no-bridge -- ./engine --tone 440"),
            Example("take over from another process", "psparty voice run --take-over -- ./engine"),
        ]

        static let statuses: [ExitStatus: String] = [
            .failure: "the engine crashed, ended with a status other than 0, or broke the protocol",
            .notFound: "no such party, or no such engine",
        ]

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The party: an id, a link, current, or - for standard input.")
        var party = PartyArgument.current

        @Flag(name: .customLong("no-bridge"), help: "Connect only to members, not to the party's voice bridge.")
        var noBridge = false

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("How long to wait for an offer or answer from the engine.", valueName: "duration"))
        var engineTimeout: DurationArgument?

        @OptionGroup var ownership: VoiceOwnershipOptions

        @Argument(
            parsing: .postTerminator,
            help: ArgumentHelp("The engine and its arguments, after --.", valueName: "engine"))
        var engine: [String] = []

        var showsProgress: Bool { false }
        /// Time to remove the peer from the bridge and to end the engine.
        var cleanupTime: Duration { VoiceRun.closingPatience + .milliseconds(900) }

        func validate() throws {
            guard engine.first?.isEmpty == false else {
                throw ValidationError("name the engine: psparty voice run [PARTY] -- ENGINE ARG…")
            }
        }

        func execute(in environment: CommandEnvironment) async throws(PartyError) {
            let context = try CommandContext(options: global, environment: environment)
            let client = context.client
            let id = try await client.resolve(try await context.partyReference(party))
            guard !global.dryRun else {
                if !noBridge { _ = try await BridgeSession(client).open(id) }
                return
            }
            try await context.withVoice(takesOver: ownership.takeOver) { (claim) async throws(PartyError) in
                if !noBridge { try context.releaseKeptPlace(takesOver: ownership.takeOver) }
                try await speak(in: id, context, environment, claim)
            }
        }

        private func speak(
            in id: PartyID, _ context: CommandContext, _ environment: CommandEnvironment, _ claim: VoiceClaim
        ) async throws(PartyError) {
            let client = context.client
            let identity = try await VoiceIdentity(in: id, client)
            let outputFailure = OneShotEvent()
            let printer = VoicePrinter(context, onFailure: { outputFailure.set() })
            let command = EngineCommand(
                engine, variables: context.configuration.childVariables, descriptors: environment.descriptors)
            let run = VoiceRun(client, identity: identity, engine: try environment.engine(command), options: options) {
                report in
                printer.print(report)
            }
            // End the run if the reader of standard output is gone, so that voice does not stay open. Without --json it has none.
            let ends = [outputFailure] + (global.json ? [context.console.readerExit] : [])
            let watches = ends.map { end in
                Task {
                    await end.wait()
                    if !Task.isCancelled { await run.end() }
                }
            }
            defer { for watch in watches { watch.cancel() } }
            var feed = PartyFeed.Options()
            feed.mustBecomeReady = true
            do throws(PartyError) {
                try await run.run(PartyFeed(context.environment, feed), claim: claim)
            } catch {
                try await printer.finish()
                throw error
            }
            try await printer.finish()
        }

        private var options: VoiceRun.Options {
            var options = VoiceRun.Options()
            options.usesBridge = !noBridge
            if let limit = engineTimeout?.duration { options.policy.engineTimeout = limit }
            return options
        }
    }
}
