import PartyCore
import PartyLive

enum Version {
    static let number = "0.1.0"
    static let text = "psparty \(number)"
}

/// The answer to `--version`: with `-v` also what a bug report should name.
struct VersionReport: Report {
    let isVerbose: Bool
    let isJSON: Bool

    /// - Parameter options: the options beside `--version`.
    init(_ options: [String]) {
        isVerbose = options.contains {
            $0 == "--verbose" || $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.contains("v")
        }
        isJSON = options.contains("--json")
    }

    func text(_ style: Style) -> String {
        guard isVerbose else { return Version.text + "\n" }
        let libraries = BuildFacts.libraries.map { library in
            switch library.version {
            case .success(let version): "\(library.name) \(version)"
            case .failure(let error): "\(library.name): \(error.detail)"
            }
        }
        let lines =
            [Version.text, "commit \(BuildFacts.commit ?? "unknown: not built with make in a clone")"] + libraries
        return lines.map { $0.displayed + "\n" }.joined()
    }

    /// All keys, also without `-v`: a library that cannot be loaded is `null`.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("version", Version.number)
            json.field("commit", BuildFacts.commit)
            for library in BuildFacts.libraries { json.field(library.name.lowercased(), try? library.version.get()) }
        }
    }
}
