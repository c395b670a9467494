/// The first line that the holder of the push connection sends to a process that joins, as JSON. A record with the holder's state
/// of the parties follows.
package struct StreamGreeting: Sendable, Equatable {
    /// The context id for memberships, so that the stream numbers their events.
    package let context: ContextID
    /// Whether events flow at present.
    package let isReady: Bool
    /// Whether the holder's state of the parties is complete as far as it knows.
    package let isInSync: Bool
    /// The holder's number for the present connection.
    package let connection: Int
    /// Why there is no stream at present, if the holder has lost it.
    package let outage: Outage?

    /// A loss of the stream that lasts.
    package struct Outage: Sendable, Equatable {
        package let reason: String
        /// The time until the next try.
        package let retryAfter: Duration

        package init(reason: String, retryAfter: Duration) {
            self.reason = reason
            self.retryAfter = retryAfter
        }
    }

    package init(context: ContextID, isReady: Bool, isInSync: Bool, connection: Int, outage: Outage? = nil) {
        self.context = context
        self.isReady = isReady
        self.isInSync = isInSync
        self.connection = connection
        self.outage = outage
    }

    /// Another version of psparty may hold the connection; this number identifies the format.
    private static let version: Int64 = 1
    /// A day, in milliseconds.
    private static let longestWait: Int64 = 86_400_000

    /// The line.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.object("greeting") { json in
                json.field("version", Self.version)
                json.field("context", context.text)
                json.field("ready", isReady)
                json.field("inSync", isInSync)
                json.field("connection", Int64(connection))
                if let outage {
                    json.object("lost") { json in
                        json.field("reason", outage.reason)
                        json.field("retryAfterMs", outage.retryAfter.inMilliseconds)
                    }
                }
            }
        }
        json.newline()
    }

    /// `nil` if the line is not a greeting of this version.
    package init?(_ line: [UInt8]) {
        guard let json = try? JSONDocument(line).root["greeting"], json["version"]?.integer == Self.version,
            let context = json["context"]?.text, let isReady = json["ready"]?.bool,
            let isInSync = json["inSync"]?.bool,
            let connection = json["connection"]?.integer(clampedTo: 0 ... .max).flatMap({ Int(exactly: $0) })
        else { return nil }
        let outage = json["lost"].flatMap { lost -> Outage? in
            guard let reason = lost["reason"]?.string, let wait = lost["retryAfterMs"]?.integer else { return nil }
            return Outage(reason: reason, retryAfter: .milliseconds(min(max(0, wait), Self.longestWait)))
        }
        self.init(
            context: ContextID(context), isReady: isReady, isInSync: isInSync, connection: connection, outage: outage)
    }
}
