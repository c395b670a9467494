import COpenSSL
import Glibc
import PartyCore

/// A file of trusted certificates in PEM, as users and systems have them.
struct CAFile {
    /// The bundle of a system has 200 kB.
    private static let largest = 32 << 20

    private let path: String
    /// How an error names it.
    private let name: String

    /// - Parameter variable: the environment variable that named it.
    init(_ path: String, variable: String? = nil) {
        self.path = path
        name = "the CA file \(path)" + (variable.map { " (\($0))" } ?? "")
    }

    /// Adds its certificates to that store.
    /// - Throws: `.tls` for a file that cannot be read, or that holds none.
    func load(into store: OpaquePointer) throws(TransportError) {
        let bytes = try contents()
        // Errors of OpenSSL that were left over would be taken for ours, and ours for those of a later call.
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let source = unsafe BIO_new_mem_buf(bytes, Int32(bytes.count)) else {
            throw failure("\(name): no memory to read it")
        }
        defer { unsafe BIO_free(source) }
        var count = 0
        while let certificate = unsafe PEM_read_bio_X509_AUX(source, nil, nil, nil) {
            defer { unsafe X509_free(certificate) }
            count += 1
            guard unsafe X509_STORE_add_cert(store, certificate) == 1 else {
                throw failure("certificate \(count) of \(name) cannot be used")
            }
        }
        let isAtEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        guard isAtEnd else { throw failure("certificate \(count + 1) of \(name) cannot be read") }
        guard count > 0 else { throw failure(Self.isDER(bytes) ? "\(name) is in DER form: \(wayOut)" : absence(bytes)) }
    }

    private var wayOut: String { "convert it with `openssl x509 -inform DER -in \(path) -out FILE`" }

    private func absence(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "\(name) is empty" : "there is no PEM certificate in \(name)"
    }

    private func failure(_ text: String) -> TransportError {
        TransportError(.tls, .preparing, text)
    }

    private static func isDER(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let certificate = unsafe d2i_X509(nil, &start, buffer.count) else { return false }
            unsafe X509_free(certificate)
            return true
        }
    }

    /// Without a byte order mark, before which OpenSSL would not see the first certificate.
    private func contents() throws(TransportError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            let isExhausted = [EMFILE, ENFILE, ENOMEM].contains(errno)
            throw TransportError(
                isExhausted ? .exhausted : .tls, .preparing, "cannot read \(name): \(errorText(errno))")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read \(name): \(errorText(errno))") }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= Self.largest else { throw failure("\(name) has more than \(Self.largest) bytes") }
        }
        do throws(CodecError) { return try TextStart.text(bytes) } catch {
            throw failure("\(name) is UTF-16 text: save it as UTF-8")
        }
    }
}
