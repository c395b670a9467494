/// The expected form of a value that the parser rejected, by its value name in the help.
enum UsageHint {
    private static let forms = [
        "party": PartyArgument.forms, "user": UserArgument.forms, "duration": DurationArgument.forms,
        "size": SizeArgument.forms, "n": WholeNumber.forms, "n|duration": ReconnectLimit.forms,
        "n|max": ReplaySpeed.forms,
    ]

    /// - Parameter message: the parser's message, which ends with the value name.
    /// - Parameter command: the command's name, preceded by its groups.
    static func text(for message: String, to command: [String]) -> String {
        forms.first { message.hasSuffix("<\($0.key)>'") }?.value
            ?? "see `\((["psparty"] + command + ["--help"]).joined(separator: " "))`"
    }
}
