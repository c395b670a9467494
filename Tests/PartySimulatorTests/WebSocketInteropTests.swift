import Testing

@testable import PartySimulator

/// The server's push side against the WebSocket library of another language.
struct WebSocketInteropTests {
    static let script = #"""
        import asyncio, json, ssl, sys, urllib.request
        try:
            import websockets
        except ImportError:
            print("no websockets"); sys.exit(77)
        origin, ca, token = sys.argv[1:4]
        tls = ssl.create_default_context(cafile=ca)

        def call(method, path, body=None):
            data = json.dumps(body).encode() if body is not None else None
            request = urllib.request.Request(origin + path, data, {"Authorization": "Bearer " + token}, method=method)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls))
            return json.loads(opener.open(request, timeout=20).read())

        async def control(path, body):
            return await asyncio.get_running_loop().run_in_executor(None, call, "POST", path, body)

        def push(act):
            return control("/_sim/push", {"account": "A", "push": act})

        def open_push(bearer=token):
            headers = {"Authorization": "Bearer " + bearer, "X-PSN-PROTOCOL-VERSION": "3.0",
                       "X-PSN-KEEP-ALIVE-STATUS-TYPE": "6", "X-PSN-APP-TYPE": "MOBILE_APP.PSAPP",
                       "X-PSN-APP-VER": "1.0", "X-PSN-OS-VER": "12", "X-PSN-RECONNECTION": "false"}
            return websockets.connect(origin.replace("https", "wss") + "/np/pushNotification", ssl=tls,
                                      extra_headers=headers, subprotocols=["np-pushpacket"], max_size=None,
                                      ping_interval=None, open_timeout=20)

        auth = json.dumps({"version": "3.0", "method": 1003, "tranId": "12", "accountId": 1000000000000000001,
                           "status": "active", "auth": {"accessToken": token}})

        async def ready(socket):
            await socket.send(auth)
            answer = json.loads(await socket.recv())
            assert (answer["method"], answer["tranId"], answer["returnCode"]) == (1003, "12", 0), answer
            await asyncio.wait_for(await socket.ping(b"payload"), 20)

        async def both_ways():
            async with open_push() as socket:
                assert socket.subprotocol == "np-pushpacket"
                await ready(socket)
                assert (await push({"frame": "grüße"}))["sockets"] == 1
                assert await socket.recv() == "grüße"
            assert socket.close_code == 1000, socket.close_code

        async def fragments():
            async with open_push() as socket:
                await ready(socket)
                message = "é" * 35000
                await push({"fragmented": {"frame": message, "pieces": 9}})
                assert await socket.recv() == message
                await push({"frame": "x" * 70000})
                assert len(await socket.recv()) == 70000

        async def burst():
            async with open_push() as socket:
                await ready(socket)
                await push({"burst": {"count": 2000, "size": 1000}})
                pong = await socket.ping(b"meanwhile")
                for number in range(1, 2001):
                    text = await socket.recv()
                    assert len(text) == 1000 and json.loads(text)["body"]["data"]["number"] == number
                await asyncio.wait_for(pong, 20)

        async def fragmented_client():
            async with open_push() as socket:
                half = len(auth) // 2
                async def pieces():
                    yield auth[:half]
                    yield auth[half:]
                await socket.send(pieces())
                await asyncio.wait_for(await socket.ping(), 20)
                assert (await push({"frame": "ready"}))["sockets"] == 1

        async def closing():
            for code in (1000, 1011, 1012, 4001):
                async with open_push() as socket:
                    await ready(socket)
                    await push({"close": {"code": code, "reason": "bye"}})
                    try:
                        await socket.recv()
                        assert False
                    except websockets.ConnectionClosed as end:
                        assert (end.rcvd.code, end.rcvd.reason) == (code, "bye"), end
            async with open_push() as socket:
                await ready(socket)
                await push({"close": {"code": 65535}})
                try:
                    await socket.recv()
                    assert False
                except websockets.ConnectionClosed as end:
                    assert end.rcvd is None or end.sent.code == 1002, end
            for act in ({"cut": True}, {"torn": "x" * 500}, {"reset": True}):
                async with open_push() as socket:
                    await ready(socket)
                    await push(act)
                    try:
                        await socket.recv()
                        assert False
                    except websockets.ConnectionClosed as end:
                        assert end.rcvd is None, end

        async def refusals():
            try:
                async with open_push("strange"):
                    assert False
            except websockets.InvalidStatusCode as refusal:
                assert refusal.status_code == 401, refusal
            await control("/_sim/scenario", {"clientFramesChecked": True})
            async with open_push() as socket:
                await socket.send(auth.replace("1000000000000000001", "1000000000000000000"))
                try:
                    await socket.recv()
                    assert False
                except websockets.ConnectionClosed as end:
                    assert end.rcvd.code == 1008, end
            async with open_push() as socket:
                await socket.send(b"binary")
                try:
                    await socket.recv()
                    assert False
                except websockets.ConnectionClosed as end:
                    assert end.rcvd.code == 1003, end
            await control("/_sim/faults", {"match": {"path": "/np/push"}, "action": {"kind": "bigHeaders", "kilobytes": 6}})
            async with open_push() as socket:
                assert len(socket.response_headers["X-Psparty-Sim-5"]) == 1000
            await control("/_sim/faults", {"match": {"path": "/np/push"}, "action": {"kind": "noSubprotocol"}})
            async with open_push() as socket:
                assert socket.subprotocol is None

        async def main():
            call("GET", "/np/serveraddr?version=3.0&keepAliveStatusType=6&fields=keepAliveStatus")
            for check in (both_ways, fragments, burst, fragmented_client, closing, refusals):
                await check()
                print("ok", check.__name__)

        asyncio.run(asyncio.wait_for(main(), 60))
        """#

    @Test func `Python's websockets accepts every frame`() async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let token = await loopback.stage.token("A")
        let result = await ChildProcess.run(
            ["/usr/bin/python3", "-", loopback.server.origin, loopback.server.caFile ?? "", token], input: Self.script)
        // 77: the library is not installed here.
        if result.status == 77 { return }
        #expect(result.status == 0, "\(result.output)")
        let checks = ["both_ways", "fragments", "burst", "fragmented_client", "closing", "refusals"]
        #expect(result.output == checks.map { "ok \($0)\n" }.joined())
        let state = await loopback.stage.call("GET", "/_sim/state")
        #expect(state.json["sockets"]?.array?.isEmpty == true)
        #expect(state.json["endedSockets"]?.array?.first?["code"]?.integer == 1000)
    }

    /// Uses a real socket, because a lenient library would hide errors.
    @Test func `an invalid upgrade gets a status`() async throws {
        let loopback = try await Loopback()
        defer { loopback.server.stop() }
        let url = loopback.server.origin + "/np/pushNotification"
        let report = ["-o", "/dev/null", "-w", "%{http_code}"]
        let bearer = await loopback.bearer("A")
        #expect(await loopback.curl(bearer + report + [url]).output == "400")
        let words = [
            "-H", "Upgrade: websocket", "-H", "Connection: Upgrade", "-H",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let old = await loopback.curl(bearer + report + words + ["-H", "Sec-WebSocket-Version: 8", url])
        #expect(old.output == "426")
        let unsigned = await loopback.curl(words + ["-H", "Sec-WebSocket-Version: 13", url])
        let refusal = try JSONReader.read(Array(unsigned.output.utf8))
        #expect(refusal["error"]?["message"]?.string == "Unauthorized")
    }
}
