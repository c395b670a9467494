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
        if asksService {
            ProgramMemory.tune()
            LiveTransport.prepare()
        }
        var shell = Shell(
            console: .live, variables: environmentVariables(),
            transport: { configuration in
                LiveTransport(
                    LiveTransportOptions(
                        caFile: configuration.caFile, environment: configuration.variables,
                        userAgent: configuration.userAgent))
            },
            store: { $0.place.store }, share: { $0.place.share(hasOwnToken: $0.settings.accessToken != nil) },
            room: { liveRoom($0) }, clock: .live, random: .live,
            interrupts: { signalThread.interrupts($0) })
        shell.voiceShare = { $0.place.voiceShare }
        shell.screen = screen
        shell.descriptors = descriptors
        let notifySocket = shell.variables["NOTIFY_SOCKET"].flatMap { NotifySocket($0) }
        shell.serviceManager = ServiceManager(processID: getpid(), send: { message, _ in notifySocket?.send(message) })
        return shell
    }
}

extension Shell {
    /// A file in the state folder, or where there is none among the temporary ones.
    static func liveRoom(_ configuration: Configuration) -> LineSpool.SpillPolicy {
        let temporary = configuration.variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let folders = [configuration.stateFolder, temporary].compactMap { $0 }
        return LineSpool.SpillPolicy(file: { SpillFile(in: folders, random: .live) })
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
