import Foundation
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

/// A simulated service that omits its intermediate certificate, and the site that serves it, for one test.
struct ChainStage: Sendable {
    enum Kind: Sendable, CaseIterable {
        case rest, push
    }

    static let path = "/issuer"

    let stage: TransportStage
    let site: PlainSite
    let scratch: ScratchFolder
    /// The folder of the service's certificates and keys.
    private let folder: String

    /// - Parameter address: the issuer's address in the server's certificate; the site's page by default.
    static func run(
        _ tls: LoopbackServer.TLS = .valid, address: LoopbackServer.Identity.IssuerAddress? = nil,
        _ body: (ChainStage) async throws -> Void
    ) async throws {
        let site = try PlainSite()
        defer { site.stop() }
        let identity = LoopbackServer.Identity(tls, leafOnly: address ?? .elsewhere(site.address(path)))
        let service = SimulatedService(scenario: Scenario())
        let token = try #require(await service.mintTokens(accountId: "A")).access
        let server = try await LoopbackServer.start(service: service, identity: identity)
        defer { server.stop() }
        let caFile = try #require(server.caFile)
        let stage = TransportStage(
            service: service, transport: TransportStage.live(caFile), authority: "127.0.0.1:\(server.port)",
            caFile: caFile, token: token)
        let folder = (caFile as NSString).deletingLastPathComponent
        try await body(ChainStage(stage: stage, site: site, scratch: try ScratchFolder(), folder: folder))
    }

    /// A network that completes chains, with an empty store.
    func network(
        store: MemoryStore = MemoryStore(), caFile: String? = nil, variables: [String: String] = [:],
        clock: PartyClock = .live
    ) -> any Transport {
        let live = TransportStage.live(caFile ?? stage.caFile, variables)
        return PartyEnvironment(
            settings: ServiceSettings(), transport: live, store: store, clock: clock, random: .counting()
        ).transport
    }

    /// Sends one request or opens one push connection.
    func reach(_ kind: Kind, _ transport: any Transport) async throws {
        switch kind {
        case .rest:
            let response = try await within(.seconds(20), "the answer") { try await transport.send(stage.get()) }
            #expect(response.status == 200)
        case .push:
            // In version 2.1 the service expects a look-up before the connection.
            _ = await stage.service.respond(
                to: SimulatedRequest(
                    method: "GET", target: TransportStage.lookup,
                    headers: [("Authorization", "Bearer \(stage.token)")]))
            let connection = try await within(.seconds(20), "the upgrade") {
                try await transport.openPush(stage.push())
            }
            connection.close(1000, "")
        }
    }

    func failure(_ kind: Kind, _ transport: any Transport) async throws -> TransportError {
        try await transportError { [self] in try await reach(kind, transport) }
    }

    /// The certificate that the server omits, in DER.
    func issuer() throws -> [UInt8] { try bytes(folder + "/issuer.der") }

    /// Runs a script that makes a certificate or a bundle, in a scratch folder, and returns what it made.
    ///
    /// The script sees `$1`, the folder of the service's certificates, and `sign KEY NAME CA DAYS EXTENSIONS`, which
    /// writes a certificate of that key and name, signed by `CA.pem` and `CA.key`, to `out.pem`.
    func made(_ script: String) async throws -> [UInt8] {
        let prelude = """
            cd "$2"
            sign() {
                openssl req -new -key "$1" -subj "/CN=$2" -out req.csr
                printf '%s\\n' "$5" >extensions
                openssl x509 -req -in req.csr -CA "$3.pem" -CAkey "$3.key" -set_serial 7 -days "$4" \\
                    -extfile extensions -out out.pem
            }
            authority=$'basicConstraints=critical,CA:TRUE\\nsubjectKeyIdentifier=hash'
            issuer='psparty-sim issuer'
            """
        var environment = RunningProgram.Environment()
        environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch.path]
        let program = try RunningProgram(
            ["bash", "-ec", prelude + "\n" + script, "bash", folder, scratch.path], environment)
        let result = try await program.end()
        try #require(result.status == 0, "\(result.stderr)")
        return try bytes(scratch("out"))
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
