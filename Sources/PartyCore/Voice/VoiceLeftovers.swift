/// What an account has open of voice: a login as another account leaves it where it is, and only the same account can take
/// it down.
package struct VoiceLeftovers: Sendable, Equatable {
    package let account: ServiceAccount
    package let attachments: [BridgeAttachment]
}

extension PartyClient {
    /// What the account of the profile's present sign-in has open, whatever server that belongs to; `nil` where no sign-in
    /// or ledger can be read.
    package func voiceLeftovers() -> VoiceLeftovers? {
        guard let stored = (try? authenticator.storedCredentials()) ?? nil else { return nil }
        let files = environment.files(of: stored.account)
        let ledger = (try? files.value(of: .voice) { VoiceLedger($0) }) ?? nil
        return ledger.map { VoiceLeftovers(account: stored.account, attachments: $0.attachments) }
    }
}
