import PartyCore

// The way to the service: names, connections, certificates, responses, and the clock that they are judged by.
extension Finding {
    /// The lines of the network, from one request to each host.
    static func network(_ hosts: [HostFacts]) -> [Finding] {
        [
            stage(.dns, .dns, hosts) { host in
                host.proxy.map { "\(host.name) by way of the proxy \($0)" } ?? host.name
            },
            stage(.tcp, .tcp, hosts) { $0.name },
            tls(hosts),
            stage(.http, .http, hosts) { "\($0.name) after \($0.took.words)" },
            clock(hosts),
        ]
    }

    /// The line of a stage: the hosts that fail there, else those that pass it.
    private static func stage(
        _ stage: HostFacts.Stage, _ check: DoctorCheck, _ hosts: [HostFacts], _ words: (HostFacts) -> String
    ) -> Finding {
        let failed = hosts.filter { $0.stage == stage }
        if let failure = failure(check, failed) { return failure }
        let passed = hosts.filter { $0.stage > stage }
        guard !passed.isEmpty else { return .skipped(check, "no connection comes this far") }
        let verb: String =
            switch check {
            case .dns: "found: "
            case .tcp: "connected to "
            default: "responded: "
            }
        return .ok(check, verb + passed.map(words).joined(separator: ", "))
    }

    /// The first error, with the errors of the other hosts in its message.
    private static func failure(_ check: DoctorCheck, _ failed: [HostFacts]) -> Finding? {
        let errors = failed.compactMap { host in
            host.error.map { error -> PartyError in
                var failure = PartyError(error, step: host.name)
                failure.message =
                    error.detail.contains(host.origin.description) ? error.detail : "\(host.name): \(error.detail)"
                return failure
            }
        }
        guard var first = errors.first else { return nil }
        first.message = errors.map(\.message).joined(separator: "; ")
        if first.hint == nil, first.remedy == nil { first.hint = advice(check, first) }
        return .failure(check, first)
    }

    private static func advice(_ check: DoctorCheck, _ error: PartyError) -> String {
        if error.kind == .configuration { return "correct the setting that the line names" }
        switch check {
        case .dns: return "check the network connection and the name server of this machine (/etc/resolv.conf)"
        case .tcp: return "check the network connection, the firewall and the proxy; the service itself may be down"
        case .tls: return "the connection ended while it was being secured: check the proxy or firewall in between"
        default: return "try again; the service, or a proxy or firewall in between, broke the exchange off"
        }
    }

    private static func tls(_ hosts: [HostFacts]) -> Finding {
        if let failure = failure(.tls, hosts.filter { $0.stage == .tls }) { return failure }
        let passed = hosts.filter { $0.stage > .tls }
        guard !passed.isEmpty else { return .skipped(.tls, "no connection comes this far") }
        let incomplete = passed.compactMap { host in host.leftOut.map { (host, $0) } }
        if let (_, issuer) = incomplete.first {
            let names = incomplete.map { "\($0.name) leaves out the certificate of its issuer, \($1.name)" }
            let address = issuer.addresses.first.map { " from \($0)" } ?? ""
            return .warning(
                .tls, names.joined(separator: "; ") + "; psparty fetched it\(address)",
                hint: "nothing to do; to be independent of that address, name a PEM file that holds it with --ca-file")
        }
        let names = passed.map(\.name).joined(separator: ", ")
        let isPlain = passed.allSatisfy { !$0.origin.isSecure }
        return .ok(.tls, isPlain ? "not used: \(names) is on this machine" : "the certificates are trusted: \(names)")
    }

    /// The difference to the service's clock that is no matter. `Date` has whole seconds.
    private static let largestDifference: Duration = .seconds(60)

    private static func clock(_ hosts: [HostFacts]) -> Finding {
        for host in hosts {
            guard case .success(let response) = host.final,
                let date = response.header("Date").flatMap({ Timestamp(httpDate: $0, near: host.time) })
            else { continue }
            let difference = host.time - date - host.took / 2
            let isAhead = difference > .zero
            let size = isAhead ? difference : .zero - difference
            guard size > largestDifference else {
                return .ok(.clock, "agrees with the service to \(max(size, .seconds(1)).words)")
            }
            return .warning(
                .clock, "this machine's clock is \(size.words) \(isAhead ? "ahead of" : "behind") the service's",
                hint: "set the clock, for example with `timedatectl set-ntp true`; certificates and waits depend on it")
        }
        return .skipped(.clock, "no response says what time it is")
    }
}
