import ArgumentParser
import PartyCore

struct Completions: SetupCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print a completion script for a shell.",
        discussion: """
            For bash: psparty completions bash > ~/.local/share/bash-completion/completions/psparty
            For zsh, in a folder of $fpath: psparty completions zsh > _psparty
            For fish: psparty completions fish > ~/.config/fish/completions/psparty.fish
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: SupportedShell

    func report(in _: CommandEnvironment) async throws(PartyError) -> ScriptReport {
        ScriptReport(shell: shell.rawValue, script: Psparty.completionScript(for: shell.kind))
    }
}

/// A shell for which the parser can generate completions.
enum SupportedShell: String, WordArgument, Sendable {
    case bash, zsh, fish

    var kind: CompletionShell {
        switch self {
        case .bash: .bash
        case .zsh: .zsh
        case .fish: .fish
        }
    }
}

/// A shell script, verbatim.
struct ScriptReport: Report {
    let shell: String
    let script: String

    func text(_ style: Style) -> String { script.hasSuffix("\n") ? script : script + "\n" }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("shell", shell)
            json.field("script", script)
        }
    }
}
