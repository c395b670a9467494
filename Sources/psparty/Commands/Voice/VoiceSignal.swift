import ArgumentParser
import PartyCore

struct VoiceSignal: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Send an offer or answer to a member of the party.",
        discussion: """
            Sends one message to each of the user's devices in the party, or only to the device that --platform names. It is not \
            yet confirmed that the live service accepts such messages from psparty. If it refuses one, keep the reference id of \
            the error and compare the payloads with `psparty signal diff`.
            """)

    static let examples = [
        Example(
            "send an offer to all devices of a member",
            "psparty voice signal --to alice --type offer --sdp offer.sdp"),
        Example(
            "send it to one device",
            "psparty voice signal --to alice --type offer --sdp offer.sdp --platform MOBILE_APP"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "the file contains no session description"
    ]

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The receiver, a member of the party.", valueName: "user"))
    var to: UserArgument

    @Option(help: ArgumentHelp("The type of the signal.", valueName: "kind"))
    var type: SignalKindArgument

    @Option(help: ArgumentHelp("The SDP, text or JSON: a file, or - for standard input.", valueName: "file|-"))
    var sdp: SDPArgument

    @Option(help: ArgumentHelp("The party; current by default.", valueName: "party"))
    var party = PartyArgument.current

    @Option(help: ArgumentHelp("Send only to the user's device of this platform, like PS5.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Omit the binary header, to test whether the service accepts the message.")
    var plain = false

    func validate() throws {
        guard sdp.source != .standardInput || party != .standardInput else {
            throw ValidationError("standard input cannot supply both the SDP and the party")
        }
    }

    func report(in context: CommandContext) async throws(PartyError) -> SignalledReport {
        let text = try await sdp.sdp(context.console)
        let client = context.client
        let id = try await client.resolve(try await context.partyReference(party))
        let user = try await client.user(to.reference)
        let signalling = SignalSender(client: client, isPlain: plain)
        var message = SignalSender.Message(party: id, account: user.accountID, kind: type.kind, sdp: text)
        message.name = to.reference.words
        message.platform = platform.map { Platform(rawValue: $0.uppercased()) }
        return SignalledReport(party: id, outcomes: try await signalling.send(message))
    }
}

/// The signal kinds whose bodies are known.
enum SignalKindArgument: String, WordArgument, Sendable {
    case offer, answer

    var kind: PartyCore.Signal.Kind { PartyCore.Signal.Kind(rawValue: rawValue) }
}

/// Sends one session description to the devices of a member, one message a device.
struct SignalSender {
    struct Message {
        let party: PartyID
        let account: AccountID
        let kind: PartyCore.Signal.Kind
        let sdp: String
        /// The user as the command line gave it.
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

    /// - Throws: `.forbidden` if this account is not in the party, `.notFound` if the user or the device is not in it.
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
        let device = message.platform.map { " on \($0)" } ?? ""
        throw PartyError(
            .notFound,
            "\(message.name.isEmpty ? message.account.description : message.name) is not in the party\(device)",
            step: "signal", remedy: .showParty(message.party))
    }
}
