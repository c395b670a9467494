import ArgumentParser
import PartyCore
import PartyLive

/// From the words of the command line to an exit status: the only place that catches everything.
enum CLI {
    static func run(_ arguments: [String], in shell: Shell) async -> Int32 {
        // Asked for by scripts at their start, and answered before any parser is built.
        if arguments == ["--version"] { return show(Version.text, in: shell.console) }
        let command: any ParsableCommand
        do {
            command = try LocalCompletion.$shell.withValue(shell) { try parse(arguments, in: shell) }
        } catch {
            // Behind -- a word is no option of ours.
            let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
            if let problem = error as? CommandWordProblem {
                return problem.failure.show(isJSON: isJSON, in: shell.console)
            }
            return finish(parsing: error, of: arguments, isJSON: isJSON, in: shell.console)
        }

        guard let command = command as? any ShellCommand else { return showHelp(command, in: shell.console) }
        return await run(command, in: shell)
    }

    /// The words by which a run is known to send no request.
    static let localWords = [
        "--version", "--help", "-h", "help", "logout", "whoami", "token", "replay", "redact", "signal", "config",
        "completions",
    ]

    /// Whether the words name a command that is likely to send requests: a guess, made before they are parsed.
    static func asksService(_ arguments: [String]) -> Bool {
        guard let first = arguments.first(where: { !$0.hasPrefix("-") }) ?? arguments.last else { return false }
        return !localWords.contains(first)
    }

    /// What the words are likely to need of the system: a guess, made before they are parsed.
    static func need(_ arguments: [String]) -> ProcessLimits.Need {
        func has(_ words: String...) -> Bool { arguments.contains { word in words.contains { word.hasPrefix($0) } } }
        guard asksService(arguments) else {
            let isStream = has("replay", "redact")
            return ProcessLimits.Need(descriptors: isStream ? 12 : 2, startsThreads: isStream)
        }
        // Measured: a request or a stream takes 15, an engine, a recording or a program some more.
        let isLarge = has("voice", "--exec", "--record")
        return ProcessLimits.Need(descriptors: isLarge ? 20 : 16, startsThreads: true)
    }

    private static func parse(_ arguments: [String], in shell: Shell) throws -> any ParsableCommand {
        let order = ArgumentOrder(arguments, root: Psparty.self)
        // First by the command alone, which spares a run the parser's walk from the root: it takes the types apart at each
        // level. What is wrong with the words, or asks for a page, needs the whole tree to be told.
        let command = try? order.command?.parseAsRoot(order.rest)
        if let command = command as? any ShellCommand { return command }
        if let problem = CommandWordProblem(arguments) { throw problem }
        return try Psparty.parseAsRoot(order.words)
    }

    /// A group, or the `help` command itself, answers by throwing the page to show.
    private static func showHelp(_ command: any ParsableCommand, in console: Console) -> Int32 {
        do {
            var command = command
            try command.run()
            return ExitStatus.success.rawValue
        } catch {
            return finish(parsing: error, of: [], isJSON: false, in: console)
        }
    }

    private enum Happening {
        case ended(status: Int32)
        case signalled(Int32)
        case other
    }

    /// Runs the command until it is done or a signal asks it to stop; a stopped command gets a moment to clean up.
    private static func run(_ command: any ShellCommand, in shell: Shell) async -> Int32 {
        let sign = progressSign(for: command, in: shell)
        let interrupts = shell.interrupts(command.cleaningTime)
        // Child tasks, which stay on the thread of this one.
        return await withTaskGroup(of: Happening.self) { run in
            run.addTask { .ended(status: await execute(command, sign, in: shell)) }
            run.addTask {
                for await signal in interrupts.signals { return .signalled(signal) }
                return .other
            }
            if let sign {
                run.addTask {
                    await sign.run()
                    return .other
                }
            }
            var (status, signal): (Int32, Int32?) = (0, nil)
            for await happening in run {
                switch happening {
                case .ended(let code):
                    status = code
                    sign?.end()
                    interrupts.stop()
                    run.cancelAll()
                case .signalled(let number):
                    signal = number
                    run.cancelAll()
                case .other: break
                }
            }
            return signal.map { 128 + $0 } ?? status
        }
    }

    private static func execute(_ command: any ShellCommand, _ sign: ProgressSign?, in shell: Shell) async -> Int32 {
        var shell = shell
        if let sign { shell.console = sign.console }
        guard !command.showsProgress else { return await status(of: command, in: shell) }
        // What goes on must not come to a halt because nobody reads what it says besides.
        let errors = ErrorOutput(write: shell.console.complain)
        shell.console.complain = { errors.put($0) }
        let status = await status(of: command, in: shell)
        await errors.settle(shell.clock)
        return status
    }

    private static func status(of command: any ShellCommand, in shell: Shell) async -> Int32 {
        do throws(PartyError) {
            try await command.execute(in: shell)
            return ExitStatus.success.rawValue
        } catch {
            let invocation = Invocation(command.global, in: shell)
            var error = error.worded(for: invocation)
            error = LocalServer(command.global, in: shell)?.explaining(error, invocation) ?? error
            if command.global.isQuiet, !command.global.json { error.hint = nil }
            return Failure(error).show(isJSON: command.global.json, in: shell.console)
        }
    }

    /// Only where people look on: with both streams on a terminal, and nothing said that speaks against it.
    static func progressSign(for command: any ShellCommand, in shell: Shell) -> ProgressSign? {
        let options = command.global
        let isWatched = shell.console.isTerminal && shell.console.isErrorTerminal && shell.variables["TERM"] != "dumb"
        guard isWatched, command.showsProgress, !options.quiet, options.verbose == 0 else { return nil }
        return ProgressSign(shell.console, clock: shell.clock)
    }

    private static func show(_ text: String, in console: Console) -> Int32 {
        do throws(PartyError) {
            try console.show(text + "\n")
            return ExitStatus.success.rawValue
        } catch { return Failure(error).show(isJSON: false, in: console) }
    }

    private static func finish(
        parsing error: any Error, of arguments: [String], isJSON: Bool, in console: Console
    ) -> Int32 {
        guard !Psparty.exitCode(for: error).isSuccess else {
            return show(Psparty.fullMessage(for: error), in: console)
        }
        let command = ArgumentOrder(arguments, root: Psparty.self).path
        return Failure.usage(Psparty.message(for: error), to: command).show(isJSON: isJSON, in: console)
    }
}
