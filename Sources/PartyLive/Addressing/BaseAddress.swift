package import PartyCore

extension ServiceHosts {
    /// Why no request may go to that origin; `nil` for one that is fine: `https://host[:port]`, or plain `http` to this
    /// machine alone.
    package static func problem(withOrigin origin: String) -> String? {
        guard ServiceHosts(origin: origin) != nil, let target = try? TargetURL(origin) else {
            return "\(origin) is no origin"
        }
        do throws(TransportError) {
            try target.requireSafety()
            return nil
        } catch {
            return error.detail
        }
    }
}
