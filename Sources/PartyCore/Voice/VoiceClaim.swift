/// The right to use voice for a profile, and with it the profile's place on the bridge. One process at a time has it. The system
/// takes it back when the process ends, however it ends.
public struct VoiceClaim: Sendable {
    /// Gives the right back, so that the next process can take it. Single use.
    public let release: @Sendable () async -> Void
    private let requests: AsyncStream<Void>

    /// What a process sends to the owner in order to take over.
    private static let request = Array("take-over".utf8)
    /// How long the owner may take to remove its place and end.
    private static let patience: Duration = .seconds(10)
    /// For an owner that is just beginning or ending.
    private static let pause: Duration = .milliseconds(20)

    private init(_ hold: StreamHold) {
        release = hold.release
        let (requests, post) = AsyncStream<Void>.makeStream()
        self.requests = requests
        Task {
            for await line in hold.joined {
                Task { for await words in line.received where words.contains(Self.request) { post.yield() } }
            }
            post.finish()
        }
    }

    /// Returns when another process has asked to take over.
    /// - Returns: `false` where the task was cancelled before.
    func waitForRequest() async -> Bool {
        for await _ in requests { return true }
        return false
    }

    /// Takes the right to use voice for the profile.
    /// - Parameters:
    ///   - environment: the environment of the profile.
    ///   - takesOver: asks the process that has it to end, and waits until it has, for 10 s at most.
    /// - Throws: `PartyError` of kind `.conflict`, which names the process that has it, if it keeps it; `.signIn` if the profile
    ///   is not signed in; `.cancelled` if the task is cancelled.
    public static func take(
        in environment: PartyEnvironment, takesOver: Bool = false
    ) async throws(PartyError) -> VoiceClaim {
        // A dry run changes nothing, so it takes nothing away either.
        let share: any StreamShare = environment.dryRun == nil ? environment.voiceShare : Unshared()
        let account = try Authenticator(environment).account()
        for _ in 0..<100 {
            if let claim = try claim(share, account) { return claim }
            if let line = try join(share, account) {
                defer { line.close() }
                guard takesOver else {
                    throw conflict(line.process, "is using voice with this profile", remedy: .takeOverVoice)
                }
                line.send(request + [0x0A])
                let isOver = await environment.clock.within(patience, step: "voice") { () throws(PartyError) in
                    for await _ in line.received {}
                }
                if case .failure(let error) = isOver {
                    guard error.kind == .timeout, !Task.isCancelled else { throw error }
                    throw conflict(line.process, "does not end its voice run", hint: end(line.process))
                }
                continue
            }
            await environment.clock.sleep(pause)
            try Task.checkNotCancelled(step: "voice")
        }
        throw conflict(nil, "is using voice with this profile", hint: "try again")
    }

    private static func claim(
        _ share: any StreamShare, _ account: ServiceAccount
    ) throws(PartyError) -> VoiceClaim? {
        do throws(StoreError) {
            return try share.hold(for: account).map { VoiceClaim($0) }
        } catch { throw PartyError(error) }
    }

    private static func join(_ share: any StreamShare, _ account: ServiceAccount) throws(PartyError) -> ShareConnection?
    {
        do throws(StoreError) { return try share.join(for: account) } catch { throw PartyError(error) }
    }

    private static func end(_ process: Int32?) -> String { process.map { "end it: kill \($0)" } ?? "end it" }

    private static func conflict(
        _ process: Int32?, _ what: String, hint: String? = nil, remedy: Remedy? = nil
    ) -> PartyError {
        let owner = process.map { "process \($0)" } ?? "another process"
        return PartyError(.conflict, "\(owner) \(what)", step: "voice", hint: hint, remedy: remedy)
    }
}
