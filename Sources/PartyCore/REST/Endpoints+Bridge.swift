extension Endpoints {
    private func bridges(_ rest: String = "") -> String {
        hosts.mobile + "/api/rtcBridge/v1/bridges" + rest
    }

    private func bridge(_ bridge: Bridge, _ rest: String = "") -> String {
        bridges("/" + URLText.encode(bridge.id.text) + rest)
    }

    private func peer(_ peer: PeerID, of bridge: Bridge, _ rest: String = "") -> String {
        self.bridge(bridge, "/peers/" + URLText.encode(peer.text) + rest)
    }

    /// Every call of the bridge service names the client; all but the first hold the bridge's token (docs/protocol.md, 3.1).
    private func headers(_ bridge: Bridge?) -> [HeaderField] {
        let title = HeaderField("X-PSN-RTC-TITLE-ID", bridgeTitle)
        return [title] + (bridge.map { [HeaderField("X-PSN-BRIDGE-TOKEN", secret: $0.token)] } ?? [])
    }

    package func createBridge() -> RESTRequest {
        RESTRequest(.post, bridges(), headers: headers(nil), body: .json { _ in })
    }

    /// Makes a bridge the party session's own. Without the header the service answers 409 to a second one
    /// (docs/protocol.md, 4.13).
    package func link(_ bridge: Bridge, to id: PartyID) -> RESTRequest {
        RESTRequest(
            .post, session(id, "/bridges"), headers: [HeaderField("X-PSN-SESSION-MANAGER-IGNORE-CONFLICT", "true")],
            body: .json(isSecret: true) { json in
                json.array("bridges", [bridge]) { json, bridge in
                    json.object { json in
                        json.field("bridgeId", bridge.id.text)
                        json.field("bridgeToken", bridge.token.reveal())
                    }
                }
            })
    }

    package func peers(of bridge: Bridge) -> RESTRequest {
        RESTRequest(.get, self.bridge(bridge, "?fields=peer.peerId"), headers: headers(bridge))
    }

    package func addPeer(to bridge: Bridge) -> RESTRequest {
        RESTRequest(
            .post, self.bridge(bridge, "/peers?allow_duid_duplication=false&g=2"), headers: headers(bridge),
            body: .json { $0.mediaTypes() })
    }

    /// Asks the bridge for a new offer at a place that we have.
    package func renegotiate(_ peer: PeerID, of bridge: Bridge) -> RESTRequest {
        RESTRequest(
            .post, self.peer(peer, of: bridge, "/offer"), headers: headers(bridge), body: .json { $0.mediaTypes() })
    }

    /// - Parameter sdp: the answer to the bridge's last offer; it holds addresses and keys, and is never printed.
    package func answer(_ sdp: String, from peer: PeerID, of bridge: Bridge) -> RESTRequest {
        RESTRequest(
            .post, self.peer(peer, of: bridge, "/answer"), headers: headers(bridge),
            body: .json(isSecret: true) { json in
                json.object("answer") { json in json.field("sdp", sdp) }
            })
    }

    package func remove(_ peer: PeerID, from bridge: Bridge) -> RESTRequest {
        RESTRequest(.delete, self.peer(peer, of: bridge), headers: headers(bridge))
    }

    package func delete(_ bridge: Bridge) -> RESTRequest {
        RESTRequest(.delete, self.bridge(bridge), headers: headers(bridge))
    }

    /// One message to one device of a member (docs/protocol.md, 4.14).
    /// - Parameter payload: as `SignalPayload` writes it.
    package func signal(_ payload: String, to endpoint: Signal.Endpoint, in id: PartyID) -> RESTRequest {
        RESTRequest(
            .post, session(id, "/customMessage"),
            body: .json(isSecret: true) { json in
                json.field("channel", SignalPayload.channel)
                json.field("payload", payload)
                json.array("to", [endpoint]) { json, endpoint in
                    json.object { json in
                        json.field("accountId", endpoint.accountID)
                        json.field("platform", endpoint.platform.rawValue)
                    }
                }
                json.field("withoutSequenceNumber", true)
            })
    }
}

extension JSONWriter {
    /// The captured client's choice of media (docs/protocol.md, 5.2).
    fileprivate mutating func mediaTypes() {
        object("mediaTypes") { json in
            json.object("application") { json in json.field("isRequired", true) }
            json.object("audio") { json in
                json.field("isRequired", true)
                json.array("opus", [Int64(40)]) { json, number in
                    json.object { json in
                        json.field("bitrate", number)
                        json.field("channels", Int64(1))
                        json.field("codec", "CELT")
                        json.field("ptime", number)
                        json.array("samplingRates", [Int64(16_000)]) { json, rate in json.integer(rate) }
                    }
                }
            }
        }
    }
}
