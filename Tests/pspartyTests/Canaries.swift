import Foundation
import PartyCore
import Synchronization

/// The secrets of a run: some planted, others recorded in transit. None may appear in output or shared files.
final class Canaries: Sendable {
    private let known = Mutex<[String: String]>([:])
    private let hasPushed = Mutex(false)

    /// Recognizable secrets of every kind, which the service adds to its responses.
    static let planted: [String: String] = [
        "bridgeToken": "canary-bridge-0001", "bridge_token": "canary-bridge-0002", "npsso": "canary-npsso-0001",
        "access_token": "canary-access-0001", "accessToken": "canary-access-0002",
        "refresh_token": "canary-refresh-0001", "refreshToken": "canary-refresh-0002", "id_token": "canary-id-0001",
        "idToken": "canary-id-0002", "client_secret": "canary-client-0001", "clientSecret": "canary-client-0002",
        "code": "canary-code-0001", "state": "canary-state-0001", "cid": "canary-cid-0001",
        "Authorization": "Bearer canary-bearer-0001", "Cookie": "npsso=canary-cookie-0001",
        "deviceUniqueId": "canary-duid-0001", "duid": "canary-duid-0002", "user_device_ip": "canary-address-0001",
        "sdp": "v=0\r\n" + sdpLines, "ice-pwd": "canary-password-0001", "iceUfrag": "canary-ufrag-0001",
        "fingerprint": "canary-fingerprint-0001", "payload": "canary-payload-0001",
        // Under unknown names: only their form shows that they are secrets.
        "description": "o=- 1 1 IN IP4\r\n" + sdpLines, "line": "candidate:1 1 udp 1 canary-candidate-0002 9 typ host",
        "token_like": "eyJ" + "canaryheader.eyJcanaryclaims.canarysignature", "code_like": "v3.canary",
        "device": "0000000700410080" + "0123456789abcdef0123456789abcdef",
        "wire": "ver=1.0, type=binary, body=Y2FuYXJ5LXdpcmU=",
        "nested": #"{"inner":{"refresh_token":"canary-nested-0001"}}"#,
        "address": "https://192.0.2.1/x?a=b&code=canary-address-code&x=1#access_token=canary-fragment-0001",
    ]

    static let body = (try? JSONEncoder().encode(planted)) ?? Data()

    private static let sdpLines = """
        a=ice-ufrag:canary-ufrag-0002\r\na=ice-pwd:canary-password-0002\r\n\
        a=fingerprint:sha-256 canary-fingerprint-0002\r\na=candidate:1 1 udp 1 canary-candidate-0001 9 typ host\r\n
        """

    init() {
        for value in [
            "canary-", "eyJcanaryclaims", "v3.canary", "0000000700410080" + "0123456789abcdef0123456789abcdef",
            "Y2FuYXJ5LXdpcmU",
        ] { keep(value, as: "planted: \(value)") }
    }

    /// Also in its percent-encoded form.
    func keep(_ value: String, as name: String) {
        guard value.utf8.count >= 6 else { return }
        known.withLock { known in
            for spelling in [value, value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? value]
            where known[spelling] == nil { known[spelling] = name }
        }
    }

    func isFirstPush() -> Bool {
        hasPushed.withLock { hasPushed in
            defer { hasPushed = true }
            return !hasPushed
        }
    }

    /// The names of the secrets in the text.
    func found(in text: String) -> Set<String> {
        let known = known.withLock { $0 }
        let bytes = Data(text.utf8)
        return Set(known.filter { bytes.range(of: Data($0.key.utf8)) != nil }.values)
    }
}

/// A transport that adds secrets to every response and records each secret that passes.
struct PlantingTransport: Transport {
    enum Misbehaviour: Sendable, Equatable {
        /// Every request is refused, its own secrets repeated in body and headers.
        case echo(status: Int)
        /// Push is closed with our token in the close reason, and then refused.
        case closeEcho
    }

    let base: any Transport
    let canaries: Canaries
    var misbehaviour: Misbehaviour?

    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        remember(request.headers, request.url, request.body)
        if case .echo(let status) = misbehaviour { return echo(status, request.headers, request.url, request.body) }
        let response = try await base.send(request)
        remember(response)
        return request.url.contains("/oauth/token") ? response : planted(response)
    }

    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        remember(request.headers, request.url, nil)
        switch misbehaviour {
        case .echo(let status):
            throw TransportError(.refused(echo(status, request.headers, request.url, nil)), .exchange, "refused")
        case .closeEcho:
            guard canaries.isFirstPush() else {
                throw TransportError(.refused(echo(403, request.headers, request.url, nil)), .exchange, "refused")
            }
            let arrivals = PushArrivals()
            let token = request.headers.map { $0.revealedValue() }.first { $0.hasPrefix("Bearer ") } ?? ""
            arrivals.put([.pong])
            arrivals.put([.closed(.peer(code: 1008, reason: "no: \(token)"))])
            return PushConnection(arrivals: arrivals, send: { _ in }, ping: {}, close: { _, _ in })
        case nil: return try await base.openPush(request)
        }
    }

    private func remember(_ headers: [HeaderField], _ url: String, _ body: RESTRequest.Body?) {
        for case .secret(let secret) in headers.map(\.value) {
            for part in secret.reveal().split(whereSeparator: { " =".contains($0) }) where part.count > 6 {
                canaries.keep(String(part), as: "header secret")
            }
        }
        let form = body.map { "?" + String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        for field in fields(of: url) + (body?.isSecret == true ? fields(of: form) : [])
        where ["code", "state", "cid", "duid", "refresh_token"].contains(field.name) {
            canaries.keep(field.value ?? "", as: field.name)
        }
    }

    private func remember(_ response: RESTResponse) {
        for match in String(decoding: response.body, as: UTF8.self).matches(of: /"bridgeToken":"([^"]+)"/) {
            canaries.keep(String(match.1), as: "bridge token")
        }
        for field in fields(of: response.header("Location") ?? "") where field.name == "code" {
            canaries.keep(field.value ?? "", as: "code")
        }
        let answer = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        for key in ["access_token", "refresh_token", "id_token"] {
            canaries.keep(answer?[key] as? String ?? "", as: key)
        }
    }

    private func fields(of url: String) -> [URLQueryItem] { URLComponents(string: url)?.queryItems ?? [] }

    private func planted(_ response: RESTResponse) -> RESTResponse {
        var body = response.body
        if body.first == UInt8(ascii: "{") {
            let separator = body.count > 2 ? [UInt8(ascii: ",")] : []
            body = Array(#"{"planted":"#.utf8) + Canaries.body + separator + body.dropFirst()
        }
        let headers = [
            HeaderField("Set-Cookie", "session=canary-set-cookie"), HeaderField("X-PSN-BRIDGE-TOKEN", "canary-header"),
            HeaderField("Content-Location", "https://192.0.2.1/?code=canary-location"),
        ]
        return RESTResponse(status: response.status, headers: response.headers + headers, body: body)
    }

    private func echo(
        _ status: Int, _ headers: [HeaderField], _ url: String, _ body: RESTRequest.Body?
    ) -> RESTResponse {
        let sent = body.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        let secrets = headers.map { $0.revealedValue() }
        let words = (secrets + [url, sent]).joined(separator: " | ")
        let fault: [String: Any] =
            url.contains("/oauth/")
            ? ["error": "invalid_request", "error_description": words]
            : ["error": ["code": 1, "message": words, "referenceId": secrets.first ?? ""]]
        let bytes = (try? JSONSerialization.data(withJSONObject: fault)) ?? Data()
        return RESTResponse(
            status: status,
            headers: [HeaderField("X-Psn-Request-Id", secrets.first ?? ""), HeaderField("Retry-After", "1")],
            body: Array(bytes))
    }
}
