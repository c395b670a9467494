import ArgumentParser
import PartyCore
import PartyLive

/// Runs one command line and returns its exit status. All errors are caught and reported here.
enum CLI {
    static func run(_ arguments: [String], in environment: CommandEnvironment) async -> Int32 {
        // Scripts ask for the version at their start, so it is answered before any parser is built.
        if arguments == ["--version"] { return show(Version.text, in: environment.console) }
        if arguments.first == Completer.word { return Completer.run(arguments, in: environment) }
        let request: Request
        do { request = try parse(arguments) } catch {
            // Arguments after -- are not options of psparty.
            let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
            if let problem = error as? CommandWordProblem {
                return problem.failure.show(isJSON: isJSON, in: environment.console)
            }
            return finish(parsing: error, of: arguments, isJSON: isJSON, in: environment.console)
        }
        switch request {
        case .command(let command): return await run(command, in: environment)
        case .version(let options): return show(VersionReport(options), in: environment.console)
        }
    }

    /// What the words ask for.
    private enum Request {
        case command(any RunnableCommand)
        /// The version, with these options.
        case version([String])
    }

    /// Commands and options that never send a request.
    static let localWords = [
        "--version", "--help", "-h", "help", "logout", "whoami", "token", "replay", "redact", "signal", "config",
        "completions", Completer.word,
    ]

    /// Guesses, before parsing, whether the command will send requests.
    static func usesNetwork(_ arguments: [String]) -> Bool {
        guard let first = arguments.first(where: { !$0.hasPrefix("-") }) ?? arguments.last else { return false }
        return !localWords.contains(first) && !Help.isAsked(in: arguments)
    }

    /// Guesses, before parsing, how many descriptors the command needs and whether it starts threads.
    static func need(_ arguments: [String]) -> ProcessLimits.Need {
        func has(_ words: String...) -> Bool { arguments.contains { word in words.contains { word.hasPrefix($0) } } }
        guard usesNetwork(arguments) else {
            let isStream = has("replay", "redact")
            return ProcessLimits.Need(descriptors: isStream ? 13 : 2, startsThreads: isStream)
        }
        // Measured: a request or a stream uses 16 descriptors; an engine, a recording or a program uses a few more.
        let isLarge = has("voice", "--exec", "--record")
        return ProcessLimits.Need(descriptors: isLarge ? 21 : 17, startsThreads: true)
    }

    private static func parse(_ arguments: [String]) throws -> Request {
        let order = ArgumentOrder(arguments, root: Psparty.self)
        // Fast path: parse with the command alone. From the root, the parser inspects all types at each level, which is slow.
        // Error messages need the whole tree.
        if !Help.isAsked(in: arguments),
            let command = try? order.command?.parseAsRoot(order.rest) as? any RunnableCommand
        {
            return .command(command)
        }
        if let problem = CommandWordProblem(arguments) { throw problem }
        if order.path.isEmpty, order.tail.contains("--version") { return .version(order.options + order.tail) }
        if let help = try help(order, arguments) { return .command(help) }
        let parsed = try Psparty.parseAsRoot(order.words)
        guard let command = parsed as? any RunnableCommand else { return .command(try Help.parse(order.path)) }
        return .command(command)
    }

    /// The help that the words ask for with `--help`, or that a group without a command shows; `nil` if they ask for none.
    private static func help(_ order: ArgumentOrder, _ arguments: [String]) throws -> Help? {
        let isGroup = order.tail.isEmpty && order.command.map { !$0.configuration.subcommands.isEmpty } != false
        guard isGroup || Help.isAsked(in: arguments) else { return nil }
        // `psparty --help create` means the same as `psparty create --help`.
        let asked = ArgumentOrder(arguments.filter { $0 != "--help" && $0 != "-h" }, root: Psparty.self)
        return try Help.parse(asked.path + asked.options + (arguments.contains("--json") ? ["--json"] : []))
    }

    private enum RunOutcome {
        case ended(status: Int32)
        case signalled(Int32)
        case other
    }

    /// Runs the command until it ends or a signal arrives. After a signal the command may clean up.
    private static func run(_ command: any RunnableCommand, in environment: CommandEnvironment) async -> Int32 {
        let indicator = progressIndicator(for: command, in: environment)
        let interrupts = environment.interrupts(command.cleanupTime)
        // Child tasks inherit the main-thread executor.
        return await withTaskGroup(of: RunOutcome.self) { run in
            run.addTask { .ended(status: await execute(command, indicator, in: environment)) }
            run.addTask {
                for await signal in interrupts.signals { return .signalled(signal) }
                return .other
            }
            if let indicator {
                run.addTask {
                    await indicator.run()
                    return .other
                }
            }
            var (status, signal): (Int32, Int32?) = (0, nil)
            for await outcome in run {
                switch outcome {
                case .ended(let code):
                    status = code
                    indicator?.end()
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

    private static func execute(
        _ command: any RunnableCommand, _ indicator: ProgressIndicator?, in environment: CommandEnvironment
    ) async -> Int32 {
        var environment = environment
        if let indicator { environment.console = indicator.console }
        guard !command.showsProgress else { return await status(of: command, in: environment) }
        // A streaming command must not block when standard error is not read.
        let errors = ErrorOutput(write: environment.console.errorOutput)
        environment.console.errorOutput = { errors.put($0) }
        let status = await status(of: command, in: environment)
        // In real time, also in tests: a thread writes.
        await errors.settle(.live)
        return status
    }

    private static func status(of command: any RunnableCommand, in environment: CommandEnvironment) async -> Int32 {
        do throws(PartyError) {
            try await command.execute(in: environment)
            return ExitStatus.success.rawValue
        } catch {
            let invocation = Invocation(command.global, in: environment)
            var error = error.worded(for: invocation)
            error = LocalServer(command.global, in: environment)?.explaining(error, invocation) ?? error
            if command.global.isQuiet, !command.global.json { error.hint = nil }
            return Failure(error).show(isJSON: command.global.json, in: environment.console)
        }
    }

    /// `nil` unless both output streams are terminals and neither the command nor an option turns the indicator off.
    static func progressIndicator(for command: any RunnableCommand, in environment: CommandEnvironment)
        -> ProgressIndicator?
    {
        let options = command.global
        let isWatched =
            environment.console.isTerminal && environment.console.isErrorTerminal
            && environment.variables["TERM"] != "dumb"
        guard isWatched, command.showsProgress, !options.quiet, options.verbose == 0 else { return nil }
        return ProgressIndicator(environment.console, clock: environment.clock)
    }

    private static func show(_ report: VersionReport, in console: Console) -> Int32 {
        do throws(PartyError) {
            try console.show(report, isJSON: report.isJSON, Style(console.isTerminal, .never, [:]))
            return ExitStatus.success.rawValue
        } catch { return Failure(error).show(isJSON: report.isJSON, in: console) }
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
        let usage = command.isEmpty ? [] : CommandPage(command)?.usage ?? []
        return Failure.usage(Psparty.message(for: error), to: command, usage: usage).show(isJSON: isJSON, in: console)
    }
}
