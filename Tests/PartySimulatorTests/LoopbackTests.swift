import Glibc
import Testing

@testable import PartySimulator

/// The server against curl.
struct LoopbackTests {
    static let devices = "/api/v1/devices/accounts/me"

    @Test func `curl uses HTTP 1.1 over one connection, also if it prefers HTTP/2`() async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let url = loopback.server.origin + Self.devices
        let result = await loopback.curl(
            await loopback.bearer("B") + ["--http2", "-w", " %{http_version} %{num_connects}\n", url, url])
        #expect(result.status == 0)
        let line = #"{"accountId":"1000000000000000002"} 1.1 "#
        #expect(result.output == line + "1\n" + line + "0\n")
    }

    @Test func `curl decompresses responses`() async throws {
        let loopback = try await Loopback { $0.accounts = 20 }
        defer { loopback.server.stop() }
        let ids = loopback.stage.service.accounts.map(\.accountId).joined(separator: ",")
        let url = loopback.server.origin + "/api/userProfile/v1/internal/users/profiles?accountIds=\(ids)"
        let result = await loopback.curl(
            await loopback.bearer("A") + ["--compressed", "-w", "%header{content-encoding} %{size_download}", url])
        #expect(result.status == 0)
        let end = try #require(result.output.lastIndex(of: "}"))
        let value = try JSONReader.read(Array(result.output[...end].utf8))
        #expect(value["profiles"]?.array?.count == 20)
        let size = try #require(Int(result.output.split(separator: " ").last ?? ""))
        #expect(size < value.bytes.count / 2)
    }

    @Test(arguments: [
        ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"],
        ["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"], ["-H", "Connection: close"],
        ["--http1.0", "--no-alpn"],
    ])
    func `bodies arrive complete with each transfer coding`(manner: [String]) async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let name = String(repeating: "name", count: 10000)
        let session = StrictnessTests.creation("sessionName", .string(name))
        var words = await loopback.bearer("A") + manner
        words += [
            "-H", "Content-Type: application/json", "-H", "\(Stage.profanity[0].0): en-US", "--data-binary", "@-",
        ]
        let result = await loopback.curl(
            words + ["-w", " %{http_code}", loopback.server.origin + Stage.sessions], input: session.text)
        #expect(result.output.hasSuffix(" 201"), "\(result.output)")
        let state = await loopback.stage.call("GET", "/_sim/state")
        let isSame = state.json["parties"]?.array?.first?["sessionName"]?.string == name
        #expect(isSame)
    }

    @Test func `a chunk of the greatest length is refused`() async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let script = """
            import socket, ssl, sys
            port = int(sys.argv[1])
            tls = ssl._create_unverified_context()
            peer = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), 10))
            head = b"POST /x HTTP/1.1\\r\\nHost: x\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
            peer.sendall(head + b"1\\r\\na\\r\\n7fffffffffffffff\\r\\n")
            print(peer.recv(12).decode())
            """
        let words = ["/usr/bin/python3", "-", String(loopback.server.port)]
        let result = await ChildProcess.run(words, input: script)
        #expect(result.output == "HTTP/1.1 413\n")
    }

    @Test func `faults take effect on the wire`() async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let url = loopback.server.origin + Self.devices
        let bearer = await loopback.bearer("A")
        let expected: [(JSONValue, [String], Int32)] = [
            (["kind": "drop"], ["--max-time", "0.3"], 28), (["kind": "reset"], [], 56),
            (["kind": "truncated", "bytes": 5], [], 18), (["kind": "status", "status": 503], ["--fail"], 22),
            (["kind": "delay", "delayMs": 400], ["--max-time", "0.2"], 28),
            (["kind": "delay", "delayMs": 200], ["--max-time", "10"], 0),
        ]
        for (action, words, status) in expected {
            await FaultTests.arm(loopback.stage, FaultTests.fault(action))
            let result = await loopback.curl(bearer + words + [url])
            #expect(result.status == status, "\(action.text): \(result.output)")
        }
    }

    @Test func `fifty requests are served at once`() async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        await FaultTests.arm(
            loopback.stage, ["match": ["times": 50], "action": ["kind": "delay", "delayMs": 1000]])
        var words = await loopback.bearer("A") + ["--parallel", "--parallel-immediate", "--parallel-max", "50"]
        words += ["-w", "%{http_code}\n"]
        for _ in 0..<50 { words += ["-o", "/dev/null", loopback.server.origin + Self.devices] }
        let start = monotonicMilliseconds()
        let result = await loopback.curl(words)
        // One after the other they would take fifty seconds.
        #expect(monotonicMilliseconds() - start < 15000)
        #expect(result.output.split(separator: "\n").filter { $0 == "200" }.count == 50)
    }

    @Test(arguments: [
        (LoopbackServer.TLS.expired, "expired"), (.wrongHost, "no alternative certificate subject name"),
        (.otherCA, "local issuer"),
    ])
    func `an invalid certificate is refused for its reason`(tls: LoopbackServer.TLS, reason: String) async throws {
        let loopback = try await Loopback(tls: tls)
        defer { loopback.server.stop() }
        let result = await loopback.curl([loopback.server.origin + "/_sim/state"])
        #expect(result.status == 60)
        #expect(result.output.contains(reason), "\(result.output)")
    }

    @Test func `both names of the host are in the certificate`() async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let url = "https://localhost:\(loopback.server.port)/_sim/faults"
        let result = await loopback.curl(["--ipv4", url])
        #expect(result.output == #"{"faults":0}"#)
    }

    @Test func `without TLS the server speaks plain HTTP`() async throws {
        let loopback = try await Loopback(tls: .plain)
        defer { loopback.server.stop() }
        #expect(loopback.server.origin.hasPrefix("http://127.0.0.1:"))
        #expect(loopback.server.caFile == nil)
        #expect(await loopback.curl([loopback.server.origin + "/_sim/faults"]).output == #"{"faults":0}"#)
    }

    @Test(arguments: [
        ("X-Long: ", 70000, "431"), ("Content-Length: -1", 0, "400"), ("Content-Length: 99999999999", 0, "413"),
        ("Bad Header: x", 0, "400"), ("Transfer-Encoding: gzip", 0, "400"),
    ])
    func `requests beyond the limits get a status`(header: String, padding: Int, status: String) async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let result = await loopback.curl([
            "-H", header + String(repeating: "x", count: padding), "-o", "/dev/null", "-w", "%{http_code}",
            loopback.server.origin + "/_sim/state",
        ])
        #expect(result.output.hasPrefix(status), "\(result.output)")
    }

    @Test func `stopping closes all connections and leaves no files`() async throws {
        let loopback = try await Loopback()
        await FaultTests.arm(loopback.stage, FaultTests.fault(["kind": "drop"]))
        let url = loopback.server.origin + Self.devices
        let folder = try #require(loopback.server.caFile)
        async let waiting = loopback.curl(await loopback.bearer("A") + [url])
        // The recorded request says that the server has it and holds the connection.
        while await loopback.stage.service.requests().isEmpty { await Task.yield() }
        loopback.server.stop()
        #expect(await waiting.status != 0)
        #expect(unsafe access(folder, F_OK) == -1)
        #expect(await ChildProcess.run(["curl", "--silent", url]).status == 7)
    }
}
