/// The ledger on disk. Each change is made under its lock and stored before the call returns, so that a crash at any time
/// leaves the information that is needed to clean up.
struct LedgerFile: Sendable {
    let environment: PartyEnvironment
    /// The folder of its account, if that is not the account of the run.
    var folder: String?

    private var files: ProfileFiles {
        get throws(PartyError) {
            if let folder { return environment.files(inFolder: folder) }
            return try Authenticator(environment).files()
        }
    }

    /// Reads the ledger.
    /// - Throws: `.storage` if the file is not a ledger.
    func ledger() throws(PartyError) -> VoiceLedger {
        try files.value(of: .voice) { VoiceLedger($0) } ?? VoiceLedger()
    }

    /// Changes the ledger. A dry run changes nothing.
    func change<Value: Sendable>(
        _ edit: @Sendable (inout VoiceLedger) -> Value
    ) async throws(PartyError) -> Value {
        let files = try files
        return try await files.locked(.voice) { () throws(PartyError) in
            let known = try ledger()
            var changed = known
            let value = edit(&changed)
            if changed != known, environment.dryRun == nil { try files.save(.voice, changed.bytes) }
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
