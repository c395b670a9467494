import CLinux
import Foundation
import Glibc
import PartyCore
import PartyTestSupport
import Testing

@testable import PartyLive

/// Properties of the process that the library does not change. Each test runs in another process.
@Suite struct HostProcessTests {
    @Test func `a program that does not read its input raises no SIGPIPE`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let program = try ChildProgram("/bin/true", variables: [:])
            let end = program.run(input: [UInt8](repeating: 0x20, count: 4 << 20), variables: [:])
            guard end == .exited(0), party_ignores(SIGPIPE) == 0 else { exit(1) }
            var pending = sigset_t()
            unsafe sigpending(&pending)
            guard unsafe sigismember(&pending, SIGPIPE) == 0 else { exit(2) }
            // The signal is not blocked either.
            var mask = sigset_t()
            unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
            exit(unsafe sigismember(&mask, SIGPIPE) == 0 ? 0 : 3)
        }
    }

    @Test func `the push connection leaves the disposition of signals alone`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let transport = LiveTransport(LiveTransportOptions(userAgent: "test"))
            let request = PushRequest(
                url: "ws://127.0.0.1:1/", headers: [], subprotocol: "x", timeout: .seconds(5), maximumFrame: 1 << 16)
            do throws(TransportError) {
                _ = try await transport.openPush(request)
                exit(1)
            } catch {
                guard error.kind == .unreachable else { exit(2) }
                exit([SIGPIPE, SIGINT, SIGTERM, SIGCHLD].contains { party_ignores($0) != 0 } ? 3 : 0)
            }
        }
    }

    @Test func `a program inherits no descriptor, and those of this process keep their flags`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("#!/bin/sh\nls -l /proc/$$/fd > \"$OUT\"\n", to: "program")
        try scratch.setMode("program", to: 0o755)
        let own = unsafe open(scratch("own"), O_RDWR | O_CREAT, 0o600)
        defer { close(own) }
        let child = try ChildProgram(scratch("program"), variables: ["PATH": "/usr/bin:/bin", "OUT": scratch("out")])
        #expect(child.run(input: [], variables: [:]) == .exited(0))
        #expect(fcntl(own, F_GETFD) == 0)
        let seen = try String(contentsOfFile: scratch("out"), encoding: .utf8)
        #expect(seen.contains(" 0 -> ") && !seen.contains(scratch("own")))
    }
}
