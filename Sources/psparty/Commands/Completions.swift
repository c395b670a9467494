import ArgumentParser
import PartyCore

struct Completions: SetupCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print a completion script for a shell.",
        discussion: """
            Run the line of your shell below once, then start a new shell. The scripts ask psparty for the words, from local \
            files only.
            """)

    static let examples = [
        Example("for bash", #"echo 'eval "$(psparty completions bash)"' >> ~/.bashrc"#),
        Example("for zsh", #"echo 'autoload -U compinit && compinit; eval "$(psparty completions zsh)"' >> ~/.zshrc"#),
        Example(
            "for fish",
            "mkdir -p ~/.config/fish/completions && psparty completions fish > ~/.config/fish/completions/psparty.fish"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The shell.")
    var shell: SupportedShell

    func report(in _: CommandEnvironment) async throws(PartyError) -> ScriptReport {
        ScriptReport(shell: shell.rawValue, script: shell.script)
    }
}

/// A shell that has a completion script.
enum SupportedShell: String, WordArgument, Sendable {
    case bash, zsh, fish
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
