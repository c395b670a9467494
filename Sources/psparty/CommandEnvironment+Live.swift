internal import Glibc
import PartyCore
import PartyLive

extension CommandEnvironment {
    /// The environment of the real process.
    /// - Parameter usesNetwork: whether to prepare the network in the background.
    /// - Parameter mayStay: whether the command may be a stream, which ends when its reader exits.
    static func live(usesNetwork: Bool, mayStay: Bool) -> CommandEnvironment {
        // Before psparty opens any descriptor itself.
        let descriptors = (Int32(3)...9).filter { fcntl($0, F_GETFD) == 0 }
        // A closed reader then makes the next write fail with EPIPE instead of ending the process.
        SignalMask.reset()
        let screen = TerminalScreen.live()
        let signalThread = SignalThread(watchesReader: mayStay, beforeEnd: { screen?.close() })
        if usesNetwork {
            ProgramMemory.tune()
            LiveTransport.prepare()
        }
        var environment = CommandEnvironment(
            console: .live, variables: environmentVariables(),
            transport: { configuration in
                LiveTransport(
                    LiveTransportOptions(
                        caFile: configuration.caFile, environment: configuration.variables,
                        userAgent: configuration.userAgent))
            },
            store: { $0.place.store }, share: { $0.place.share(hasOwnToken: $0.settings.accessToken != nil) },
            spillPolicy: { liveSpillPolicy($0) }, clock: .live, random: .live,
            interrupts: { signalThread.interrupts($0) })
        environment.console.readerExit = signalThread.readerExit
        environment.voiceShare = { $0.place.voiceShare }
        environment.screen = screen
        environment.descriptors = descriptors
        let notifySocket = environment.variables["NOTIFY_SOCKET"].flatMap { NotifySocket($0) }
        environment.serviceManager = ServiceManager(
            processID: getpid(), send: { message, _ in notifySocket?.send(message) })
        return environment
    }
}

extension CommandEnvironment {
    /// Spill files go into the state folder, else into the temporary folder.
    static func liveSpillPolicy(_ configuration: Configuration) -> LineSpool.SpillPolicy {
        let temporary = configuration.variables["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let folders = [configuration.stateFolder, temporary].compactMap { $0 }
        return LineSpool.SpillPolicy(file: { SpillFile(in: folders, random: .live) })
    }
}

private func environmentVariables() -> [String: String] {
    // Reserve capacity: growing the dictionary costs more than reading the variables.
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
