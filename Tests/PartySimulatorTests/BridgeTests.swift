import Testing

@testable import PartySimulator

struct BridgeTests {
    static let path = "/api/rtcBridge/v1/bridges"
    static let title = ("X-PSN-RTC-TITLE-ID", "METROPOL_AND")
    static let media: JSONValue = [
        "mediaTypes": [
            "application": ["isRequired": true],
            "audio": [
                "isRequired": true,
                "opus": [["bitrate": 40, "channels": 1, "codec": "CELT", "ptime": 40, "samplingRates": [16000]]],
            ],
        ]
    ]

    static func make(_ stage: Stage, _ token: String) async -> (id: String, token: String) {
        let answer = await stage.call("POST", path, token, [:], headers: [title])
        #expect(answer.status == 200)
        let bridge = answer.json["bridge"]
        return (bridge?["bridgeId"]?.string ?? "", bridge?["bridgeToken"]?.string ?? "")
    }

    static func link(
        _ stage: Stage, _ party: String, _ token: String, _ bridge: (id: String, token: String), ignoring: Bool = false
    ) async -> SimulatedResponse {
        let body: JSONValue = ["bridges": [["bridgeId": .string(bridge.id), "bridgeToken": .string(bridge.token)]]]
        let headers = ignoring ? [("X-PSN-SESSION-MANAGER-IGNORE-CONFLICT", "true")] : []
        return await stage.call("POST", "\(Stage.sessions)/\(party)/bridges", token, body, headers: headers)
    }

    @Test func `a bridge and a peer are created and removed`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        let party = await stage.create(token)
        let bridge = await Self.make(stage, token)
        #expect(await Self.link(stage, party, token, bridge).status == 201)
        let linked = try #require(await stage.session(party, token)?["bridges"]?.array?.first)
        #expect(linked["bridgeToken"]?.string == bridge.token)
        let headers = [Self.title, ("X-PSN-BRIDGE-TOKEN", bridge.token)]
        let peers = "\(Self.path)/\(bridge.id)/peers"
        let query = "?allow_duid_duplication=false&g=2"
        let added = await stage.call("POST", peers + query, token, Self.media, headers: headers)
        #expect(added.status == 201)
        let peer = try #require(added.json["peer"]?["peerId"]?.string)
        let offer = try #require(added.json["peer"]?["offer"]?["sdp"]?.string)
        #expect(offer.utf8.starts(with: "v=0\r\n".utf8))
        for line in ["a=recvonly", "m=audio 40000 UDP/TLS/RTP/SAVPF 111 13", "a=rtpmap:111 opus/16000/2"] {
            #expect(offer.contains(line + "\r\n"))
        }
        #expect(await stage.call("POST", peers + query, token, Self.media, headers: headers).status == 409)
        let answer: JSONValue = ["answer": ["sdp": "v=0\r\n"]]
        #expect(await stage.call("POST", "\(peers)/\(peer)/answer", token, answer, headers: headers).status == 204)
        let shown = await stage.call(
            "GET", "\(Self.path)/\(bridge.id)?fields=peer.peerId", token, headers: headers)
        #expect(shown.json["bridge"]?["peers"]?.array?.first?["peerId"]?.string == peer)
        #expect(await stage.call("POST", "\(peers)/\(peer)/offer", token, Self.media, headers: headers).status == 200)
        #expect(await stage.call("DELETE", "\(peers)/\(peer)", token, headers: headers).status == 202)
        #expect(await stage.call("DELETE", "\(Self.path)/\(bridge.id)", token, headers: headers).status == 202)
        #expect(await stage.session(party, token)?["bridges"]?.array?.isEmpty == true)
    }

    @Test func `a second bridge is a conflict unless that is ignored`() async {
        let stage = Stage()
        let token = await stage.token("A")
        let party = await stage.create(token)
        #expect(await Self.link(stage, party, token, await Self.make(stage, token)).status == 201)
        let second = await Self.make(stage, token)
        let conflict = await Self.link(stage, party, token, second)
        #expect(conflict.status == 409)
        #expect(conflict.message == "Upper limit exceeded")
        #expect(await Self.link(stage, party, token, second, ignoring: true).status == 201)
    }

    @Test func `a bridge needs its token`() async {
        let stage = Stage()
        let token = await stage.token("A")
        let bridge = await Self.make(stage, token)
        let path = "\(Self.path)/\(bridge.id)?fields=peer.peerId"
        let token400 = await stage.call("GET", path, token, headers: [Self.title])
        #expect(token400.message == "Bad Request (header: X-PSN-BRIDGE-TOKEN)")
        let wrong = [Self.title, ("X-PSN-BRIDGE-TOKEN", "wrong")]
        #expect(await stage.call("GET", path, token, headers: wrong).status == 403)
        let untitled = await stage.call("POST", Self.path, token, [:])
        #expect(untitled.message == "Bad Request (header: X-PSN-RTC-TITLE-ID)")
        let gone = "\(Self.path)/\(Random.uuid())"
        #expect(await stage.call("DELETE", gone, token, headers: wrong).status == 404)
    }

    @Test func `media types are checked field by field`() async {
        let stage = Stage()
        let token = await stage.token("A")
        let bridge = await Self.make(stage, token)
        let headers = [Self.title, ("X-PSN-BRIDGE-TOKEN", bridge.token)]
        let bodies: [JSONValue] = [
            [:], ["mediaTypes": [:]],
            ["mediaTypes": ["application": ["isRequired": true], "audio": ["isRequired": true, "opus": []]]],
        ]
        for body in bodies {
            let answer = await stage.call("POST", "\(Self.path)/\(bridge.id)/peers", token, body, headers: headers)
            #expect(answer.status == 400)
        }
    }
}
