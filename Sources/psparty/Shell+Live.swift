internal import Glibc
import PartyCore
import PartyLive

extension Shell {
    /// The real surroundings of the process.
    /// - Parameter asksService: whether the network is likely to be used, so that it is made ready meanwhile.
    static func live(asksService: Bool) -> Shell {
        // Before anything of ours is opened.
        let descriptors = (Int32(3)...9).filter { fcntl($0, F_GETFD) == 0 }
        // A reader that leaves shows as an error of our next write, not as our death.
        SignalMask.settle()
        let screen = TerminalScreen.live()
        let signalThread = SignalThread(beforeEnd: { screen?.close() })
        if asksService { LiveTransport.prepare() }
        var shell = Shell(
            console: .live, variables: environmentVariables(),
            transport: { configuration in
                LiveTransport(
                    LiveTransportOptions(
                        caFile: configuration.caFile, environment: configuration.variables,
                        userAgent: configuration.userAgent))
            },
            store: { liveStore($0) }, share: { liveShare($0) },
            room: { liveRoom($0) }, clock: .live, random: .live,
            interrupts: { signalThread.interrupts($0) })
        shell.voiceShare = { liveVoiceShare($0) }
        shell.screen = screen
        shell.descriptors = descriptors
        let notifySocket = shell.variables["NOTIFY_SOCKET"].flatMap { NotifySocket($0) }
        shell.serviceManager = ServiceManager(processID: getpid(), send: { message, _ in notifySocket?.send(message) })
        return shell
    }

    /// The profile's files on disk, or none where there is no place for them.
    static func liveStore(_ configuration: Configuration) -> any Store {
        guard let folder = configuration.stateFolder else { return HomelessStore() }
        return FileStore(stateFolder: folder, profile: configuration.settings.profile, random: .live)
    }
}

extension Shell {
    /// A file in the state folder, or where there is none among the temporary ones.
    static func liveRoom(_ configuration: Configuration) -> LineSpool.Room {
        let temporary = configuration.variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let folders = [configuration.stateFolder, temporary].compactMap { $0 }
        return LineSpool.Room(file: { SpillFile(in: folders, random: .live) })
    }

    /// Nothing is shared where there is no place for it, or where no file of the profile is to be touched.
    private static func liveShare(_ configuration: Configuration) -> any StreamShare {
        guard let folder = configuration.stateFolder, configuration.settings.accessToken == nil else {
            return Unshared()
        }
        return SocketShare(stateFolder: folder, profile: configuration.settings.profile)
    }

    /// The ledger of voice is kept also with a token from the environment, and so is its owner.
    private static func liveVoiceShare(_ configuration: Configuration) -> any StreamShare {
        guard let folder = configuration.stateFolder else { return Unshared() }
        return SocketShare(stateFolder: folder, profile: configuration.settings.profile, name: "voice")
    }
}

private func environmentVariables() -> [String: String] {
    // Room for all of them at once: growing costs more than reading them.
    var variables = [String: String](minimumCapacity: 128)
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
        let pair = unsafe String(cString: text)
        if let separator = pair.firstIndex(of: "=") {
            variables[String(pair[..<separator])] = String(pair[pair.index(after: separator)...])
        }
        unsafe entry += 1
    }
    return variables
}

/// The store of a user without a home: it holds nothing and says so when something is to be kept.
private struct HomelessStore: Store {
    private static let nowhere = StoreError(
        .unwritable, "there is no folder to keep state in: set PSPARTY_STATE_HOME, XDG_STATE_HOME or HOME")

    func load(_ item: StoreItem) throws(StoreError) -> [UInt8]? { nil }
    func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError) { throw Self.nowhere }
    func erase(_ item: StoreItem) throws(StoreError) {}
    func forget(_ items: [StoreItem]) async throws(StoreError) {}
    func accountFolders() -> [String] { [] }
    func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock { throw Self.nowhere }
}
