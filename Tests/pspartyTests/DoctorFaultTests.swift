import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Synchronization
import Testing

@testable import psparty

/// Every fault of the simulator that `doctor` can see has its line and its advice.
@Suite(.timeLimit(.minutes(2))) struct DoctorFaultTests {
    struct Line: Decodable {
        let check: String
        let result: String
        let detail: String
        let hint: String?
    }

    static func lines(_ result: CommandResult) throws -> [Line] {
        try JSONDecoder().decode([Line].self, from: Data(result.stdout.utf8))
    }

    @Test(arguments: DoctorRow.network + DoctorRow.signIn + DoctorRow.service + DoctorRow.push)
    func `each fault has its line and its advice`(row: DoctorRow) async throws {
        let harness = CommandHarness(row.scenario, waits: { $0 == row.passing })
        if row.isSignedIn { await harness.signIn() }
        await row.strike(harness)
        let result = await harness.run("doctor", "--json")
        let lines = try Self.lines(result)
        #expect(lines.map(\.check) == DoctorCheck.allCases.map(\.rawValue))
        #expect(result.status == row.status, "\(result.stdout)")
        // Behind a failure, checks may be impossible; nothing else may be wrong.
        let wrong = lines.filter { $0.result != "ok" && !$0.detail.hasPrefix("not checked: ") }
        let expected = wrong.first { $0.check == row.check?.rawValue }
        #expect(wrong.first?.check == row.check?.rawValue, "\(wrong)")
        guard row.check != nil else { return }
        #expect(expected?.result == row.result)
        for part in row.says { #expect(expected?.detail.contains(part) == true, "\(part): \(wrong)") }
        #expect(row.advises.isEmpty || expected?.hint?.contains(row.advises) == true, "\(wrong)")
        let isTold = result.stderr.contains(#""step":"\#(row.check?.rawValue ?? "")""#)
        #expect(isTold == (row.result == "failure"), "\(result.stderr)")
    }

    static let transportFaults: [(TransportError, DoctorCheck, Int32, String)] = [
        (TransportError(.unresolved, .lookup, "Could not resolve host"), .dns, 7, "resolv.conf"),
        (TransportError(.unreachable, .connecting, "Connection refused"), .tcp, 7, "firewall"),
        (TransportError(.timedOut, .connecting, "Timeout was reached"), .tcp, 7, "firewall"),
        (TransportError(.refusedByProxy, .connecting, "the proxy refused: HTTP 407"), .tcp, 7, "proxy"),
        (TransportError(.tls, .handshake, "certificate has expired"), .tls, 7, "date and time"),
        (TransportError(.tls, .handshake, "self-signed certificate"), .tls, 7, "--ca-file"),
        (TransportError(.brokenOff, .handshake, "the connection ended during TLS"), .tls, 7, "proxy or firewall"),
        (TransportError(.tls, .preparing, "x.pem cannot be read"), .tls, 78, "--ca-file"),
        (TransportError(.unusable, .preparing, "libcurl cannot be loaded"), .dns, 78, "setting"),
        (TransportError(.malformed, .exchange, "not HTTP"), .http, 7, "try again"),
    ]

    @Test(arguments: transportFaults)
    func `a network that fails is found at its stage, and what is behind it is not checked`(
        error: TransportError, check: DoctorCheck, status: Int32, advice: String
    ) async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn()
        let transport = TroubledTransport(harness.world.transport)
        transport.fail(requests: [error])
        let result = await harness.run("doctor", "--json", transport: transport)
        let lines = try Self.lines(result)
        #expect(result.status == status)
        let failed = lines.filter { $0.result == "failure" }
        #expect(failed.map(\.check) == [check.rawValue])
        #expect(failed.first?.detail.contains(error.detail) == true)
        #expect(failed.first?.hint?.contains(advice) == true, "\(failed)")
        #expect(lines.last?.detail == "not checked: the service cannot be reached")
        // The sign-in is judged without the network.
        #expect(lines.first { $0.check == "sign-in" }?.result == "ok")
    }

    @Test func `a certificate that is left out is named, with where it was fetched from`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn()
        let issuer = MissingIssuer(
            name: "CN = Middle", addresses: ["http://192.0.2.1/middle.der"], key: "ab", isOfThisMachine: true)
        let missing = TransportError(
            .tls, .handshake, "unable to get local issuer certificate", missingIssuer: issuer)
        let transport = TroubledTransport(harness.world.transport)
        // Without completion, with it, and from the address; then it works.
        transport.fail(requests: [missing])
        let lines = try Self.lines(await harness.run("doctor", "--json", transport: transport))
        let line = try #require(lines.first { $0.check == "tls" })
        #expect(line.result == "warning")
        #expect(line.detail.contains("leaves out the certificate of its issuer, CN = Middle"))
        #expect(line.detail.contains("http://192.0.2.1/middle.der"))
        #expect(line.hint?.contains("--ca-file") == true)
    }

    @Test func `a check that does not end in time does not stop the others`() async throws {
        // The third wait of that length is that of the look-up.
        let count = Mutex(0)
        let harness = CommandHarness(
            waits: { wait in
                guard wait == .seconds(15) else { return false }
                return count.withLock { count in
                    count += 1
                    return count == 3
                }
            })
        await harness.signIn()
        let transport = TroubledTransport(harness.world.transport)
        transport.hold("/np/serveraddr")
        let result = await harness.run("doctor", "--json", transport: transport)
        transport.letGo()
        let line = try #require(try Self.lines(result).first { $0.check == "push-lookup" })
        #expect(line.result == "failure")
        #expect(line.detail == "no result within 15 s")
        #expect(result.status == 7)
    }

    @Test func `a configuration that cannot be used is the first line, and the rest is not checked`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(clock: ManualClock(), folder: folder)
        try folder.put("sever = \"x\"\n", "config/config.toml")
        let result = await harness.run("doctor", "--json")
        let lines = try Self.lines(result)
        #expect(result.status == 78)
        #expect(lines.first?.detail == #"config.toml line 1: unknown key "sever""#)
        #expect(lines.first?.hint == "did you mean server?")
        #expect(lines.dropFirst().allSatisfy { $0.detail == "not checked: the configuration cannot be used" })
        #expect(await harness.world.service.requests().isEmpty)
    }
}
