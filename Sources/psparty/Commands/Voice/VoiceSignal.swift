import ArgumentParser
import PartyCore

struct VoiceSignal: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Send a member of the party an offer or an answer.",
        discussion: """
            One message goes to each device the user is in the party with, or to the one that --platform names. No one has \
            yet seen the live service take such a message from another client than its own: where it refuses, keep the \
            reference id it tells, and compare with `psparty signal diff`.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Whom: a member of the party.", valueName: "user"))
    var to: UserArgument

    @Option(help: ArgumentHelp("What it is: offer or answer.", valueName: "kind"))
    var type: SignalKindArgument

    @Option(help: ArgumentHelp("The description: a file, or - for standard input; text or JSON.", valueName: "file|-"))
    var sdp: SDPArgument

    @Option(help: ArgumentHelp("The party; current by default.", valueName: "party"))
    var party = PartyArgument.current

    @Option(help: ArgumentHelp("Only to this device of the user, like PS5.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Leave the binary header out, to find out what the service takes.")
    var plain = false

    func validate() throws {
        guard sdp.source != .standardInput || party != .standardInput else {
            throw ValidationError("standard input cannot hold both the description and the party")
        }
    }

    func report(in context: CommandContext) async throws(PartyError) -> SignalledReport {
        let text = try await sdp.sdp(context.console)
        let client = context.client
        let id = try await client.resolve(try await context.partyReference(party))
        let user = try await client.user(to.reference)
        let signalling = Signalling(client: client, isPlain: plain)
        var message = Signalling.Message(party: id, account: user.accountID, kind: type.kind, sdp: text)
        message.name = to.reference.words
        message.platform = platform.map { Platform(rawValue: $0.uppercased()) }
        return SignalledReport(party: id, outcomes: try await signalling.send(message))
    }
}

/// What a signal is; the two kinds whose bodies are known.
enum SignalKindArgument: String, ExpressibleByArgument, CaseIterable, Sendable {
    case offer, answer

    var kind: PartyCore.Signal.Kind { PartyCore.Signal.Kind(rawValue: rawValue) }
}

/// Sends one description to the devices of a member, a message each.
struct Signalling {
    struct Message {
        let party: PartyID
        let account: AccountID
        let kind: PartyCore.Signal.Kind
        let sdp: String
        /// The user as the command line named them.
        var name = ""
        /// `nil` for all devices of the account.
        var platform: Platform?
    }

    struct Outcome: Sendable {
        let member: Member
        let signal: PartyCore.Signal
        var error: PartyError?
    }

    let client: PartyClient
    let isPlain: Bool

    /// - Throws: `.forbidden` where we are not in the party, `.notFound` where the user, or that device, is not.
    func send(_ message: Message) async throws(PartyError) -> [Outcome] {
        let party = try await client.party(message.party)
        let me = try await client.accessToken().accountID
        guard let own = party.endpoint(of: me) else {
            throw PartyError(
                .forbidden, "you are not in the party \(message.party)", step: "signal",
                remedy: .joinParty(message.party))
        }
        let channel = SignalChannel(client)
        var outcomes: [Outcome] = []
        for (member, endpoint) in try Self.receivers(of: message, in: party, but: own) {
            let number = try await channel.takeSequences(1).lowerBound
            let negotiation = try await channel.negotiation(message.kind, with: endpoint, in: message.party)
            let signal = PartyCore.Signal(
                from: own, to: endpoint, kind: message.kind, sdp: message.sdp, globalSequence: number,
                sdpSequence: String(negotiation))
            var outcome = Outcome(member: member, signal: signal)
            do throws(PartyError) {
                try await channel.send(signal, in: message.party, isPlain: isPlain)
            } catch { outcome.error = error }
            outcomes.append(outcome)
            if outcome.error?.kind == .cancelled { break }
        }
        return outcomes
    }

    private static func receivers(
        of message: Message, in party: PartySession, but own: PartyCore.Signal.Endpoint
    ) throws(PartyError) -> [(Member, PartyCore.Signal.Endpoint)] {
        let devices = party.members.filter { $0.accountID == message.account }
        let found = devices.compactMap { member in
            member.platform.map { (member, PartyCore.Signal.Endpoint(accountID: member.accountID, platform: $0)) }
        }.filter { $0.1 != own && (message.platform == nil || $0.1.platform == message.platform) }
        guard found.isEmpty else { return found }
        let device = message.platform.map { " with \($0)" } ?? ""
        throw PartyError(
            .notFound,
            "\(message.name.isEmpty ? message.account.description : message.name) is not in the party\(device)",
            step: "signal", remedy: .showParty(message.party))
    }
}
