import ArgumentParser
import PartyCore

extension Voice {
    struct Run: ShellCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Connect an engine, a program that carries the media, to the party's voice.",
            discussion: """
                Carries offers and answers between the members and the engine, in JSON lines over the engine's standard \
                input and output, until one of them ends; docs/voice-engine.md has the protocol.
                """)

        @OptionGroup var global: GlobalOptions

        @Argument(help: "The party: an id, a link, current, or - for standard input.")
        var party = PartyArgument.current

        @Flag(name: .customLong("no-bridge"), help: "Leave the party's voice bridge alone: members only.")
        var noBridge = false

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("How long the engine may take for an offer or an answer.", valueName: "duration"))
        var engineTimeout: DurationArgument?

        @OptionGroup var ownership: VoiceOwnershipOptions

        @Argument(
            parsing: .postTerminator,
            help: ArgumentHelp("The engine and its arguments, behind --.", valueName: "engine"))
        var engine: [String] = []

        var showsProgress: Bool { false }
        /// The place on the bridge is given back, and the engine ended.
        var cleaningTime: Duration { VoiceRun.closingPatience + .milliseconds(900) }

        func validate() throws {
            guard engine.first?.isEmpty == false else {
                throw ValidationError("name the engine: psparty voice run [PARTY] -- ENGINE ARG…")
            }
        }

        func execute(in shell: Shell) async throws(PartyError) {
            let context = try CommandContext(options: global, shell: shell)
            let client = context.client
            let id = try await client.resolve(try await context.partyReference(party))
            guard !global.dryRun else {
                if !noBridge { _ = try await BridgeSession(client).open(id) }
                return
            }
            try await context.withVoice(takesOver: ownership.takeOver) { (claim) async throws(PartyError) in
                if !noBridge { try context.releaseKeptPlace(takesOver: ownership.takeOver) }
                try await speak(in: id, context, shell, claim)
            }
        }

        private func speak(
            in id: PartyID, _ context: CommandContext, _ shell: Shell, _ claim: VoiceClaim
        ) async throws(PartyError) {
            let client = context.client
            let identity = try await VoiceIdentity(in: id, client)
            let (leaving, tell) = AsyncStream<Void>.makeStream()
            let printer = VoicePrinter(context, onFailure: { tell.yield() })
            let command = EngineCommand(
                engine, variables: context.configuration.childVariables, descriptors: shell.descriptors)
            let run = VoiceRun(client, identity: identity, engine: try shell.engine(command), options: options) {
                report in
                printer.print(report)
            }
            // A script that is gone shall not leave its voice behind.
            let watch = Task { for await _ in leaving { await run.end() } }
            defer { watch.cancel() }
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
