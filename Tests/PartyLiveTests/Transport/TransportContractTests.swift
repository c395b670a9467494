import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

extension TransportTests {
    /// The contract of a transport, for the real one and for that of the tests.
    struct ContractTests {
        typealias Mount = TransportStage.Mount

        static let event = Array(#"{"version":"2.1","method":3001,"body":{"data":{"id":1000000000000000001}}}"#.utf8)

        @Test(arguments: Mount.allCases) func `a response has status, headers and body`(mount: Mount) async throws {
            try await TransportStage.run(mount) { stage in
                let response = try await stage.send(stage.get())
                #expect(response.status == 200)
                #expect(response.header("content-type")?.hasPrefix("application/json") == true)
                #expect(response.body == Array(#"{"accountId":"1000000000000000001"}"#.utf8))
            }
        }

        @Test(arguments: Mount.allCases, [204, 302, 401, 404, 429, 500, 503])
        func `every status is a response, not an error`(mount: Mount, status: Int) async throws {
            try await TransportStage.run(mount) { stage in
                let headers = [
                    (name: "Retry-After", value: "7"), (name: "Location", value: "https://127.0.0.1:9/"),
                ]
                let body = status == 204 ? [] : Array("no".utf8)
                await stage.fault(
                    TransportStage.account, .status(SimulatedResponse(status: status, headers: headers, body: body)))
                let response = try await stage.send(stage.get())
                #expect(response.status == status)
                #expect(response.header("retry-after") == "7")
                #expect(response.body == body)
            }
        }

        @Test(arguments: Mount.allCases) func `a body arrives unchanged`(mount: Mount) async throws {
            try await TransportStage.run(mount) { stage in
                let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
                var request = stage.get()
                request.method = .post
                request.body = RESTRequest.Body(bytes, contentType: "application/octet-stream")
                _ = try await stage.send(request)
                let seen = try #require(await stage.service.requests().last)
                #expect(seen.method == "POST")
                #expect(seen.body == bytes)
                let types = seen.headers.filter { $0.name.lowercased() == "content-type" }
                #expect(types.map(\.value) == ["application/octet-stream"])
            }
        }

        @Test(
            arguments: Mount.allCases,
            [
                (Fault.Action.reset, TransportError.Kind.brokenOff), (.drop, .timedOut),
                (.truncated(bodyBytes: 5), .brokenOff),
            ])
        func `an incomplete response is an error after which the request may have arrived`(
            mount: Mount, fault: (action: Fault.Action, kind: TransportError.Kind)
        ) async throws {
            try await TransportStage.run(mount) { stage in
                await stage.fault(TransportStage.account, fault.action)
                let error = try await stage.failure(stage.get(timeout: .milliseconds(300)))
                #expect(error.kind == fault.kind)
                #expect(error.phase == .exchange)
                #expect(error.mayHaveArrived)
                #expect(try await stage.send(stage.get()).status == 200)
            }
        }

        @Test(arguments: Mount.allCases) func `push brings frames whole and in order`(mount: Mount) async throws {
            try await TransportStage.run(mount) { stage in
                let push = try await stage.openPush()
                let messages = [Self.event, Array("x".utf8), [], [UInt8](repeating: 0x79, count: 70_000)]
                for message in messages { await stage.service.push(.text(message), to: "A") }
                await stage.service.push(.burst(PushBurst(count: 500, size: 300)), to: "A")
                #expect(try await push.next(4) == messages.map { .frame($0) })
                let numbers = try await push.next(500).map { arrival -> Int? in
                    guard case .frame(let bytes) = arrival else { return nil }
                    let text = String(decoding: bytes, as: UTF8.self)
                    return text.firstMatch(of: /"number":(\d+)/).flatMap { Int($0.1) }
                }
                #expect(numbers == Array(1...500))
            }
        }

        @Test(arguments: Mount.allCases) func `a sent text arrives`(mount: Mount) async throws {
            var scenario = Scenario()
            scenario.statusFrameNeeded = true
            scenario.clientFramesAnswered = false
            try await TransportStage.run(mount, scenario) { stage in
                _ = try await stage.send(
                    stage.get("/np/serveraddr?version=3.0&keepAliveStatusType=6&fields=keepAliveStatus"))
                var request = stage.push()
                request.headers = request.headers.map { header in
                    switch header.name {
                    case "X-PSN-PROTOCOL-VERSION": HeaderField(header.name, "3.0")
                    case "X-PSN-KEEP-ALIVE-STATUS-TYPE": HeaderField(header.name, "6")
                    default: header
                    }
                }
                let push = OpenPush(try await stage.open(request))
                #expect(await stage.service.push(.text(Self.event), to: "A") == 0)
                let text = """
                    {"version":"3.0","method":1003,"tranId":"1","accountId":1000000000000000001,"status":"active",\
                    "auth":{"accessToken":"\(stage.token)"}}
                    """
                push.connection.send(Array(text.utf8))
                try await eventually(.seconds(10), "the status frame") { [service = stage.service] in
                    await service.push(.text(Self.event), to: "A") == 1
                }
                #expect(try await push.next() == .frame(Self.event))
            }
        }

        @Test(arguments: Mount.allCases, [1000, 1001, 1008, 1011, 4001])
        func `the peer's close code and reason arrive last`(mount: Mount, code: Int) async throws {
            try await TransportStage.run(mount) { stage in
                let push = try await stage.openPush()
                await stage.service.push(.text(Self.event), to: "A")
                await stage.service.push(.close(code: code, reason: "so long"), to: "A")
                #expect(try await push.next() == .frame(Self.event))
                #expect(try await push.closure() == .peer(code: UInt16(code), reason: "so long"))
            }
        }

        @Test(arguments: Mount.allCases, [SimulatedPushOutput.cut, .reset, .torn(Self.event)])
        func `a broken connection is reported, without half a frame`(
            mount: Mount, end: SimulatedPushOutput
        ) async throws {
            try await TransportStage.run(mount) { stage in
                let push = try await stage.openPush()
                await stage.service.push(.text(Self.event), to: "A")
                await stage.service.push(end, to: "A")
                #expect(try await push.next() == .frame(Self.event))
                guard case .failed(let error) = try await push.closure() else {
                    Issue.record("the end is no failure")
                    return
                }
                #expect(error.kind == .brokenOff)
                #expect(error.phase == .exchange)
            }
        }

        @Test(arguments: Mount.allCases) func `our close is sent to the peer and ends the stream`(
            mount: Mount
        ) async throws {
            try await TransportStage.run(mount) { stage in
                let push = try await stage.openPush()
                push.connection.close(1000, "")
                #expect(try await push.closure() == .local)
                try await eventually(.seconds(10), "the end at the peer") { try await stage.closeCodes().count == 1 }
                let codes = try await stage.closeCodes()
                #expect(codes == [1000])
                // After the end they do nothing.
                push.connection.send(Self.event)
                push.connection.ping()
                push.connection.close(1001, "")
            }
        }

        @Test(arguments: Mount.allCases) func `a ping gets its pong`(mount: Mount) async throws {
            try await TransportStage.run(mount) { stage in
                let push = try await stage.openPush()
                push.connection.ping()
                #expect(try await push.next() == .pong)
            }
        }

        @Test(arguments: Mount.allCases, [400, 401, 403, 404, 429, 503])
        func `a refused upgrade has its status and the advised wait`(mount: Mount, status: Int) async throws {
            try await TransportStage.run(mount) { stage in
                let headers = [
                    "X-PSN-RETRY-INTERVAL-MIN": "120", "X-PSN-RETRY-INTERVAL-MAX": "1200", "Retry-After": "7",
                ]
                await stage.fault(
                    "/np/pushNotification",
                    .status(SimulatedResponse(status: status, headers: headers.map { (name: $0, value: $1) })))
                let error = try await stage.failure(stage.push())
                guard case .refused(let response) = error.kind else {
                    Issue.record("\(error)")
                    return
                }
                #expect(response.status == status)
                #expect(error.phase == .exchange)
                for (name, value) in headers { #expect(response.header(name) == value) }
            }
        }

        @Test(arguments: Mount.allCases) func `a message over the limit is reported and skipped`(mount: Mount)
            async throws
        {
            try await TransportStage.run(mount) { stage in
                let push = try await stage.openPush(stage.push(maximumFrame: 1000))
                for size in [1000, 1001, 200_000] {
                    await stage.service.push(.text([UInt8](repeating: 0x78, count: size)), to: "A")
                }
                await stage.service.push(.text(Self.event), to: "A")
                #expect(
                    try await push.next(4) == [
                        .frame([UInt8](repeating: 0x78, count: 1000)), .oversized(1001), .oversized(200_000),
                        .frame(Self.event),
                    ])
            }
        }

        @Test(arguments: Mount.allCases) func `a cancelled task sends nothing`(mount: Mount) async throws {
            try await TransportStage.run(mount) { stage in
                let error = try await transportError { [transport = stage.transport, request = stage.get()] in
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    _ = try await transport.send(request)
                }
                #expect(error.kind == .cancelled)
                #expect(await stage.service.requests().isEmpty)
            }
        }
    }
}
