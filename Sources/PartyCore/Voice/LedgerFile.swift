/// The ledger on disk. Each change is under its lock and there before the call returns, so that a crash at any moment
/// leaves behind what says how to clean up.
struct LedgerFile: Sendable {
    let environment: PartyEnvironment
    /// The folder of its account, where that is another than the one that the run speaks for.
    var folder: String?

    private var files: ProfileFiles {
        get throws(PartyError) {
            if let folder { return environment.files(inFolder: folder) }
            return try Authenticator(environment).files()
        }
    }

    /// What is written there now.
    /// - Throws: `.storage` where the file is not one of ours.
    func ledger() throws(PartyError) -> VoiceLedger {
        try files.value(of: .voice) { VoiceLedger($0) } ?? VoiceLedger()
    }

    /// Changes what is written. A rehearsal changes nothing.
    func change<Value: Sendable>(
        _ edit: @Sendable (inout VoiceLedger) -> Value
    ) async throws(PartyError) -> Value {
        let files = try files
        return try await files.locked(.voice) { () throws(PartyError) in
            let known = try ledger()
            var changed = known
            let value = edit(&changed)
            if changed != known, environment.rehearse == nil { try files.save(.voice, changed.bytes) }
            return value
        }
    }

    func put(_ attachment: BridgeAttachment) async throws(PartyError) {
        try await change { $0.put(attachment) }
    }

    func remove(_ attachment: BridgeAttachment) async throws(PartyError) {
        try await change { $0.remove(attachment) }
    }
}
