import PartyCore

/// Facts that concern many commands.
enum HelpTopic: String, CaseIterable, Sendable {
    case options, environment
    case exitCodes = "exit-codes"
    case output, filters

    /// A part of a topic.
    enum Part: Sendable {
        case paragraph(String)
        /// Terms with their explanations, under a heading.
        case list(title: String, [(term: String, words: String)])
    }

    var abstract: String {
        switch self {
        case .options: "Options of every command, and how to write parties, users, durations and sizes"
        case .environment: "Environment variables and files"
        case .exitCodes: "The meaning of each exit status"
        case .output: "Text, JSON and errors: what is printed where"
        case .filters: "How to select events"
        }
    }

    var parts: [Part] {
        switch self {
        case .options: Self.optionParts
        case .environment: Self.environmentParts
        case .exitCodes: Self.exitCodeParts
        case .output: Self.outputParts
        case .filters: Self.filterParts
        }
    }

    func text(_ style: Style) -> String {
        var help = HelpText(style)
        help.paragraph(abstract + ".")
        for part in parts {
            switch part {
            case .paragraph(let words): help.paragraph(words)
            case .list(let title, let rows):
                help.heading(title)
                help.list(rows.map { ($0.term, $0.words) })
            }
        }
        return help.text
    }
}

extension HelpTopic {
    private static var optionParts: [Part] {
        let options = CommandPage([], Psparty.self).commonOptions
        return [
            .paragraph("Every command takes these options, before or after its name."),
            .list(title: "OPTIONS", options.map { ($0.label, $0.words) }),
            .list(
                title: "VALUES",
                [
                    (
                        "PARTY",
                        "an id (a UUID), a party link or its bare id, current (the party that this profile created or joined "
                            + "last and has not left), or - to read one of these from standard input"
                    ),
                    ("USER", "an account id (all digits), an online id (upper and lower case are equal), or me"),
                    ("DURATION", "500ms, 30s, 10m or 2h; a number without a unit is seconds"),
                    ("SIZE", "64k or 1m; a number without a unit is bytes"),
                ]),
            .paragraph(
                "An option overrides an environment variable, which overrides the config file, which overrides the default. "
                    + "`psparty config list` prints each setting and its source."),
        ]
    }

    private static let environmentParts: [Part] = [
        .paragraph("A variable that is empty counts as not set. An option overrides it."),
        .list(
            title: "VARIABLES",
            [
                ("PSPARTY_PROFILE", "the profile, as --profile"),
                ("PSPARTY_SERVER", "one origin that replaces every host of the service, as --server"),
                ("PSPARTY_CA_FILE", "PEM file with additional trusted certificate authorities, as --ca-file"),
                ("PSPARTY_CLIENT_ID", "the id of the OAuth client that you bring"),
                ("PSPARTY_CLIENT_SECRET", "its secret"),
                ("PSPARTY_NPSSO", "the NPSSO cookie, for login"),
                ("PSPARTY_ACCESS_TOKEN", "use this token, read no token file, and never refresh"),
                ("PSPARTY_CONFIG_HOME", "the folder of the config file"),
                ("PSPARTY_STATE_HOME", "the folder of the profiles"),
                ("HTTPS_PROXY, ALL_PROXY", "the proxy for requests and the push stream"),
                ("NO_PROXY", "hosts that are reached without the proxy"),
                ("SSL_CERT_FILE, SSL_CERT_DIR", "the trusted certificate authorities, instead of the system's"),
                ("NO_COLOR", "no colours, unless --color always"),
            ]),
        .list(
            title: "VARIABLES OF A PROGRAM THAT --exec RUNS",
            [
                ("PSPARTY_EVENT_TYPE", "the type of the event"),
                ("PSPARTY_EVENT_PARTY", "the id of its party"),
                ("PSPARTY_EVENT_FROM", "the account id of the user who caused it"),
            ]),
        .list(
            title: "FILES",
            [
                (
                    "~/.config/psparty/config.toml",
                    "the config file; with XDG_CONFIG_HOME below that folder, with PSPARTY_CONFIG_HOME in it"
                ),
                (
                    "~/.local/state/psparty/profiles/NAME/",
                    "the tokens and the state of a profile; with XDG_STATE_HOME below that folder, with PSPARTY_STATE_HOME in "
                        + "it"
                ),
            ]),
    ]

    private static let exitCodeParts: [Part] = [
        .paragraph(
            "Scripts may rely on these. With --json a failure is one JSON document on standard error; its error.code is in "
                + "parentheses."),
        .list(
            title: "EXIT STATUSES",
            ExitStatus.allCases.map { status in
                let codes = Failure.codes(of: status)
                let code = codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))"
                return (String(status.rawValue), status.meaning + code)
            }),
    ]

    private static let outputParts: [Part] = [
        .paragraph(
            "Standard output has the result and nothing else. Progress, hints and warnings go to standard error. So "
                + "id=$(psparty create) works."),
        .list(
            title: "FORMS",
            [
                ("on a terminal", "tables with a header, local times, colours; listen prints text for people"),
                (
                    "in a pipe",
                    "tables without a header, columns separated by tabs, times in UTC; listen prints JSON, one event a line"
                ),
                ("--json", "one JSON document; one a line for listen, replay, voice run and signal decode"),
            ]),
        .paragraph(
            "Every documented key is present; an unknown value is null. Account ids are strings, because they need 64 bits. "
                + "Times are RFC 3339 in UTC with milliseconds. Control characters in names that other people chose are shown as "
                + "escapes."),
        .list(
            title: "ERRORS",
            [
                ("psparty: …", "what failed, with the HTTP status and the request id if there was a response"),
                ("usage: …", "how the command is written, after wrong usage"),
                ("hint: …", "what to do"),
                ("with --json", #"{"error":{"code","message","step","status","requestId","hint"}}"#),
            ]),
        .paragraph(
            "-q leaves out hints and notices. -v prints each step, -vv also requests, responses and frames without secrets."
        ),
    ]

    private static var filterParts: [Part] {
        let types = PartyEvent.Kind.allCases.map(\.rawValue)
        return [
            .paragraph(
                "listen and replay print the events that match every kind of filter that is given. A filter may be repeated: "
                    + "then one of its values has to match."),
            .list(
                title: "FILTERS",
                [
                    ("--type GLOB", "the type of the event; * stands for any text, like 'member.*'"),
                    ("--party PARTY", "the party of the event"),
                    ("--from USER", "the user who caused it"),
                    ("--lifecycle", "also print what happens to the stream itself"),
                ]),
            .list(title: "EVENT TYPES", types.map { ($0, EventMeaning.words($0)) }),
            .list(
                title: "EVENT TYPES WITH --lifecycle", StreamLifecycle.types.map { ($0, EventMeaning.words($0)) }),
            .paragraph("A --type that can match nothing is wrong usage, because it is most likely a typing error."),
        ]
    }
}

/// What the types of events mean, in the words of docs/json-output.md.
enum EventMeaning {
    private static let meanings = [
        "party.created": "a party began", "party.deleted": "a party ended",
        "party.updated": "a setting of the party changed",
        "member.joined": "members came", "member.left": "members went",
        "member.updated": "a member's own data changed, for example voice",
        "owner.changed": "the party has another owner",
        "invitation.received": "an invitation to you came", "invitation.removed": "an invitation to you went",
        "party.visible": "with listen --watch-visible: another party can be seen",
        "party.hidden": "with listen --watch-visible: it can no longer be seen",
        "voice.signal": "a voice signal of a member", "voice.bridge": "the party's voice bridge changed",
        "message.received": "another message of a member's client",
        "other": "an unknown data type, passed on unchanged",
        "stream.connected": "a connection was opened", "stream.ready": "from here on no event is missed",
        "stream.lost": "the connection was lost, or an attempt to reconnect failed",
        "stream.resynced": "the state was compared with the service, and the differences were printed",
        "stream.token-renewed": "the access token was renewed", "stream.stopping": "the run ends",
        "frame.invalid": "a frame was skipped",
    ]

    static func words(_ type: String) -> String { meanings[type] ?? "" }
}
