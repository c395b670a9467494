/// What an account has open of voice: a login as another account leaves it where it is, and only the same account can take
/// it down.
public struct VoiceLeftovers: Sendable, Equatable {
    public let account: ServiceAccount
    public let attachments: [BridgeAttachment]
}

extension PartyClient {
    /// What the account of the profile's present sign-in has open, whatever server that belongs to; `nil` where no sign-in
    /// or ledger can be read.
    public func voiceLeftovers() -> VoiceLeftovers? {
        guard let stored = (try? authenticator.storedCredentials()) ?? nil else { return nil }
        let files = environment.files(of: stored.account)
        let ledger = (try? files.value(of: .voice) { VoiceLedger($0) }) ?? nil
        return ledger.map { VoiceLeftovers(account: stored.account, attachments: $0.attachments) }
    }
}
