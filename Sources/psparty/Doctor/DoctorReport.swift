import PartyCore

/// The lines of `doctor`.
struct DoctorReport: Report {
    let findings: [Finding]

    func text(_ style: Style) -> String {
        guard style.isTerminal else {
            return findings.map { finding in
                [finding.result.rawValue, finding.check.rawValue, finding.detail, finding.hint ?? ""]
                    .map(\.displayed).joined(separator: "\t") + "\n"
            }.joined()
        }
        let width = DoctorCheck.allCases.map(\.rawValue.count).max() ?? 0
        let margin = String(repeating: " ", count: "warning".count + 1 + width + 2)
        return findings.map { finding in
            let word = finding.result.rawValue
            let mark = style.mark(word, finding.result.meaning) + String(repeating: " ", count: 8 - word.count)
            let name = finding.check.rawValue.padding(to: width + 2)
            let hint = finding.hint.map { margin + "hint: \($0.displayed)\n" } ?? ""
            return mark + name + finding.detail.displayed + "\n" + hint
        }.joined()
    }

    func write(to json: inout JSONWriter) {
        json.array(findings) { json, finding in
            json.object { json in
                json.field("check", finding.check.rawValue)
                json.field("result", finding.result.rawValue)
                json.field("detail", finding.detail)
                json.field("hint", finding.hint)
            }
        }
    }

    /// Has the kind of the first failure.
    var failure: PartyError? {
        let failed = findings.filter { $0.result == .failure }
        guard let first = failed.first, let kind = first.error?.kind else { return nil }
        let others = failed.dropFirst().map(\.check.rawValue)
        let rest = others.isEmpty ? "" : "; also \(others.joined(separator: ", "))"
        return PartyError(kind, "doctor found a failure: \(first.check.rawValue)\(rest)", step: first.check.rawValue)
    }
}

extension Finding.Grade {
    fileprivate var meaning: Style.Meaning {
        switch self {
        case .ok: .good
        case .warning: .changed
        case .failure: .gone
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
