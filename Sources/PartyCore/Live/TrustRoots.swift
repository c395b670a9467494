import COpenSSL
import Glibc

/// Where the trusted certificates are: the system's, and the user's further ones.
struct TrustRoots: Sendable, Hashable {
    /// Directories of hashed certificates, separated by colons, as OpenSSL takes them.
    let directory: String?
    let bundle: String?
    let further: String?

    /// OpenSSL's own places and variables. The bundle is read only where there is no hashed directory, or where the
    /// user names one: to parse it takes 20 ms, and a directory is read one certificate at a time. A system's own bundle
    /// lies in its hashed directory and holds the same certificates: naming it (as many environments do) adds nothing.
    init(further: String?, environment: [String: String]) {
        let directory = unsafe environment["SSL_CERT_DIR"] ?? String(cString: X509_get_default_cert_dir())
        let hashed = directory.split(separator: ":").map(String.init).filter(Self.isHashed)
        let isUsable = !hashed.isEmpty
        self.directory = isUsable ? directory : nil
        if let named = environment["SSL_CERT_FILE"], !named.isEmpty {
            bundle = hashed.contains { named == $0 + "/ca-certificates.crt" } ? nil : named
        } else {
            let usual = [unsafe String(cString: X509_get_default_cert_file()), "/etc/ssl/certs/ca-certificates.crt"]
            bundle = isUsable ? nil : usual.first { unsafe access($0, R_OK) == 0 }
        }
        self.further = further
    }

    /// Whether the directory holds a name as `c_rehash` gives it: eight hexadecimal digits, a dot, a number.
    private static func isHashed(_ directory: String) -> Bool {
        guard let stream = unsafe opendir(directory) else { return false }
        defer { unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix(10)) }
            if name.count == 10, name[8] == UInt8(ascii: "."), (0x30...0x39).contains(name[9]),
                name.prefix(8).allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
            {
                return true
            }
        }
        return false
    }
}

/// Owns an `X509_STORE` with those certificates: one idea of trust for REST and push. An intermediate certificate in
/// the user's file completes a chain but ends none, as the store does not allow partial chains.
///
/// Invariant that makes it Sendable: the pointer never changes, nothing is added once it is made, and OpenSSL counts its users
/// and locks its cache.
@safe final class TrustStore: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// - Throws: `.tls` where a file that is named cannot be read.
    init(_ roots: TrustRoots) throws(TransportError) {
        OpenSSLLibrary.start
        guard let store = unsafe X509_STORE_new() else {
            throw TransportError(.tls, .preparing, "no certificate store")
        }
        unsafe pointer = store
        if let directory = roots.directory {
            _ = unsafe X509_STORE_load_path(pointer, directory)
        }
        if let bundle = roots.bundle {
            try load(bundle)
        }
        if let further = roots.further {
            try load(further)
        }
    }

    deinit {
        unsafe X509_STORE_free(pointer)
    }

    /// Has that context trust these certificates alone. It keeps them for itself.
    func install(in context: OpaquePointer) {
        unsafe SSL_CTX_set1_cert_store(context, pointer)
    }

    private func load(_ file: String) throws(TransportError) {
        ERR_clear_error()
        // Asked first for its text: OpenSSL's own speaks of BIO routines.
        guard unsafe access(file, R_OK) == 0 else {
            throw TransportError(.tls, .preparing, "cannot read the CA file \(file): \(errorText(errno))")
        }
        guard unsafe X509_STORE_load_file(pointer, file) == 1 else {
            ERR_clear_error()
            guard !Descriptors.areUsedUp else {
                throw TransportError(.exhausted, .preparing, "cannot read the CA file \(file): \(errorText(EMFILE))")
            }
            throw TransportError(.tls, .preparing, "no certificate can be read from the CA file \(file)")
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
