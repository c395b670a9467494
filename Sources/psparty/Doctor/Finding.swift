import PartyCore

/// One line of `doctor`: what was found, and what to do about it.
struct Finding: Sendable, Equatable {
    enum Grade: String, Sendable {
        case ok, warning, failure
    }

    let check: DoctorCheck
    let result: Grade
    var detail: String
    /// What to do, in words.
    var hint: String?
    /// What to do, as a value whose words depend on the run.
    var remedy: Remedy?
    /// The error of a failure; its kind decides the exit status.
    var error: PartyError?

    private init(_ check: DoctorCheck, _ result: Grade, _ detail: String) {
        self.check = check
        self.result = result
        self.detail = detail
    }

    static func ok(_ check: DoctorCheck, _ detail: String) -> Finding { Finding(check, .ok, detail) }

    static func warning(
        _ check: DoctorCheck, _ detail: String, hint: String? = nil, remedy: Remedy? = nil
    ) -> Finding {
        var finding = Finding(check, .warning, detail)
        finding.hint = hint
        finding.remedy = remedy
        return finding
    }

    static func failure(_ check: DoctorCheck, _ error: PartyError) -> Finding {
        var finding = Finding(check, .failure, error.message)
        finding.hint = error.hint
        finding.remedy = error.remedy
        finding.error = error
        return finding
    }

    /// A failure of this machine or its settings.
    static func failure(
        _ check: DoctorCheck, _ kind: PartyError.Kind, _ detail: String, hint: String? = nil, remedy: Remedy? = nil
    ) -> Finding {
        failure(check, PartyError(kind, detail, step: check.rawValue, hint: hint, remedy: remedy))
    }

    /// A check that cannot be made because an earlier one failed.
    static func skipped(_ check: DoctorCheck, _ reason: String) -> Finding {
        Finding(check, .warning, "not checked: \(reason)")
    }

    /// A check that did not end in time.
    static func overdue(_ check: DoctorCheck, _ limit: Duration) -> Finding {
        failure(
            check, .unreachable, "no result within \(limit.words)",
            hint: "try again; if it stays like this, the network or the disk does not answer")
    }

    /// The same with the words of its remedy.
    /// - Parameter explain: adds what is known of the run: its profile and server, a simulator that does not run.
    func worded(_ explain: (PartyError) -> PartyError) -> Finding {
        var finding = self
        // A warning has no kind of its own; this one has no explanation that depends on it.
        var plain = PartyError(.refused, detail, step: check.rawValue, hint: hint, remedy: remedy)
        if let error { plain = error }
        let explained = explain(plain)
        finding.detail = explained.message + explained.facts
        finding.hint = explained.hint
        return finding
    }
}

extension PartyError {
    /// The status and the service's id of the request, in brackets.
    fileprivate var facts: String {
        let facts = [status.map { "HTTP \($0)" }, requestID.map { "request \($0)" }].compactMap { $0 }
        return facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
    }
}

extension Duration {
    /// For people, in the largest unit that leaves one whole: `59 min`, `58 days`.
    var words: String {
        let seconds = max(0, (inMilliseconds + 500) / 1000)
        switch seconds {
        case ..<1: return "\(max(0, inMilliseconds)) ms"
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) days"
        }
    }
}
