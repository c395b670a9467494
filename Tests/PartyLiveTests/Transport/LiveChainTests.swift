import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

extension TransportTests {
    /// Servers that omit their intermediate certificate.
    struct LiveChainTests {
        typealias Kind = ChainStage.Kind

        static let forms = [
            #"cp "$1/issuer.der" out"#, #"cp "$1/issuer.pem" out"#,
            #"openssl crl2pkcs7 -nocrl -certfile "$1/ca.pem" -certfile "$1/issuer.pem" -outform DER -out out"#,
        ]

        @Test(arguments: Kind.allCases, forms)
        func `the issuer named by the leaf completes the chain, in each encoding`(
            kind: Kind, form: String
        ) async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try await chain.made(form)), at: ChainStage.path)
                // Without completion the network trusts none of it.
                #expect(try await chain.failure(kind, chain.stage.transport).kind == .tls)
                #expect(chain.site.requests.isEmpty)
                let network = chain.network()
                try await chain.reach(kind, network)
                try await chain.reach(kind, network)
                #expect(chain.site.requests.count == 1)
                let head = try #require(chain.site.requests.first)
                #expect(head.hasPrefix("GET /issuer HTTP/1.1\r\n"))
                #expect(!head.lowercased().contains("authorization") && !head.lowercased().contains("cookie"))
            }
        }

        @Test func `a certificate fetched for REST is used for push, and the reverse`() async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                for order in [[Kind.rest, .push], [.push, .rest]] {
                    let network = chain.network()
                    for kind in order { try await chain.reach(kind, network) }
                }
                #expect(chain.site.requests.count == 2)
            }
        }

        @Test(arguments: Kind.allCases)
        func `a leaf without an issuer address is an error with the issuer's name`(kind: Kind) async throws {
            try await ChainStage.run(address: .unnamed) { chain in
                let error = try await chain.failure(kind, chain.network())
                #expect(error.kind == .tls)
                #expect(error.phase == .handshake)
                let missing = try #require(error.missingIssuer)
                #expect(missing.name == "CN = psparty-sim issuer")
                #expect(missing.addresses.isEmpty)
                #expect(await chain.stage.service.requests().filter { $0.target == TransportStage.account }.isEmpty)
                let failure = PartyError(error, step: "list")
                #expect(failure.kind == .tls)
                #expect(failure.remedy == .trustIssuer(missing))
            }
        }

        /// Each certificate has the name of the issuer, and all but one its key.
        static let impostors: [(what: String, script: String)] = [
            ("another issuer's", #"cp "$1/ca.pem" out"#),
            (
                "one of the same name with another key",
                #"openssl ecparam -genkey -name prime256v1 -out new.key; sign new.key "$issuer" "$1/ca" 9 "$authority"; mv out.pem out"#
            ),
            (
                "no authority's",
                #"sign "$1/issuer.key" "$issuer" "$1/ca" 9 'basicConstraints=critical,CA:FALSE'; mv out.pem out"#
            ),
            ("one without extensions", #"sign "$1/issuer.key" "$issuer" "$1/ca" 9 ''; mv out.pem out"#),
            ("an expired one", #"sign "$1/issuer.key" "$issuer" "$1/ca" -1 "$authority"; mv out.pem out"#),
            (
                "one that may not sign",
                #"sign "$1/issuer.key" "$issuer" "$1/ca" 9 "$authority"$'\nkeyUsage=digitalSignature'; mv out.pem out"#
            ),
            (
                "one that signed itself",
                #"openssl req -x509 -new -key "$1/issuer.key" -subj "/CN=$issuer" -days 9 -addext basicConstraints=critical,CA:TRUE -out out"#
            ),
            (
                "one of an authority that nobody trusts",
                #"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -days 9 -keyout x.key -out x.pem; sign "$1/issuer.key" "$issuer" x 9 "$authority"; mv out.pem out"#
            ),
            ("the leaf itself", #"cp "$1/leaf.pem" out"#),
            ("no certificate", #"echo hello >out"#),
            ("a cut one", #"head -c 200 "$1/issuer.der" >out"#),
        ]

        @Test(arguments: Kind.allCases, impostors)
        func `other data at the issuer's address does not complete the chain`(
            kind: Kind, impostor: (what: String, script: String)
        ) async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try await chain.made(impostor.script)), at: ChainStage.path)
                let store = MemoryStore()
                let error = try await chain.failure(kind, chain.network(store: store))
                #expect(error.kind == .tls)
                #expect(error.missingIssuer != nil)
                #expect(chain.site.requests.count == 1)
                #expect(store.items.isEmpty)
                #expect(await chain.stage.service.requests().filter { $0.target == TransportStage.account }.isEmpty)
                // The same network accepts the right certificate later.
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                try await chain.reach(kind, chain.network(store: store))
            }
        }

        @Test(arguments: Kind.allCases)
        func `a fetched intermediate is not trusted without its root`(kind: Kind) async throws {
            try await ChainStage.run { chain in
                try await ChainStage.run { other in
                    let pages = [
                        try chain.issuer(),
                        try await chain.made(
                            #"openssl req -x509 -new -key "$1/issuer.key" -subj "/CN=$issuer" -days 9 -out out"#),
                    ]
                    for page in pages {
                        chain.site.put(.bytes(page), at: ChainStage.path)
                        let store = MemoryStore()
                        let network = chain.network(store: store, caFile: other.stage.caFile)
                        #expect(try await chain.failure(kind, network).kind == .tls)
                        #expect(store.items.isEmpty)
                    }
                }
            }
        }

        @Test(arguments: Kind.allCases, [LoopbackServer.TLS.expired, .wrongHost, .otherCA])
        func `a complete chain does not excuse an expired leaf, a wrong name or a wrong root`(
            kind: Kind, tls: LoopbackServer.TLS
        ) async throws {
            try await ChainStage.run(tls) { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                let store = MemoryStore()
                let error = try await chain.failure(kind, chain.network(store: store))
                #expect(error.kind == .tls)
                #expect(store.items.isEmpty)
                #expect(await chain.stage.service.requests().filter { $0.target == TransportStage.account }.isEmpty)
            }
        }
    }
}
