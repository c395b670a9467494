import ArgumentParser
import PartyCore

/// Answers the completion scripts: what may stand at the end of an incomplete command line.
///
/// The scripts know nothing of the commands. They pass the words and print the answer, so they fit every version of psparty.
struct Completer {
    /// The first argument that a script passes; the words of the command line follow.
    static let word = "__complete"

    /// Possible words with descriptions, or the kind of file names that the shell completes itself.
    enum Answer: Equatable {
        case words([Candidate])
        /// Files with one of these extensions; all files if there are none.
        case files([String])
    }

    struct Candidate: Equatable {
        let value: String
        var description = ""
    }

    let environment: CommandEnvironment
    /// The words before the one to complete.
    let words: [String]
    /// The beginning of the word to complete.
    let current: String

    /// Prints a line for each candidate, value and description with a tab between, and at the end `:words`, or `:files` with
    /// extensions.
    static func run(_ arguments: [String], in environment: CommandEnvironment) -> Int32 {
        let words = arguments.dropFirst()
        let completer = Completer(
            environment: environment, words: Array(words.dropLast()), current: words.last ?? "")
        try? environment.console.write(completer.answer.lines)
        return ExitStatus.success.rawValue
    }

    var answer: Answer {
        let order = ArgumentOrder(words, root: Psparty.self)
        guard let page = CommandPage(order.path) else { return .words([]) }
        // A word that is not a command stands before this one: the command is unknown, so nothing can be completed.
        if !page.groups.isEmpty, order.tail.contains(where: { !$0.hasPrefix("-") }) { return .words([]) }
        if !words.contains("--") {
            if let option = page.option(words.last ?? "") { return values(of: option, in: page) }
            if let (name, start) = current.splitAtEqualsSign, let option = page.option(name) {
                return values(of: option, in: page, startingWith: start).prefixed(by: name + "=")
            }
            if current.hasPrefix("-") { return .words(options(of: page)) }
        }
        if order.path == ["help"] { return helpWords(order.tail) }
        if !page.groups.isEmpty {
            return matching(page.groups.flatMap(\.commands).map { ($0.name, $0.abstract.asOneLiner) })
        }
        guard let argument = page.argument(behind: order.tail) else { return .words([]) }
        return values(of: argument, in: page)
    }

    /// The options that may still be given: those of the command first.
    private func options(of page: CommandPage) -> [Candidate] {
        let free = (page.ownOptions + page.commonOptions).filter { option in
            option.isRepeating || !option.names.contains { name in words.contains(name) }
        }
        return free.flatMap { option in
            option.names.filter { $0.hasPrefix("--") && $0.hasPrefix(current) }
                .map { Candidate(value: $0, description: option.words) }
        }
    }

    /// The commands and topics that `help` explains.
    private func helpWords(_ path: [String]) -> Answer {
        guard let page = CommandPage(path) else { return .words([]) }
        let topics = path.isEmpty ? HelpTopic.allCases.map { ($0.rawValue, $0.abstract.asOneLiner) } : []
        return matching(page.groups.flatMap(\.commands).map { ($0.name, $0.abstract.asOneLiner) } + topics)
    }

    private func values(
        of parameter: CommandPage.Parameter, in page: CommandPage, startingWith start: String? = nil
    ) -> Answer {
        guard parameter.values.isEmpty else { return matching(parameter.values.map { ($0, "") }, start) }
        if let extensions = parameter.files { return .files(extensions) }
        return values(ofType: parameter.names.contains("--profile") ? "profile" : parameter.valueName, page, start)
    }

    /// The names of values say what type they are of: a `party` is the same in every command.
    private func values(ofType name: String, _ page: CommandPage, _ start: String?) -> Answer {
        var names: LocalNames? { LocalNames(words, in: environment) }
        switch name {
        case "profile": return matching(names?.profiles, start)
        case "party": return matching(names?.parties, start)
        case "user": return matching(names?.users, start)
        case "key": return matching(ConfigKey.allCases.map(\.rawValue), start)
        case "glob":
            let types = EventFilter.types(
                lifecycle: words.contains("--lifecycle"),
                visibleParties: words.contains { $0.hasPrefix("--watch-visible") })
            return matching(types.map { ($0, EventMeaning.words($0)) }, start)
        case "value" where page.path == ["config", "set"]: return settingValues(start)
        case "n|max": return matching(["max"], start)
        case "file", "file|-", "engine", "program": return .files([])
        case "-": return matching(["-"], start)
        default: return .words([])
        }
    }

    /// The values that the key of `config set` accepts.
    private func settingValues(_ start: String?) -> Answer {
        guard let key = words.last.flatMap(ConfigKey.init) else { return .words([]) }
        switch key {
        case .profile: return matching(LocalNames(words, in: environment)?.profiles, start)
        case .caFile: return .files(["pem", "crt"])
        case .color: return matching(ColorChoice.allCases.map(\.rawValue), start)
        case .tlsFetchIssuers: return matching(["auto", "never"], start)
        case .clientSecret: return matching([("-", "read it from standard input")], start)
        default: return matching(key.defaultValue.map { [($0, "the default")] } ?? [], start)
        }
    }

    private func matching(_ values: [String]?, _ start: String?) -> Answer {
        matching((values ?? []).map { ($0, "") }, start)
    }

    private func matching(_ values: [(String, String)], _ start: String? = nil) -> Answer {
        let start = start ?? current
        return .words(values.filter { $0.0.hasPrefix(start) }.map { Candidate(value: $0.0, description: $0.1) })
    }
}

extension Completer.Answer {
    fileprivate func prefixed(by prefix: String) -> Self {
        guard case .words(let candidates) = self else { return self }
        return .words(candidates.map { .init(value: prefix + $0.value, description: $0.description) })
    }

    /// The lines for the scripts. Names with characters that act on a terminal are left out: they could not be typed either.
    fileprivate var lines: String {
        switch self {
        case .words(let candidates):
            let safe = candidates.filter { $0.value.displayed == $0.value }
            return safe.map { "\($0.value)\t\($0.description)\n" }.joined() + ":words\n"
        case .files(let extensions):
            return ([":files"] + extensions).joined(separator: " ") + "\n"
        }
    }
}

extension CommandPage {
    /// The option of that name, if it takes a value.
    fileprivate func option(_ name: String) -> Parameter? {
        options.first { $0.kind == .option && $0.names.contains(name) }
    }

    /// The argument that follows these words of the command.
    fileprivate func argument(behind words: [String]) -> Parameter? {
        if let terminator = words.firstIndex(of: "--") {
            let isEngine = arguments.last?.followsTerminator == true
            return isEngine
                ? arguments.last : argument(behind: Array(words[..<terminator]) + words[terminator...].dropFirst())
        }
        var (count, isValue) = (0, false)
        for word in words {
            if isValue || word.hasPrefix("-") && word != "-" {
                isValue = !isValue && option(word) != nil
            } else {
                count += 1
            }
        }
        let plain = arguments.filter { !$0.followsTerminator }
        return count < plain.count ? plain[count] : plain.last?.isRepeating == true ? plain.last : nil
    }
}

extension String {
    /// `--profile=b` as its option and the beginning of the value; `nil` without an equals sign.
    fileprivate var splitAtEqualsSign: (name: String, start: String)? {
        guard hasPrefix("--"), let sign = firstIndex(of: "=") else { return nil }
        return (String(self[..<sign]), String(self[index(after: sign)...]))
    }
}
