/// The open attachments of an account. A login as another account leaves them open, and only the same account can remove
/// them.
package struct VoiceLeftovers: Sendable, Equatable {
    package let account: ServiceAccount
    package let attachments: [BridgeAttachment]
}

extension PartyClient {
    /// The open attachments of the account that is signed in, at any server; `nil` if no sign-in
    /// or ledger can be read.
    package func voiceLeftovers() -> VoiceLeftovers? {
        guard let stored = (try? authenticator.storedCredentials()) ?? nil else { return nil }
        let files = environment.files(of: stored.account)
        let ledger = (try? files.value(of: .voice) { VoiceLedger($0) }) ?? nil
        return ledger.map { VoiceLeftovers(account: stored.account, attachments: $0.attachments) }
    }
}
