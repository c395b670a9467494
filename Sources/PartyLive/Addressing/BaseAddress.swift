package import PartyCore

extension ServiceHosts {
    /// The reason why an origin is refused; `nil` for a valid one: `https://host[:port]`, or plain `http` to this
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
