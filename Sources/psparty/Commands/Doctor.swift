import ArgumentParser
import PartyCore
import PartyLive

struct Doctor: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the settings, the network, the sign-in and the push stream.",
        discussion: """
            Each line is ok, a warning or a failure, with what to do. The exit status is 0, or that of the first failure. A token that \
            is due is renewed. While another process of the profile holds the push connection, or you are in a party, no second \
            connection is opened, because it could cost your place in the party.
            """)

    static let examples = [
        Example("find out what is wrong, and what to do", "psparty doctor"),
        Example("print what is not right", "psparty doctor --json | jq '.[] | select(.result != \"ok\")'"),
        Example("write a report that is safe to post", "psparty doctor --bundle report.txt"),
    ]

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("Also write a report to a new file, without personal data, for posting.", valueName: "file"),
        completion: .file())
    var bundle: String?

    func validate() throws {
        if bundle?.isEmpty == true || bundle == "-" { throw ValidationError("--bundle needs the name of a new file") }
    }

    func execute(in environment: CommandEnvironment) async throws(PartyError) {
        if let bundle, NewFile.exists(bundle) {
            throw PartyError(
                .storage, "\(bundle) exists, and doctor replaces no file", step: "bundle",
                hint: "name another file, or remove that one first")
        }
        let context: CommandContext
        do throws(PartyError) { context = try CommandContext(options: global, environment: environment) } catch {
            return try await end(Self.findings(without: error), nil, environment)
        }
        var findings = await Examination(context, environment).findings()
        if Task.isCancelled { throw PartyError(.cancelled, "cancelled", step: "doctor") }
        let invocation = context.configuration.invocation
        let server = LocalServer(global, in: environment)
        findings = findings.map { finding in
            finding.worded { error in
                let worded = error.worded(for: invocation)
                return server?.explaining(worded, invocation) ?? worded
            }
        }
        try await end(findings, context, environment)
    }

    /// The lines if the configuration cannot be read.
    private static func findings(without error: PartyError) -> [Finding] {
        DoctorCheck.allCases.map { check in
            check == .configuration
                ? .failure(.configuration, error) : .skipped(check, "the configuration cannot be used")
        }
    }

    private func end(
        _ findings: [Finding], _ context: CommandContext?, _ environment: CommandEnvironment
    ) async throws(PartyError) {
        if let bundle {
            let text = DoctorBundle(findings, context, environment).text
            do throws(StoreError) { try NewFile.write(Array(text.utf8), to: bundle) } catch { throw PartyError(error) }
            global.notice(
                "psparty: \(bundle.displayed) is written; read it before you post it", on: environment.console)
        }
        let report = DoctorReport(findings: findings)
        let color = context?.configuration.color ?? global.color ?? .auto
        let style = Style(environment.console.isTerminal, color, environment.variables)
        try environment.console.show(report, isJSON: global.json, style)
        if let failure = report.failure { throw failure }
    }
}
