/// The meaning of a refusal, from the step, the status and the class of its code, never from the service's
/// text (docs/protocol.md, 3.2).
struct ServiceRefusal {
    /// What happened, as a clause.
    let sentence: String
    /// Advice in words, if there is any.
    var hint: String?
    /// Advice as a value, if it is an action.
    var remedy: Remedy?

    /// The low 12 bits of a code say what kind of error it is; the rest names the service.
    private enum CodeClass: Int64 {
        case badParameter = 0x001
        case notFound = 0x00D
        case notPermitted = 0x00E
        case targetSettings = 0x400
    }

    private init(_ sentence: String, hint: String? = nil, remedy: Remedy? = nil) {
        self.sentence = sentence
        self.hint = hint
        self.remedy = remedy
    }

    /// - Parameter code: the service's number for the error, if it has one.
    init(step: String, status: Int, code: Int64?) {
        let codeClass = code.flatMap { CodeClass(rawValue: $0 & 0xFFF) }
        if status == 403, codeClass == .targetSettings {
            self.init("the user's settings do not allow it")
            return
        }
        self =
            switch status {
            case 401 where step == "sign-in": ServiceRefusal("the service does not know this OAuth client")
            case 401: ServiceRefusal("the sign-in is not valid")
            case 403: Self.forbidden(step)
            case 404: Self.missing(step)
            case 409: Self.conflict(step)
            case 429: ServiceRefusal("too many requests")
            case 500...: ServiceRefusal("the service has a fault")
            case 400..<500:
                ServiceRefusal(
                    step == "signal"
                        ? "the signal is not valid" : "the service does not accept the request")
            default: ServiceRefusal("the service answers with a status that is not expected")
            }
    }

    private static func missing(_ step: String) -> ServiceRefusal {
        switch step {
        case "look-up", "join", "join again", "leave", "edit", "link", "invite", "signal", "bridge":
            ServiceRefusal("no such party", hint: "it has ended, or you cannot see it")
        case "link look-up": ServiceRefusal("no party has this link")
        case "user look-up", "profile", "friends", "presence":
            ServiceRefusal("no such user", hint: "check the spelling")
        case "answer", "bridge offer", "bridge removal", "peer removal":
            ServiceRefusal("the voice bridge, or the place on it, is gone")
        default: ServiceRefusal("the service has no such thing")
        }
    }

    private static func forbidden(_ step: String) -> ServiceRefusal {
        switch step {
        case "join", "join again":
            ServiceRefusal(
                "the party is not open to you: it is invite only, or takes only friends",
                hint: "ask a member for an invitation")
        case "edit", "link", "invite", "signal", "bridge", "leave":
            ServiceRefusal("only a member of the party may do that", hint: "join the party first")
        case "look-up": ServiceRefusal("you may not see this party")
        case "user look-up", "profile", "friends", "presence":
            ServiceRefusal("the user's settings do not show it to you")
        default: ServiceRefusal("you are not allowed to do that")
        }
    }

    private static func conflict(_ step: String) -> ServiceRefusal {
        switch step {
        case "join", "join again": ServiceRefusal("the party is full")
        case "invite": ServiceRefusal("the user is in the party already, or a limit is reached")
        case "bridge":
            ServiceRefusal(
                "the party has a voice bridge already, or one of yours is left over", remedy: .stopVoice)
        default: ServiceRefusal("it conflicts with the present state, or a limit is reached")
        }
    }
}
