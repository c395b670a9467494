/// What a value has to look like that the parser refused, by the name that its place has in the help.
enum UsageHint {
    private static let forms = [
        "party": PartyArgument.forms, "user": UserArgument.forms, "duration": DurationArgument.forms,
        "size": SizeArgument.forms, "n|duration": ReconnectLimit.forms, "n|max": ReplaySpeed.forms,
    ]

    /// - Parameter message: the parser's, which ends with that name.
    /// - Parameter command: the command's name and those of its groups.
    static func text(for message: String, to command: [String]) -> String {
        forms.first { message.hasSuffix("<\($0.key)>'") }?.value
            ?? "see `\((["psparty"] + command + ["--help"]).joined(separator: " "))`"
    }
}
