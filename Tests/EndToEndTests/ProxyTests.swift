import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct ProxyTests {
        /// An HTTPS proxy of another make.
        private static let script = #"""
            import base64, socket, ssl, sys, threading
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); tls.load_cert_chain(sys.argv[1], sys.argv[2])
            listener = socket.create_server(("127.0.0.1", 0))
            print(listener.getsockname()[1], flush=True)

            def pump(source, target):
                try:
                    while data := source.recv(65536): target.sendall(data)
                except OSError: pass
                for end in (source, target):
                    try: end.shutdown(socket.SHUT_RDWR)
                    except OSError: pass

            def serve(raw):
                try: client = tls.wrap_socket(raw, server_side=True)
                except OSError: return
                head = b""
                while b"\r\n\r\n" not in head:
                    data = client.recv(4096)
                    if not data: return
                    head += data
                if base64.b64encode(b"me:p%w") not in head:
                    print(407, flush=True)
                    client.sendall(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"); client.close(); return
                print(head.split(b" ")[1].decode(), flush=True)
                server = socket.create_connection(("127.0.0.1", int(head.split(b" ")[1].split(b":")[-1])))
                client.sendall(b"HTTP/1.1 200\r\n\r\n")
                client = Both(client)
                threading.Thread(target=pump, args=(server, client), daemon=True).start()
                pump(client, server)

            class Both:
                """One lock for both directions, as OpenSSL wants it."""
                def __init__(self, end): self.end, self.lock = end, threading.Lock(); end.setblocking(False)
                def wait(self, action):
                    import select
                    while True:
                        with self.lock:
                            try: return action()
                            except ssl.SSLWantReadError: wanted = ([self.end], [])
                            except ssl.SSLWantWriteError: wanted = ([], [self.end])
                        select.select(*wanted, [], 10)
                def recv(self, count): return self.wait(lambda: self.end.recv(count))
                def sendall(self, data):
                    view = memoryview(data)
                    while view: view = view[self.wait(lambda: self.end.send(view)):]
                def shutdown(self, how): self.end.shutdown(how)

            while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
            """#

        @Test func `an https proxy carries requests and stream, and its certificate is checked`() async throws {
            try await Lab.run { lab in
                let made = try lab.start(program: [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "9", "-subj", "/CN=proxy", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                    lab.scratch("proxy.key"), "-out", lab.scratch("proxy.pem"),
                ])
                try #require(try await made.end().status == 0)
                let proxy = try lab.start(program: [
                    "/usr/bin/python3", "-c", Self.script, lab.scratch("proxy.pem"), lab.scratch("proxy.key"),
                ])
                let port = try #require(try await proxy.line())
                let authorities = try [lab.caFile, lab.scratch("proxy.pem")].map {
                    try String(contentsOfFile: $0, encoding: .utf8)
                }
                let variables = [
                    "HTTPS_PROXY": "https://me:p%25w@localhost:\(port)",
                    "PSPARTY_CA_FILE": try lab.scratch.write(authorities.joined(), to: "both.pem"),
                ]
                try await lab.login()
                let listen = try lab.start(["listen", "--count", "3000"], variables: variables)
                try await lab.push(#"{"burst":{"count":3000,"size":1000}}"#)
                let result = try await listen.end()
                #expect(result.status == 0, "\(result.stderr)")
                let lines = result.stdout.split(separator: "\n")
                #expect(lines.count == 3000)
                #expect(lines.last?.contains("\"number\":3000 ") == true)
                for _ in 1...2 { #expect(try await proxy.line() == "127.0.0.1:\(lab.port)") }

                let wrong = try await lab.psparty(
                    "list", variables: variables.merging(["HTTPS_PROXY": "https://me:x@localhost:\(port)"]) { $1 })
                #expect(wrong.status == 7)
                #expect(wrong.stderr.contains("did not accept the user name and password"))
                #expect(try await proxy.line() == "407")
                let untrusted = try await lab.psparty(
                    "list", variables: variables.merging(["PSPARTY_CA_FILE": lab.caFile]) { $1 })
                #expect(untrusted.status == 7)
                #expect(untrusted.stderr.contains("the proxy localhost:\(port)"))
                #expect(untrusted.stderr.contains("hint: if you trust the proxy's certificate authority"))
                #expect(!untrusted.stderr.contains("simulator"))
                // A second 407 would have been an error.
                proxy.signal(SIGKILL)
                #expect(try await proxy.line() == nil)
            }
        }
    }
}
