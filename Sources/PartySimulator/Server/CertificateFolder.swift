import Glibc

/// A new folder with a CA and a leaf certificate, created with the `openssl` command. For tests of a missing intermediate
/// certificate it also contains that certificate.
struct CertificateFolder: Sendable {
    let path: String
    var caFile: String { path + "/ca.pem" }
    var leafFile: String { path + "/leaf.pem" }
    var leafKey: String { path + "/leaf.key" }
    /// The intermediate certificate in DER.
    var issuerFile: String { path + "/issuer.der" }

    /// - Parameter port: the port that serves the intermediate certificate.
    init(
        _ identity: LoopbackServer.Identity, port: UInt16, in parent: String?
    ) throws(LoopbackServer.StartError) {
        path = try Self.makeFolder(in: parent)
        do {
            let tls = identity.tls
            let names = tls == .wrongHost ? "DNS:elsewhere.example" : "IP:127.0.0.1,DNS:localhost"
            try write(Self.settings(names: names, issuer: identity.issuerAddress(port: port)))
            try make("ca")
            var signer = "ca"
            if tls == .otherCA {
                try make("other")
                signer = "other"
            }
            if identity.leafOnly != nil {
                try makeSigned("issuer", by: signer, days: "30")
                try openssl(["x509", "-in", path + "/issuer.pem", "-outform", "DER", "-out", issuerFile])
                signer = "issuer"
            }
            try makeSigned("leaf", by: signer, days: tls == .expired ? "-1" : "30")
        } catch {
            remove()
            throw error
        }
    }

    func remove() {
        let stems = ["ca", "other", "issuer", "leaf"]
        let names =
            ["openssl.cnf", "issuer.der"] + stems.flatMap { stem in ["pem", "key", "csr"].map { "\(stem).\($0)" } }
        for name in names { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    /// The intermediate certificate in DER; nil if there is none.
    func issuer() -> [UInt8]? {
        guard let file = unsafe fopen(issuerFile, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }

    private static func makeFolder(in parent: String?) throws(LoopbackServer.StartError) -> String {
        let base = unsafe parent ?? getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/psparty-sim-XXXXXX".utf8CString)
        // mkdtemp creates the folder with mode 0700.
        guard unsafe mkdtemp(&template) != nil else {
            throw LoopbackServer.StartError(description: "cannot create a folder in \(base)")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func settings(names: String, issuer: String?) -> String {
        """
        [req]
        distinguished_name=dn
        prompt=no
        [dn]
        CN=psparty-sim
        [ca]
        basicConstraints=critical,CA:TRUE
        keyUsage=critical,keyCertSign,cRLSign
        subjectKeyIdentifier=hash
        [issuer]
        basicConstraints=critical,CA:TRUE,pathlen:0
        keyUsage=critical,keyCertSign,cRLSign
        subjectKeyIdentifier=hash
        authorityKeyIdentifier=keyid
        [leaf]
        basicConstraints=critical,CA:FALSE
        keyUsage=critical,digitalSignature
        extendedKeyUsage=serverAuth
        subjectAltName=\(names)
        authorityKeyIdentifier=keyid
        \(issuer.map { "authorityInfoAccess=caIssuers;URI:\($0)" } ?? "")

        """
    }

    private func write(_ text: String) throws(LoopbackServer.StartError) {
        guard let file = unsafe fopen(path + "/openssl.cnf", "w") else {
            throw LoopbackServer.StartError(description: "cannot write to \(path)")
        }
        unsafe fputs(text, file)
        unsafe fclose(file)
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func make(_ name: String) throws(LoopbackServer.StartError) {
        try openssl(
            ["req", "-x509", "-config", path + "/openssl.cnf", "-extensions", "ca", "-days", "30"] + Self.newKey
                + ["-subj", "/CN=psparty-sim \(name)", "-keyout", "\(path)/\(name).key", "-out", "\(path)/\(name).pem"])
    }

    /// The name is also the name of the section with its extensions.
    private func makeSigned(_ name: String, by signer: String, days: String) throws(LoopbackServer.StartError) {
        try openssl(
            ["req", "-config", path + "/openssl.cnf"] + Self.newKey
                + ["-subj", "/CN=psparty-sim \(name)", "-keyout", "\(path)/\(name).key", "-out", "\(path)/\(name).csr"])
        try openssl([
            "x509", "-req", "-in", "\(path)/\(name).csr", "-CA", "\(path)/\(signer).pem", "-CAkey",
            "\(path)/\(signer).key", "-set_serial", "0x" + Random.hex(bytes: 8), "-days", days, "-extfile",
            path + "/openssl.cnf", "-extensions", name, "-out", "\(path)/\(name).pem",
        ])
    }

    /// Runs `openssl` and discards its output.
    private func openssl(_ arguments: [String]) throws(LoopbackServer.StartError) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...2 {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var child = ChildAttributes()
        var words: [UnsafeMutablePointer<CChar>?] = unsafe (["openssl"] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var pid = pid_t()
        var status: Int32 = -1
        let problem = unsafe posix_spawnp(&pid, "openssl", &actions, &child.attributes, &words, environ)
        guard problem == 0 else {
            let text = unsafe String(cString: strerror(problem))
            throw LoopbackServer.StartError(description: "cannot start openssl: \(text)")
        }
        var ended = unsafe waitpid(pid, &status, 0)
        while ended < 0, errno == EINTR { ended = unsafe waitpid(pid, &status, 0) }
        // If the host program ignores SIGCHLD there is no exit status; a failure then shows as a missing file.
        guard ended != pid || status == 0 else {
            throw LoopbackServer.StartError(description: "openssl \(arguments[0]) failed")
        }
    }
}
