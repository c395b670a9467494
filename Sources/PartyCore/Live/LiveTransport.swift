public struct LiveTransportOptions: Sendable { public init(caFile: String?, environment: [String: String], userAgent: String) {} }
public struct LiveTransport: Transport { public init(_ o: LiveTransportOptions) {}
 public func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse { throw TransportError(.unusable, .preparing, "stub") }
 public func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection { throw TransportError(.unusable, .preparing, "stub") } }
