import PartyCore
import Testing

/// The bridge's requests as they were captured (docs/protocol.md, 4.13, 4.14 and 5.2).
struct BridgeEndpointsTests {
    private static let endpoints = Endpoints(ServiceHosts())
    private static let bridges = "https://m.np.playstation.com/api/rtcBridge/v1/bridges"
    private static let session =
        "https://m.np.playstation.com/api/sessionManager/v2/partySessions/11111111-2222-4333-8444-555555555555"
    private static let bridge = Bridge(id: BridgeID("B"), token: Redacted("bridge-token"))
    private static let title = "X-PSN-RTC-TITLE-ID: METROPOL_AND"
    private static let media =
        #"{"mediaTypes":{"application":{"isRequired":true},"audio":{"isRequired":true,"opus":["#
        + #"{"bitrate":40,"channels":1,"codec":"CELT","ptime":40,"samplingRates":[16000]}]}}}"#

    private static func expect(
        _ request: RESTRequest, _ line: String, _ headers: [String], _ body: String?, isSecret: Bool = false,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect("\(request.method.rawValue) \(request.url)" == line, sourceLocation: location)
        #expect(
            request.headers.map { "\($0.name): \($0.revealedValue())" } == headers, sourceLocation: location)
        #expect(request.body.map { text($0.bytes) } == body, sourceLocation: location)
        #expect(
            request.body?.contentType == body.map { _ in "application/json; charset=utf-8" }, sourceLocation: location)
        #expect((request.body?.isSecret ?? false) == isSecret, sourceLocation: location)
        #expect(!"\(request)".contains("bridge-token"), sourceLocation: location)
    }

    @Test func `a bridge is created without a token and linked with the header that ignores conflicts`() {
        Self.expect(Self.endpoints.createBridge(), "POST \(Self.bridges)", [Self.title], "{}")
        Self.expect(
            Self.endpoints.link(Self.bridge, to: partyID), "POST \(Self.session)/bridges",
            ["X-PSN-SESSION-MANAGER-IGNORE-CONFLICT: true"],
            #"{"bridges":[{"bridgeId":"B","bridgeToken":"bridge-token"}]}"#, isSecret: true)
    }

    @Test func `all other requests about a bridge have its token`() {
        let headers = [Self.title, "X-PSN-BRIDGE-TOKEN: bridge-token"]
        let peer = PeerID("P")
        Self.expect(
            Self.endpoints.peers(of: Self.bridge), "GET \(Self.bridges)/B?fields=peer.peerId", headers, nil)
        Self.expect(
            Self.endpoints.addPeer(to: Self.bridge),
            "POST \(Self.bridges)/B/peers?allow_duid_duplication=false&g=2", headers, Self.media)
        Self.expect(
            Self.endpoints.renegotiate(peer, of: Self.bridge), "POST \(Self.bridges)/B/peers/P/offer", headers,
            Self.media)
        Self.expect(
            Self.endpoints.answer("v=0\r\n", from: peer, of: Self.bridge), "POST \(Self.bridges)/B/peers/P/answer",
            headers, #"{"answer":{"sdp":"v=0\r\n"}}"#, isSecret: true)
        Self.expect(
            Self.endpoints.remove(peer, from: Self.bridge), "DELETE \(Self.bridges)/B/peers/P", headers, nil)
        Self.expect(Self.endpoints.delete(Self.bridge), "DELETE \(Self.bridges)/B", headers, nil)
    }

    @Test func `a signal is sent to one device by its platform's name`() {
        Self.expect(
            Self.endpoints.signal(
                "ver=1.0, type=binary, body=AQ/=", to: .init(accountID: bob, platform: .ps5), in: partyID),
            "POST \(Self.session)/customMessage", [],
            #"{"channel":"miranda:12","payload":"ver=1.0, type=binary, body=AQ/=","#
                + #""to":[{"accountId":"1000000000000000002","platform":"PS5"}],"withoutSequenceNumber":true}"#,
            isSecret: true)
    }

    @Test func `the title is configurable, and an id stays within its path segment`() {
        let endpoints = Endpoints(ServiceHosts(), bridgeTitle: "METROPOL_IOS")
        #expect(endpoints.createBridge().headers.first?.revealedValue() == "METROPOL_IOS")
        let odd = Bridge(id: BridgeID("../x?y"), token: Redacted("t"))
        #expect(endpoints.delete(odd).url == Self.bridges + "/..%2Fx%3Fy")
    }
}
