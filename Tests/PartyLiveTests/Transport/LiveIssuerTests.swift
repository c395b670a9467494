import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Synchronization
import Testing

extension TransportTests {
    /// The fetch of a missing issuer certificate, and its storage.
    struct LiveIssuerTests {
        typealias Kind = ChainStage.Kind

        /// A clock on which almost all time for a fetch has passed at the second reading.
        private static func impatientClock() -> PartyClock {
            let looks = Mutex(0)
            var clock = PartyClock.live
            clock.uptime = {
                looks.withLock { looks in
                    looks += 1
                    return looks == 1 ? .zero : .milliseconds(4700)
                }
            }
            return clock
        }

        @Test(arguments: Kind.allCases) func `a fetch from a hanging address ends at its deadline`(
            kind: Kind
        ) async throws {
            try await ChainStage.run { chain in
                chain.site.put(.silence, at: ChainStage.path)
                let start = ContinuousClock.now
                let error = try await chain.failure(kind, chain.network(clock: Self.impatientClock()))
                #expect(error.kind == .tls)
                #expect(error.detail.contains("does not answer"))
                #expect(chain.site.requests.count == 1)
                #expect(.now - start < .seconds(5))
            }
        }

        @Test(arguments: Kind.allCases) func `a cancelled fetch from a hanging address ends at once`(
            kind: Kind
        ) async throws {
            try await ChainStage.run { chain in
                chain.site.put(.silence, at: ChainStage.path)
                let network = chain.network()
                let task = Task { () async -> TransportError? in
                    do throws(TransportError) {
                        switch kind {
                        case .rest: _ = try await network.send(chain.stage.get())
                        case .push: _ = try await network.openPush(chain.stage.push())
                        }
                        return nil
                    } catch { return error }
                }
                try await chain.site.request(1)
                let start = ContinuousClock.now
                task.cancel()
                #expect(await task.value?.kind == .cancelled)
                #expect(.now - start < .seconds(2))
            }
        }

        @Test(arguments: Kind.allCases) func `a response of ten megabytes is refused`(kind: Kind) async throws {
            try await ChainStage.run { chain in
                chain.site.put(
                    .bytes(try chain.issuer() + [UInt8](repeating: 0x20, count: 10 << 20)), at: ChainStage.path)
                let error = try await chain.failure(kind, chain.network())
                #expect(error.kind == .tls)
                #expect(error.detail.contains("the answer is larger than 65536 bytes"))
            }
        }

        @Test(arguments: [
            (PlainSite.Page.status(404), "HTTP 404"), (.status(302, location: "/right"), "HTTP 302"),
            (.bytes([]), "HTTP 200"),
        ])
        func `a response without a certificate is an error, and no redirect is followed`(
            page: PlainSite.Page, words: String
        ) async throws {
            try await ChainStage.run { chain in
                chain.site.put(page, at: ChainStage.path)
                chain.site.put(.bytes(try chain.issuer()), at: "/right")
                let error = try await chain.failure(.rest, chain.network())
                #expect(error.kind == .tls)
                #expect(error.detail.contains(words))
                #expect(chain.site.requests.count == 1)
            }
        }

        @Test(arguments: ["ldap://127.0.0.1/issuer", "file:///etc/passwd", "ftp://127.0.0.1/issuer", "no address"])
        func `addresses of other schemes are not fetched`(address: String) async throws {
            try await ChainStage.run(address: .elsewhere(address)) { chain in
                let error = try await chain.failure(.rest, chain.network())
                #expect(error.missingIssuer?.addresses == [])
            }
        }

        @Test(arguments: Kind.allCases) func `a fetched certificate is stored for the next run`(kind: Kind) async throws
        {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                let store = MemoryStore()
                try await chain.reach(kind, chain.network(store: store))
                #expect(store.items.keys.map(\.name) == ["issuers.json"])
                chain.site.put(.status(404), at: ChainStage.path)
                for next in Kind.allCases { try await chain.reach(next, chain.network(store: store)) }
                #expect(chain.site.requests.count == 1)
            }
        }

        @Test func `a certificate that cannot be stored is used all the same`() async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                let store = MemoryStore()
                store.failSaves(with: StoreError(.unwritable, "full"))
                let network = chain.network(store: store)
                try await chain.reach(.rest, network)
                try await chain.reach(.push, network)
                #expect(chain.site.requests.count == 1)
            }
        }

        @Test func `with a caller's token nothing is stored`() async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                let store = MemoryStore()
                var settings = ServiceSettings()
                settings.accessToken = Redacted("mine")
                let environment = PartyEnvironment(
                    settings: settings, transport: chain.stage.transport, store: store, clock: .live,
                    random: .counting())
                try await chain.reach(.rest, environment.transport)
                #expect(store.items.isEmpty)
            }
        }

        /// `%` stands for the key that the first run kept.
        @Test(
            arguments: Kind.allCases,
            [
                "", "no JSON", "{}", #"{"issuers":7}"#,
                #"{"issuers":[7,{"issuer":"%"},{"issuer":"%","certificate":"?"}]}"#,
                #"{"issuers":[{"issuer":"%","certificate":"aGVsbG8="}]}"#,
            ])
        func `after a foreign change of the file the certificate is fetched again`(kind: Kind, content: String)
            async throws
        {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                let store = MemoryStore()
                try await chain.reach(.rest, chain.network(store: store))
                let good = try #require(store.items[.issuers])
                let key = try #require(String(decoding: good, as: UTF8.self).split(separator: "\"").dropFirst(5).first)
                try store.save(.issuers, Array(content.replacing("%", with: key).utf8))
                try await chain.reach(kind, chain.network(store: store))
                #expect(chain.site.requests.count == 2)
                #expect(store.items[.issuers] == good)
            }
        }

        @Test(arguments: Kind.allCases, ["an expired one", "one that signed itself", "no authority's"])
        func `an expired or invalid stored certificate is fetched again`(
            kind: Kind, what: String
        ) async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                let store = MemoryStore()
                try await chain.reach(.rest, chain.network(store: store))
                let good = try #require(store.items[.issuers])
                let script = try #require(LiveChainTests.impostors.first { $0.what == what }?.script)
                let bad = try await chain.made(script + "; openssl x509 -in out -outform DER | base64 -w0 >b; mv b out")
                // The certificate is the only long text.
                let fields = String(decoding: good, as: UTF8.self).split(
                    separator: "\"", omittingEmptySubsequences: false)
                let spoilt = fields.map { $0.count > 200 ? Substring(String(decoding: bad, as: UTF8.self)) : $0 }
                try store.save(.issuers, Array(spoilt.joined(separator: "\"").utf8))
                #expect(store.items[.issuers] != good)
                try await chain.reach(kind, chain.network(store: store))
                #expect(chain.site.requests.count == 2)
                #expect(store.items[.issuers] == good)
            }
        }

        /// Each of these names the page of the next; the last is signed by the root.
        private func ladder(_ chain: ChainStage, steps: Int) async throws {
            for step in 1...steps {
                let name = step == 1 ? "psparty-sim issuer" : "step \(step)"
                let key = step == 1 ? #""$1/issuer.key""# : "step\(step).key"
                let signer = step == steps ? #""$1/ca""# : "step\(step + 1)"
                let next = chain.site.address("/\(step + 1)")
                let place = step == steps ? "" : #"$'\nauthorityInfoAccess=caIssuers;URI:\#(next)'"#
                let page = try await chain.made(
                    """
                    for n in {1..9}; do
                        [ -f step$n.key ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \\
                            -subj "/CN=step $n" -days 9 -keyout step$n.key -out step$n.pem
                    done
                    sign \(key) '\(name)' \(signer) 9 "$authority"\(place)
                    mv out.pem out
                    """)
                chain.site.put(.bytes(page), at: step == 1 ? ChainStage.path : "/\(step)")
            }
        }

        @Test(arguments: Kind.allCases) func `three missing issuers are fetched, one after the other`(kind: Kind)
            async throws
        {
            try await ChainStage.run { chain in
                try await ladder(chain, steps: 3)
                try await chain.reach(kind, chain.network())
                #expect(chain.site.requests.count == 3)
            }
        }

        @Test(arguments: Kind.allCases) func `a fourth missing issuer is not fetched`(kind: Kind) async throws {
            try await ChainStage.run { chain in
                try await ladder(chain, steps: 4)
                #expect(try await chain.failure(kind, chain.network()).missingIssuer?.name == "CN = step 4")
                #expect(chain.site.requests.count == 3)
            }
        }

        @Test func `the trace shows the fetch and its reason`() async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                let told = Tape<TraceEvent>()
                let environment = PartyEnvironment(
                    settings: ServiceSettings(), transport: chain.stage.transport, store: MemoryStore(), clock: .live,
                    random: .counting(), trace: Trace(showsWire: false) { told.append($0) })
                try await chain.reach(.rest, environment.transport)
                let steps = told.all.map { event in
                    switch event {
                    case .step(let name, let target, let outcome, _): "\(name), \(target): \(outcome)"
                    case .note(let words): words
                    default: "something else"
                    }
                }
                let target = "GET https://\(chain.stage.authority)\(TransportStage.account)"
                let reason = "handshake: SSL certificate problem: unable to get local issuer certificate"
                #expect(
                    steps == [
                        "request, \(target): \(reason)",
                        "issuer certificate, GET \(chain.site.address("/issuer")): HTTP 200",
                        "the server left out the certificate of CN = psparty-sim issuer: trying again with it",
                        "request, \(target): HTTP 200",
                    ])
            }
        }

        @Test func `the fetch uses the proxy for plain text`() async throws {
            let address = "http://issuer.example/ca.der"
            try await ChainStage.run(address: .elsewhere(address)) { chain in
                // To a proxy the whole address is the target.
                chain.site.put(.bytes(try chain.issuer()), at: address)
                try await chain.reach(.rest, chain.network(variables: ["http_proxy": chain.site.address("")]))
                #expect(chain.site.requests.count == 1)
            }
        }
    }
}
