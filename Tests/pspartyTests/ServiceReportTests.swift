import PartyCore
import Testing

@testable import psparty

struct ServiceReportTests {
    private static let watched = ["WATCHDOG_USEC": "60000000"]

    private func report(_ variables: [String: String] = watched) -> ServiceReport {
        ServiceReport(variables: variables, processID: 7)
    }

    @Test(
        arguments: [
            ([:], nil), (["WATCHDOG_USEC": "60000000"], .seconds(60)),
            (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"], .seconds(60)),
            (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"], nil), (["WATCHDOG_PID": "7"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-1"], nil), (["WATCHDOG_USEC": "soon"], nil),
            (["WATCHDOG_USEC": "99999999999999999999"], nil),
        ] as [([String: String], Duration?)])
    func `the watchdog applies only if it names this process`(variables: [String: String], watchdog: Duration?) {
        #expect(report(variables).watchdog == watchdog)
        #expect(report(variables).watchdogInterval == watchdog.map { $0 / 2 })
    }

    @Test func `a watchdog with a tiny interval does not keep a processor busy`() {
        #expect(report(["WATCHDOG_USEC": "1"]).watchdogInterval == .milliseconds(10))
        let longest = report(["WATCHDOG_USEC": "9223372036854775807"])
        #expect(longest.watchdogInterval == .microseconds(Int64.max) / 2)
    }

    @Test func `READY is sent once, when events flow, and not before`() {
        var report = report()
        #expect(report.take(.connected, at: .seconds(1)) == "STATUS=connected, signing in")
        report.noteActivity(at: .seconds(2))
        #expect(report.take(.ready, at: .seconds(2)) == "READY=1\nSTATUS=listening\nWATCHDOG=1")
        #expect(
            report.take(.lost(reason: "a\nb", retryAfter: .milliseconds(1500)), at: .seconds(3))
                == "STATUS=no stream, next try in 2 s: a\\u{a}b")
        #expect(
            report.take(.retrying(reason: "x", retryAfter: .seconds(9), isAdvised: true), at: .seconds(4))
                == "STATUS=no stream, next try in 9 s: x")
        #expect(report.take(.connected, at: .seconds(5)) == "STATUS=connected, signing in")
        report.noteActivity(at: .seconds(6))
        #expect(report.take(.ready, at: .seconds(6)) == "STATUS=listening\nWATCHDOG=1")
        for quiet in [StreamLifecycle.resynced(rejoined: []), .tokenRenewed, .frameInvalid(problem: "x", size: 1)] {
            #expect(report.take(quiet, at: .seconds(7)) == nil)
        }
    }

    @Test func `without a watchdog no WATCHDOG message is sent`() {
        var report = report([:])
        report.noteActivity(at: .zero)
        #expect(report.take(.ready, at: .zero) == "READY=1\nSTATUS=listening")
    }

    @Test func `only bytes of a connected stream send WATCHDOG`() {
        var report = report()
        report.noteActivity(at: .zero)
        #expect(report.watchdogMessage(at: .zero) == nil)
        #expect(report.take(.ready, at: .zero)?.contains("WATCHDOG") == true)
        #expect(report.watchdogMessage(at: .seconds(40)) == "WATCHDOG=1")
        #expect(report.watchdogMessage(at: .seconds(41)) == nil)
        report.noteActivity(at: .seconds(41))
        #expect(report.watchdogMessage(at: .seconds(42)) == "WATCHDOG=1")
        _ = report.take(.lost(reason: "x", retryAfter: .zero), at: .seconds(43))
        #expect(report.watchdogMessage(at: .seconds(43)) == nil)
        // READY was sent by timeout: the service has sent nothing.
        #expect(report.take(.ready, at: .seconds(44)) == "STATUS=listening")
        #expect(report.watchdogMessage(at: .seconds(44)) == nil)
        report.noteActivity(at: .seconds(45))
        #expect(report.watchdogMessage(at: .seconds(45)) == "WATCHDOG=1")
    }

    @Test func `STOPPING is sent once, and nothing after it`() {
        var report = report()
        report.noteActivity(at: .zero)
        _ = report.take(.ready, at: .zero)
        #expect(report.take(.stopping, at: .zero) == "STOPPING=1\nSTATUS=closing the stream")
        #expect(report.stop() == nil)
        #expect(report.take(.lost(reason: "x", retryAfter: .zero), at: .zero) == nil)
        #expect(report.watchdogMessage(at: .zero) == nil)
        var other = self.report()
        #expect(other.stop() == "STOPPING=1\nSTATUS=closing the stream")
    }
}
