internal import CLinux
import COpenSSL
import Glibc
import PartyCore
import Synchronization

/// Where the trusted certificates are: the system's, and the user's further ones.
struct TrustRoots: Sendable, Hashable {
    /// Directories of hashed certificates, separated by colons, as OpenSSL takes them.
    let directory: String?
    let bundle: String?
    /// A bundle that is read only if a chain does not end in another trusted certificate.
    let reserve: String?
    let further: String?

    /// Uses OpenSSL's paths and variables. Parsing a bundle takes 20 ms; a hashed directory is read one certificate at a
    /// time. So the system's bundle is read only if there is no hashed directory. A bundle that the user names is always
    /// used. If it is inside a used directory, it probably has the same certificates, and is read only when needed.
    init(further: String?, environment: [String: String]) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let named = unsafe variable("SSL_CERT_DIR") ?? String(cString: X509_get_default_cert_dir())
        let hashed = named.split(separator: ":").map(String.init).filter(Self.isHashed)
        directory = hashed.isEmpty ? nil : hashed.joined(separator: ":")
        if let file = variable("SSL_CERT_FILE") {
            let isBeside = hashed.contains { file == $0 + "/ca-certificates.crt" }
            bundle = isBeside ? nil : file
            reserve = isBeside ? file : nil
        } else {
            bundle = hashed.isEmpty ? Self.usualBundles.first { unsafe access($0, R_OK) == 0 } : nil
            reserve = nil
        }
        self.further = further
    }

    /// Those of OpenSSL and of Debian.
    private static let usualBundles = [
        unsafe String(cString: X509_get_default_cert_file()), "/etc/ssl/certs/ca-certificates.crt",
    ]

    /// Whether there is no trusted certificate authority.
    var isEmpty: Bool { directory == nil && bundle == nil && reserve == nil && further == nil }

    /// The error for an empty trust store.
    static var emptiness: TransportError {
        let folder = unsafe String(cString: X509_get_default_cert_dir())
        return TransportError(
            .tls, .preparing,
            "this system has no trusted certificate authorities (looked in \(folder)): install ca-certificates")
    }

    /// Whether the directory has a file with a name as `c_rehash` gives it.
    /// Dangling links do not count: they remain when the certificates are removed.
    private static func isHashed(_ directory: String) -> Bool {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The first entries almost always suffice, and every command that sends a request looks here.
        return unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 8) { buffer in
            while true {
                let count = unsafe party_read_entries(descriptor, buffer.baseAddress, UInt(buffer.count))
                guard count > 0 else { return false }
                var rest = unsafe buffer[..<count]
                // struct linux_dirent64: the entry's length is at byte 16, its name at byte 19.
                while unsafe rest.count > 19 {
                    let length = unsafe rest.loadUnaligned(fromByteOffset: 16, as: UInt16.self)
                    let name = unsafe rest.dropFirst(19).prefix { $0 != 0 }
                    if unsafe isHash(Array(name.prefix(11))),
                        unsafe faccessat(descriptor, String(decoding: name, as: UTF8.self), R_OK, 0) == 0
                    {
                        return true
                    }
                    unsafe rest = rest.dropFirst(max(20, Int(length)))
                }
            }
        }
    }

    /// Whether a name begins with eight hexadecimal digits, a dot and a digit.
    private static func isHash(_ name: [UInt8]) -> Bool {
        name.count >= 10 && name[8] == UInt8(ascii: ".") && (0x30...0x39).contains(name[9])
            && name[..<8].allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// Owns an `X509_STORE` with those certificates, for REST and push. An intermediate certificate in
/// the user's file completes a chain but ends none, as the store does not allow partial chains.
///
/// Invariant that makes it Sendable: the pointer never changes, and OpenSSL locks the store, counts its users and lets each
/// thread add to it.
@safe final class TrustStore: @unchecked Sendable {
    let roots: TrustRoots
    private let pointer: OpaquePointer
    /// Whether the reserve could be read; `nil` before the first attempt.
    private let widened = Mutex<Bool?>(nil)

    /// - Throws: `.tls` where a file that is named cannot be read.
    init(_ roots: TrustRoots) throws(TransportError) {
        OpenSSLLibrary.start
        guard let store = unsafe X509_STORE_new() else {
            throw TransportError(.tls, .preparing, "no certificate store")
        }
        unsafe pointer = store
        self.roots = roots
        if let directory = roots.directory {
            _ = unsafe X509_STORE_load_path(pointer, directory)
        }
        if let bundle = roots.bundle {
            try unsafe CAFile(bundle, variable: "SSL_CERT_FILE").load(into: pointer)
        }
        if let further = roots.further {
            try unsafe CAFile(further).load(into: pointer)
        }
    }

    deinit {
        unsafe X509_STORE_free(pointer)
    }

    /// Has that context trust these certificates alone. It keeps them for itself.
    func install(in context: OpaquePointer) {
        unsafe SSL_CTX_set1_cert_store(context, pointer)
    }

    /// Adds the reserve, for a chain that does not end in a trusted certificate.
    /// - Returns: false if there is no reserve.
    func widen() -> Bool {
        guard let reserve = roots.reserve else { return false }
        return widened.withLock { widened in
            if let widened { return widened }
            let isRead = unsafe (try? CAFile(reserve).load(into: pointer)) != nil
            widened = isRead
            return isRead
        }
    }
}

/// OpenSSL frees its tables at exit although our service threads may still use them: tell it not to. It must be the
/// first use of OpenSSL in the process, or the wish has no effect (OPENSSL_init_crypto(3)).
enum OpenSSLLibrary {
    static let start: Void = {
        _ = OPENSSL_init_crypto(party_openssl_no_atexit, nil)
    }()
}
